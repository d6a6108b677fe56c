# SPDX-License-Identifier: LGPL-3.0-only
"""Amounts, dates and texts as formats write them, and the constants that several formats share.

Every function here raises `ValueError` with a plain sentence: the format that called knows the
line or the path, and turns it into `InvalidDocument`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from ..wording import _

USER_AGENT = "bank_webservice"
MOSCOW = timezone(timedelta(hours=3))  # Russian banks' clocks; no summer time since 2014
#: digits 6-8 of a Russian account -> currency; 810 is the rouble of before 1998, still in accounts
CURRENCIES = {
    "810": "RUB",
    "643": "RUB",
    "840": "USD",
    "978": "EUR",
    "156": "CNY",
    "826": "GBP",
    "756": "CHF",
    "392": "JPY",
    "398": "KZT",
    "933": "BYN",
    "784": "AED",
    "949": "TRY",
}

BAD_AMOUNT = _("the amount {text!r} cannot be read")
BAD_DATE = _("the date {text!r} does not exist")

# 18 digits in all are what ISO 20022 allows; a sign never belongs to an amount in these formats:
# the direction is said elsewhere, and "-5" with a debit mark would mean two things.
_AMOUNT = re.compile(r"[0-9]{1,18}(?:[.,][0-9]{0,5})?", re.ASCII)
_BLANKS = re.compile("[ \u00a0\u202f]")
_GROUPED = re.compile("[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]*)?", re.ASCII)
_SHOWN = 60
_LINE = 35  # letters of a line in Elixir, and in the forms that came from it


def amount(text: str) -> Decimal:
    """An unsigned amount with a comma or a point: ``1234,5`` -> ``Decimal("1234.5")``."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(BAD_AMOUNT.format(text=text[:_SHOWN]))
    return Decimal(text.replace(",", "."))


def grouped(text: str) -> Decimal:
    """As `amount`, where thousands may stand apart: ``1 000.00``."""
    return amount(_BLANKS.sub("", text) if _GROUPED.fullmatch(text) else text)


def signed(text: str) -> Decimal:
    """As `grouped`, with an optional minus: for balances of formats that write them so."""
    return -grouped(text[1:]) if text.startswith("-") else grouped(text)


@lru_cache(maxsize=1024)
def short_date(text: str) -> date:
    """SWIFT's ``yymmdd``; by its rule 80-99 are the last century."""
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        raise ValueError(BAD_DATE.format(text=text[:_SHOWN]))
    year = int(text[:2])
    return _day(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:]), text)


@lru_cache(maxsize=1024)
def interest_date(text: str) -> date:
    """As `short_date`. German banks give every month 30 days: then February's last one."""
    if text[2:] in ("0229", "0230"):
        for last in ("29", "28"):
            with suppress(ValueError):
                return short_date(f"{text[:4]}{last}")
    return short_date(text)


@lru_cache(maxsize=1024)
def day_near(text: str, near: date) -> date:
    """``mmdd`` in the year that brings it closest to `near`: 1231 beside 2026-01-02 is 2025."""
    if len(text) != 4 or not (text.isascii() and text.isdigit()):
        raise ValueError(BAD_DATE.format(text=text[:_SHOWN]))
    month, day = int(text[:2]), int(text[2:])
    found = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            found.append(date(year, month, day))
        except ValueError:  # 0229 exists in one of the three years at most
            continue
    if not found:
        raise ValueError(BAD_DATE.format(text=text))
    return min(found, key=lambda one: abs(one - near))


@lru_cache(maxsize=1024)
def iso_date(text: str) -> date:
    """The day of an ISO date or date and time, AS WRITTEN: a time zone never moves a bank's day."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T+\-Z ].*)?", text.strip(), re.ASCII)
    if not match:
        raise ValueError(BAD_DATE.format(text=text[:_SHOWN]))
    return _day(*map(int, match.groups()), text)


@lru_cache(maxsize=1024)
def dotted_date(text: str) -> date:
    """``dd.mm.yyyy``."""
    match = re.fullmatch(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", text.strip(), re.ASCII)
    if not match:
        raise ValueError(BAD_DATE.format(text=text[:_SHOWN]))
    day, month, year = map(int, match.groups())
    return _day(year, month, day, text)


def squeeze(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(text.split())


def lines(text: str) -> list[str]:
    """The lines that banks write as one text with `|`. A line of 35 letters is full: it goes on
    in the next one, in the middle of a word."""
    first, *rest = text.split("|")
    found, full = [first.strip()], len(first) == _LINE
    for part in rest:
        if full:
            found[-1] += part.rstrip()
        else:
            found.append(part.strip())
        full = len(part) == _LINE
    return [found[0], *filter(None, found[1:])]


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(BAD_DATE.format(text=text[:_SHOWN])) from None
