# SPDX-License-Identifier: LGPL-3.0-only
"""10,000 notices in the outbox, delivered by one cron worker to the pretend Moe Delo.

The limit is 100 notices a second, here as milliseconds for one.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools.bench import Figure
from tools.ground import stack as stacks
from tools.moedelo import outbox as moedelo_outbox
from tools.moedelo import pretend as moedelo_pretend
from tools.moedelo.service import Service, Vendor

STORED = 10_000
LIMIT = 10.0  # ms for one: 100 a second
PATIENCE = 600  # seconds


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        vendor = Vendor(Path(folder))
        options = {"workers": 2, "cron_threads": 1, "sandbox": None, **vendor.conf}
        with stacks.running("bench_notices", **options) as running:
            _prepare(running, vendor)
            seconds = _deliver(running)
            seen = moedelo_pretend.state(running)
    told = len({notice["id"] for notice in seen["notices"]})
    if told != STORED or seen["late"] or seen["forged"]:
        raise RuntimeError(f"{told} of {STORED} notices arrived: {seen['forged'][:3]}")
    yield Figure("notice, time for one", seconds / STORED * 1000, "ms", None, LIMIT)
    yield Figure("notices a second, one cron worker", STORED / seconds, "/s")


def _prepare(running, vendor: Vendor) -> None:
    """The service is known, the second cron record rests, and the outbox is full but shut."""
    service = Service.register(running, vendor)
    running.start_moedelo("--every", "3600")
    moedelo_pretend.introduce(running, service.company_id)
    running.sql("UPDATE ir_cron SET active = FALSE")
    moedelo_outbox.fill(running, service.company_id, STORED)
    running.sql("ANALYZE")


def _deliver(running) -> float:
    """Wake one cron worker; seconds from its first delivery to its last."""
    moedelo_outbox.wake(running)
    started, deadline = None, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        left = moedelo_outbox.left(running)
        if started is None and left < STORED:
            started = time.monotonic()
        if not left:
            return time.monotonic() - started
        time.sleep(0.2)
    raise RuntimeError(f"{left} notices were not delivered within {PATIENCE} s")
