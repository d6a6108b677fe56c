# SPDX-License-Identifier: LGPL-3.0-only
"""Statements of the 1C DirectBank exchange (document 15), version 2: XML, one account a document.

Three types: 0 final, 1 interim (its entries come again), 2 only the balance. ``DC`` 1 is money out
of the account, 2 money into it; ``ExtID`` is the id of the payer's own document, so our reference
in what we paid. Amounts are unsigned with a point; a balance may be negative. Every leaf of a
payment document has a name in the entry's details, or stands there as ``xml:<path>``.
Source: github.com/1C-Company/DirectBank, 1C-Bank_Statement.xsd (no part of it is copied here).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import InvalidDocument
from ...records import Entry, Statement
from ...wording import _, said_by
from .. import values
from .keys import DOCUMENT

if TYPE_CHECKING:
    from lxml import etree

NAMES = ("directbank.statement",)
NAMESPACE = "http://directbank.1c.ru/XMLSchema"

NOT_A_STATEMENT = _("this is not a DirectBank statement")
NO_FIELD = _("{name} is missing")
BAD_TYPE = _("the statement type {type!r} is not known")
BAD_DIRECTION = _("{value!r} is neither 1 (debit) nor 2 (credit)")
UNKNOWN_CURRENCY = _("the currency of account {account} is not known")

FINAL, INTERIM, BALANCE = "0", "1", "2"
_ROOT = re.compile(rb"<(?:[\w.-]+:)?Statement[\s>]")


def identify(data: bytes) -> str | None:
    """``directbank.statement`` when the beginning of `data` is one, else None."""
    head = bytes(data[:2000])
    return NAMES[0] if NAMESPACE.encode() in head and _ROOT.search(head) else None


def parse(data: bytes, charset: str | None = None) -> Iterator[Statement]:
    """The one statement of the document; its entries are read when iterated."""
    from ..safe_xml import parse_safely  # lxml is needed only from here on

    root = parse_safely(bytes(data))
    body = root.find(f"{{{NAMESPACE}}}Data")
    if root.tag != f"{{{NAMESPACE}}}Statement" or body is None:
        raise InvalidDocument(NOT_A_STATEMENT, line=1, code="no_statement")
    try:
        yield _statement(root, body)
    except ValueError as error:
        raise InvalidDocument(
            said_by(error), path="/Statement/Data", code="bad_statement"
        ) from None


def _statement(root: etree._Element, body: etree._Element) -> Statement:
    account, kind = _needed(body, "Account"), _needed(body, "StatementType")
    if kind not in (FINAL, INTERIM, BALANCE):
        raise ValueError(BAD_TYPE.format(type=kind))
    currency = values.CURRENCIES.get(account[5:8])
    if len(account) != 20 or currency is None:
        raise ValueError(UNKNOWN_CURRENCY.format(account=account))
    since, opening = _text(body, "DateFrom"), _text(body, "OpeningBalance")
    details = {
        "reference": root.get("id", ""),
        "created_at": root.get("creationDate", ""),
        "read_at": _text(body, "DateTo") if kind != FINAL else "",
        "related_reference": _content(root.find(f"{{{NAMESPACE}}}ExtIDStatementRequest")),
        "debit_sum": _text(body, "TotalDebits"),
        "credit_sum": _text(body, "TotalCredits"),
    }
    return Statement(
        account_number=account,
        currency=currency,
        number="",
        opened_on=values.iso_date(since) if since else None,
        closed_on=values.iso_date(_needed(body, "DateTo")),
        opening_balance=values.signed(opening) if opening else None,
        closing_balance=values.signed(_needed(body, "ClosingBalance")),
        entries=Entries(body),
        final=kind == FINAL,
        details={key: value for key, value in details.items() if value},
    )


class Entries:
    """The entries of a statement, understood anew by each iteration."""

    def __init__(self, body: etree._Element):
        self.body = body

    def __iter__(self) -> Iterator[Entry]:
        for operation in self.body.iterfind(f"{{{NAMESPACE}}}OperationInfo"):
            try:
                yield _entry(operation)
            except ValueError as error:
                line = operation.sourceline
                raise InvalidDocument(said_by(error), line=line, code="bad_entry") from None


def _entry(operation: etree._Element) -> Entry:
    document = operation.find(f"{{{NAMESPACE}}}PayDoc")
    if document is None or not len(document):
        raise ValueError(NO_FIELD.format(name="PayDoc"))
    direction = _needed(operation, "DC")
    if direction not in ("1", "2"):
        raise ValueError(BAD_DIRECTION.format(value=direction))
    details = {"document_kind": document.get("docKind", ""), **_leaves(document[0])}
    stamp = operation.find(f"{{{NAMESPACE}}}Stamp")
    if stamp is not None:
        details |= {f"xml:Stamp/{path}": text for path, text in _paths(stamp)}
    payers_id = _text(operation, "ExtID")
    if payers_id and direction == "2":
        details["end_to_end_id"] = payers_id
    amount = values.amount(details.pop("amount", ""))
    other = "payee" if direction == "1" else "payer"
    return Entry(
        booked_on=values.iso_date(_needed(operation, "Date")),
        value_on=None,
        amount=-amount if direction == "1" else amount,
        # A payment order in parts (17) has both: what it is for, and what the bank does now.
        title=values.squeeze(details.pop("title", "") or details.get("operation_content", "")),
        counterparty_name=details.get(f"{other}_name", ""),
        counterparty_account=details.get(f"{other}_account", ""),
        operation_id=_operation_id(document, operation),
        bank_code=document.get("docKind", ""),
        # On the way in it is the id of the payer's document, which is not ours.
        our_reference=payers_id if direction == "1" and payers_id else None,
        details={key: value for key, value in details.items() if value},
    )


def _operation_id(document: etree._Element, operation: etree._Element) -> str | None:
    """The bank's id of the payment document.

    Some banks give no more than the document's number here, which comes again next year: a short
    id counts together with its day and direction.
    """
    own = document.get("id", "").strip()
    if not own or len(own) >= 20:
        return own or None
    day = values.iso_date(_needed(operation, "Date"))  # however it is written: 2021-05-11Z
    return f"{day}/{_text(operation, 'DC')}/{own}"


def _leaves(document: etree._Element) -> dict[str, str]:
    return {DOCUMENT.get(path, f"xml:{path}"): text for path, text in _paths(document)}


def _paths(element: etree._Element, before: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of every filled leaf below the element."""
    for child in element.iterchildren("*"):
        path = f"{before}{child.tag.rpartition('}')[2]}"
        if len(child):
            yield from _paths(child, f"{path}/")
        elif _content(child):
            yield path, _content(child)


def _content(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _text(element: etree._Element, name: str) -> str:
    return _content(element.find(f"{{{NAMESPACE}}}{name}"))


def _needed(element: etree._Element, name: str) -> str:
    text = _text(element, name)
    if not text:
        raise ValueError(NO_FIELD.format(name=name))
    return text
