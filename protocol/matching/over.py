# SPDX-License-Identifier: LGPL-3.0-only
"""A final statement over stored ones: its entries are paired with their lines, the rest adds up.

Opening balance, closing balance and every gap in between must be exactly what is left on either
side. Ids and texts only say which of the ways that add up is meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations

from ..records import Entry
from .chain import may_lie_apart, total
from .cuts import slots_of, split
from .pairs import Pairs
from .records import Kept, Line, Piece
from .stretch import APART, OVER, Given, Place, as_lines, grown, leave_no_room

MOST_LATE = 10  # entries booked late that are looked at one by one
LONGEST = 14  # entries of one day of which parts of a sum are looked for


def paired(given: Given, under: list[Kept]) -> Pairs:
    lines = [line for one in under for line in one.lines]
    return Pairs(enumerate(given.entries), lines).on_one_day(list(given.entries))


def other_pairs(given: Given, under: list[Kept], pairs: Pairs) -> Iterator[tuple[Pairs, bool]]:
    """What else may be meant, where the pairs of equal days do not add up; and whether it counts
    only when it leaves nothing over: a format may give every entry another day."""
    if pairs.entries and pairs.lines:
        yield paired(given, under).over_days(list(given.entries)), True
    # An entry that was booked late looks like one of the day that it names.
    since = {line.id: max(one.opened_on, given.opened_on) for one in under for line in one.lines}
    late = [i for i, line in pairs.found.items() if line.entry.booked_on < since[line.id]]
    for indexes in [late[:1], late, *([index] for index in late[1:MOST_LATE])]:
        if indexes:
            yield paired(given, under).without(indexes), False


def over(given, under, pairs, before, after) -> list[Place]:
    """The ways in which what is left on both sides adds up; at most one."""
    extra, missing = without_batches(given, under, pairs)
    if pairs.contradictions and all(
        one.number and given.number and one.number != given.number for one in under
    ):
        return []  # other numbers and other ids: the bank says that these are not the same
    owner = {line.id: position for position, one in enumerate(under) for line in one.lines}
    if any(0 < owner[line.id] < len(under) - 1 for line in missing):
        return []
    heads, tails = split(given, under, missing, owner)
    if heads is None:
        return []
    first, last = under[0], under[-1]
    start = first.opening + total(line.entry for line in heads)
    end = last.closing - total(line.entry for line in tails)
    if (heads and start != given.opening) or (tails and end != given.closing):
        return []
    before_it = Decimal(0)  # the sum of what the document has before the first stored one
    if start != given.opening:
        if given.opened_on > first.opened_on:
            return []
        before_it = first.opening - given.opening
    slots = slots_of(given, under, extra, before_it)
    if slots is None or (tails and slots[-1]):
        return []
    pieces, chain = _pieces(given, under, slots, before, after)
    if pieces is None:
        return []
    place = Place(known=dict(pairs.found), pieces=pieces, chain=chain)
    place.same = under[-1] if not pieces else None
    good = len(given.entries) - len(extra) - pairs.contradictions
    # A movement may be booked on an earlier day than its neighbours, hardly on a later one.
    ahead = [line.entry for line in heads if line.entry.booked_on > given.closed_on]
    for slot, one in zip(slots, under, strict=False):
        entries = (given.entries[index] for index in slot)
        ahead += [entry for entry in entries if entry.booked_on > one.closed_on]
    good -= 2 * len(ahead)
    covered = any(_covers(one, given) for one in under)
    if not good and not pieces and not covered:
        return []  # a statement without entries, beyond what is stored, is one of its own
    empty = not any(one.lines for one in under)  # days without movements inside a longer one
    within = given.opened_on <= first.opened_on and last.closed_on <= given.closed_on
    lies_over = good > 0 or (not given.entries and covered) or (empty and within)
    place.rank = (OVER if lies_over else APART, good, len(under))
    return [place]


def _covers(one: Kept, given: Given) -> bool:
    """Whether the document's days are inside; the first one may be only that of the opening."""
    inside = one.opened_on <= given.opened_on and given.closed_on <= one.closed_on
    return inside and not given.closed_on == one.opened_on < one.closed_on


def _pieces(given, under, slots, before, after):
    """([Piece], the chain with them); (None, None) where a neighbour would not meet any more."""
    pieces, chain, rest = [], list(before), list(under)
    for number, slot in enumerate(slots):
        last = chain[-1] if chain else None
        following = rest[0] if rest else (after[0] if after else None)
        if slot:
            amount = total(given.entries[index] for index in slot)
            piece = _piece(given, number, len(slots), under, amount)
            piece = replace(piece, lines=as_lines(given, slot))
            if not _fits_between(last, piece, following, number, len(slots)):
                return None, None
            into, both = grown(
                given, piece, last, following, chain, [following] if following else []
            )
            chain = both[:-1] if following else both
            if following and into.id is not None and into.id == following.id:
                if rest:
                    rest[0] = into
                else:
                    after = [into, *after[1:]]
            pieces.append(Piece(into, tuple(slot)))
        if rest:
            chain.append(rest.pop(0))
    # one record may have grown twice, on both sides: the last of it is whole
    whole = {piece.into.id: piece.into for piece in pieces if piece.into.id is not None}
    final = {one.id: one for one in [*chain, *after] if one.id in whole}
    pieces = [replace(one, into=final.get(one.into.id, one.into)) for one in pieces]
    return pieces, [*chain, *after]


def _piece(given: Given, number: int, count: int, under: list[Kept], amount: Decimal) -> Kept:
    if number == 0:
        closing = under[0].opening
        closed_on = max(under[0].opened_on, given.opened_on)
        return given.as_kept(
            number="", closed_on=closed_on, opening=closing - amount, closing=closing
        )
    opening = under[number - 1].closing
    opened_on = min(under[number - 1].closed_on, given.closed_on)
    closed_on = given.closed_on if number == count - 1 else under[number].opened_on
    return given.as_kept(
        number="",
        opened_on=opened_on,
        closed_on=max(closed_on, opened_on),
        opening=opening,
        closing=opening + amount,
    )


def _fits_between(last, piece, following, number, count) -> bool:
    """The pieces at the ends: nothing can be put between statements that meet."""
    if leave_no_room(last, following) and piece.closing != piece.opening:
        return False
    for one, other in ((last, piece), (piece, following)):
        if one and other and one.closing != other.opening and not may_lie_apart(one, other):
            return False
    return True


def without_batches(given: Given, under: list[Kept], pairs: Pairs):
    """(indexes of extra entries, missing lines) without what is one booking here and several there.

    Both sides state the day whole, so that on it the same sum is the same money.
    """
    extra: dict[date, list[int]] = defaultdict(list)
    missing: dict[date, list[Line]] = defaultdict(list)
    for index, entry in pairs.entries.items():
        extra[entry.booked_on].append(index)
    for line in pairs.missing:
        missing[line.entry.booked_on].append(line)
    for day in extra.keys() & missing.keys():
        _join(given.entries, extra[day], missing[day])
    return [i for ids in extra.values() for i in ids], [x for xs in missing.values() for x in xs]


def _join(entries: Sequence[Entry], extra: list[int], missing: list[Line]) -> None:
    """Takes out of both lists what adds up: one against several."""
    for line in list(missing):
        part = _parts_of(line.entry.amount, [(i, entries[i].amount) for i in extra])
        if part:
            missing.remove(line)
            extra[:] = [index for index in extra if index not in part]
    for index in list(extra):
        part = _parts_of(entries[index].amount, [(x, x.entry.amount) for x in missing])
        if part:
            extra.remove(index)
            missing[:] = [line for line in missing if line not in part]


def _parts_of(wanted: Decimal, items: list[tuple]) -> list:
    """Two or more of `items` with this sum, all of them of its sign: all, or the fewest."""
    items = [item for item in items if (item[1] < 0) == (wanted < 0)]
    if len(items) > 1 and sum(amount for _item, amount in items) == wanted:
        return [item for item, _amount in items]
    if len(items) > LONGEST:
        return []
    for count in range(2, len(items)):
        for part in combinations(items, count):
            if sum(amount for _item, amount in part) == wanted:
                return [item for item, _amount in part]
    return []
