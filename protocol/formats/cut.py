# SPDX-License-Identifier: LGPL-3.0-only
"""A statement too long for one transaction, cut into consecutive days: each part is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal
from itertools import groupby

from ..records import Entry, Statement

_EXACT = Context(prec=60)


def by_days(statement: Statement, most: int) -> Iterator[Statement]:
    """Statements of whole days with about `most` entries; their balances meet.

    A day is never cut, however many entries it has. The entries of the parts are tuples. A
    statement that fits is given back as one part. Its sums are not checked: see `checks.check`.
    """
    # Stable: within a day the bank's order stays. Some banks begin with the newest day.
    entries = sorted(statement.entries, key=lambda entry: entry.booked_on)
    parts = list(_whole_days(entries, most))
    if len(parts) <= 1:
        yield replace(statement, entries=tuple(entries))
        return
    opening = statement.opening_balance
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        closing = statement.closing_balance if is_last else _after(opening, part)
        yield replace(
            statement,
            entries=tuple(part),
            opened_on=_first_day(statement, part) if index == 0 else part[0].booked_on,
            closed_on=_last_day(statement, part) if is_last else part[-1].booked_on,
            opening_balance=opening,
            closing_balance=closing,
            # They speak of the whole statement.
            available_balance=statement.available_balance if is_last else None,
            details={},
        )
        opening = closing


def _whole_days(entries: list[Entry], most: int) -> Iterator[list[Entry]]:
    part: list[Entry] = []
    for _day, group in groupby(entries, key=lambda entry: entry.booked_on):
        day = list(group)
        if part and len(part) + len(day) > most:
            yield part
            part = []
        part += day
    if part:
        yield part


def _after(opening: Decimal | None, part: list[Entry]) -> Decimal | None:
    if opening is None:
        return None
    for entry in part:
        opening = _EXACT.add(opening, entry.amount)
    return opening


def _first_day(statement: Statement, part: list[Entry]) -> date:
    return statement.opened_on or part[0].booked_on


def _last_day(statement: Statement, part: list[Entry]) -> date:
    return statement.closed_on or part[-1].booked_on
