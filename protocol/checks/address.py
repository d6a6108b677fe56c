"""The payee's address on transfers abroad: country and town are mandatory, in fields of their own.

Source: the end of unstructured addresses in SWIFT and SEPA messages, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

COUNTRY_NEEDED = _("the payee's country is missing")
TOWN_NEEDED = _("the payee's town is missing")
NOT_A_COUNTRY = _("{country} is not a country code of two letters")


def check(order: Order, context: Context) -> Iterator[Problem]:
    record = record_of(order)
    for field, party in (("payer", order.payer), ("payee", order.payee)):
        country = party.address.country
        if country and not re.fullmatch(r"[A-Z]{2}", country):
            yield Problem.of(record, f"{field}.address.country", NOT_A_COUNTRY, country=country)
    if order.kind == "foreign":
        if not order.payee.address.country:
            yield Problem.of(record, "payee.address.country", COUNTRY_NEEDED)
        if not order.payee.address.town.strip():
            yield Problem.of(record, "payee.address.town", TOWN_NEEDED)
