# SPDX-License-Identifier: LGPL-3.0-only
"""One entry of an MT940 or MT942: its `:61:` and `:86:` fields, as an `Entry`.

``:61:`` = value date yymmdd, booking day mmdd (optional), C or D (RC and RD take such a booking
back, EC and ED are expected only), third letter of the currency (optional), amount with a comma,
type (a letter and three characters), customer reference, ``//`` bank reference; a second line
holds free text. Citi leaves blanks in place of the booking day; Bank Pocztowy ends with the
amount. Source: SWIFT, Standards MT, category 9, and what banks write.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from ...records import Entry
from ...wording import _
from .. import values
from ..details import mpp_parts
from .text import understand

BAD_ENTRY = _("the :61: field cannot be read: {text!r}")

_LINE = re.compile(
    r"([0-9]{6})([0-9]{4})? {0,4}"  # value date, booking day
    r"(R?[CD]|E[CD])([A-Z]?)"  # direction, third letter of the currency
    r"0*([0-9]{1,15}(?:[,.][0-9]{0,5})?)"
    r"(?:([A-Z][A-Z0-9 ]{3})(.*?))?(?://(.*))?",
    re.ASCII,
)
_NONE = ("NONREF", "NONE", "NOTPROVIDED", "")
_PARTIES = (("payer_name", "payer_account"), ("payee_name", "payee_account"))
_FEES = ("NCHG", "NCOM")


def entry(line: str, more: str, texts: list[str], own: str) -> Entry:
    """`line`: the first line of `:61:`; `more`: the rest of it; `texts`: its `:86:` fields.

    `own`: the number of the account, without PL.
    """
    match = _LINE.fullmatch(line)
    if not match:
        raise ValueError(BAD_ENTRY.format(text=line[:80]))
    value_day, booking_day, mark, _, amount_text, kind, reference, bank_reference = match.groups()
    value_on = values.interest_date(value_day)
    amount = signed_amount(mark, amount_text)
    details = understand(texts, amount > 0, own) if texts else {}
    if reference and "  " in reference:  # Rabobank fills it up, and then names the other party
        reference, _blanks, beside = reference.partition("  ")
        more = f"{more} {beside.strip()}".strip()
    if more:
        said = details.get("booking_text")
        details["booking_text"] = f"{more} {said}" if said else more
    if kind:
        details["swift_code"] = kind.rstrip()
    if reference and (reference := reference.strip()) not in _NONE:
        details["customer_reference"] = reference
    if bank_reference and (bank_reference := bank_reference.strip()) not in _NONE:
        details["bank_reference"] = bank_reference
    if value_day[2:4] == "02" and value_on.day < int(value_day[4:]):
        details["value_date"] = value_day
    if mark[0] in "RE":
        details["reversal" if mark[0] == "R" else "status"] = "1" if mark[0] == "R" else "expected"
    return build(
        values.day_near(booking_day, value_on) if booking_day else value_on,
        value_on,
        amount,
        details,
    )


def signed_amount(mark: str, text: str) -> Decimal:
    """A credit, or a debit taken back, is above zero."""
    amount = values.amount(text)
    return amount if mark in ("C", "RD", "EC") else -amount


def build(
    booked_on: date, value_on: date | None, amount: Decimal, details: dict[str, str]
) -> Entry:
    """An `Entry` from details that may still hold its title and bank code."""
    (name, account), old = _PARTIES if amount > 0 else _PARTIES[::-1]
    if account not in details and name not in details:
        name, account = old  # a booking taken back names the other party on the old side
    title = details.pop("title", "")
    if title.startswith("/VAT/"):
        details.update(mpp_parts(title))
    return Entry(
        booked_on=booked_on,
        value_on=value_on,
        amount=amount,
        title=title or details.get("operation_name", "") or details.get("booking_text", ""),
        counterparty_name=details.get(name, ""),
        counterparty_account=details.get(account, ""),
        operation_id=details.get("tnr"),
        bank_code=details.pop("bank_code", ""),
        our_reference=_our_reference(amount, details),
        details=details,
    )


def _our_reference(amount: Decimal, details: dict[str, str]) -> str | None:
    """Our own reference, where it speaks of an order of ours: the labelled one, or that of :61:.

    In a credit a payer could have typed it, and the fee for an order bears the order's reference.
    A debit taken back speaks of our order, a credit taken back does not.
    """
    out_of_the_account = (amount < 0) != ("reversal" in details)
    if not out_of_the_account or details.get("swift_code") in _FEES:
        return None
    return details.get("client_reference") or details.get("customer_reference")
