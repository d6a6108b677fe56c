# SPDX-License-Identifier: LGPL-3.0-only
"""KSeF number of an invoice, and collective identifier of several: 35 characters each.

- invoice: NIP-YYYYMMDD-12 hex-2 hex; collective: NIP-IZYYYYMM-12 hex-2 hex
- the last two are the CRC-8 (polynomial 0x07, start 0x00) of the first 32 characters, in
  upper-case hexadecimal; the NIP is the seller's
- of KSeF 1.0: NIP-YYYYMMDD-6 hex-6 hex-2 hex, 36 characters; their checksum is not published

Both are issued by the National e-Invoice System (KSeF) of the Ministry of Finance, which
publishes the rule. A transfer names one or the other since the day of the rule `ksef-number`
(rules_pl.py): a split payment in `/INV/`, others at the beginning of the title.

In an order's `details`: vat_invoice of a split payment, else ksef_number; ksef_reason says why
there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from stdnum.pl import nip

from .. import rules_pl
from ..errors import Problem
from ..records import Order
from ..vocabulary import INVOICE_KINDS
from ..wording import Text, _
from . import day
from .context import Context, record_of
from .vat_account import is_own_transfer

WRONG_CHECKSUM = _("the checksum of KSeF number {number} is wrong: it has a typing error")
WRONG_PARTS = _("{number} looks like a KSeF number, but its tax id or date cannot be right")
WRONG_FORM = _(
    "{number} looks like a KSeF number with a typing error in “{part}”: a tax id of 10 digits, the "
    "day (or IZ, year and month), 12 and then 2 characters of 0-9 and A-F belong there"
)
OTHER_SELLER = _("{number} is an invoice of {seller}, and the payee is {payee}")
WANTED = _("from {since} on transfers between VAT payers carry the invoice's KSeF number")
NOT_YET = _("a collective identifier may be paid by split payment from {since} on")
NOT_A_NUMBER = _("“{number}” is no KSeF number: NIP-YYYYMMDD-…")
EXECUTED_LATER = _(
    "the bank executes it on {day} only, when transfers between VAT payers carry the invoice's "
    "KSeF number: choose that day"
)
NOT_IN_TITLE = _("the title does not name the KSeF number {number}")
NO_NUMBER = _(
    "{bills}: no KSeF number. From {since} on a transfer between active VAT payers names it. Enter "
    "it on the bill, or say there why it has none (an outage of KSeF)"
)
SEVERAL = _(
    "{count} invoices in one transfer: from {since} on it names their collective identifier. Enter "
    "it, pay one order a bill, or say on the payment why there is none"
)
NOT_COLLECTIVE = _("“{number}” is no collective identifier: NIP-IZYYYYMM-…")
NOT_SEVERAL = _("a collective identifier stands for two invoices at least, and this is one")

_FORM = re.compile(r"(\d{10})-(\d{4})(\d\d)(\d\d)-[0-9A-F]{12}-([0-9A-F]{2})")
_COLLECTIVE = re.compile(r"(\d{10})-IZ(\d{4})(\d\d)-[0-9A-F]{12}-([0-9A-F]{2})")
_OLD_FORM = re.compile(r"(\d{10})-(\d{4})(\d\d)(\d\d)-[0-9A-F]{6}-[0-9A-F]{6}-([0-9A-F]{2})")
_FORMS = (_FORM, _COLLECTIVE, _OLD_FORM)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
# The same with a letter wrong, missing or too much.
_RESEMBLES = re.compile(r"\w{9,11}-\w{7,9}-(\w{11,13}|\w{5,7}-\w{5,7})-\w{1,3}")
_PARTS = (r"\d{10}", r"(\d{8}|IZ\d{6})", r"[0-9A-F]{12}", r"[0-9A-F]{2}")
_OLD_PARTS = (r"\d{10}", r"\d{8}", r"[0-9A-F]{6}", r"[0-9A-F]{6}", r"[0-9A-F]{2}")


def check(order: Order, context: Context) -> Iterator[Problem]:
    """The number's own form, its seller, and that the title has it."""
    if order.kind not in INVOICE_KINDS or is_own_transfer(order, context):
        return
    is_mpp = order.kind == "mpp"
    field = "vat_invoice" if is_mpp else "ksef_number"
    record, number = record_of(order), order.details.get(field, "")
    mistake = mistake_in(number)
    if mistake:
        template, values = mistake
        yield Problem.of(record, f"details.{field}", template, **values)
        return
    later = day.executed_on(order, context)
    if order.execute_on < context.ksef_from <= later and not is_number(number):
        yield Problem.of(record, "execute_on", EXECUTED_LATER, "warning", day=later)
    if not is_number(number):
        if number and not is_mpp:
            yield Problem.of(record, f"details.{field}", NOT_A_NUMBER, number=number)
        is_late = is_mpp and order.execute_on >= context.ksef_from
        if is_late and not order.details.get("ksef_reason"):
            values = {"since": context.ksef_from}
            yield Problem.of(record, f"details.{field}", WANTED, "warning", **values)
        return
    payee = order.details.get("vat_tax_id") or order.payee.tax_id
    payee = re.sub(r"\D", "", payee.removeprefix("PL"))
    if nip.is_valid(payee) and payee != number[:10]:
        values = {"number": number, "seller": number[:10], "payee": payee}
        yield Problem.of(record, f"details.{field}", OTHER_SELLER, **values)
    if is_mpp and is_collective(number) and order.execute_on < context.ksef_from:
        yield Problem.of(record, f"details.{field}", NOT_YET, since=context.ksef_from)
    if number not in order.title:
        yield Problem.of(record, "title", NOT_IN_TITLE, number=number)


def problems_of_bills(
    record: str,
    on: date,
    numbers: Mapping[str, str],
    *,
    collective: str = "",
    reason: str = "",
    payee_is_active: bool | None = None,
) -> Iterator[Problem]:
    """What a transfer of that day for these bills lacks. `numbers`: KSeF number by bill, or empty.

    `payee_is_active`: an active VAT payer on that day, as the register says; None where it was
    not asked: what is missing is then a warning.
    """
    since = rules_pl.since("ksef-number")
    if collective and len(numbers) < 2:
        yield Problem.of(record, "details.ksef_number", NOT_SEVERAL)
    elif collective and not is_collective(collective) and not mistake_in(collective):
        yield Problem.of(record, "details.ksef_number", NOT_COLLECTIVE, number=collective)
    if on < since or reason or collective or not numbers or payee_is_active is False:
        return
    severity = "error" if payee_is_active else "warning"
    without = [bill for bill, number in numbers.items() if not number]
    if without:
        values = {"bills": ", ".join(without), "since": since}
        yield Problem.of(record, "details.ksef_number", NO_NUMBER, severity, **values)
    elif len(numbers) > 1:
        values = {"count": len(numbers), "since": since}
        yield Problem.of(record, "details.ksef_number", SEVERAL, severity, **values)


def tidy(text: str) -> str:
    """A number as KSeF writes it: without blanks, in capital letters, with plain dashes, which
    printed invoices make long ones. Any other text as it is."""
    plain = re.sub(r"\s", "", text).translate(_DASHES).upper()
    return plain if _RESEMBLES.fullmatch(plain) else text


def mistake_in(number: str) -> tuple[Text, dict] | None:
    """(template, values) of what is wrong with a KSeF number or collective identifier.

    None for a right one, and for a text that is nothing of the kind.
    """
    if not _RESEMBLES.fullmatch(number):
        return None
    parts = number.split("-")
    forms = _PARTS if len(parts) == len(_PARTS) else _OLD_PARTS
    for part, form in zip(parts, forms, strict=True):
        if not re.fullmatch(form, part):
            # An invoice's own number may have four parts: a KSeF number begins with a tax id.
            is_ours = re.fullmatch(_PARTS[0], parts[0]) or len(number) == 35
            return (WRONG_FORM, {"number": number, "part": part}) if is_ours else None
    if not has_right_parts(number):
        return WRONG_PARTS, {"number": number}
    if forms == _PARTS and checksum(number[:32]) != number[33:]:
        return WRONG_CHECKSUM, {"number": number}
    return None


def is_number(number: str) -> bool:
    return looks_like(number) or is_collective(number)


def looks_like(number: str) -> bool:
    return bool(_FORM.fullmatch(number) or _OLD_FORM.fullmatch(number))


def is_collective(number: str) -> bool:
    return bool(_COLLECTIVE.fullmatch(number))


def is_valid(number: str) -> bool:
    return is_number(number) and mistake_in(number) is None


def has_right_parts(number: str) -> bool:
    """A seller's tax id with right control digit, and a day, or a month, that exists."""
    match = next(filter(None, (form.fullmatch(number) for form in _FORMS)))
    seller, *day, _checksum = match.groups()
    try:
        date(*map(int, [*day, "1"][:3]))
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
