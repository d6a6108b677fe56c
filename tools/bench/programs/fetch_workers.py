# SPDX-License-Identifier: LGPL-3.0-only
"""Two cron workers against one: 40 journals of a pretend bank, fetched by processes of their own.

The bank answers after LATENCY seconds, as banks do over the internet. Each worker is a process
with Odoo in it that runs `_cron_fetch`, which is what a cron worker runs.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools.bench import Figure
from tools.ground import config
from tools.ground.paths import CHECKOUT

JOURNALS = 40
LATENCY = 0.5
PROGRAMS = Path(__file__).parent
READY = "READY"
LONGEST = 900  # seconds

# The pretend bank with as many accounts as there are journals; each answer takes its time.
_BANK = """
import time
from sandbox import seed, server
from sandbox.__main__ import main
first = seed.SEED["accounts"][0]
for number in range({journals}):
    bban = f"11401010{{9000 + number:016}}"
    check = 98 - int(bban + "252100") % 97
    seed.SEED["accounts"].append({{**first, "number": f"{{check:02}}{{bban}}"}})
answer = server.Handler.do_POST
def later(handler):
    time.sleep({latency})  # outside the bank's own lock: many clients wait at the same time
    answer(handler)
server.Handler.do_POST = later
main(["--port", "0"])
"""


class Workers:
    """Measures in a database of its own; every run begins with nothing fetched."""

    def __init__(self, databases, journals: int = JOURNALS):
        self.databases, self.journals = databases, journals

    def run(self) -> Iterator[Figure]:
        one, two = self._fetch(1), self._fetch(2)
        title = f"{self.journals} journals, two cron workers, floor one"
        yield Figure(title, two, "s", one, one / 1.7)

    def _fetch(self, count: int) -> float:
        """Seconds until `count` workers have fetched everything, each entry once."""
        with self.prepared() as start:
            workers = [start("fetch_worker") for _ in range(count)]
            for worker in workers:
                wait_for(worker)
            started = time.perf_counter()
            for worker in workers:
                go(worker)
            for worker in workers:
                worker.wait(timeout=LONGEST)
            seconds = time.perf_counter() - started
            _lines, calls = check(start)
            # More questions than journals would mean that two workers took the same.
            if calls != self.journals:
                raise RuntimeError(f"{calls} questions for {self.journals} journals")
            return seconds

    @contextlib.contextmanager
    def prepared(self):
        """A bank and a database with due journals; gives `start(program)`."""
        program = _BANK.format(journals=self.journals, latency=LATENCY)
        bank = subprocess.Popen(
            [sys.executable, "-c", program], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
        )
        try:
            url = bank.stdout.readline().split()[-1]
            with self.databases.copy("test_bench") as name:

                def start(program):
                    return self._start(name, program, url)

                output, _errors = start("fetch_setup").communicate(timeout=LONGEST)
                if READY not in output:
                    raise RuntimeError("the database could not be prepared")
                yield start
        finally:
            bank.terminate()
            bank.wait()

    def _start(self, name: str, program: str, url: str):
        odoo = self.databases.odoo
        conf = config.write("bench", odoo.home, db_name=name)
        environment = odoo.environment() | {
            "BENCH_DATABASE": name,
            "BENCH_CONF": str(conf),
            "BENCH_BANK": url,
            "BENCH_JOURNALS": str(self.journals),
        }
        return subprocess.Popen(
            [odoo.python, str(PROGRAMS / f"{program}.py")],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def wait_for(worker) -> None:
    """Until the worker has loaded Odoo."""
    for line in worker.stdout:
        if line.strip() == READY:
            return
    raise RuntimeError("a worker did not start")


def go(worker) -> None:
    worker.stdin.write("\n")
    worker.stdin.flush()


def check(start) -> tuple[int, int]:
    """(entries, questions to the bank); RuntimeError unless every entry is there once."""
    output, _errors = start("fetch_check").communicate(timeout=LONGEST)
    words = output.split()
    if words[:1] != ["FETCHED"]:
        raise RuntimeError(f"not everything was fetched once: {output[-500:]}")
    return int(words[1]), int(words[2])
