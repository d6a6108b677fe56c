# SPDX-License-Identifier: LGPL-3.0-only
"""Broken documents, and true months in pieces (`months`): `make fuzz`.

The readers are fed mutations of the good sample files.

Asserted of each input: only `BankError`; an answer within the time limit; and whatever is read
without an error adds up: opening balance + entries = closing balance, with the sum made here.
The seed makes a run repeatable; an input that fails is written to `.run/fuzz/` with its number.
"""

from __future__ import annotations

import argparse
import io
import random
import signal
import sys
import time
import zipfile
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from pathlib import Path

from protocol import formats
from protocol.errors import BankError
from protocol.formats import pain002
from tools.fuzz import api, months
from tools.fuzz.mutations import mutate

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "protocol" / "samples"
FOLDERS = ("mt940", "camt", "client_bank_1c", "directbank", "pain002")
SECONDS = 5  # for one input; the usual one takes a millisecond
LIMIT = "no answer within {seconds} s"


class Hang(Exception):
    """An input took longer than it may."""


def seeds() -> list[bytes]:
    """The good files, and an archive of them."""
    paths = sorted(path for name in FOLDERS for path in (SAMPLES / name).iterdir())
    contents = [path.read_bytes() for path in paths if path.suffix != ".json"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents[:4]):
            info = zipfile.ZipInfo(f"{number}.txt")  # a fixed date: the bytes must not change
            archive.writestr(info, content)
    return [*contents, packed.getvalue()]


def read(data: bytes, chosen: random.Random) -> int:
    """Read a document as the importer does; the number of entries. Asserts what must hold."""
    if pain002.identify(data):
        return len(pain002.parse(data).orders)
    count = 0
    # Mostly as it is found out: a wrong guess is refused before the reader's depths are reached.
    named = chosen.choice(tuple(formats.FORMATS)) if chosen.random() < 0.1 else None
    charset = chosen.choice(formats.CHARSETS) if chosen.random() < 0.2 else None
    pending = chosen.random() < 0.2
    for statement in formats.parse(data, named, charset=charset, pending=pending):
        entries = list(formats.check(statement).entries)
        count += len(entries)
        _assert_statement(statement, entries)
    return count


def _assert_statement(statement, entries) -> None:
    assert statement.account_number, "a statement without account"
    assert len(statement.currency) == 3, "a statement without currency"
    names = [entry.operation_id for entry in entries if entry.operation_id is not None]
    assert len(names) == len(set(names)), "an operation id twice"
    for entry in entries:
        assert entry.amount.is_finite(), "an amount that is no number"
        assert isinstance(entry.booked_on, date), "an entry without day"
        texts = [entry.title, entry.counterparty_name, *entry.details, *entry.details.values()]
        assert not any("\0" in text for text in texts), "a NUL character in a text"
        assert len(formats.fingerprint(entry)) == 64
    if None not in (statement.opening_balance, statement.closing_balance):
        booked = [Fraction(entry.amount) for entry in entries if formats.is_booked(entry)]
        total = Fraction(statement.opening_balance) + sum(booked)
        assert total == Fraction(statement.closing_balance), "a wrong sum"


@contextmanager
def time_limit(seconds: float):
    """Interrupts what takes longer: a hang must fail, not hang the fuzzer."""

    def stop(_signal, _frame):
        raise Hang(LIMIT.format(seconds=seconds))

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run(count: int, seed: str = "1", report=lambda _line: None) -> dict[str, int]:
    """Feed `count` mutations to the readers; how many were read and how many refused."""
    good = seeds()
    result = {"read": 0, "refused": 0}
    for number in range(count):
        chosen = random.Random(f"{seed}/{number}")
        data = mutate(chosen, chosen.choice(good), good)
        try:
            with time_limit(SECONDS):
                read(data, chosen)
            result["read"] += 1
        except BankError as error:
            result["refused" if str(error) else "without a text"] += 1
        except Exception as error:
            place = _keep(data, seed, number)
            raise AssertionError(f"input {number} of seed {seed} ({place}): {error!r}") from error
        if number and number % 10_000 == 0:
            report(f"{number}: {result}")
    return result


def _keep(data: bytes, seed: str, number: int) -> Path:
    folder = ROOT / ".run" / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{seed}-{number}.bin"
    path.write_bytes(data)
    return path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=20_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--api", type=int, metavar="N", help="N examples each into Moe Delo's API")
    chosen = parser.parse_args(arguments)
    if chosen.api:
        print(api.run(chosen.api, chosen.seed))
        return 0
    start = time.monotonic()
    result = run(chosen.count, chosen.seed, report=print)
    print(f"{chosen.count} inputs in {time.monotonic() - start:.0f} s: {result}")
    start = time.monotonic()
    told = months.run(chosen.months, chosen.seed, report=print)
    print(f"{chosen.months} months in {time.monotonic() - start:.0f} s: {dict(told)}")
    return 0
