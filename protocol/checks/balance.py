# SPDX-License-Identifier: LGPL-3.0-only
"""Money on the account: a warning where the balance is known and the orders need more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

TOO_SMALL = _(
    "the available balance of {account} is {available}, the orders until here need {needed}"
)


def check_together(orders: Iterable[Order], context: Context) -> Iterator[Problem]:
    """At the first order of each account that its balance does not reach for. Orders in another
    currency than their account's are left out: the bank's rate is not known."""
    balances = {number.removeprefix("PL"): value for number, value in context.balances.items()}
    needed: dict[str, Decimal] = {}
    warned = set()
    for order in orders:
        account = order.payer.account.removeprefix("PL")
        if account not in balances or account in warned or _is_exchanged(order, context):
            continue
        needed[account] = needed.get(account, Decimal()) + order.amount
        if needed[account] > balances[account]:
            warned.add(account)
            yield Problem.of(
                record_of(order),
                "amount",
                TOO_SMALL,
                "warning",
                account=order.payer.account,
                available=balances[account],
                needed=needed[account],
            )


def _is_exchanged(order: Order, context: Context) -> bool:
    currency = order.payer.details.get("currency") or context.currency
    return bool(currency) and currency != order.currency
