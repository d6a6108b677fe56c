# SPDX-License-Identifier: LGPL-3.0-only
"""Rendering of 10,000 payments: time, and memory above the start."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

from lxml import etree

from protocol import checks
from protocol.formats.packages import PACKAGE_FORMATS
from protocol.records import Address, Order, Party
from tools.bench import Figure
from tools.ground.paths import CHECKOUT

FORMATS = ("pain.001.001.03", "pain.001.001.09", "elixir")
ORDERS = 10_000
CREATED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
PAYER = Party("Zażółć Spółka z o.o.", "PL16114010100000111122223333", bank_code="11401010")
PAYEE = Party(
    "Gęślą Jaźń i Synowie s.c.",
    "PL61109010140000071219812874",
    bank_code="10901014",
    address=Address("ul. Łąkowa 7/3", "60-001", "Poznań", "PL"),
)
ORDER = Order(
    end_to_end_id="",
    number="",
    kind="domestic",
    amount=Decimal("1230.00"),
    currency="PLN",
    execute_on=date(2026, 11, 23),
    payer=PAYER,
    payee=PAYEE,
    title="Faktura FV/2026/11/",
)

_MEMORY = """
from tools.bench import rendering
orders = rendering.orders()
start = rendering.highest_memory()
rendering.render({name!r}, orders)
print(rendering.highest_memory() - start)
"""


def run() -> Iterator[Figure]:
    payments = orders()
    for name in FORMATS:
        content, seconds = _timed(lambda name=name: render(name, payments))
        floor = None
        if name.startswith("pain"):
            floor = _timed(lambda xml=content: etree.tostring(etree.fromstring(xml)))[1]
        yield Figure(f"{name}, {ORDERS} payments", seconds, "s", floor, 2.0)
        yield Figure(f"{name}, memory above the start", _memory(name), "MB", None, 100.0)
    context = checks.Context(now=CREATED_AT.replace(tzinfo=None))
    _problems, seconds = _timed(lambda: checks.run(payments, context))
    yield Figure(f"checks of {ORDERS} orders", seconds, "s")


def orders() -> list[Order]:
    return [
        replace(
            ORDER,
            end_to_end_id=f"E{number}",
            number=f"O/{number}",
            title=f"FV/{number}",
            payee=replace(PAYEE, account=_account(number)),
        )
        for number in range(ORDERS)
    ]


def _account(number: int) -> str:
    """A Polish account of its own for each payee, with right control digits (mod 97-10)."""
    digits = f"10901014{number:016d}"
    return f"PL{98 - int(digits + '252100') % 97:02d}{digits}"


def render(name: str, payments: list[Order]) -> bytes:
    return PACKAGE_FORMATS[name].render("M" * 32, CREATED_AT, PAYER, payments)


def highest_memory() -> float:
    """The highest resident memory of this process so far, in MB."""
    for row in Path("/proc/self/status").read_text().splitlines():
        if row.startswith("VmHWM:"):
            return int(row.split()[1]) / 1024
    raise OSError("no VmHWM in /proc/self/status")


def _timed(job):
    """(result, seconds): the best of three, since other programs run beside it."""
    best, result = None, None
    for _ in range(3):
        start = time.perf_counter()
        result = job()
        seconds = time.perf_counter() - start
        best = seconds if best is None else min(best, seconds)
    return result, best


def _memory(name: str) -> float:
    """In a process of its own: the highest mark of a process never goes down again."""
    command = [sys.executable, "-c", _MEMORY.format(name=name)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return float(done.stdout)
