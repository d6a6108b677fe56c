# SPDX-License-Identifier: LGPL-3.0-only
"""Write a rouble payment order for DirectBank (document 10): exactly what is signed and sent.

One order a document, since the standard signs each document by itself; the bank's file puts it
into a packet when it is sent. The bytes depend on the arguments alone. The document's id is the
order's end-to-end id: the statement gives it back as ``ExtID``.
Source: github.com/1C-Company/DirectBank, 1C-Bank_PayDocRu.xsd (no part of it is copied here).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from ...errors import InvalidOrder, Problem
from ...records import Order, Party, document_date, document_number, payee_account
from ...wording import _
from ..safe_xml import node
from ..values import MOSCOW, USER_AGENT
from . import NAMESPACE
from .keys import BUDGET, FORM

FORMAT_VERSION = "2.3.2"
BOM = "\ufeff".encode()

ONE_ORDER = _("this format takes one order a package, not {count}")
NOT_ROUBLES = _("only orders of the kind {kind} can be written in this format")
NO_CLIENT = _("the account has no client identifier")


def render(
    message_id: str, created_at: datetime, initiator: Party, orders: Iterable[Order], **_options
) -> bytes:
    """The document as UTF-8 bytes. `created_at`: an aware instant.

    `initiator.details`: "client_identifier", the customer's id at the bank, and "format_version"
    where the bank wants an older one. Raises `InvalidOrder`; the form's own rules are in
    `checks.rouble`.
    """
    orders = tuple(orders)
    client = initiator.details.get("client_identifier", "")
    problems = list(_problems(orders, client))
    if problems:
        raise InvalidOrder(problems)
    (order,) = orders
    version = initiator.details.get("format_version") or FORMAT_VERSION
    root = document("PayDocRu", order.end_to_end_id, created_at, version)
    root.append(customer("Sender", client, initiator))
    root.append(bank("Recipient", order.payer.bank_code, order.payer.bank_name))
    root.append(_data(order))
    return to_bytes(root)


def document(
    name: str, identifier: str, created_at: datetime, version: str = FORMAT_VERSION
) -> etree._Element:
    """The root of any document of the exchange."""
    root = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={None: NAMESPACE})
    root.set("id", identifier)
    root.set("formatVersion", version)
    root.set("creationDate", moment(created_at))
    root.set("userAgent", USER_AGENT)
    return root


def moment(at: datetime) -> str:
    """An instant as the exchange writes it: the bank's local time, with its offset."""
    return at.astimezone(MOSCOW).isoformat(timespec="seconds")


def customer(tag: str, client: str, party: Party) -> etree._Element:
    """The customer as sender or recipient."""
    element = etree.Element(tag, id=client)
    if party.name:
        element.set("name", party.name[:160])
    if 10 <= len(party.tax_id) <= 12:
        element.set("inn", party.tax_id)
    if len(party.details.get("kpp", "")) == 9:
        element.set("kpp", party.details["kpp"])
    return element


def bank(tag: str, bik: str, name: str = "") -> etree._Element:
    """The bank as sender or recipient."""
    element = etree.Element(tag, bic=bik)
    if name:
        element.set("name", name[:160])
    return element


def to_bytes(root: etree._Element) -> bytes:
    """UTF-8 with BOM (the standard: always) and declaration; children made without a namespace
    join the root's."""
    for element in root.iter(etree.Element):
        if not element.tag.startswith("{"):
            element.tag = f"{{{NAMESPACE}}}{element.tag}"
    return BOM + etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _problems(orders: tuple[Order, ...], client: str):
    if len(orders) != 1:
        yield Problem.of("", "", ONE_ORDER, count=len(orders))
    if not client:
        yield Problem.of("", "payer.details.client_identifier", NO_CLIENT)
    for order in orders:
        if order.kind != "rouble":
            yield Problem.of(order.number, "kind", NOT_ROUBLES, kind="rouble")


def _data(order: Order) -> etree._Element:
    """The fields of form 0401060, in the order of the schema."""
    details = order.details
    form = [node(tag, details[key]) for tag, key in FORM.items() if details.get(key)]
    budget = [node(tag, details[key]) for tag, key in BUDGET.items() if details.get(key)]
    return node(
        "Data",
        node("DocNo", document_number(order)),
        node("DocDate", document_date(order).isoformat()),
        node("Sum", f"{order.amount:.2f}"),
        node("Payer", *_party(order.payer, order.payer.account)),
        node("Payee", *_party(order.payee, payee_account(order))),
        *form,
        node("Purpose", order.title),
        *([node("BudgetPaymentInfo", *budget)] if budget else []),
    )


def _party(party: Party, number: str) -> list[etree._Element]:
    bank_parts = {
        "BIC": party.bank_code,
        "Name": party.bank_name,
        "City": party.details.get("bank_town"),
        "CorrespAcc": party.details.get("corr_account"),
    }
    parts = {"Name": party.name, "INN": party.tax_id, "KPP": party.details.get("kpp"),
             "Account": number}  # fmt: skip
    return [
        *(node(tag, text) for tag, text in parts.items() if text),
        node("Bank", *(node(tag, text) for tag, text in bank_parts.items() if text)),
    ]
