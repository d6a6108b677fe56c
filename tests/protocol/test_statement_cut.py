# SPDX-License-Identifier: LGPL-3.0-only
"""A long statement in parts: no day torn, no amount lost, balances that meet."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from protocol import formats
from protocol.errors import InvalidDocument
from protocol.formats import cut
from protocol.records import Entry, Statement

OPENING = Decimal("100.10")


def statement(*days_and_amounts, closing=None, opening=OPENING):
    entries = tuple(
        Entry(date(2026, 3, day), date(2026, 3, day), Decimal(amount), f"FV {index}")
        for index, (day, amount) in enumerate(days_and_amounts)
    )
    if closing is None and opening is not None:
        closing = opening + sum(entry.amount for entry in entries)
    return Statement(
        "PL27114020040000300201355387", "PLN", "7", date(2026, 3, 1), date(2026, 3, 31),
        opening, closing, entries, details={"credit_count": str(len(entries))},
    )  # fmt: skip


MONTH = [(2, "0.10"), (2, "-5.05"), (3, "7.00"), (5, "1.00"), (5, "2.00"), (5, "3.00"), (9, "4.00")]


def test_wrong_sum_is_still_found_in_the_last_part():
    parts = list(cut.by_days(statement(*MONTH, closing=Decimal("0.01")), 2))
    with pytest.raises(InvalidDocument):
        list(formats.check(parts[-1]).entries)


def test_a_day_is_never_torn():
    parts = list(cut.by_days(statement(*MONTH), 2))
    days = [{entry.booked_on.day for entry in part.entries} for part in parts]
    assert days == [{2}, {3}, {5}, {9}]
    assert len(parts[2].entries) == 3


def test_days_share_a_part_while_they_fit():
    days = [{e.booked_on.day for e in part.entries} for part in cut.by_days(statement(*MONTH), 4)]
    assert days == [{2, 3}, {5, 9}]


def test_balances_and_days_meet_and_every_part_adds_up():
    whole = statement(*MONTH)
    parts = list(cut.by_days(whole, 2))
    assert parts[0].opening_balance == OPENING
    assert parts[-1].closing_balance == whole.closing_balance
    for before, after in pairwise(parts):
        assert before.closing_balance == after.opening_balance
        assert before.closed_on < after.opened_on
    assert (parts[0].opened_on, parts[-1].closed_on) == (whole.opened_on, whole.closed_on)
    for part in parts:
        list(formats.check(part).entries)


def test_newest_day_first_is_put_in_order_and_each_day_keeps_the_banks():
    parts = list(cut.by_days(statement((9, "1.00"), (9, "2.00"), (2, "4.00")), 1))
    assert [[str(entry.amount) for entry in part.entries] for part in parts] == [
        ["4.00"],
        ["1.00", "2.00"],
    ]


def test_without_balances_parts_have_none():
    parts = list(cut.by_days(statement(*MONTH, opening=None), 2))
    assert {(part.opening_balance, part.closing_balance) for part in parts} == {(None, None)}


def test_short_or_empty_statement_is_one_part():
    (part,) = cut.by_days(statement(*MONTH), 7)
    assert len(part.entries) == 7
    assert part.details
    (empty,) = cut.by_days(statement(), 7)
    assert empty.entries == ()
