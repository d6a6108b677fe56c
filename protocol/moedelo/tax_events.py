# SPDX-License-Identifier: LGPL-3.0-only
"""The tax calendar as the service gives it.

::

    {"events": [{"id": "...", "title": "...", "kind": "payment" | "report", "period": "...",
                 "due_on": "2026-04-28", "amount": "15000.00" | null, "done": false,
                 "url": "https://...", "payment": {...} | null}]}

`payment`: what the order to the budget needs; names as in `PAYMENT_KEYS`, all of them text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from ..access.authorize import check_redirect_uri
from ..errors import Invalid, InvalidDocument

KINDS = ("payment", "report")
LONGEST = {"id": 100, "title": 300, "period": 50, "url": 1000}  # characters
LARGEST_AMOUNT = Decimal("1e12")
MOST_EVENTS = 5_000
PAYMENT_KEYS = (
    *("payee_name", "payee_inn", "payee_kpp", "payee_account"),
    *("bank_bik", "bank_name", "bank_town", "corr_account"),
    *("payer_status", "kbk", "oktmo", "tax_reason", "tax_period"),
    *("tax_document_number", "tax_document_date", "uin", "priority", "purpose"),
)

# what no database can hold: a calendar that names it is refused, not met while storing
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

NOT_JSON = "The calendar of the service cannot be read."
WRONG = "The calendar of the service: event {number}, {field} is not usable."


@dataclass(frozen=True)
class TaxEvent:
    """One day to remember. `amount`: roubles, or None when there is nothing to pay."""

    id: str
    title: str
    kind: str
    due_on: date
    period: str = ""
    amount: Decimal | None = None
    done: bool = False
    url: str = ""
    payment: Mapping[str, str] = field(default_factory=dict)


def parse(content: bytes) -> list[TaxEvent]:
    """All events, or `InvalidDocument` that names the first event and field that cannot be."""
    try:
        listed = json.loads(content)["events"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidDocument(NOT_JSON) from error
    if not isinstance(listed, list) or len(listed) > MOST_EVENTS:
        raise InvalidDocument(NOT_JSON)
    events = [_event(number, said) for number, said in enumerate(listed, start=1)]
    seen = set()
    for number, event in enumerate(events, start=1):
        if event.id in seen:
            raise InvalidDocument(WRONG.format(number=number, field="id"))
        seen.add(event.id)
    return events


def _event(number: int, said: object) -> TaxEvent:
    if not isinstance(said, dict):
        raise InvalidDocument(WRONG.format(number=number, field="event"))

    def read(name, reader):
        try:
            return reader(said.get(name))
        except (ValueError, TypeError, ArithmeticError, Invalid) as error:
            raise InvalidDocument(WRONG.format(number=number, field=name)) from error

    return TaxEvent(
        id=read("id", lambda value: _text("id", value, needed=True)),
        title=read("title", lambda value: _text("title", value, needed=True)),
        kind=read("kind", _kind),
        due_on=read("due_on", date.fromisoformat),
        period=read("period", lambda value: _text("period", value)),
        amount=read("amount", _amount),
        done=read("done", _flag),
        url=read("url", _address),
        payment=read("payment", _payment),
    )


def _text(name: str, value: object, *, needed: bool = False) -> str:
    if value is None and not needed:
        return ""
    if not _is_storable(value) or len(value) > LONGEST[name] or (needed and not value.strip()):
        raise ValueError(name)
    return value.strip()


def _is_storable(value: object) -> bool:
    return isinstance(value, str) and not _UNSTORABLE.search(value)


def _kind(value: object) -> str:
    if value not in KINDS:
        raise ValueError(value)
    return value


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(value if isinstance(value, str) else "?")
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not 0 < amount < LARGEST_AMOUNT or amount != round(amount, 2):
        raise ValueError(value)
    return amount


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _address(value: object) -> str:
    """A link that a person will click: https, or http to this machine; never a script."""
    text = _text("url", value)
    return check_redirect_uri(text) if text else ""


def _payment(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not set(value) <= set(PAYMENT_KEYS):
        raise ValueError("unknown field")
    if any(not _is_storable(text) or len(text) > 300 for text in value.values()):
        raise ValueError("not a text")
    return {name: text.strip() for name, text in value.items() if text.strip()}
