# SPDX-License-Identifier: LGPL-3.0-only
"""The same payee, amount and title twice within some days: a warning, since it may be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

SEEN = _("the same payee, amount and title as {other} of {day}")


def check_together(orders: Iterable[Order], context: Context) -> Iterator[Problem]:
    """Against the history, and against the orders before it in the same package."""
    seen: dict[tuple, list[tuple[str, date]]] = {}
    for past in context.history:
        key = _key(past.account, past.amount, past.currency, past.title)
        seen.setdefault(key, []).append((past.record, past.day))
    for order in orders:
        key = _key(order.payee.account, order.amount, order.currency, order.title)
        record = record_of(order)
        for other, day in seen.get(key, ()):
            near = abs((order.execute_on - day).days) <= context.duplicate_days
            if near and other != record:
                yield Problem.of(record, "title", SEEN, "warning", other=other, day=day)
                break
        seen.setdefault(key, []).append((record, order.execute_on))


def _key(account: str, amount, currency: str, title: str) -> tuple:
    """Blanks and letter case apart, as people retype them."""
    return account.removeprefix("PL"), amount, currency, " ".join(title.lower().split())
