# SPDX-License-Identifier: LGPL-3.0-only
"""`make test-days`: the tests once under each of the clocks on which dates go wrong.

The fault suite runs under one of them, too: `make faults ARGS="--clock new-years-eve"`.

Everything lives on the same clock: pytest, Odoo, the pretend programs, the browser and PostgreSQL
are started with libfaketime and one offset to the machine's clock. The databases are of their own
(.run/days), since a server that runs already has another clock; the add-on and its demo data are
installed on each of the days, as by somebody who begins on it.
"""

import os
import shutil
import subprocess
import sys
from datetime import date, datetime, time, timedelta, timezone

from tools.ground import packages
from tools.ground.paths import CHECKOUT, LOGS, RUN, STATE, locked, prepare
from tools.ground.say import Stop, say

OWN = RUN / "days"
# Read by every Python at its start. libfaketime 0.9.10 (Debian 12) confuses the system call by
# which time.sleep waits since Python 3.11.
SLEEP = OWN / "python" / "sitecustomize.py"
_SLEEP = """import select, time

def sleep(seconds):
    select.select([], [], [], seconds)

time.sleep = sleep
"""
MARCH, OCTOBER = 3, 10


def _is_last_sunday(day: date, month: int) -> bool:
    return day.month == month and day.weekday() == 6 and day.day > 24


# Name -> (is it this day?, hour in UTC). Europe goes to summer time and back at 01:00 UTC.
CLOCKS = {
    # The last day of a month in Warsaw, and the first of the next one in Moscow.
    "moscow-ahead": (lambda day: (day + timedelta(days=1)).day == 1, time(21, 30)),
    "saturday": (lambda day: day.weekday() == 5, time(10)),
    "sunday-night": (lambda day: day.weekday() == 6, time(23, 30)),
    "new-years-eve": (lambda day: (day.month, day.day) == (12, 31), time(23, 30)),
    "leap-day": (lambda day: (day.month, day.day) == (2, 29), time(12)),
    "summer-time-begins": (lambda day: _is_last_sunday(day, MARCH), time(0, 45)),
    "summer-time-ends": (lambda day: _is_last_sunday(day, OCTOBER), time(0, 45)),
}
# On which nothing goes wrong: where a working day is wanted whatever today is.
DAYS = CLOCKS | {"tuesday": (lambda day: day.weekday() == 1, time(10))}


def main(arguments):
    """Arguments that name clocks choose among them; the others go to pytest. 1 when one is red."""
    chosen = [word for word in arguments if word in CLOCKS] or CLOCKS
    words = [word for word in arguments if word not in CLOCKS]
    red = [name for name in chosen if under(name, "test", *words)]
    say(f"Red on: {', '.join(red)}." if red else f"Green on: {', '.join(chosen)}.")
    return int(bool(red))


def under(name: str, *words: str) -> int:
    """The exit code of a command under this clock; the logs are kept when it is not 0."""
    prepare()
    packages.ensure(packages.FOR_TESTS | packages.FOR_CLOCKS)
    with locked(RUN / "days.lock", "works under another clock"):
        return _under(name, words)


def _under(name, words):
    own = {STATE: str(OWN)}
    try:
        # By the machine's clock: what is fetched, and the databases without the add-on.
        if _tools("setup", environment=own):
            raise Stop("The databases for another clock could not be made.")
        SLEEP.parent.mkdir(exist_ok=True)
        SLEEP.write_text(_SLEEP)
        now = datetime.now(timezone.utc)
        at = coming(name, now)
        say(f"===== {name}: {at:%A %Y-%m-%d %H:%M} UTC")
        code = _tools(*words, environment={**own, **clock(at - now)})
        if code:
            shutil.copytree(OWN / "logs", LOGS / name, dirs_exist_ok=True)
        return code
    finally:
        _tools("clean", environment=own)


def coming(name: str, now: datetime) -> datetime:
    """The next such moment, tomorrow or later: never before what was made by the true clock."""
    is_it, hour = DAYS[name]
    day = now.date() + timedelta(days=1)
    while not is_it(day):
        day += timedelta(days=1)
    return datetime.combine(day, hour, timezone.utc)


def clock(ahead: timedelta) -> dict[str, str]:
    """Variables for programs whose clock goes ahead of the machine's; their waiting does not."""
    return {
        "LD_PRELOAD": str(packages.libfaketime()),
        "FAKETIME": f"+{int(ahead.total_seconds())}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(SLEEP.parent),
        # The times of files move too: byte code of the true clock would look out of date.
        "PYTHONPYCACHEPREFIX": str(OWN / "bytecode"),
    }


def _tools(*words, environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "tools", *words]
    done = subprocess.run(command, cwd=CHECKOUT, env=os.environ | environment, check=False)
    return done.returncode
