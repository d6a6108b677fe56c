# SPDX-License-Identifier: LGPL-3.0-only
"""The stored statements of an account one after the other, and whether they meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from itertools import groupby, pairwise, permutations, zip_longest

from ..records import Entry
from .records import Kept

_EXACT = Context(prec=60)
TRIED = 5  # statements of one day whose every order is tried


def total(entries: Iterable[Entry]) -> Decimal:
    found = Decimal(0)
    for entry in entries:
        found = _EXACT.add(found, entry.amount)
    return found


def ordered(kept: Iterable[Kept]) -> list[Kept]:
    """By days; several that end on one day by their balances, the one opening with the other's
    closing, since neither numbers nor the order of arrival say it."""
    rest = sorted(
        kept,
        key=lambda one: (one.closed_on, one.opened_on, as_number(one.number) or 0, one.id or 0),
    )
    days = [list(day) for _on, day in groupby(rest, key=lambda one: one.closed_on)]
    chain: list[Kept] = []
    for day, following in zip_longest(days, days[1:], fillvalue=[]):
        chain += _of_a_day(day, chain[-1:], following[:1])
    return chain


def _of_a_day(day: list[Kept], before: list[Kept], after: list[Kept]) -> Iterable[Kept]:
    """In the order in which most neighbours meet."""
    if len(day) <= TRIED:
        return max(permutations(day), key=lambda way: _meetings([*before, *way, *after]))
    found, rest = [], sorted(day, key=lambda one: one.opening != one.closing)
    while rest:
        last = (found or before)[-1:]
        closings = [one.closing for one in rest if one.opening != one.closing]
        following = [one for one in rest if last and one.opening == last[0].closing]
        leading = [one for one in rest if one.opening not in closings]
        found.append([*following, *leading, *rest][0])
        rest.remove(found[-1])
    return found


def _meetings(chain: list[Kept]) -> int:
    return sum(one.closing == other.opening for one, other in pairwise(chain))


def as_number(text: str) -> int | None:
    """The number of a statement, or None where it is none. Banks write 12, 012 and 12/1."""
    digits = (text or "").partition("/")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() else None


def follows_at_once(before: Kept, after: Kept) -> bool:
    """Whether the bank's numbers say that no statement is between the two."""
    first, last = as_number(before.number), as_number(after.number)
    same_year = before.closed_on.year == after.closed_on.year
    return same_year and None not in (first, last) and last - first == 1


def may_lie_apart(one: Kept, other: Kept) -> bool:
    """Whether something that is not here may be between two statements."""
    if follows_at_once(one, other) and not (one.assumed or other.assumed):
        return False
    if one.closed_on < other.opened_on:
        return True
    # On one day: two parts of it, never the same part told in two ways.
    if one.number and one.number == other.number:
        return False
    return one.opening != other.opening and one.closing != other.closing


def is_stated(day: date, chain: list[Kept]) -> bool:
    """Whether a final statement says everything of a day.

    The first day of a statement may be only the day of its opening balance (MT940): then it is
    the statement before that tells.
    """
    for before, one in zip([None, *chain], chain, strict=False):
        if one.opened_on < day <= one.closed_on or one.opened_on == day == one.closed_on:
            return True
        if day == one.opened_on and any(line.entry.booked_on == day for line in one.lines):
            return True
        if before and before.closing == one.opening and before.closed_on <= day <= one.opened_on:
            return True
    return False


@dataclass(frozen=True)
class Problem:
    """What is not right with stored statements. `of`: it does not add up, or it does not meet
    `before`; `amount`: by how much."""

    of: Kept
    amount: Decimal
    before: Kept | None = None


def problems(kept: Iterable[Kept]) -> list[Problem]:
    """What does not add up, and neighbours that do not meet although nothing can be between."""
    chain = ordered(kept)
    found = []
    for one in chain:
        difference = one.closing - one.opening - total(line.entry for line in one.lines)
        if difference:
            found.append(Problem(one, difference))
    for before, after in pairwise(chain):
        if before.closing != after.opening and not may_lie_apart(before, after):
            found.append(Problem(after, after.opening - before.closing, before))
    return found
