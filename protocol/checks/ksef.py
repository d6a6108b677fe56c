"""KSeF number of an invoice: NIP-YYYYMMDD-12 hex-2 hex, 35 characters, the last two a CRC-8.

Issued by the National e-Invoice System of the Ministry of Finance, which publishes the rule: the
CRC-8 (polynomial 0x07, start 0x00) of the first 32 characters, in upper-case hexadecimal. A payer
of several invoices may write a collective identifier instead: its form is not checked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from stdnum.pl import nip

from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

WRONG_CHECKSUM = _("the checksum of KSeF number {number} is wrong: it has a typing error")
WRONG_PARTS = _("{number} looks like a KSeF number, but its tax id or date cannot be right")
WANTED = _("from {since} on transfers between VAT payers carry the invoice's KSeF number")

_FORM = re.compile(r"(\d{10})-(\d{4})(\d\d)(\d\d)-[0-9A-F]{12}-([0-9A-F]{2})")
_FIELD = "details.vat_invoice"


def check(order: Order, context: Context) -> Iterator[Problem]:
    """The `/INV/` slot of a split payment; a number of another form only from the law's day on."""
    if order.kind != "mpp":
        return
    record, number = record_of(order), order.details.get("vat_invoice", "")
    if not looks_like(number):
        if order.execute_on >= context.ksef_from:
            yield Problem.of(record, _FIELD, WANTED, "warning", since=context.ksef_from)
    elif not has_right_parts(number):
        yield Problem.of(record, _FIELD, WRONG_PARTS, number=number)
    elif checksum(number[:32]) != number[33:]:
        yield Problem.of(record, _FIELD, WRONG_CHECKSUM, number=number)


def looks_like(number: str) -> bool:
    return bool(_FORM.fullmatch(number))


def is_valid(number: str) -> bool:
    return looks_like(number) and has_right_parts(number) and checksum(number[:32]) == number[33:]


def has_right_parts(number: str) -> bool:
    """A seller's tax id with right control digit, and a day that exists."""
    seller, *day, _checksum = _FORM.fullmatch(number).groups()
    try:
        date(*map(int, day))
    except ValueError:
        return False
    return nip.is_valid(seller)


def checksum(data: str) -> str:
    """CRC-8 of the characters, as 2 hexadecimal digits."""
    value = 0
    for byte in data.encode("ascii"):
        value ^= byte
        for _bit in range(8):
            value = (value << 1) ^ (0x107 if value & 0x80 else 0)
    return f"{value:02X}"
