# SPDX-License-Identifier: LGPL-3.0-only
"""Two workers at one outbox, one of them killed: everything arrives, each document in its order."""

import os
import signal
import time
from urllib.parse import urlsplit

import psutil
import pytest

from tools.ground import stack as stacks
from tools.moedelo import outbox as moedelo_outbox
from tools.moedelo import pretend as moedelo_pretend
from tools.moedelo.service import Service, Vendor

DOCUMENTS, EACH = 400, 3
PATIENCE = 90  # seconds


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    options = {"workers": 2, "cron_threads": 2, "sandbox": None, **vendor.conf}
    with stacks.running("outbox", **options) as running:
        service = Service.register(running, vendor)
        running.start_moedelo("--every", "3600")
        moedelo_pretend.introduce(running, service.company_id)
        running.sql("UPDATE ir_cron SET active = FALSE")
        moedelo_outbox.fill(running, service.company_id, DOCUMENTS, EACH)
        yield running


def delivering(stack):
    """Odoo's workers that wait for an answer of the service at this moment."""
    port = urlsplit(stack.moedelo.url).port
    return [
        worker
        for worker in psutil.Process(stack.odoo.pid).children()
        for line in worker.net_connections("tcp")
        if line.raddr and line.raddr.port == port
    ]


def wake(stack):
    moedelo_outbox.wake(stack, moedelo_outbox.FIRST, moedelo_outbox.SECOND)


def until(holds):
    deadline = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)
    return found


def test_a_worker_dies_and_nothing_is_lost_or_out_of_order(stack):
    moedelo_pretend.control(stack, "mood", kind="slow", operation="notices", seconds=2)
    wake(stack)
    # both at once: rows that one holds do not stop the other
    victim, _other = until(lambda: workers if len(workers := delivering(stack)) == 2 else None)
    os.kill(victim.pid, signal.SIGKILL)
    assert moedelo_outbox.left(stack) > 0
    moedelo_pretend.control(stack, "mood", kind="well")
    until(lambda: wake(stack) or not moedelo_outbox.left(stack))
    seen = moedelo_pretend.state(stack)
    assert len({one["id"] for one in seen["notices"]}) == DOCUMENTS * EACH
    assert (seen["late"], seen["forged"]) == (0, [])
    assert stack.sql("SELECT DISTINCT delivery FROM moedelo_notice") == [["delivered"]]
