# SPDX-License-Identifier: LGPL-3.0-only
"""True months of an account, told by a bank in pieces: the books must come out as the truth.

A month is drawn, and cut into overlapping documents as banks give them: days, weeks, months, parts
of a day, sent again, with and without ids, numbers and balances, texts shortened or damaged,
batches whole and in parts; and what was announced of it, with entries that never came. They arrive
in random order. Asserted after each: every stored statement adds up, and neighbours meet. At the
end, when every day was told: the statements are the whole month, the lines are the movements, and
nothing that was announced is left over in silence.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from protocol import matching
from protocol.records import Entry, Statement

FIRST = date(2026, 3, 2)
TEXTS = ("FV 1/2026", "Zażółć gęślą jaźń", "ZUS MARZEC", "kawa", "Оплата по счёту 12", "")
NAMES = ("Łódzka Spółka Żeglugi", "JAN NOWAK", "ООО Ромашка", "")
ACCOUNTS = ("PL32102010264010200000012345", "40702810500000012345", "")
AMOUNTS = ("-12.00", "12.00", "-500.00", "100.00", "-0.01", "1999.99", "30.00", "70.00")


@dataclass(frozen=True)
class Movement:
    """One movement. `day`: when the bank processed it; `booked_on` may be earlier (booked late)."""

    id: int
    day: date
    booked_on: date
    amount: Decimal
    title: str
    name: str
    account: str
    parts: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Format:
    """How a kind of document tells a movement."""

    name: str
    family: str = ""  # the details' key of its ids; "": none
    numbered: bool = False
    from_day_before: bool = False  # MT940: the opening balance has the day of the last statement
    newest_first: bool = False
    wording: str = "whole"
    short: bool = False  # ids that come again every day
    in_parts: bool = False


@dataclass
class Told:
    """A document."""

    statement: Statement
    entries: list[Entry]


@dataclass
class Store:
    """The books as Odoo keeps them; a plan is carried out as there."""

    chosen: random.Random
    kept: dict[int, matching.Kept] = field(default_factory=dict)
    announced: dict[int, matching.Line] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)  # lines of which a person was told
    last: int = 0
    most: int | None = None  # new entries of one step

    def new_id(self) -> int:
        self.last += 1
        return self.last

    def take(self, told: Told, choice: str | None = None) -> matching.Plan:
        """Step by step, each of which is whole."""
        plan = self._step(told, choice)
        while plan.more:
            self.check()
            try:
                plan = self._step(told, choice)
            except matching.Difference as difference:
                raise AssertionError("what was begun does not go on") from difference
        return plan

    def _step(self, told: Told, choice: str | None) -> matching.Plan:
        kept = list(self.kept.values())
        self.chosen.shuffle(kept)
        books = matching.Books(kept, tuple(self.announced.values()))
        most = self.most if told.statement.opened_on == told.statement.closed_on else None
        plan = matching.plan(books, told.statement, told.entries, choice, most)
        for kept in plan.moved:
            self.kept[kept.id] = kept
        named = Counter(index for piece in plan.pieces for index in piece.entries)
        assert not set(named) & set(plan.known), "an entry both known and new"
        assert set(named) | set(plan.known) | set(plan.dropped) | set(plan.announced) <= set(
            range(len(told.entries))
        )
        assert all(count == 1 for count in named.values()), "an entry in two statements"
        for kept in plan.replaced:
            self.announced |= {line.id: line for line in kept.lines}
            del self.kept[kept.id]
        for line in plan.removed:
            del self.announced[line.id]
        for piece in plan.pieces:
            self._write(piece, plan, told.entries)
        for line in plan.undone:
            assert line.free
            del self.announced[line.id]
        self.told |= {line.id for line in plan.raised}
        for index in plan.announced:
            line = matching.Line(self.new_id(), told.entries[index], self.chosen.random() < 0.9)
            self.announced[line.id] = line
        return plan

    def _write(self, piece: matching.Piece, plan: matching.Plan, entries: list[Entry]) -> None:
        lines = []
        for index in piece.entries:
            line = plan.finished.get(index)
            if line is not None:
                del self.announced[line.id]
            lines.append(matching.Line(line.id if line else self.new_id(), entries[index]))
        if piece.into.id is None:
            record = replace(piece.into, id=self.new_id(), lines=tuple(lines))
        else:
            stored = self.kept[piece.into.id]
            record = replace(piece.into, lines=(*stored.lines, *lines))
        self.kept[record.id] = record

    def check(self) -> None:
        """What holds after every document: each adds up, and neighbours that touch meet."""
        for kept in self.kept.values():
            moved = sum((line.entry.amount for line in kept.lines), Decimal(0))
            assert kept.opening + moved == kept.closing, f"{kept.closed_on} does not add up"
        assert not matching.problems(self.kept.values())


# -- the truth ----------------------------------------------------------------------------------


def month(chosen: random.Random) -> tuple[Decimal, list[Movement]]:
    """(opening balance, movements in the bank's order)."""
    movements: list[Movement] = []
    days = chosen.randint(4, 25)
    for number in range(days):
        day = FIRST + timedelta(days=number)
        if day.weekday() >= 5:
            continue
        for _ in range(chosen.choice((0, 1, 2, 3, 5))):
            movements.append(_movement(chosen, len(movements), day, movements))
    return Decimal(chosen.choice(("0", "1000.00", "-50.50"))), movements


def _movement(chosen: random.Random, number: int, day: date, before: list[Movement]) -> Movement:
    if before and chosen.random() < 0.15:  # an equal one
        return replace(chosen.choice(before[-4:]), id=number, day=day, booked_on=day, parts=())
    if before and chosen.random() < 0.05:  # a reversal
        other = chosen.choice(before)
        return replace(other, id=number, day=day, booked_on=day, amount=-other.amount, parts=())
    amount = Decimal(chosen.choice(AMOUNTS))
    if chosen.random() < 0.5:
        amount = Decimal(chosen.randint(-99_999, 99_999)) / 100 or amount
    parts = ()
    if chosen.random() < 0.06 and abs(amount) > 2:
        first = (amount / 3).quantize(Decimal("0.01"))
        parts = (first, amount - first)
    late = chosen.random() < 0.05 and day > FIRST
    booked_on = day - timedelta(days=chosen.randint(1, 2)) if late else day
    texts = [chosen.choice(one) for one in (TEXTS, NAMES, ACCOUNTS)]
    return Movement(number, day, max(booked_on, FIRST), amount, *texts, parts)


# -- how it is told -----------------------------------------------------------------------------


def formats(chosen: random.Random) -> list[Format]:
    """The formats that a bank gives, each with its own ways."""

    def some(chance: float) -> bool:
        return chosen.random() < chance

    wordings = ("whole", "plain", "damaged", "short", "small")
    found = [
        Format("mt940", "tnr" if some(0.6) else "", some(0.8), from_day_before=True),
        Format("camt", "bank_reference" if some(0.7) else "", some(0.6), in_parts=some(0.5)),
        Format("1c", "", False, from_day_before=False),
        Format("directbank", "transaction_id" if some(0.5) else "", False),
    ]
    return [
        replace(
            one,
            wording=chosen.choice(wordings),
            newest_first=some(0.2),
            short=some(0.15),
        )
        for one in found
    ]


def documents(chosen: random.Random, opening: Decimal, truth: list[Movement]) -> list[Told]:
    """Documents that tell the whole month, and more of it again, in random order."""
    last = truth[-1].day if truth else FIRST
    days = [FIRST + timedelta(days=n) for n in range((last - FIRST).days + 1)]
    known = formats(chosen)
    found = []
    main = chosen.choice(known)
    for since, until in _cuts(chosen, days):  # these tell every day
        found.append(_final(chosen, opening, truth, main, since, until))
    for _ in range(chosen.randint(0, 8)):  # and these some of them again
        first = chosen.randrange(len(days))
        end = min(first + chosen.choice((0, 0, 1, 2, 4, 6, 30)), len(days) - 1)
        found.append(_final(chosen, opening, truth, chosen.choice(known), days[first], days[end]))
    for _ in range(chosen.randint(0, 3)):
        found += _parts_of_a_day(chosen, opening, truth, known, chosen.choice(days))
    for _ in range(chosen.randint(0, 5)):
        found.append(_announced(chosen, truth, known, chosen.choice(days)))
    chosen.shuffle(found)
    return found


def _cuts(chosen: random.Random, days: list[date]):
    start = 0
    step = chosen.choice((1, 1, 5, 7, len(days)))
    while start < len(days):
        end = min(start + step, len(days)) - 1
        yield days[start], days[end]
        start = end + 1


def _final(chosen, opening, truth, form, since, until, most=None) -> Told:
    """`most`: so many movements of it only, as a statement made before the day was over."""
    before = [one for one in truth if one.day < since]
    told = [one for one in truth if since <= one.day <= until][:most]
    start = opening + sum((one.amount for one in before), Decimal(0))
    end = start + sum((one.amount for one in told), Decimal(0))
    opened_on = since
    if form.from_day_before and since > FIRST:
        opened_on = max((one.day for one in before), default=since - timedelta(days=1))
    number = str((until - FIRST).days + 1) if form.numbered and since == until else ""
    entries = [entry for one in told for entry in _entries(chosen, one, form)]
    statement = Statement(
        "PL22114010100000100000010001", "PLN", number, opened_on, until,
        start, end, entries,
    )  # fmt: skip
    return Told(statement, entries[::-1] if form.newest_first else entries)


def _parts_of_a_day(chosen, opening, truth, known, day) -> list[Told]:
    """A day that was told before it was over, and again when it was."""
    count = sum(one.day == day for one in truth)
    form = chosen.choice(known)
    early = _final(chosen, opening, truth, form, day, day, most=chosen.randint(0, count))
    return [early, _final(chosen, opening, truth, form, day, day)]


def _announced(chosen, truth, known, day) -> Told:
    form = replace(chosen.choice(known), in_parts=chosen.random() < 0.3)
    if chosen.random() < 0.4:
        form = replace(form, family="")
    form = replace(form, wording=chosen.choice(("whole", "short", "damaged", "plain")))
    told = [one for one in truth if one.day == day and chosen.random() < 0.8]
    if chosen.random() < 0.3:  # taken back: it never comes
        amount = Decimal(chosen.randint(1, 500))
        told.append(Movement(10_000 + int(amount), day, day, amount, "COFNIETE", "", ""))
    entries = [entry for one in told for entry in _entries(chosen, one, form)]
    statement = Statement(
        "PL22114010100000100000010001", "PLN", "", day, day, None, None, entries, final=False
    )
    return Told(statement, entries)


def _entries(chosen: random.Random, one: Movement, form: Format) -> list[Entry]:
    amounts = one.parts if form.in_parts and one.parts else (one.amount,)
    found = []
    for number, amount in enumerate(amounts, 1):
        name = None
        if form.family:
            name = f"{one.id % 3:09}" if form.short else f"{form.family}{one.id:012}"
            name = f"{name}/{number}" if len(amounts) > 1 else name
        found.append(
            Entry(
                one.booked_on,
                None,
                amount,
                title=_worded(one.title, form.wording),
                counterparty_name=_worded(one.name, form.wording),
                counterparty_account=one.account,
                operation_id=name,
                details={form.family: name} if name else {},
            )
        )
    return found


def _worded(text: str, wording: str) -> str:
    if wording == "plain":
        return text.translate(str.maketrans("ążźćłęśóńĄŻŹĆŁĘŚÓŃ", "azzclesonAZZCLESON"))
    if wording == "damaged":
        return text.encode("cp1250", "replace").decode("cp437", "replace")
    if wording == "short":
        return text[:6].upper()
    if wording == "small":
        return "  ".join(text.lower().split())
    return text


# -- the proof ----------------------------------------------------------------------------------


def prove(seed: str) -> dict[str, int]:
    """One month, as counts. AssertionError where the books are not the truth.

    `asked`: 1 where nothing was booked since a person has to decide, and the month ends there.
    """
    chosen = random.Random(seed)
    opening, truth = month(chosen)
    steps = random.Random(f"{seed} steps").choice((None, None, 1, 2, 3, 5))
    store = Store(chosen, most=steps)
    told = documents(chosen, opening, truth)
    again = []
    for document in told:
        try:
            store.take(document)
        except matching.Difference as difference:
            # What lies between two numbered neighbours that do not meet comes later: whoever was
            # told lets it be processed again. In any other case a person would have to decide.
            if not (document.statement.number and difference.gap):
                return {"months": 1, "asked": 1}
            again.append(document)
        store.check()
    for document in again:
        store.take(document)
        store.check()
    _check_end(store, opening, truth)
    return {
        "months": 1,
        "documents": len(told),
        "movements": len(truth),
        "statements": len(store.kept),
        "refused at first": len(again),
    }


def _check_end(store: Store, opening: Decimal, truth: list[Movement]) -> None:
    chain = matching.ordered(store.kept.values())
    if not chain:
        assert not truth
        return
    for before, after in pairwise(chain):
        assert before.closing == after.opening, f"{before.closed_on} does not meet the next one"
    assert chain[0].opening == opening, "the month begins wrong"
    assert chain[-1].closing == opening + sum((one.amount for one in truth), Decimal(0)), (
        "the month ends wrong"
    )
    lines = [line.entry for one in chain for line in one.lines]
    assert _by_day(lines) == _by_day(truth), "another sum of a day"
    whole = Counter((one.booked_on, one.amount) for one in truth if not one.parts)
    missing = whole - Counter((one.booked_on, one.amount) for one in lines)
    assert not missing, f"not in the books: {missing}"
    count = sum(1 for one in truth if not one.parts)
    parts = sum(1 for one in truth if one.parts)
    assert count + parts <= len(lines) <= count + 2 * parts, "too many lines"
    # Of the very first day nobody knows whether it is only that of an opening balance.
    silent = [
        line
        for line in store.announced.values()
        if line.id not in store.told and line.entry.booked_on > chain[0].opened_on
    ]
    assert not silent, "announced, in a day that is stated, and nobody knows"


def _by_day(entries) -> dict:
    sums: dict = {}
    for one in entries:
        sums[one.booked_on] = sums.get(one.booked_on, Decimal(0)) + one.amount
    return {day: amount for day, amount in sums.items() if amount}


def run(count: int, seed: str = "1", report=lambda _line: None) -> Counter:
    """`count` months; what `prove` counts, together."""
    found: Counter = Counter()
    for number in range(count):
        try:
            found.update(prove(f"{seed}/{number}"))
        except Exception as error:
            raise AssertionError(f"month {number} of seed {seed}: {error!r}") from error
        if number and number % 1000 == 0:
            report(f"{number}: {dict(found)}")
    assert found["asked"] * 500 <= count, f"too often a person is asked: {found}"
    return found
