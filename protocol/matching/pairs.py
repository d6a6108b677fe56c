# SPDX-License-Identifier: LGPL-3.0-only
"""Which entries of a document are which lines of the books: step by step, each pair once.

Every step pairs what has the same mark: the bank's id (within one family of ids) and day and
amount, our own id, the content, the day and the amount. What is left of a day and an amount is
paired by likeness. Nobody decides here how many there are: the sums do, see `place`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta

from ..records import Entry
from .records import Line
from .texts import alike, bare_account, folded, skeleton

#: keys of an entry's details that may be its id, each a family of its own
FAMILIES = (
    "tnr", "transaction_id", "bank_reference", "entry_bank_reference", "entry_reference",
)  # fmt: skip
FAR = timedelta(days=10)  # between an announcement and its booking
MOST = 400  # pairs whose texts are compared

Mark = Callable[[Entry], object]


def family(entry: Entry) -> str:
    """Which kind of id the entry has; "" where its document does not say."""
    bare = base(entry.operation_id)
    for key in FAMILIES:
        said = entry.details.get(key)
        if said is not None and base(said) == bare:
            return key
    return ""


def base(operation_id: str | None) -> str:
    """An id without the number that it got where its document has it twice."""
    head, slash, number = (operation_id or "").rpartition("/")
    return head if slash and number.isdigit() else operation_id or ""


def contradict(one: Entry, other: Entry) -> bool:
    """Two ids of one family that differ: no sameness by content, unless the sums want it."""
    if not one.operation_id or not other.operation_id:
        return False
    return base(one.operation_id) != base(other.operation_id) and family(one) == family(other)


def by_id(entry: Entry) -> object:
    return (family(entry), entry.operation_id) if entry.operation_id else None


def by_reference(entry: Entry) -> object:
    return entry.our_reference


def by_content(entry: Entry) -> object:
    account = bare_account(entry.counterparty_account)
    return account, folded(entry.title), folded(entry.counterparty_name)


def by_what_charsets_leave(entry: Entry) -> object:
    account = bare_account(entry.counterparty_account)
    return account, skeleton(entry.title), skeleton(entry.counterparty_name)


class Pairs:
    """`found`: {index of an entry: line}; `extra`: indexes without a line; `missing`: lines."""

    def __init__(self, entries: Iterable[tuple[int, Entry]], lines: Iterable[Line]):
        self.entries = dict(entries)
        self.lines = {line.id: line for line in lines}
        self.found: dict[int, Line] = {}

    @property
    def extra(self) -> list[int]:
        return list(self.entries)

    @property
    def missing(self) -> list[Line]:
        return list(self.lines.values())

    @property
    def contradictions(self) -> int:
        return sum(contradict(self.whole[i], line.entry) for i, line in self.found.items())

    def on_one_day(self, whole: list[Entry]) -> Pairs:
        """The steps for what both sides state finally: same day, same amount."""
        self.whole = whole
        for mark in (by_id, by_reference, None, by_content, by_what_charsets_leave):
            if mark is None:
                self._alone()
                continue
            self._step(lambda entry, mark=mark: _with(_day_and_amount(entry), mark(entry)))
        self._likeness(lambda _entry, _line: True)
        return self

    def over_days(self, whole: list[Entry]) -> Pairs:
        """What a format gives another day: only what nothing else can be."""
        for mark in (by_id, by_reference, by_content):
            self._step(lambda entry, mark=mark: _with(entry.amount, mark(entry)), near=True)
        return self

    def without(self, indexes: Iterable[int]) -> Pairs:
        """The same without these pairs."""
        for index in indexes:
            line = self.found.pop(index)
            self.entries[index], self.lines[line.id] = self.whole[index], line
        return self

    def announced(self, whole: list[Entry]) -> Pairs:
        """The steps for lines that were only announced: the bank may say another day, text, sum."""
        self.whole = whole
        for mark in (by_id, by_reference, by_content):
            self._step(lambda entry, mark=mark: _with(_day_and_amount(entry), mark(entry)))
        for mark in (by_id, by_reference):
            self._step(lambda entry, mark=mark: _with(entry.amount, mark(entry)), near=True)
        self._likeness(lambda entry, line: not _told_apart(entry, line.entry))
        self._step(lambda entry: _with(entry.amount, by_content(entry)), near=True)
        self._step(lambda entry: _with(entry.amount < 0, by_id(entry)), near=True)
        return self

    # -- the steps --------------------------------------------------------------------------

    def _pair(self, index: int, line: Line) -> None:
        self.found[index] = line
        del self.entries[index], self.lines[line.id]

    def _step(self, mark: Mark, near: bool = False) -> None:
        if not self.entries or not self.lines:
            return
        waiting: dict[object, list[Line]] = defaultdict(list)
        for line in self.lines.values():
            key = mark(line.entry)
            if key is not None:
                waiting[key].append(line)
        for index, entry in list(self.entries.items()):
            lines = waiting.get(mark(entry)) if waiting else None
            for place, line in enumerate(lines or ()):
                if not near or abs(line.entry.booked_on - entry.booked_on) <= FAR:
                    self._pair(index, lines.pop(place))
                    break

    def _groups(self) -> dict[object, tuple[list[int], list[Line]]]:
        groups: dict[object, tuple[list[int], list[Line]]] = defaultdict(lambda: ([], []))
        for index, entry in self.entries.items():
            groups[_day_and_amount(entry)][0].append(index)
        for line in self.lines.values():
            groups[_day_and_amount(line.entry)][1].append(line)
        return groups

    def _alone(self) -> None:
        """One entry and one line of a day and an amount: no text needs to be looked at."""
        for indexes, lines in self._groups().values():
            if len(indexes) == len(lines) == 1:
                self._pair(indexes[0], lines[0])

    def _likeness(self, may: Callable[[Entry, Line], bool]) -> None:
        """The most alike first; in the order in which they stand where there are too many."""
        for indexes, lines in self._groups().values():
            if not indexes or not lines:
                continue
            if len(indexes) * len(lines) > MOST:
                ranked = list(zip(indexes, lines, strict=False))
            else:
                ranked = sorted(
                    ((index, line) for index in indexes for line in lines),
                    key=lambda pair: -_likeness(self.entries[pair[0]], pair[1].entry),
                )
            for index, line in ranked:
                waiting = index in self.entries and line.id in self.lines
                if waiting and may(self.entries[index], line):
                    self._pair(index, line)


def _with(first: object, second: object) -> object:
    return None if second is None else (first, second)


def _day_and_amount(entry: Entry) -> object:
    return entry.booked_on, entry.amount


def _other_account(one: Entry, other: Entry) -> bool:
    """Two numbers that are not the same; one may be the national part of the other."""
    ours, theirs = bare_account(one.counterparty_account), bare_account(other.counterparty_account)
    return bool(ours and theirs) and not (ours.endswith(theirs) or theirs.endswith(ours))


def _told_apart(one: Entry, other: Entry) -> bool:
    """Whether anything in the two says that they are not one."""
    ours, theirs = one.our_reference, other.our_reference
    return (
        contradict(one, other)
        or bool(ours and theirs and ours != theirs)
        or _other_account(one, other)
    )


def _likeness(one: Entry, other: Entry) -> float:
    score = alike(one.title, other.title) + alike(one.counterparty_name, other.counterparty_name)
    ours, theirs = bare_account(one.counterparty_account), bare_account(other.counterparty_account)
    if ours and theirs:
        score += -2 if _other_account(one, other) else 2
    return score - 4 * contradict(one, other)
