# SPDX-License-Identifier: LGPL-3.0-only
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

_MAY_CHANGE = ("sepa", "foreign")
_ONLY = {"mpp": "PLN", "tax": "PLN", "zus": "PLN", "sepa": "EUR", "rouble": "RUB"}
BAD_DEAL = _("{deal} is no number of a deal: letters, digits and /-?:().,'+, 35 at most")
NOT_SENT = _("an order of this kind is not sent in another currency than {currency}")
SAME = _("the order is in {currency} itself: leave the currency of sending empty")
NO_DEAL = _("an order of this kind changes no money: it has no deal")

_DEAL = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{1,35}")
_ROUTES = {"elixir": "PLN", "express": "PLN", "sorbnet": "PLN"}


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, currency = record_of(order), order.currency
    if not re.fullmatch(r"[A-Z]{3}", currency):
        yield Problem.of(record, "currency", NOT_A_CODE, currency=currency)
        return
    needed = _ONLY.get(order.kind) or _ROUTES.get(order.route)
    if needed and currency != needed:
        yield Problem.of(record, "currency", ONLY, needed=needed, currency=currency)
    sent = order.details.get("sent_currency", "")
    if sent and not re.fullmatch(r"[A-Z]{3}", sent):
        yield Problem.of(record, "details.sent_currency", NOT_A_CODE, currency=sent)
    elif sent and order.kind != "foreign":  # SEPA takes amounts in euro alone
        yield Problem.of(record, "details.sent_currency", NOT_SENT, currency=currency)
    elif sent == currency:
        yield Problem.of(record, "details.sent_currency", SAME, currency=currency)
    deal = order.details.get("exchange_deal", "")
    if deal and (order.kind not in _MAY_CHANGE or (sent or currency) == "PLN"):
        yield Problem.of(record, "details.exchange_deal", NO_DEAL)
    elif deal and not _DEAL.fullmatch(deal):
        yield Problem.of(record, "details.exchange_deal", BAD_DEAL, deal=deal)
