# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders as a service sends them: form 0401060 in JSON, read strictly.

A request is one document, or `{"documents": [...]}` with 1 to 1000 of them; each is understood on
its own. Field names: `document_shape`. What the bank demands beyond form and length (keys of
accounts, INN, budget fields) is in `checks.rouble`; `FIELDS` says under which name a field of its
problems stands here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..records import Party
from . import problem_words as words
from .document_shape import SHAPE, UUID
from .problems import FieldError, Problem
from .shapes import Group

MOST = 1000

#: field of a problem of `checks.rouble` -> pointer here; a party's fields follow by `_PARTY`
FIELDS = {
    "title": "/purpose",
    "amount": "/amount",
    "currency": "/currency",
    "details.document_number": "/number",
    "details.document_date": "/date",
    "details.payer_status": "/budget/payer_status",
    "details.kbk": "/budget/kbk",
    "details.oktmo": "/budget/oktmo",
    "details.tax_reason": "/budget/reason",
    "details.tax_period": "/budget/period",
    "details.tax_document_number": "/budget/document_number",
    "details.tax_document_date": "/budget/document_date",
    "details.tax_payment_kind": "/budget/payment_kind",
}
_PARTY = {"tax_id": "inn", "bank_code": "bik"}
_BUDGET_DETAILS = {
    pointer.rpartition("/")[2]: field.removeprefix("details.")
    for field, pointer in FIELDS.items()
    if pointer.startswith("/budget/")
}
_PLAIN_DETAILS = ("payment_kind", "income_code", "uin")


@dataclass(frozen=True)
class Document:
    """One payment order, understood. `details` as `records.Order.details` has them."""

    external_id: str
    number: str
    day: date
    amount: Decimal
    currency: str
    payer: Party
    payee: Party
    purpose: str
    details: Mapping[str, str]
    digest: str  # of the content: the same id with another one is a conflict


class Refused(Exception):
    """A document that cannot be understood: `errors` names every field."""

    def __init__(self, external_id: str, errors: list[FieldError]):
        super().__init__(external_id)
        self.external_id, self.errors = external_id, errors


def split(value: object) -> tuple[bool, list]:
    """(whether it is a batch, its documents). `Problem` (422) where there is none, or too many."""
    if not (isinstance(value, dict) and "documents" in value):
        return False, [value]
    listed = value["documents"]
    errors = list(Group({"documents": _Any()}).errors(value, ""))
    if not isinstance(listed, list):
        expected = {"expected": words.EXPECTED_LIST}
        errors.append(FieldError("/documents", "type", words.WRONG_TYPE, expected))
    elif not listed:
        errors.append(FieldError("/documents", "empty", words.EMPTY))
    elif len(listed) > MOST:
        errors.append(FieldError("/documents", "too_many", words.TOO_MANY, {"limit": MOST}))
    if errors:
        raise Problem("invalid", errors=errors)
    return True, listed


class _Any:
    needed = True

    def errors(self, _value, _pointer):
        return ()


def understand(value: object) -> Document:
    """The document behind a JSON value. `Refused` with every error of it."""
    errors = list(SHAPE.errors(value, ""))
    day = None
    if not errors:
        day = _day(value["date"])
        if day is None:
            expected = {"expected": words.EXPECTED_DATE}
            errors.append(FieldError("/date", "value", words.BAD_VALUE, expected))
    if errors:
        raise Refused(_known_id(value), errors)
    return Document(
        external_id=value["external_id"],
        number=value["number"],
        day=day,
        amount=Decimal(value["amount"]),
        currency=value["currency"],
        payer=_party(value["payer"]),
        payee=_party(value["payee"]),
        purpose=value["purpose"],
        details=dict(_details(value)),
        digest=digest(value),
    )


def digest(value: object) -> str:
    """SHA-256 of the content, whatever the order of the keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def pointer_of(field: str) -> str:
    """Where a field of a problem of the checks stands in a document."""
    if field in FIELDS:
        return FIELDS[field]
    side, _dot, name = field.partition(".")
    name = name.removeprefix("details.")
    if side in ("payer", "payee"):
        return f"/{side}/{_PARTY.get(name, name)}"
    return f"/{name or side}"


def is_uuid(text: str) -> bool:
    return bool(re.fullmatch(UUID, text, re.ASCII))


def _known_id(value: object) -> str:
    """The document's id where it can be trusted to be one, to name it in the answer."""
    found = value.get("external_id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and is_uuid(found) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _party(value: Mapping[str, str]) -> Party:
    names = ("kpp", "corr_account", "bank_town")
    return Party(
        name=value.get("name", "").strip(),
        account=value["account"],
        bank_code=value.get("bik", ""),
        bank_name=value.get("bank_name", "").strip(),
        tax_id=value.get("inn", ""),
        details={name: value[name] for name in names if value.get(name)},
    )


def _details(value: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    yield "document_number", value["number"]
    yield "document_date", value["date"]
    yield "operation_kind", value.get("operation_kind") or "01"
    yield "priority", value.get("priority") or "5"
    yield from ((name, value[name]) for name in _PLAIN_DETAILS if value.get(name))
    for name, text in value.get("budget", {}).items():
        if text:
            yield _BUDGET_DETAILS[name], text
