"""Where a final statement stands among those that are stored: the sums decide.

The stored statements that it may overlap are tried as before it, under it, or after it. Under it,
its entries are paired with their lines. Then opening balance, closing balance and every gap in
between must be exactly what is left on either side. Ids and texts only say which of the ways that
add up is meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise

from ..records import Entry
from .chain import follows_at_once, may_lie_apart, ordered, total
from .pairs import Pairs
from .records import Books, Difference, Kept, Line, Piece

OVER, MEETING, GAP, APART = 2, 1, 0, -1  # how well a place fits: APART shares a day, and no sum
MOST_LATE = 10  # entries booked late that are looked at one by one
LONGEST = 14  # entries of one day of which parts of a sum are looked for


@dataclass(frozen=True)
class Given:
    """The document's statement: days, balances, entries as a list, without None."""

    number: str
    opened_on: date
    closed_on: date
    opening: Decimal
    closing: Decimal
    entries: Sequence[Entry]
    assumed: bool = False

    def as_kept(self, **changes) -> Kept:
        kept = Kept(
            None, self.number, self.opened_on, self.closed_on, self.opening, self.closing,
            assumed=self.assumed,
        )  # fmt: skip
        return replace(kept, **changes)


@dataclass
class Place:
    """A way that adds up. `same`: the stored one with nothing new; `rank`: the best is taken."""

    known: dict[int, Line] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    chain: list[Kept] = field(default_factory=list)
    same: Kept | None = None
    rank: tuple = ()


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
            pairs = _paired(given, under)
            tried.append((pairs, under))
            ways = _over(given, under, pairs, *sides)
            for other, whole in () if ways else _other_pairs(given, under, pairs):
                more = _over(given, under, other, *sides)
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


# -- beside what is stored --------------------------------------------------------------------


def _beside(given: Given, before: list[Kept], after: list[Kept]) -> list[Place]:
    """The statement is new: between two stored ones, or at an end, or in a gap."""
    last, following = (before or [None])[-1], (after or [None])[0]
    piece = given.as_kept()
    fits = (
        last and following and (last.closing, following.opening) == (given.opening, given.closing)
    )
    if _leave_no_room(last, following) and not fits:
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
    piece = replace(piece, lines=_as_lines(given, numbers))
    into, chain = _grown(given, piece, last, following, before, after)
    pieces = [Piece(into, numbers)]
    return [Place(pieces=pieces, chain=chain, rank=(rank, 0, 0))]


def _leave_no_room(one: Kept | None, other: Kept | None) -> bool:
    """Whether two stored neighbours meet, in their balances and in their days."""
    if one is None or other is None or one.closing != other.opening:
        return False
    return (other.opened_on - one.closed_on).days <= 1 or follows_at_once(one, other)


def _grown(given, piece, last, following, before, after):
    """(the record of a piece, the chain with it): one that goes on grows, else it is new."""
    if last and last.closing == piece.opening and _goes_on(last, given, piece):
        grown = replace(
            last,
            closed_on=max(last.closed_on, piece.closed_on),
            closing=piece.closing,
            lines=(*last.lines, *piece.lines),
            assumed=last.assumed and piece.assumed,
        )
        return grown, [*before[:-1], grown, *after]
    if following and following.opening == piece.closing and _goes_on(following, given, piece):
        grown = replace(
            following,
            opened_on=min(following.opened_on, piece.opened_on),
            opening=piece.opening,
            lines=(*piece.lines, *following.lines),
            assumed=following.assumed and piece.assumed,
        )
        return grown, [*before, grown, *after[1:]]
    return piece, [*before, piece, *after]


def _as_lines(given: Given, indexes: Sequence[int]) -> tuple[Line, ...]:
    """Entries that are to be lines; their ids are below zero, as no stored one's."""
    return tuple(Line(-1 - index, given.entries[index]) for index in indexes)


def _goes_on(one: Kept, given: Given, piece: Kept) -> bool:
    """Pages and later issues of one statement; two parts of one day without numbers."""
    if one.number and one.number == given.number:
        return one.closed_on == given.closed_on
    return (
        not one.number
        and not given.number
        and one.opened_on == given.opened_on == one.closed_on == given.closed_on
    )


# -- over what is stored ----------------------------------------------------------------------


def _paired(given: Given, under: list[Kept]) -> Pairs:
    lines = [line for one in under for line in one.lines]
    return Pairs(enumerate(given.entries), lines).on_one_day(list(given.entries))


def _other_pairs(given: Given, under: list[Kept], pairs: Pairs) -> Iterator[tuple[Pairs, bool]]:
    """What else may be meant, where the pairs of equal days do not add up; and whether it counts
    only when it leaves nothing over: a format may give every entry another day."""
    if pairs.entries and pairs.lines:
        yield _paired(given, under).over_days(list(given.entries)), True
    # An entry that was booked late looks like one of the day that it names.
    since = {line.id: max(one.opened_on, given.opened_on) for one in under for line in one.lines}
    late = [i for i, line in pairs.found.items() if line.entry.booked_on < since[line.id]]
    for indexes in [late[:1], late, *([index] for index in late[1:MOST_LATE])]:
        if indexes:
            yield _paired(given, under).without(indexes), False


def _over(given, under, pairs, before, after) -> list[Place]:
    """The ways in which what is left on both sides adds up; at most one."""
    extra, missing = _without_batches(given, under, pairs)
    if pairs.contradictions and all(
        one.number and given.number and one.number != given.number for one in under
    ):
        return []  # other numbers and other ids: the bank says that these are not the same
    owner = {line.id: position for position, one in enumerate(under) for line in one.lines}
    if any(0 < owner[line.id] < len(under) - 1 for line in missing):
        return []
    heads, tails = _split(given, under, missing, owner)
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
    slots = _slots(given, under, extra, before_it)
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
    over = good > 0 or (not given.entries and covered) or (empty and within)
    place.rank = (OVER if over else APART, good, len(under))
    return [place]


def _covers(one: Kept, given: Given) -> bool:
    """Whether the document's days are inside; the first one may be only that of the opening."""
    inside = one.opened_on <= given.opened_on and given.closed_on <= one.closed_on
    return inside and not given.closed_on == one.opened_on < one.closed_on


def _without_batches(given: Given, under: list[Kept], pairs: Pairs):
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


def _split(given, under, missing, owner):
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
    balance = only.opening
    for cut in range(len(lines) + 1):
        starts = balance == given.opening or (cut == 0 and given.opened_on <= only.opened_on)
        if starts:
            after = total(line.entry for line in lines[cut:])
            if not lines[cut:] or only.closing - after == given.closing:
                return cut
        if cut < len(lines):
            balance += lines[cut].entry.amount
    return None


def _slots(given: Given, under: list[Kept], extra: list[int], before_it: Decimal):
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
        room = not _leave_no_room(before, kept)
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


def _pieces(given, under, slots, before, after):
    """([Piece], the chain with them); (None, None) where a neighbour would not meet any more."""
    pieces, chain, rest = [], list(before), list(under)
    for number, slot in enumerate(slots):
        last = chain[-1] if chain else None
        following = rest[0] if rest else (after[0] if after else None)
        if slot:
            amount = total(given.entries[index] for index in slot)
            piece = _piece(given, number, len(slots), under, amount)
            piece = replace(piece, lines=_as_lines(given, slot))
            if not _fits_between(last, piece, following, number, len(slots)):
                return None, None
            into, both = _grown(
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
    if _leave_no_room(last, following) and piece.closing != piece.opening:
        return False
    for one, other in ((last, piece), (piece, following)):
        if one and other and one.closing != other.opening and not may_lie_apart(one, other):
            return False
    return True


# -- what a person is told --------------------------------------------------------------------


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
        extra, missing = _without_batches(given, under, pairs)
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
