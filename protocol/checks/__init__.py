# SPDX-License-Identifier: LGPL-3.0-only
"""Checks before anything is signed: pure, one module a rule, all problems shown together.

A rule about one order is `check(order, context) -> Iterator[Problem]`; one about orders beside
each other is `check_together(orders, context)`. Errors stop the order, warnings are for a person.
Trust in the payee's account and bills blocked for payment are the models' own checks.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import Problem
from ..records import Order
from . import (
    address,
    amount,
    balance,
    bic,
    charges,
    currency,
    day,
    duplicate,
    iban,
    kind,
    ksef,
    mpp,
    nrb,
    rouble,
    route,
    tax,
    texts,
    vat_account,
)
from .context import Context, PastOrder

CHECKS = (
    kind, amount, currency, route, iban, nrb, bic, texts, address, charges, day, mpp, tax, ksef,
    vat_account,
)  # fmt: skip
CHECKS_TOGETHER = (duplicate, balance)

# orders by the Russian form have rules of their own, days included
_RULES_OF_KIND = {"rouble": (kind, amount, currency, rouble)}

__all__ = ["Context", "PastOrder", "run"]


def run(orders: Iterable[Order], context: Context) -> list[Problem]:
    """Every problem of every order, in the order of the orders."""
    orders = tuple(orders)
    problems = []
    for order in orders:
        for rule in _RULES_OF_KIND.get(order.kind, CHECKS):
            problems.extend(rule.check(order, context))
    for rule in CHECKS_TOGETHER:
        problems.extend(rule.check_together(orders, context))
    return problems
