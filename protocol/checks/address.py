# SPDX-License-Identifier: LGPL-3.0-only
"""Addresses on transfers abroad: country and town are mandatory, in fields of their own.

Within the European Economic Area a SEPA transfer needs no address: one that is not whole is left
out of the message, with a warning where that loses a street or town. To the other SEPA countries,
and on foreign transfers, both sides have one.

Source: the end of unstructured addresses in SWIFT (14 November 2026) and SEPA (15 November 2026)
messages, as the EPC's rulebooks of 2025 and the banks' notices on them have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import Problem
from ..kinds import SEPA_OUTSIDE_EEA
from ..records import Order
from ..wording import _
from .context import Context, record_of

COUNTRY_NEEDED = _("the payee's country is missing")
TOWN_NEEDED = _("the payee's town is missing")
OWN_COUNTRY_NEEDED = _("our company's country is missing")
OWN_TOWN_NEEDED = _("our company's town is missing")
LEFT_OUT = _("without town and country the address is left out of the order: {missing} is missing")
PARTS = {"town": _("the town"), "country": _("the country")}
NOT_A_COUNTRY = _("{country} is not a country code of two letters")

_NEEDED = {
    "payer": (("country", OWN_COUNTRY_NEEDED), ("town", OWN_TOWN_NEEDED)),
    "payee": (("country", COUNTRY_NEEDED), ("town", TOWN_NEEDED)),
}


def check(order: Order, context: Context) -> Iterator[Problem]:
    record = record_of(order)
    needed = is_needed(order)
    for side, parts in _NEEDED.items():
        address = getattr(order, side).address
        if address.country and not re.fullmatch(r"[A-Z]{2}", address.country):
            yield Problem.of(
                record, f"{side}.address.country", NOT_A_COUNTRY, country=address.country
            )
        for part, message in parts:
            if needed and not getattr(address, part).strip():
                yield Problem.of(record, f"{side}.address.{part}", message)
        if order.kind == "sepa" and not needed:
            yield from _left_out(record, side, address)


def _left_out(record: str, side: str, address) -> Iterator[Problem]:
    """What somebody has entered, and the payee's bank will not see."""
    said = any(value.strip() for value in (address.street, address.postcode, address.town))
    missing = next((part for part in PARTS if not getattr(address, part).strip()), "")
    if said and missing:
        field = f"{side}.address.{missing}"
        yield Problem.of(record, field, LEFT_OUT, "warning", missing=PARTS[missing])


def is_needed(order: Order) -> bool:
    """True where the scheme refuses an order without the addresses of both sides."""
    if order.kind == "sepa":
        return order.payee.account[:2] in SEPA_OUTSIDE_EEA
    return order.kind == "foreign"
