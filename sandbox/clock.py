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


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Clock:
    """`now()` is aware UTC; `today()` is the day in Warsaw."""

    offset: timedelta = field(default_factory=timedelta)
    frozen_at: datetime | None = None

    def now(self) -> datetime:
        return self.frozen_at or utc_now() + self.offset

    def today(self) -> date:
        return self.now().astimezone(WARSAW).date()

    def set(self, instant: datetime, *, frozen: bool = False) -> None:
        """Jump forward. ValueError on a jump back: bookings of a later day would be left behind."""
        if instant < self.now() - timedelta(seconds=1):
            raise ValueError("The clock of a bank does not go back; use reset.")
        self.offset = instant - utc_now()
        self.frozen_at = instant if frozen else None

    def advance(self, step: timedelta) -> None:
        self.set(self.now() + step, frozen=self.frozen_at is not None)


def working_day(day: date) -> date:
    """This day, or the Monday after it at a weekend (the pretend bank keeps no other holidays)."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def next_working_day(day: date) -> date:
    return working_day(day + timedelta(days=1))
