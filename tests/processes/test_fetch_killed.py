# SPDX-License-Identifier: LGPL-3.0-only
"""A worker killed in the middle of an import: the next one gives the same result, no doubles."""

import signal

from tools.bench.programs.fetch_workers import Workers, check, go, wait_for
from tools.ground import setup

JOURNALS = 2


def fetched(workers, programs):
    """(lines, how each program ended) after the programs have run one after the other."""
    ends = []
    with workers.prepared() as start:
        for program in programs:
            worker = start(program)
            wait_for(worker)
            go(worker)
            ends.append(worker.wait(timeout=300))
        lines, _calls = check(start)
    return lines, ends


def test_killed_in_the_middle_and_started_again_gives_the_same():
    with setup.ready() as databases:
        workers = Workers(databases, JOURNALS)
        expected, ends = fetched(workers, ["fetch_worker"])
        assert ends == [0]
        lines, ends = fetched(workers, ["fetch_dying_worker", "fetch_worker"])
        assert ends == [-signal.SIGKILL, 0]
        assert lines == expected > 7
