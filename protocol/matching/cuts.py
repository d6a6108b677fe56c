# SPDX-License-Identifier: LGPL-3.0-only
"""Where what is left over is cut: the lines and entries before, between and after."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

from .chain import total
from .records import Kept, Line
from .stretch import Given, leave_no_room


def split(given, under, missing, owner):
    """(lines before the document, lines after it) of what it does not have; (None, None)."""
    if len(under) > 1:
        heads = [line for line in missing if owner[line.id] == 0]
        tails = [line for line in missing if owner[line.id] > 0]
        return heads, tails
    only = under[0]
    numbers = {line.id: number for number, line in enumerate(only.lines)}
    for key in (
        lambda line: (line.entry.booked_on, numbers[line.id]),
        lambda line: (line.entry.booked_on, -numbers[line.id]),
        lambda line: numbers[line.id],
        lambda line: -numbers[line.id],  # some banks begin with the newest entry
    ):
        lines = sorted(missing, key=key)
        cut = _cut_line(given, only, lines)
        if cut is not None:
            return lines[:cut], lines[cut:]
    return None, None


def _cut_line(given: Given, only: Kept, lines: list[Line]) -> int | None:
    """How many of the missing lines are before the document: the rest is after it."""
    balance, after = only.opening, total(line.entry for line in lines)
    for cut in range(len(lines) + 1):
        starts = balance == given.opening or (cut == 0 and given.opened_on <= only.opened_on)
        if starts and (cut == len(lines) or only.closing - after == given.closing):
            return cut
        if cut < len(lines):
            balance += lines[cut].entry.amount
            after -= lines[cut].entry.amount
    return None


def slots_of(given: Given, under: list[Kept], extra: list[int], before_it: Decimal):
    """The extra entries before, between and after the stored statements; None: they do not fit."""
    last = under[-1]
    wanted = [before_it, *(two.opening - one.closing for one, two in pairwise(under))]
    entries = given.entries
    ways = [sorted(extra, key=lambda i: (entries[i].booked_on, i)), sorted(extra)]
    ways.append(ways[1][::-1])  # some banks begin with the newest entry
    found: list[tuple[int, list[list[int]]]] = []
    for way in ways:
        cut = _cut(given, way, wanted, under)
        if cut and _ends_right(given, last, cut[1], entries):
            found.append(cut)
    # Sums that are assumed prove nothing: then the days must be right.
    found = [cut for cut in found if not (given.assumed and cut[0])]
    if not found:
        return None
    slots = min(found, key=lambda cut: cut[0])[1]
    return [sorted(slot) for slot in slots]  # as the document has them


def _ends_right(given: Given, last: Kept, slots: list[list[int]], entries) -> bool:
    """Where something is after the last stored one, the document closes with it."""
    rest = total(entries[index] for index in slots[-1])
    return not slots[-1] or last.closing + rest == given.closing


def _cut(given, way, wanted, under) -> tuple[int, list[list[int]]] | None:
    """(how wrong the days of the entries are, the slots) where the sums are as wanted."""
    slots, start, wrong, before = [], 0, 0, None
    days = [given.entries[index].booked_on for index in way]
    amounts = [given.entries[index].amount for index in way]
    for sum_, kept in zip(wanted, under, strict=True):
        early = sum(_too_early(day, kept) for day in days[start:])  # all of them behind the cut
        best, left = None, sum_
        room = not leave_no_room(before, kept)
        before = kept
        for end in range(start, len(way) + 1):
            misfits = early + (end > start and not room)
            if not left and (best is None or misfits <= best[0]):
                best = misfits, end
            if end < len(way):
                left -= amounts[end]
                early += _too_late(days[end], kept) - _too_early(days[end], kept)
        if best is None:
            return None
        wrong += best[0]
        slots.append(list(way[start : best[1]]))
        start = best[1]
    return wrong, [*slots, list(way[start:])]


def _too_early(day: date, kept: Kept) -> int:
    """How wrong it would be behind this statement."""
    return (day < kept.closed_on) + (day < kept.opened_on)


def _too_late(day: date, kept: Kept) -> int:
    """How wrong it would be before it: banks book late, not ahead."""
    return (day > kept.opened_on) + 2 * (day > kept.closed_on)
