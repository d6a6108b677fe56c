# SPDX-License-Identifier: LGPL-3.0-only
"""What a pain.001 message cannot hold: the schema's lengths and patterns, as problems.

A last fence before bytes are made and signed. The friendly checks, with the limits of the banks
and of each kind, are in `protocol.checks`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import attrgetter

from ... import currencies
from ...errors import Problem
from ...records import Order
from ...wording import _

EMPTY = _("is empty")
TOO_LONG = _("is too long by {excess} characters (at most {limit})")
BAD_CHARACTERS = _("has characters that XML cannot hold")
BAD_PATTERN = _("{value} is not valid here")
BAD_AMOUNT = _("must be above zero, with no more decimals than its currency has")
REPEATED = _("{value} is used by more than one order")
NO_ORDERS = _("there is no order in the package")

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ID = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{1,35}")  # SWIFT X: banks refuse other characters
# an IBAN as the schema has it, else a number of another kind
ACCOUNT = re.compile(
    r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}"
    r"|(?![A-Za-z]{2}[0-9]{2})[A-Za-z0-9][A-Za-z0-9/\-?:().,'+]{0,33}"
)
_PATTERNS = {
    "currency": re.compile(r"[A-Z]{3}"),
    "payee.account": ACCOUNT,
    "payer.account": ACCOUNT,
    "payee.bic": re.compile(r"([A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?)?"),
    "payer.bic": re.compile(r"([A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?)?"),
    "payee.address.country": re.compile(r"([A-Z]{2})?"),
    "payer.address.country": re.compile(r"([A-Z]{2})?"),
}
_LIMITS = {
    "payee.name": 140,
    "payer.name": 140,
    "payee.address.street": 70,
    "payer.address.street": 70,
    "payee.address.postcode": 16,
    "payer.address.postcode": 16,
    "payee.address.town": 35,
    "payer.address.town": 35,
    "payee.tax_id": 35,
    "payer.tax_id": 35,
    "payee.bank_name": 140,
    "payee.bank_code": 35,
    "payer.bank_code": 35,
    "title": 140,
}
# with what reads the field of an order: tens of thousands of orders go through here
_LIMITS_READ = {path: (attrgetter(path), limit) for path, limit in _LIMITS.items()}
_PATTERNS_READ = {path: (attrgetter(path), pattern) for path, pattern in _PATTERNS.items()}
_TAX_LIMITS = {"tax_id": 35, "tax_id_type": 35, "tax_form": 35, "tax_obligation": 140}
# the codes of the Tax block know halves, quarters and months; the others stand in the title alone
_PERIOD = re.compile(r"0?|\d\d(R|P0[12]|K0[1-4]|M(0[1-9]|1[0-2])|[DJ]\d{4})")
_TAX_NEEDED = ("tax_id", "tax_id_type", "tax_form")
_NEEDED = ("payee.name", "payer.name")


def problems_of(message_id: str, orders: Iterable[Order]) -> Iterator[Problem]:
    """Everything that keeps these orders from being a valid message."""
    orders = tuple(orders)
    if not _ID.fullmatch(message_id):
        yield Problem.of(message_id, "message_id", BAD_PATTERN, value=message_id)
    if not orders:
        yield Problem.of(message_id, "orders", NO_ORDERS)
    for value, times in Counter(order.end_to_end_id for order in orders).items():
        if times > 1:
            yield Problem.of(value, "end_to_end_id", REPEATED, value=value)
    for order in orders:
        yield from _order_problems(order)


def _order_problems(order: Order) -> Iterator[Problem]:
    record = order.number or order.end_to_end_id
    if not _ID.fullmatch(order.end_to_end_id):
        yield Problem.of(record, "end_to_end_id", BAD_PATTERN, value=order.end_to_end_id)
    if not fits_amount(order.amount, order.currency):
        yield Problem.of(record, "amount", BAD_AMOUNT)
    for path, (value_of, limit) in _LIMITS_READ.items():
        yield from _text_problems(record, path, value_of(order), limit)
    for path in _NEEDED:
        if not attrgetter(path)(order).strip():
            yield Problem.of(record, path, EMPTY)
    for path, (value_of, pattern) in _PATTERNS_READ.items():
        value = value_of(order)
        if not pattern.fullmatch(value):
            yield Problem.of(record, path, BAD_PATTERN if value else EMPTY, value=value)
    purpose = order.details.get("purpose", "")
    if purpose and not re.fullmatch(r"[A-Z]{4}", purpose):
        yield Problem.of(record, "details.purpose", BAD_PATTERN, value=purpose)
    between = order.details.get("intermediary_bic", "")
    if not _PATTERNS["payee.bic"].fullmatch(between):
        yield Problem.of(record, "details.intermediary_bic", BAD_PATTERN, value=between)
    deal = order.details.get("exchange_deal", "")
    if deal and not _ID.fullmatch(deal):
        yield Problem.of(record, "details.exchange_deal", BAD_PATTERN, value=deal)
    sent = order.details.get("sent_currency", "")
    if sent and not _PATTERNS["currency"].fullmatch(sent):
        yield Problem.of(record, "details.sent_currency", BAD_PATTERN, value=sent)
    if order.kind == "tax":
        yield from _tax_problems(record, order)


def _tax_problems(record: str, order: Order) -> Iterator[Problem]:
    for name in _TAX_NEEDED:
        if not order.details.get(name):
            yield Problem.of(record, f"details.{name}", EMPTY)
    for name, limit in _TAX_LIMITS.items():
        yield from _text_problems(record, f"details.{name}", order.details.get(name, ""), limit)
    period = order.details.get("tax_period", "")
    if not _PERIOD.fullmatch(period):
        yield Problem.of(record, "details.tax_period", BAD_PATTERN, value=period)


def _text_problems(record: str, path: str, value: str, limit: int) -> Iterator[Problem]:
    if len(value) > limit:
        yield Problem.of(record, path, TOO_LONG, excess=len(value) - limit, limit=limit)
    if _NOT_XML.search(value):
        yield Problem.of(record, path, BAD_CHARACTERS)


def fits_amount(amount: Decimal, currency: str) -> bool:
    """Above zero, finite, with its currency's decimals and 18 digits (the schema's limit)."""
    if not amount.is_finite() or amount <= 0:
        return False
    return amount < Decimal(10) ** 15 and currencies.is_whole(amount, currency)
