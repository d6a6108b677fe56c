"""The currency that each kind of order is made in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

NOT_A_CODE = _("{currency} is not a currency code of three letters")
ONLY = _("an order of this kind is in {needed} only, not in {currency}")

_ONLY = {"mpp": "PLN", "tax": "PLN", "zus": "PLN", "sepa": "EUR", "rouble": "RUB"}
_ROUTES = {"elixir": "PLN", "express": "PLN", "sorbnet": "PLN"}


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, currency = record_of(order), order.currency
    if not re.fullmatch(r"[A-Z]{3}", currency):
        yield Problem.of(record, "currency", NOT_A_CODE, currency=currency)
        return
    needed = _ONLY.get(order.kind) or _ROUTES.get(order.route)
    if needed and currency != needed:
        yield Problem.of(record, "currency", ONLY, needed=needed, currency=currency)
