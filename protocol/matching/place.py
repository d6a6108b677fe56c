# SPDX-License-Identifier: LGPL-3.0-only
"""Where a final statement stands among those that are stored: the sums decide.

The stored statements that it may overlap are tried as before it, under it (`over`), or after it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from .chain import may_lie_apart, ordered
from .over import other_pairs, over, paired, without_batches
from .pairs import Pairs
from .records import Books, Difference, Kept, Piece
from .stretch import APART, GAP, MEETING, Given, Place, as_lines, grown, leave_no_room


def place(books: Books, given: Given) -> Place:
    """The way that adds up; Difference where none does."""
    chain = ordered(books.kept)
    near = [one for one in chain if touch(one, given)]
    before = [one for one in chain if one.closed_on < given.opened_on]
    after = [one for one in chain if one.opened_on > given.closed_on]
    found: list[Place] = []
    tried: list[tuple[Pairs, list[Kept]]] = []
    for start in range(len(near) + 1):
        if any(not _may_be_before(one, given) for one in near[:start]):
            break
        for end in range(len(near), start - 1, -1):
            if any(not _may_be_after(one, given) for one in near[end:]):
                break
            under = near[start:end]
            sides = [*before, *near[:start]], [*near[end:], *after]
            if not under:
                found += _beside(given, *sides)
                continue
            pairs = paired(given, under)
            tried.append((pairs, under))
            ways = over(given, under, pairs, *sides)
            for other, whole in () if ways else other_pairs(given, under, pairs):
                more = over(given, under, other, *sides)
                ways += [way for way in more if not (whole and way.pieces)]
            found += ways
    found.sort(key=lambda one: one.rank, reverse=True)
    best = next((one for one in found if _meets(one, chain)), None)
    common = any(len(pairs.found) > pairs.contradictions for pairs, _under in tried)
    if best and (best.rank[0] >= GAP or not common):
        return best  # else two that share a day and entries, and whose balances do not meet
    raise _difference(given, tried, before, near, after)


def _meets(found: Place, stored: list[Kept]) -> bool:
    """Whether what is new or grown meets its neighbours, in the order in which they are read."""
    old = {one.id: one for one in stored}
    return not any(
        before.closing != after.opening
        and (old.get(before.id) != before or old.get(after.id) != after)
        and not may_lie_apart(before, after)
        for before, after in pairwise(ordered(found.chain))
    )


def touch(one: Kept, given: Given) -> bool:
    return one.closed_on >= given.opened_on and one.opened_on <= given.closed_on


def _may_be_before(one: Kept, given: Given) -> bool:
    return one.closed_on <= given.opened_on or (
        one.closing == given.opening and one.closed_on <= given.closed_on
    )


def _may_be_after(one: Kept, given: Given) -> bool:
    return one.opened_on >= given.closed_on or (
        one.opening == given.closing and one.opened_on >= given.opened_on
    )


def _beside(given: Given, before: list[Kept], after: list[Kept]) -> list[Place]:
    """The statement is new: between two stored ones, or at an end, or in a gap."""
    last, following = (before or [None])[-1], (after or [None])[0]
    piece = given.as_kept()
    fits = (
        last and following and (last.closing, following.opening) == (given.opening, given.closing)
    )
    if leave_no_room(last, following) and not fits:
        return []
    rank = GAP
    for one, other in ((last, piece), (piece, following)):
        if one is None or other is None:
            continue
        if one.closing == other.opening:
            rank = max(rank, MEETING) if rank >= GAP else rank
        elif not may_lie_apart(one, other):
            return []
        elif one.closed_on >= other.opened_on:
            rank = APART
    numbers = tuple(range(len(given.entries)))
    piece = replace(piece, lines=as_lines(given, numbers))
    into, chain = grown(given, piece, last, following, before, after)
    pieces = [Piece(into, numbers)]
    return [Place(pieces=pieces, chain=chain, rank=(rank, 0, 0))]


def _difference(given, tried, before, near, after) -> Difference:
    """The way with the most pairs, and what it leaves over on both sides."""
    pairs, under = max(tried, key=lambda one: len(one[0].found), default=(None, ()))
    beside_it = under and (_may_be_before(under[0], given) or _may_be_after(under[-1], given))
    same = any(
        one.opening == given.opening
        or one.closing == given.closing
        or (one.number and one.number == given.number)
        for one in under
    )
    if pairs and (pairs.found or same or not beside_it):
        extra, missing = without_batches(given, under, pairs)
        since, until = given.opened_on, given.closed_on
        if any(one.opened_on < since for one in under):
            missing = [line for line in missing if line.entry.booked_on >= since]
        missing = [line for line in missing if line.entry.booked_on <= until]
        entries = [given.entries[index] for index in sorted(extra)]
        gap = None
        if not entries and not missing:
            gap = given.opening - under[0].opening
        return Difference(entries, missing, under, gap)
    both = [*before, *near]
    last = next((one for one in reversed(both) if _may_be_before(one, given)), None)
    following = next((one for one in [*near, *after] if _may_be_after(one, given)), None)
    beside = [one for one in (last, following) if one]
    gap = None
    if last and last.closing != given.opening:
        gap = given.opening - last.closing
    elif following:
        gap = following.opening - given.closing
    return Difference(given.entries, (), beside, gap)
