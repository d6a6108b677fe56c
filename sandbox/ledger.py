# SPDX-License-Identifier: LGPL-3.0-only
"""The bank's books: accounts, movements, and the statements that close them.

A movement is booked on the bank's current day and never changes. A statement closes all movements
of an account that no earlier statement holds: so numbers are consecutive in each year, opening
balances are the closing balances before, and a day without movements has no statement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass
class Movement:
    """One booked entry of one account; `amount` is signed: + into the account."""

    tnr: str  # the bank's unique operation id
    bank_reference: str
    account: str
    amount: Decimal
    currency: str
    booked_on: date
    booked_at: datetime
    code: str
    title: str = ""
    party_name: str = ""
    party_address: str = ""
    party_account: str = ""
    end_to_end_id: str = ""
    instruction_id: str = ""
    message_id: str = ""
    reversal_reason: str = ""  # the reason code of a returned transfer
    details: dict = field(default_factory=dict)


@dataclass
class Closing:
    """One statement: the movements from the closing before up to `upto` (an index, exclusive)."""

    number: int
    day: date
    upto: int
    opening: Decimal
    closing: Decimal


@dataclass
class Account:
    """`number`: 26 digits, or 20 in roubles. `client`: the identifier of the owner at this bank."""

    number: str
    currency: str
    name: str
    owner: str
    client: str
    bank: str = "mbank"
    address: str = ""
    opened_on: date | None = None
    opening_balance: Decimal = Decimal(0)
    booked: Decimal = Decimal(0)  # sum of all movements, kept so that a balance costs nothing
    closed: bool = False
    movements: list[Movement] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)

    def balance(self) -> Decimal:
        """Booked balance now."""
        return self.opening_balance + self.booked

    def close_days(self, before: date) -> None:
        """Make the statements of all days before `before` that have movements and none yet."""
        done = self.closings[-1].upto if self.closings else 0
        while done < len(self.movements) and self.movements[done].booked_on < before:
            day = self.movements[done].booked_on
            opening = self.closings[-1].closing if self.closings else self.opening_balance
            closing = opening
            while done < len(self.movements) and self.movements[done].booked_on == day:
                closing += self.movements[done].amount
                done += 1
            self.closings.append(Closing(self._next_number(day), day, done, opening, closing))

    def _next_number(self, day: date) -> int:
        last = self.closings[-1] if self.closings else None
        return last.number + 1 if last and last.day.year == day.year else 1


@dataclass(frozen=True)
class Extract:
    """What a statement shows: an account, a number, a day or period, balances and movements."""

    account: Account
    number: int
    since: date
    until: date
    opening: Decimal
    closing: Decimal
    movements: list[Movement]
    made_at: datetime


@dataclass
class Ledger:
    """All accounts of the pretend banks, by number."""

    accounts: dict[str, Account] = field(default_factory=dict)
    sequence: int = 0

    def book(
        self,
        account: Account,
        amount: Decimal,
        now: datetime,
        day: date,
        tnr: str | None = None,
        **more,
    ) -> Movement:
        """Book one movement now. `tnr` ties the second leg of a transfer to its first."""
        movement = Movement(
            tnr=tnr or self.next_tnr(day),
            bank_reference=f"BR{day:%y%m%d}{self.sequence % 1000000:06d}",
            account=account.number,
            amount=amount,
            currency=account.currency,
            booked_on=day,
            booked_at=now,
            **more,
        )
        account.movements.append(movement)
        account.booked += amount
        return movement

    def next_tnr(self, day: date) -> str:
        """15 digits, a full stop, 6 digits, as on statements: never repeated."""
        self.sequence += 1
        return f"{day:%y%j}{self.sequence:010d}.000001"

    def extract(self, account: Account, index: int, now: datetime) -> Extract:
        """The statement with this index in the account's closings."""
        closing = account.closings[index]
        start = account.closings[index - 1].upto if index else 0
        return Extract(
            account=account,
            number=closing.number,
            since=closing.day,
            until=closing.day,
            opening=closing.opening,
            closing=closing.closing,
            movements=account.movements[start : closing.upto],
            made_at=now,
        )

    def history(self, account: Account, since: date, until: date, now: datetime) -> Extract:
        """An extract over a period, closed or not: what MT942 and camt.052 show."""
        inside = [m for m in account.movements if since <= m.booked_on <= until]
        later = sum((m.amount for m in account.movements if m.booked_on >= since), Decimal(0))
        opening = account.balance() - later
        total = sum((m.amount for m in inside), Decimal(0))
        return Extract(account, 1, since, until, opening, opening + total, inside, now)


def second_leg(tnr: str) -> str:
    """The id of the other side of a transfer inside the bank: same operation, next leg."""
    head, leg = tnr.split(".")
    return f"{head}.{int(leg) + 1:06d}"
