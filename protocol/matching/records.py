# SPDX-License-Identifier: LGPL-3.0-only
"""What the books hold of an account, and what is to be done with a new statement: plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from ..records import Entry


@dataclass(frozen=True)
class Line:
    """An entry in the books. `free`: nothing hangs on it, so that it may be undone or reworded."""

    id: int
    entry: Entry
    free: bool = True


@dataclass(frozen=True)
class Kept:
    """A stored final statement; its lines in the bank's order.

    `assumed`: its document stated no balances, so that they only go on from what was there.
    """

    id: int | None  # None: to be made
    number: str
    opened_on: date
    closed_on: date
    opening: Decimal
    closing: Decimal
    lines: tuple[Line, ...] = ()
    assumed: bool = False

    def moved(self, by: Decimal) -> Kept:
        return replace(self, opening=self.opening + by, closing=self.closing + by)


@dataclass(frozen=True)
class Books:
    """The stored statements around a document's days, one more on each side, in any order; and
    the lines without a statement: what was announced."""

    kept: Sequence[Kept] = ()
    announced: Sequence[Line] = ()


@dataclass(frozen=True)
class Piece:
    """Entries (by their index in the document) that become lines of one statement.

    `into.id`: the stored statement that grows to these days and balances; None for a new one.
    """

    into: Kept
    entries: tuple[int, ...]


@dataclass
class Plan:
    """What is to be done. Entries are named by their index in the document."""

    known: dict[int, Line] = field(default_factory=dict)  # in the books already
    finished: dict[int, Line] = field(default_factory=dict)  # announced ones, now final
    pieces: list[Piece] = field(default_factory=list)
    announced: list[int] = field(default_factory=list)  # new ones that wait for a final statement
    dropped: list[int] = field(default_factory=list)  # announced for a day that is stated finally
    undone: list[Line] = field(default_factory=list)  # announced, and not in the final statement
    raised: list[Line] = field(default_factory=list)  # the same, but something hangs on them
    removed: list[Line] = field(default_factory=list)  # of a statement that gives way to this one
    replaced: list[Kept] = field(default_factory=list)  # statements that give way to this one
    moved: list[Kept] = field(default_factory=list)  # assumed balances that are known by now
    same: Kept | None = None  # the stored statement that says what this one says
    chain: list[Kept] = field(default_factory=list)  # the statements as they will stand
    more: bool = False  # only a part of it: the next plan of the same statement goes on


class Difference(Exception):
    """The sums of a document and of the books cannot both be right: a person has to choose.

    `extra`: entries of the document that are not in the books; `missing`: lines in the books that
    the document does not have; `beside`: the stored statements that it was held against.
    `gap`: the amount by which two neighbours do not meet, where nothing else is different.
    """

    def __init__(self, extra=(), missing=(), beside=(), gap=None):
        super().__init__()
        self.extra: tuple[Entry, ...] = tuple(extra)
        self.missing: tuple[Line, ...] = tuple(missing)
        self.beside: tuple[Kept, ...] = tuple(beside)
        self.gap: Decimal | None = gap
