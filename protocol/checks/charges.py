# SPDX-License-Identifier: LGPL-3.0-only
"""Who bears the charges: chosen on transfers abroad only, shared inside the EEA.

Source: directive (EU) 2015/2366, article 62(2): each side pays its own bank within the EEA.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Problem
from ..records import Order
from ..vocabulary import CHARGES
from ..wording import _
from .context import Context, record_of

NEEDED = _("say who bears the charges: SHA, OUR or BEN")
UNKNOWN = _("{charges} is none of SHA, OUR, BEN")
NO_CHOICE = _("an order of this kind has no choice of charges")
SHARED = _("inside the European Economic Area charges are shared (SHA)")

_EEA_CODES = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
)
_EEA = frozenset(_EEA_CODES.split())


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, charges = record_of(order), order.charges
    if charges and charges not in CHARGES:
        yield Problem.of(record, "charges", UNKNOWN, charges=charges)
    elif order.kind == "foreign" and not charges:
        yield Problem.of(record, "charges", NEEDED)
    elif order.kind != "foreign" and charges not in ("", "SHA"):
        yield Problem.of(record, "charges", NO_CHOICE)
    elif charges in ("OUR", "BEN") and _country_of_bank(order) in _EEA:
        yield Problem.of(record, "charges", SHARED, "warning", proposal="SHA")


def _country_of_bank(order: Order) -> str:
    payee = order.payee
    return payee.bic[4:6] or payee.account[:2]
