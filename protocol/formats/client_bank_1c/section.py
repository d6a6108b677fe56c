# SPDX-License-Identifier: LGPL-3.0-only
"""The account sections of a 1CClientBankExchange file, and which document belongs to which."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ...errors import InvalidDocument
from ...records import Entry, Statement
from ...wording import _, said_by
from .. import values
from ..charset import line_of
from .entry import Side, fields_of

NO_ACCOUNT = _("the account section names no account")
NO_PERIOD = _("the account section names no first day")
UNKNOWN_CURRENCY = _("the currency of account {account} is not known")
OUTSIDE = _("the document of {day} on account {account} lies outside of every account section")
UNDATED = _(
    "no document of account {account} has ДатаСписано or ДатаПоступило, and the file states no"
    " balances: nobody can tell what the bank executed"
)
OVERLAP = _("two account sections of {account} hold the same day {day}")


@dataclass
class Section:
    """One account over some days, both included, and the documents that moved it.

    Banks leave the day of execution out of a document that they did not execute; some out of all
    documents. The sums of the section tell which it is.
    """

    start: int
    account: str
    since: date
    until: date
    opening: Decimal | None
    closing: Decimal | None
    turnovers: dict[str, str]
    sides: list[Side] = field(default_factory=list)

    def undated_moved(self, data: bytes, amounts: dict[Side, Decimal]) -> bool:
        """Whether the documents without a day of execution moved money. `amounts`: of each side."""
        dated, undated = {1: Decimal(0), -1: Decimal(0)}, {1: Decimal(0), -1: Decimal(0)}
        for side, amount in amounts.items():
            (dated if side.dated else undated)[side.sign] += amount
        stated = [  # stated, without the undated ones, what these add
            (Decimal(self.turnovers[name]), dated[sign], undated[sign])
            for name, sign in (("credit_sum", 1), ("debit_sum", -1))
            if name in self.turnovers
        ]
        if None not in (self.opening, self.closing):
            moved = self.closing - self.opening
            stated.append((moved, dated[1] - dated[-1], undated[1] - undated[-1]))
        some_dated = any(side.dated for side in self.sides)
        if not stated and not some_dated:
            message, line = UNDATED.format(account=self.account), line_of(data, self.start)
            raise InvalidDocument(message, line=line, code="undated")
        telling = [total != without for total, without, added in stated if added]
        moved = any(telling) if telling else not some_dated
        if moved:
            for side in self.sides:
                self.refuse_outside(data, side)
        return moved

    def refuse_outside(self, data: bytes, side: Side) -> None:
        if not self.since <= side.booked_on <= self.until:
            message = OUTSIDE.format(day=side.booked_on, account=side.account)
            raise InvalidDocument(message, line=line_of(data, side.start), code="outside")


class Sections:
    """All sections of a file; `in` asks for an account."""

    def __init__(self, found: list[Section], data: bytes):
        self.found, self.data = found, data
        self.by_account: dict[str, list[Section]] = {}
        for section in sorted(found, key=lambda one: one.since):
            self.by_account.setdefault(section.account, []).append(section)
        for account, own in self.by_account.items():
            for before, after in pairwise(own):
                if after.since <= before.until:
                    message = OVERLAP.format(account=account, day=after.since)
                    raise InvalidDocument(message, line=line_of(data, after.start), code="overlap")
        self.firsts = {key: [one.since for one in own] for key, own in self.by_account.items()}

    @classmethod
    def read(cls, data: bytes, spans: list, header: dict[str, str], encoding: str) -> Sections:
        return cls([_section(data, start, end, header, encoding) for start, end in spans], data)

    def __contains__(self, account: str) -> bool:
        return account in self.by_account

    def __iter__(self) -> Iterator[Section]:
        return iter(self.found)

    @property
    def only(self) -> str:
        """The account of a file that has just one, else an empty text."""
        return next(iter(self.by_account)) if len(self.by_account) == 1 else ""

    def add(self, side: Side) -> None:
        """Put a document's side into the section that holds its day."""
        index = bisect_right(self.firsts[side.account], side.booked_on) - 1
        section = self.by_account[side.account][max(index, 0)]
        if side.dated:  # another may wait since before, or for a later day
            section.refuse_outside(self.data, side)
        section.sides.append(side)


def _section(data: bytes, start: int, end: int, header: dict[str, str], encoding: str) -> Section:
    fields = fields_of(data, start, end, encoding)
    try:
        since = fields.get("ДатаНачала") or header.get("ДатаНачала", "")
        until = fields.get("ДатаКонца") or since
        account = "".join(fields.get("РасчСчет", "").split())
        if not account or not since:
            raise ValueError(NO_PERIOD if account else NO_ACCOUNT)
        turnovers = (("credit_sum", "ВсегоПоступило"), ("debit_sum", "ВсегоСписано"))
        return Section(
            start,
            account,
            values.dotted_date(since),
            values.dotted_date(until),
            _balance(fields, "НачальныйОстаток"),
            _balance(fields, "КонечныйОстаток"),
            {name: str(values.grouped(fields[key])) for name, key in turnovers if fields.get(key)},
        )
    except ValueError as error:
        line = line_of(data, start)
        raise InvalidDocument(said_by(error), line=line, code="bad_section") from None


def _balance(fields: dict[str, str], key: str) -> Decimal | None:
    return values.signed(fields[key]) if fields.get(key) else None


def statement_of(section: Section, header: dict[str, str], entries: Iterable[Entry]) -> Statement:
    """The statement that a section is. The format knows no statement numbers."""
    currency = values.CURRENCIES.get(section.account[5:8])
    if not currency:
        message = UNKNOWN_CURRENCY.format(account=section.account[:40])
        raise InvalidDocument(message, path=section.account[:40], code="no_currency")
    details = {
        **section.turnovers,
        "sender": header.get("Отправитель", ""),
        "created_at": f"{header.get('ДатаСоздания', '')} {header.get('ВремяСоздания', '')}".strip(),
    }
    return Statement(
        account_number=section.account,
        currency=currency,
        number="",
        opened_on=section.since,
        closed_on=section.until,
        opening_balance=section.opening,
        closing_balance=section.closing,
        entries=entries,
        details={key: value for key, value in details.items() if value},
    )
