# SPDX-License-Identifier: LGPL-3.0-only
"""A statement as JSON for a service, written in pieces: however long, it is never whole here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from ..records import Entry, Statement

AT_ONCE = 200  # entries in one piece of the answer


def render(about: Mapping[str, object], statement: Statement) -> Iterator[bytes]:
    """UTF-8 pieces of `{**about, "statement": {…, "entries": […]}}`. Amounts are texts."""
    head = {
        "account": statement.account_number,
        "currency": statement.currency,
        "from": _day(statement.opened_on),
        "to": _day(statement.closed_on),
        "final": statement.final,
        "opening_balance": amount(statement.opening_balance),
        "closing_balance": amount(statement.closing_balance),
    }
    opening = f'{_text(about)[:-1]},"statement":{_text(head)[:-1]},"entries":['
    yield opening.encode()
    kept, first = [], True
    for entry in statement.entries:
        kept.append(_text(_entry(entry)))
        if len(kept) == AT_ONCE:
            yield (("" if first else ",") + ",".join(kept)).encode()
            kept, first = [], False
    if kept:
        yield (("" if first else ",") + ",".join(kept)).encode()
    yield b"]}}"


def amount(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _entry(entry: Entry) -> dict[str, object]:
    """`amount` is signed: + into the account. `external_id`: of the service's own document."""
    details = entry.details
    side = "payer" if entry.amount > 0 else "payee"
    said = {
        "operation_id": entry.operation_id,
        "booked_on": _day(entry.booked_on),
        "value_on": _day(entry.value_on),
        "amount": amount(entry.amount),
        "title": entry.title,
        "document_number": details.get("document_number", ""),
        "counterparty": {
            "name": entry.counterparty_name,
            "account": entry.counterparty_account,
            "inn": details.get(f"{side}_tax_id", ""),
        },
    }
    if entry.our_reference:
        said["external_id"] = entry.our_reference
    return said


def _day(day) -> str | None:
    return day.isoformat() if day else None


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
