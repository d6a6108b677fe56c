# SPDX-License-Identifier: LGPL-3.0-only
"""Bank holidays, cut-off times and limits of Poland: first values of data that users edit.

Sources: the act of 18 January 1951 on days free of work (Christmas Eve since 2025); the European
Central Bank's calendar of TARGET closing days, for transfers in euro; the cut-off times that
mBank publishes (Elixir and ZUS until 20:00); the clearing house's limits of single orders.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from types import MappingProxyType

from dateutil.easter import easter

#: by route, else by kind; a route or kind that is not here has no cut-off time
DEFAULT_CUT_OFFS = MappingProxyType(
    {
        "elixir": time(20, 0),
        "sorbnet": time(15, 0),
        "domestic": time(20, 0),
        "mpp": time(20, 0),
        "tax": time(20, 0),
        "zus": time(20, 0),
        "sepa": time(15, 0),
        "foreign": time(15, 0),
    }
)

#: what a bank publishes itself, by its key in BANKS: mBank's pages for companies (Express Elixir
#: on business days 8:00-20:00, foreign orders until 14:00)
BANK_CUT_OFFS = MappingProxyType(
    {"mbank": MappingProxyType({"express": time(20, 0), "foreign": time(14, 0)})}
)

#: PLN, the highest amount of one order by route; a bank may have lower ones
DEFAULT_ROUTE_LIMITS = MappingProxyType(
    {"elixir": Decimal("999999.99"), "express": Decimal("100000.00")}
)

_FIXED = ((1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26))
_AFTER_EASTER = (0, 1, 49, 60)  # Easter, Easter Monday, Pentecost, Corpus Christi
_TARGET_FIXED = ((1, 1), (5, 1), (12, 25), (12, 26))
_TARGET_AFTER_EASTER = (-2, 1)  # Good Friday, Easter Monday
_CHRISTMAS_EVE_SINCE = 2025


def holidays(year: int) -> frozenset[date]:
    """Days free of work by law, Sundays apart from feasts not among them."""
    days = _days(year, _FIXED, _AFTER_EASTER)
    return days | {date(year, 12, 24)} if year >= _CHRISTMAS_EVE_SINCE else days


def target_holidays(year: int) -> frozenset[date]:
    """Days on which transfers in euro are not settled."""
    return _days(year, _TARGET_FIXED, _TARGET_AFTER_EASTER)


def _days(year, fixed, after_easter) -> frozenset[date]:
    moving = {easter(year) + timedelta(days=days) for days in after_easter}
    return frozenset(moving | {date(year, month, day) for month, day in fixed})
