"""Payment orders as a service sends them: form 0401060 in JSON, read strictly.

A request is one document, or `{"documents": [...]}` with 1 to 1000 of them; each is understood on
its own. Field names: see SHAPE; numbers in comments are the form's. What the bank demands beyond
form and length (keys of accounts, INN, budget fields) is in `checks.rouble`; `FIELDS` says under
which name a field of its problems stands here.
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
from .problems import FieldError, Problem
from .shapes import Group, Text

MOST = 1000
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ACCOUNT = Text(20, r"\d{5}[0-9A-Z]\d{14}", words.EXPECTED_ACCOUNT, needed=True)
_BIK = Text(9, r"\d{9}", words.EXPECTED_BIK)
_TAX_ID = Text(12, r"\d+", "7707083893")
_KPP = Text(9, r"0|\d{4}[0-9A-Z]{2}\d{3}", "770101001")
_CORR = Text(20, r"\d{20}", words.EXPECTED_ACCOUNT)

_BANK = {"bank_name": Text(160), "bank_town": Text(60), "corr_account": _CORR}
_PAYER = {  # 8, 60, 102, 9, 10 to 12
    "account": ACCOUNT,
    "name": Text(160),
    "inn": _TAX_ID,
    "kpp": _KPP,
    "bik": _BIK,
    **_BANK,
}
_PAYEE = {  # 16, 61, 103, 17, 13 to 15
    **_PAYER,
    "name": Text(160, needed=True),
    "bik": Text(9, r"\d{9}", words.EXPECTED_BIK, needed=True),
}
_BUDGET = {
    "payer_status": Text(2, needed=True),  # 101
    "kbk": Text(20, r"\d+", "18201061201010000510"),  # 104
    "oktmo": Text(11, r"\d+", "45382000"),  # 105
    "reason": Text(2),  # 106
    "period": Text(10),  # 107
    "document_number": Text(15),  # 108
    "document_date": Text(10),  # 109
    "payment_kind": Text(2),  # 110
}
SHAPE = Group(
    {
        "external_id": Text(36, UUID, words.EXPECTED_UUID, needed=True),
        "number": Text(6, r"(?!0+$)\d{1,6}", words.EXPECTED_NUMBER, needed=True),  # 3
        "date": Text(10, r"\d{4}-\d\d-\d\d", words.EXPECTED_DATE, needed=True),  # 4
        "amount": Text(16, r"(?!0+\.00$)\d{1,13}\.\d\d", words.EXPECTED_AMOUNT, needed=True),  # 7
        "currency": Text(3, r"[A-Z]{3}", "RUB", needed=True),
        "payer": Group(_PAYER, needed=True),
        "payee": Group(_PAYEE, needed=True),
        "purpose": Text(210, needed=True),  # 24
        "priority": Text(1, r"[1-5]", "1–5"),  # 21
        "operation_kind": Text(2, "01", "01"),  # 18
        "payment_kind": Text(15),  # 5
        "income_code": Text(1, r"[1-5]", "1–5"),  # 20
        "uin": Text(25, r"\d+", "0"),  # 22
        "budget": Group(_BUDGET),
    }
)

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
