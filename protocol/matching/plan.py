# SPDX-License-Identifier: LGPL-3.0-only
"""What is to be done with a new statement: see the package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ..records import Entry, Statement
from .chain import is_stated, may_lie_apart, ordered, total
from .pairs import Pairs, contradict
from .place import place, touch
from .records import Books, Difference, Kept, Line, Piece, Plan
from .stretch import MEETING, Given, Place

SAME, NEW, INSTEAD = "same", "new", "instead"  # a person's choices, where the sums differ


def plan(
    books: Books,
    statement: Statement,
    entries: Sequence[Entry],
    choice: str | None = None,
    most: int | None = None,
) -> Plan:
    """What makes the books say what the statement says.

    `books`: what is stored around the statement's days; `entries`: the statement's, booked ones
    only, and their sum is its balances' difference where it states both. `choice`: what a person
    decided after an earlier Difference. `most`: so many new entries at once; what is booked adds
    up, and while `Plan.more`, the plan made next of the same statement has those that follow.

    :raises Difference: when the sums of both cannot be right.
    """
    days = [entry.booked_on for entry in entries]
    since = statement.opened_on or statement.closed_on or min(days, default=None)
    until = statement.closed_on or statement.opened_on or max(days, default=None)
    if not statement.final or since is None:
        return _announced(books, entries)
    since, until = min(since, until), max(since, until)
    found, moved = _placed(books, statement, entries, since, until, choice)
    result = Plan(known=found.known, pieces=found.pieces, chain=found.chain, same=found.same)
    result.moved = moved
    if choice == INSTEAD:
        _replace(books, result)
    told = [Kept(None, "", since, until, Decimal(0), Decimal(0), _as_lines(entries))]
    _take_announced(result, books, entries, told)
    return _first(result, books, entries, most) if most and not choice else result


def _first(whole: Plan, books: Books, entries: Sequence[Entry], most: int) -> Plan:
    """The plan with about `most` of its new entries, up to the running balance after them.

    Nobody stated that balance, so it counts as assumed until the last part is booked. One at which
    a neighbour would not stand any more is passed over.
    """
    count = sum(len(piece.entries) for piece in whole.pieces)
    for size in range(most, count):
        part = _sized(whole, books, entries, size)
        if _stands(part):
            return part
    return whole


def _stands(part: Plan) -> bool:
    """Whether what it makes, or lets grow, meets its neighbours or may lie apart from them."""
    made = [piece.into for piece in part.pieces]
    return all(
        before.closing == after.opening
        or may_lie_apart(before, after)
        or not (before in made or after in made)
        for before, after in pairwise(ordered(part.chain))
    )


def _sized(whole: Plan, books: Books, entries: Sequence[Entry], size: int) -> Plan:
    """About `size` new entries; what a stored statement gains on both sides comes in one part."""
    stored = {one.id: one for one in books.kept}
    grown = Counter(piece.into.id for piece in whole.pieces)
    pieces, left, chain = [], size, list(whole.chain)
    for piece in whole.pieces:
        before = stored.get(piece.into.id)
        if before and grown[before.id] > 1:
            begun = any(one.into.id == before.id for one in pieces)
            some = piece.entries if left > 0 or begun else ()
        elif before and before.opening != piece.into.opening:
            some = piece.entries[-left:] if left > 0 else ()
        else:
            some = piece.entries[: max(left, 0)]
        place = chain.index(piece.into) if piece.into in chain else None
        if some or not piece.entries:
            pieces.append(_part(piece, some, before, entries))
            left -= len(some)
            now = [pieces[-1].into]
        else:
            now = [before] if before else []
        if place is not None:
            chain[place : place + 1] = now
    new = {index for piece in pieces for index in piece.entries}
    finished = {index: line for index, line in whole.finished.items() if index in new}
    more = len(new) < sum(len(piece.entries) for piece in whole.pieces)
    return replace(whole, pieces=pieces, finished=finished, chain=chain, more=more)


def _part(piece: Piece, some: tuple[int, ...], before: Kept | None, entries) -> Piece:
    """The piece with only some of its entries, those next to what the record has already."""
    rest = total(entries[index] for index in {*piece.entries} - {*some})
    if len(some) == len(piece.entries):
        return piece
    into = replace(piece.into, assumed=True)
    if before and before.opening != into.opening:
        return Piece(replace(into, opening=into.opening + rest), some)
    return Piece(replace(into, closing=into.closing - rest), some)


def _as_lines(entries: Sequence[Entry]) -> tuple[Line, ...]:
    return tuple(Line(-1 - index, entry) for index, entry in enumerate(entries))


# -- a final statement ------------------------------------------------------------------------


def _placed(books, statement, entries, since, until, choice) -> tuple[Place, list[Kept]]:
    """(where it stands, the stored statements whose assumed balances move)."""
    ways = list(_givens(books, statement, entries, since, until))
    given, found, difference = ways[0], None, None
    for way in ways:
        try:
            candidate = place(books, way)
        except Difference as error:
            difference = difference or error
            continue
        if found is None or candidate.rank > found.rank:
            given, found = way, candidate
    if found and found.rank[0] >= MEETING:
        return found, []
    shifted = _shifted(books, given)
    if shifted and (found is None or shifted[0].rank > found.rank):
        return shifted
    if found:
        return found, []
    decided = _decided(books, given, difference, choice)
    if decided:
        return decided, []
    raise difference


def _givens(books: Books, statement: Statement, entries, since: date, until: date):
    """The statement with its balances: one, or those that it may have where it states none."""
    opening, closing = statement.opening_balance, statement.closing_balance
    moved = total(entries)
    assumed = opening is None and closing is None
    if assumed:
        openings = dict.fromkeys(_openings(books, entries, moved, since, until))
    else:
        openings = [closing - moved if opening is None else opening]
    for one in openings:
        yield Given(
            statement.number, since, until, one, one + moved if closing is None else closing,
            entries, assumed,
        )  # fmt: skip


def _openings(books: Books, entries, moved: Decimal, since: date, until: date):
    """What an opening balance may be that is not stated: what goes on from what is stored."""
    chain = ordered(books.kept)
    last = [one.closing for one in chain if one.closed_on <= since][-1:]
    following = [one.opening - moved for one in chain if one.opened_on >= until][:1]
    yield from last
    near = [one for one in chain if one.closed_on >= since and one.opened_on <= until]
    lines = [line for one in near for line in one.lines]
    left = {line.id for line in Pairs(enumerate(entries), lines).on_one_day(list(entries)).missing}
    for one in near:
        balance = one.opening
        yield balance
        for line in one.lines:
            balance += line.entry.amount if line.id in left and line.entry.booked_on <= since else 0
        yield balance
        early = [entry for entry in entries if entry.booked_on <= one.opened_on]
        yield one.opening - total(early)
        yield one.opening - total(entry for entry in early if entry.booked_on < one.opened_on)
        yield one.closing
    yield from following
    if not chain:
        yield Decimal(0)
    elif not last and not following and not near:
        yield chain[-1].closing


def _shifted(books: Books, given: Given) -> tuple[Place, list[Kept]] | None:
    """The place that is found when stored balances that were only assumed follow this one's."""
    if given.assumed:
        return None
    chain, best = ordered(books.kept), None
    before = [one for one in chain if one.closed_on < given.opened_on][-1:]
    after = [one for one in chain if one.opened_on > given.closed_on][:1]
    around = [*before, *(one for one in chain if touch(one, given)), *after]
    for run in _runs(chain):
        for by in dict.fromkeys(_moves([one for one in run if one in around], given)):
            moved = [one.moved(by) for one in run]
            stored = [moved[run.index(one)] if one in run else one for one in chain]
            if _breaks(chain, stored, run, given):
                continue
            try:
                found = place(Books(stored, books.announced), given)
            except Difference:
                continue
            if found.rank[0] >= MEETING and (best is None or found.rank > best[0].rank):
                best = found, moved
    return best


def _runs(chain: list[Kept]) -> list[list[Kept]]:
    runs: list[list[Kept]] = []
    for before, one in zip([None, *chain], chain, strict=False):
        if one.assumed:
            if before is not None and before.assumed:
                runs[-1].append(one)
            else:
                runs.append([one])
    return runs


def _moves(run: list[Kept], given: Given):
    """By how much assumed balances may be wrong; `run`: those of them that are near."""
    if not run:
        return
    yield given.opening - run[-1].closing
    yield given.closing - run[0].opening
    for one in run:
        yield given.opening - one.opening
        yield given.closing - one.closing
        left = one.opening
        for line in one.lines:
            if line.entry.booked_on < given.opened_on:
                left += line.entry.amount
        yield given.opening - left


def _breaks(chain, stored, run, given) -> bool:
    """Whether the run would leave a neighbour that it met, and that is not parted by `given`."""
    first, last = chain.index(run[0]), chain.index(run[-1])
    met = last + 1 < len(chain) and chain[last].closing == chain[last + 1].opening
    if met and not chain[last].closed_on <= given.opened_on <= chain[last + 1].opened_on:
        return stored[last].closing != stored[last + 1].opening
    if first and chain[first - 1].closing == chain[first].opening:
        between = chain[first - 1].closed_on <= given.opened_on
        return not between and stored[first - 1].closing != stored[first].opening
    return False


# -- what a person decided --------------------------------------------------------------------


def _decided(books: Books, given: Given, difference: Difference, choice) -> Place | None:
    """The place that the choice gives; None where it solves nothing."""
    chain = ordered(books.kept)
    pairs = Pairs(
        enumerate(given.entries), [line for one in difference.beside for line in one.lines]
    ).on_one_day(list(given.entries))
    both = difference.extra and difference.missing
    missing = total(line.entry for line in difference.missing)
    if choice == SAME and both and total(difference.extra) == missing:
        return Place(known=pairs.found, chain=chain, same=difference.beside[-1])
    if choice == NEW:
        extra = (
            tuple(sorted(pairs.extra)) if difference.beside else tuple(range(len(given.entries)))
        )
        amount = total(given.entries[index] for index in extra)
        piece = given.as_kept(opening=given.closing - amount)
        return Place(known=pairs.found, pieces=[Piece(piece, extra)], chain=[*chain, piece])
    if choice == INSTEAD and all(
        given.opened_on <= one.opened_on and one.closed_on <= given.closed_on
        for one in difference.beside
    ):
        piece = given.as_kept()
        rest = [one for one in chain if one not in difference.beside]
        new = tuple(range(len(given.entries)))
        return Place(known=pairs.found, pieces=[Piece(piece, new)], chain=[*rest, piece])
    return None


def _replace(books: Books, result: Plan) -> None:
    """The stored statements that are not in the chain any more give way: their lines that the
    document has go over, the others go."""
    staying = {one.id for one in result.chain}
    result.replaced = [one for one in books.kept if one.id not in staying]
    over = {line.id for line in result.known.values()}
    lines = [line for one in result.replaced for line in one.lines if line.id not in over]
    for line in lines:
        (result.removed if line.free else result.raised).append(line)
    if any(not line.free for line in lines):
        raise Difference((), [line for line in lines if not line.free], result.replaced)
    result.finished |= result.known
    result.known = {}


# -- announced entries ------------------------------------------------------------------------


def _take_announced(result: Plan, books: Books, entries: Sequence[Entry], told: list[Kept]) -> None:
    """New entries that were announced become final; what was announced and is not in a day that
    is stated by now is undone, or raised to a person."""
    new = [index for piece in result.pieces for index in piece.entries]
    new = [index for index in new if index not in result.finished]
    waiting = Pairs(((index, entries[index]) for index in new), books.announced)
    waiting.announced(list(entries))
    result.finished |= waiting.found
    for line in waiting.missing:
        day = line.entry.booked_on
        if is_stated(day, result.chain) or is_stated(day, told):
            (result.undone if line.free else result.raised).append(line)


def _announced(books: Books, entries: Sequence[Entry]) -> Plan:
    """What is not final: new entries wait for their statement, of days that have none yet."""
    chain = ordered(books.kept)
    lines = [line for one in chain for line in one.lines]
    stated = Pairs(enumerate(entries), lines).announced(list(entries))
    left = [(index, entries[index]) for index in stated.extra]
    waiting = Pairs(left, books.announced).announced(list(entries))
    others = [i for i, line in waiting.found.items() if contradict(entries[i], line.entry)]
    waiting.without(others)  # an account may move twice the same, and neither is final yet
    result = Plan(known={**stated.found, **waiting.found}, chain=chain)
    for index in waiting.extra:
        final = is_stated(entries[index].booked_on, chain)
        (result.dropped if final else result.announced).append(index)
    return result
