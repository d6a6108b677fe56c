# SPDX-License-Identifier: LGPL-3.0-only
"""What the checks know of the world around an order. All of it is data that users can edit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from .. import rules_pl
from ..calendar_pl import DEFAULT_CUT_OFFS, DEFAULT_ROUTE_LIMITS
from ..records import Order

KSEF_FROM = rules_pl.since("ksef-number")


@dataclass(frozen=True)
class PastOrder:
    """An order of the last days, of whatever state but cancelled or rejected."""

    record: str
    account: str  # payee's
    amount: Decimal
    currency: str
    title: str
    day: date


@dataclass(frozen=True)
class Context:
    """`now`: local time of the bank. Amounts of `balances`: available, by account number."""

    now: datetime
    format: str = "pain.001.001.03"  # a key of PACKAGE_FORMATS
    holidays: Collection[date] = frozenset()  # of the bank, beside Saturday and Sunday
    euro_holidays: Collection[date] = frozenset()  # days without transfers in euro, beside these
    cut_offs: Mapping[str, time] = field(default_factory=lambda: dict(DEFAULT_CUT_OFFS))
    route_limits: Mapping[str, Decimal] = field(default_factory=lambda: dict(DEFAULT_ROUTE_LIMITS))
    furthest: timedelta = timedelta(days=365)
    own_accounts: Collection[str] = frozenset()
    offices: Mapping[str, str] = field(default_factory=dict)  # tax or zus, by account, from cards
    balances: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = ""  # of the account that pays, where the order does not name it
    history: Iterable[PastOrder] = ()
    duplicate_days: int = 7
    ksef_from: date = KSEF_FROM  # transfers between VAT payers carry the KSeF number

    @property
    def today(self) -> date:
        return self.now.date()

    def is_own(self, account: str) -> bool:
        """With or without the country's letters in front."""
        return account.removeprefix("PL") in {own.removeprefix("PL") for own in self.own_accounts}

    def is_working_day(self, day: date, currency: str = "") -> bool:
        if currency == "EUR" and day in self.euro_holidays:
            return False
        return day.weekday() < 5 and day not in self.holidays

    def next_working_day(self, day: date, currency: str = "") -> date:
        """The day itself, or the first working day after it."""
        while not self.is_working_day(day, currency):
            day += timedelta(days=1)
        return day


def record_of(order: Order) -> str:
    """How a problem names its order."""
    return order.number or order.end_to_end_id
