# SPDX-License-Identifier: LGPL-3.0-only
"""A stretch of a bank's entries between two balances, and how a stored one grows by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from ..records import Entry
from .chain import follows_at_once
from .records import Kept, Line, Piece

OVER, MEETING, GAP, APART = 2, 1, 0, -1  # how well a place fits: APART shares a day, and no sum


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


def leave_no_room(one: Kept | None, other: Kept | None) -> bool:
    """Whether two stored neighbours meet, in their balances and in their days."""
    if one is None or other is None or one.closing != other.opening:
        return False
    return (other.opened_on - one.closed_on).days <= 1 or follows_at_once(one, other)


def grown(given, piece, last, following, before, after):
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


def as_lines(given: Given, indexes: Sequence[int]) -> tuple[Line, ...]:
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
