# SPDX-License-Identifier: LGPL-3.0-only
"""Lists of the Russian payment form that the law changes: data, each with the day it holds from.

Source: Ministry of Finance orders 107n and, since 1 April 2026, 58n (by the reports that
`rouble_budget` names); the Bank of Russia's regulation 762-P.
A new list is a new line, never a change of an old one: an order keeps the rules of its own date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: an order is taken for so many days after its date, the date itself not counted (762-P)
VALID_DAYS = 10


@dataclass(frozen=True)
class Lists:
    """What holds for orders dated `since` or later."""

    since: date
    payer_statuses: frozenset[str]  # field 101
    tax_reasons: frozenset[str]  # field 106
    forbidden_periods: tuple[str, ...]  # field 107, by its first characters


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LISTS = (
    Lists(
        since=date(2026, 4, 1),
        payer_statuses=_words(
            "01 02 03 04 05 06 07 08 13 15 16 17 19 23 24 27 28 29 30 31 32 33 34"
        ),
        tax_reasons=_words("0 00 ПК ПР КЭ УВ ИЛ ПБ ТГ ТБ ТД ПВ ИН"),
        forbidden_periods=("МС.",),
    ),
)


def lists_on(day: date) -> Lists:
    """The newest lists that hold on that day; the oldest ones for a day before all of them."""
    holding = [lists for lists in LISTS if lists.since <= day]
    return max(holding or LISTS[:1], key=lambda lists: lists.since)
