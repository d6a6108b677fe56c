# SPDX-License-Identifier: LGPL-3.0-only
"""A `Statement` from the block, or from the pages, that make it up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ...records import Entry, Statement
from ...wording import _
from .. import account, values
from .block import NO_FIELD, Block

GAP = _(
    "page {page} of statement {number} opens with {opening}, the one before closed with {closing}"
)
CURRENCIES = _("statement {number} names two currencies: {one} and {other}")


def statement_of(pages: list[Block], entries: Iterable[Entry]) -> Statement:
    """One statement from the pages that make it up."""
    first, last = pages[0], pages[-1]
    opening, closing = first.balance("60F", "60M"), last.balance("62F", "62M")
    available = last.balance("64")
    if closing and not opening:
        first.refuse(NO_FIELD.format(tag="60F"), "no_balance")
    for before, page in pairwise(pages):
        _check_page(before, page)
    currency = _currency(first, opening, closing, available)
    number, bank = account.parts(first.account, currency)
    if not number:
        first.refuse(NO_FIELD.format(tag="25"), "no_account")
    details = {"reference": first.fields.get("20", "").strip(), **bank, **first.turnovers()}
    if first.page:
        details["page"] = first.page
    if "21" in first.fields:
        details["related_reference"] = first.fields["21"]
    if last.fields.get("86"):
        details["text"] = values.squeeze(last.fields["86"])
    read_at = first.fields.get("13D", "")
    if read_at:
        details["read_at"] = _instant(read_at)
    day = first.day(values.short_date, read_at[:6]) if read_at else None
    return Statement(
        account_number=number,
        currency=currency,
        number=first.number,
        opened_on=opening[1] if opening else day,
        closed_on=closing[1] if closing else day,
        opening_balance=opening[0] if opening else None,
        closing_balance=closing[0] if closing else None,
        entries=entries,
        available_balance=available[0] if available else None,
        final=closing is not None,
        details={key: value for key, value in details.items() if value},
    )


def _instant(text: str) -> str:
    """``1701191815+0100`` as ISO 8601; as it stands where a bank writes it otherwise."""
    match = re.fullmatch(r"(..)(..)(..)(..)(..)(?:([+-]..)(..))?", text, re.ASCII)
    if not match:
        return text
    year, month, day, hour, minute, zone, zone_minute = match.groups()
    offset = f"{zone}:{zone_minute}" if zone else ""
    return f"20{year}-{month}-{day}T{hour}:{minute}{offset}"


def _check_page(before: Block, page: Block) -> None:
    closed, opened = before.balance("62M"), page.balance("60M")
    if (closed[0], closed[2]) != (opened[0], opened[2]):
        message = GAP.format(
            page=page.page, number=page.number, opening=opened[0], closing=closed[0]
        )
        page.refuse(message, "page_gap")


def _currency(block: Block, *balances: tuple[Decimal, date, str] | None) -> str:
    found = [balance[2] for balance in balances if balance]
    found += re.findall(r"^(?:[0-9]+)?([A-Z]{3})", block.fields.get("34F", ""), re.ASCII)
    found += re.findall(r"^[0-9]+([A-Z]{3})", block.fields.get("90C", ""), re.ASCII)
    if not found:
        block.refuse(NO_FIELD.format(tag="60F"), "no_currency")
    for other in found:
        if other != found[0]:
            text = CURRENCIES.format(number=block.number, one=found[0], other=other)
            block.refuse(text, "two_currencies")
    return found[0]
