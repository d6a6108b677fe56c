# SPDX-License-Identifier: LGPL-3.0-only
"""Requests for statements as a service sends them, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ..vocabulary import STATEMENT_KINDS
from . import documents
from . import problem_words as words
from .document_shape import ACCOUNT, UUID
from .problems import FieldError, Problem
from .shapes import Group, Text

FORMATS = ("json", "1c")
AUTOMATIC_DAYS = 7  # at once, for a service that may fetch statements and nothing else
MOST_DAYS = 366

_DAY = Text(10, r"20\d\d-\d\d-\d\d", words.EXPECTED_DATE, needed=True)
SHAPE = Group(
    {
        "external_id": Text(36, UUID, words.EXPECTED_UUID, needed=True),
        "account": ACCOUNT,
        "kind": Text(7, "|".join(STATEMENT_KINDS), words.EXPECTED_KIND, needed=True),
        "from": _DAY,
        "to": _DAY,
        "format": Text(4, "|".join(FORMATS), words.EXPECTED_FORMAT),
    }
)


@dataclass(frozen=True)
class Request:
    """A statement of `account` over `since` to `until`, both included."""

    external_id: str
    account: str
    kind: str  # of vocabulary.STATEMENT_KINDS
    since: date
    until: date
    format: str  # one of FORMATS
    digest: str


def understand(value: object, today: date, automatic: bool) -> Request:
    """`Problem` (422) with every wrong field. `today`: at the bank; `automatic`: see above."""
    errors = list(SHAPE.errors(value, ""))
    if not errors:
        days = {name: _day(value[name]) for name in ("from", "to")}
        expected = {"expected": words.EXPECTED_DATE}
        errors = [
            FieldError(f"/{name}", "value", words.BAD_VALUE, expected)
            for name, day in days.items()
            if day is None
        ] or list(_days_that_do(value, days["from"], days["to"], today, automatic))
    if errors:
        raise Problem("invalid", errors=errors)
    return Request(
        value["external_id"],
        value["account"],
        value["kind"],
        days["from"],
        days["to"],
        value.get("format") or "json",
        documents.digest(value),
    )


def _days_that_do(value, since, until, today, automatic):
    kind = value["kind"]
    most = AUTOMATIC_DAYS if automatic else MOST_DAYS
    if until < since:
        yield FieldError("/to", "order", words.ORDER_OF_DAYS)
    elif until - since >= timedelta(days=most):
        yield FieldError("/to", "too_many_days", words.TOO_MANY_DAYS, {"limit": most})
    if until > today or (kind == "final" and until == today):
        yield FieldError("/to", "not_over", words.NOT_OVER)
    if kind == "balance" and value.get("format") == "1c":
        yield FieldError("/format", "value", words.BAD_VALUE, {"expected": "json"})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
