# SPDX-License-Identifier: LGPL-3.0-only
"""The bank's own clock: real time plus an offset, or standing still. It never goes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

try:
    from zoneinfo import ZoneInfo

    WARSAW = ZoneInfo("Europe/Warsaw")
except Exception:  # a machine without time zone data: winter time is near enough for a pretend bank
    WARSAW = timezone(timedelta(hours=1))
MOSCOW = timezone(timedelta(hours=3))
ZONES = {"mbank": WARSAW, "ing": WARSAW, "bnp": WARSAW, "directbank": MOSCOW}
WEEKEND = (5, 6)  # Saturday, Sunday


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Clock:
    """`now()` is aware UTC; `today(bank)` is the day where that bank is."""

    offset: timedelta = field(default_factory=timedelta)
    frozen_at: datetime | None = None

    def now(self) -> datetime:
        return self.frozen_at or utc_now() + self.offset

    def today(self, bank: str = "mbank") -> date:
        return self.now().astimezone(ZONES[bank]).date()

    def set(self, instant: datetime, *, frozen: bool = False) -> None:
        """Jump forward. ValueError on a jump back: bookings of a later day would be left behind."""
        if instant < self.now() - timedelta(seconds=1):
            raise ValueError("The clock of a bank does not go back; use reset.")
        self.offset = instant - utc_now()
        self.frozen_at = instant if frozen else None

    def advance(self, step: timedelta) -> None:
        self.set(self.now() + step, frozen=self.frozen_at is not None)

    def advance_to_working_day(self) -> None:
        """Forward to the same hour of the next day on which every bank works; stay if it is one."""
        while any(self.today(bank).weekday() in WEEKEND for bank in ZONES):
            self.advance(timedelta(days=1))


def working_day(day: date) -> date:
    """This day, or the Monday after it at a weekend (the pretend bank keeps no other holidays)."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() in WEEKEND else day


def next_working_day(day: date) -> date:
    return working_day(day + timedelta(days=1))
