# SPDX-License-Identifier: LGPL-3.0-only
"""Odoo with worker processes, as in production, on a throw-away database."""

import urllib.request

import psutil

from tools.ground import stack as stacks


def test_workers_and_sandbox_answer_and_all_of_them_end():
    with stacks.running("workers", workers=2, cron_threads=1) as stack:
        assert stack.rpc()("res.users", "search_count", [["login", "=", "admin"]]) == 1
        assert stack.sql("SELECT login FROM res_users WHERE id = 2") == [["admin"]]
        with urllib.request.urlopen(stack.sandbox.url) as answer:
            assert answer.status == 200
        workers = psutil.Process(stack.odoo.pid).children()
        assert len(workers) >= 3  # two for requests, one for cron, and the live messages' one
        sandbox = psutil.Process(stack.sandbox.pid)
    # orphans that were killed last may still be on their way out, or wait for init to bury them
    _gone, left = psutil.wait_procs([*workers, sandbox], timeout=30)
    assert not [process for process in left if process.status() != psutil.STATUS_ZOMBIE]
