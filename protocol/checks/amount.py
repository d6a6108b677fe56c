# SPDX-License-Identifier: LGPL-3.0-only
"""The amount: above zero, in its currency's decimals, within what a bank's field holds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from .. import currencies
from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

NOT_POSITIVE = _("the amount must be above zero")
TOO_FINE = _("the amount has more than {decimals} decimals, and {currency} has no more")
TOO_BIG = _("the amount is too big for a bank order")

_LIMIT = Decimal(10) ** 13


def check(order: Order, context: Context) -> Iterator[Problem]:
    amount = order.amount
    if not amount.is_finite() or amount <= 0:
        yield Problem.of(record_of(order), "amount", NOT_POSITIVE)
    elif amount >= _LIMIT:
        yield Problem.of(record_of(order), "amount", TOO_BIG)
    elif not currencies.is_whole(amount, order.currency):
        values = {"decimals": currencies.decimals(order.currency), "currency": order.currency}
        yield Problem.of(record_of(order), "amount", TOO_FINE, **values)
