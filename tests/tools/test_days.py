# SPDX-License-Identifier: LGPL-3.0-only
"""The clocks of `make test-days`: each the next moment of its kind, none behind the true clock."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tools import days


def utc(*words):
    return datetime(*words, tzinfo=timezone.utc)


def test_a_clock_is_never_behind_the_machine():
    """What was installed by the true clock would come from the future."""
    for hours in range(0, 4 * 366 * 24, 500):
        now = utc(2026, 1, 1) + timedelta(hours=hours)
        assert all(days.coming(name, now) > now for name in days.DAYS)


@pytest.mark.parametrize(
    ("name", "coming"),
    [
        ("moscow-ahead", utc(2026, 11, 30, 21, 30)),
        ("saturday", utc(2026, 12, 5, 10)),  # today is one: the next
        ("sunday-night", utc(2026, 11, 29, 23, 30)),
        ("new-years-eve", utc(2026, 12, 31, 23, 30)),
        ("leap-day", utc(2028, 2, 29, 12)),
        ("summer-time-begins", utc(2027, 3, 28, 0, 45)),
        ("summer-time-ends", utc(2027, 10, 31, 0, 45)),
        ("tuesday", utc(2026, 12, 1, 10)),
    ],
)
def test_the_next_of_each(name, coming):
    assert days.coming(name, utc(2026, 11, 28, 4, 0)) == coming


def test_one_clock_has_another_day_in_moscow_than_in_warsaw():
    moment = days.coming("moscow-ahead", utc(2026, 6, 1))
    days_there = [moment.astimezone(ZoneInfo(f"Europe/{one}")).day for one in ("Warsaw", "Moscow")]
    assert days_there == [30, 1]
