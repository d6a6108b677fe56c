# SPDX-License-Identifier: LGPL-3.0-only
"""1C DirectBank 2.3.2: payment orders, requests, and packets of them.

Source: the published standard of 1C (XML schemas 1C-Bank_*.xsd). Every leaf and attribute that may
be there is named here, with the words under which it is shown; what is not named is refused.
Documents are signed one by one; a packet is understood when every document inside it is,
uncompressed and unencrypted.
"""

from __future__ import annotations

import base64
import binascii

from ..words import say
from . import numbers
from .shape import ELSEWHERE, Shape
from .summary import NotUnderstood, Payment, Summary, day, money
from .xmltree import SPACE, Element, parse

NAMESPACE = "http://directbank.1c.ru/XMLSchema"

#: the frame of every document: who writes to which bank
FRAME = {
    "@id": ELSEWHERE,
    "@formatVersion": ELSEWHERE,
    "@creationDate": "Written at",
    "@userAgent": "Written by",
    "Sender@id": "Client",
    "Sender@name": "Client",
    "Sender@inn": "Client",
    "Sender@kpp": "Client",
    "Recipient@bic": "To the bank",
    "Recipient@name": "To the bank",
}
WITHOUT_SPACE = str.maketrans("", "", SPACE)
INN = "[0-9]{5}|[0-9]{10}|[0-9]{12}|0"
KPP = "[0-9]{4}[0-9A-Z]{2}[0-9]{3}|0"
INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{8,15}(Z|[+-][0-9]{2}:[0-9]{2})?)?"
CHECKS = {
    "formatVersion": r"2\.[0-9](\.[0-9])?",
    **dict.fromkeys(("bic", "BIC"), "[0-9]{9}"),
    **dict.fromkeys(("inn", "INN"), INN),
    **dict.fromkeys(("kpp", "KPP"), KPP),
    **dict.fromkeys(("creationDate", "DateFrom", "DateTo"), INSTANT),
    "Account": numbers.ROUBLES.pattern,
    "CBC": "[0-9]{20}|0",
    "OKTMO": "[0-9]{8}|[0-9]{11}|0",
}


def _party(tag: str, name: str, own_ids: str, account: str, bank: str) -> dict[str, str]:
    return {
        f"Data/{tag}/Name": name,
        f"Data/{tag}/INN": own_ids,
        f"Data/{tag}/KPP": own_ids,
        f"Data/{tag}/Account": account,
        f"Data/{tag}/Bank/BIC": bank,
        f"Data/{tag}/Bank/Name": bank,
        f"Data/{tag}/Bank/City": bank,
        f"Data/{tag}/Bank/CorrespAcc": bank,
    }


BUDGET = {
    "DrawerStatus": "Payer's status (101)",
    "CBC": "KBK (104)",
    "OKTMO": "OKTMO (105)",
    "Reason": "Reason of the payment (106)",
    "TaxPeriod": "Tax period (107)",
    "DocNo": "Number of the tax document (108)",
    "DocDate": "Date of the tax document (109)",
    "PayType": "Kind of the tax payment (110)",
}
PAYMENT_ORDER = Shape(
    {
        **FRAME,
        "Data/DocNo": "Number",
        "Data/DocDate": "Date of the order",
        "Data/Sum": ELSEWHERE,
        **_party("Payer", "Payer", "Payer's INN and KPP", "From account", "Payer's bank"),
        **_party("Payee", ELSEWHERE, "Payee's INN and KPP", ELSEWHERE, "Payee's bank"),
        "Data/PaymentKind": "Kind of the payment (5)",
        "Data/TransitionKind": "Kind of the operation (18)",
        "Data/Priority": "Priority (21)",
        "Data/Code": "Code (22)",
        "Data/IncomeTypeCode": "Code of the income (20)",
        "Data/Purpose": ELSEWHERE,
        **{f"Data/BudgetPaymentInfo/{name}": label for name, label in BUDGET.items()},
    },
    checks=CHECKS,
)
STATEMENT_REQUEST = Shape(
    {
        **FRAME,
        "Data/StatementType": "Kind of the statement",
        "Data/DateFrom": "Period",
        "Data/DateTo": "Period",
        "Data/Account": "Account",
        "Data/Bank/BIC": "Account",
    },
    checks=CHECKS,
    words={"StatementType": {"0": "final", "1": "interim", "2": "balance only"}},
)
ABOUT_ANOTHER = Shape({**FRAME, "ExtID": "About document"}, checks=CHECKS)
RECALL = Shape({**FRAME, "ExtID": "About document", "Reason": "Reason"}, checks=CHECKS)
PROBE = Shape(FRAME, checks=CHECKS)
#: the frame of a packet says nothing of its documents
PACKET = Shape(
    {
        "@id": ELSEWHERE,
        "@formatVersion": ELSEWHERE,
        "@creationDate": "Written at",
        "@userAgent": "Written by",
        "Sender/Customer@id": "Client",
        "Sender/Customer@name": "Client",
        "Sender/Customer@inn": "Client",
        "Sender/Customer@kpp": "Client",
        "Recipient/Bank@bic": "To the bank",
        "Recipient/Bank@name": "To the bank",
    },
    checks=CHECKS,
)
ENTRY = Shape(
    {
        "@id": ELSEWHERE,
        "@dockind": ELSEWHERE,
        "@formatVersion": ELSEWHERE,
        "@compressed": ELSEWHERE,
        "@encrypted": ELSEWHERE,
    },
    checks={
        **CHECKS,
        "id": "[A-Za-z0-9-]{1,36}",
        "dockind": "[0-9]{2}",
        "compressed": "false|0",
        "encrypted": "false|0",
    },
)


def read(document: Element) -> Summary:
    """Payment order, statement request, status request, recall, probe, or a packet of these."""
    if document.name == "Packet":
        return _packet(document)
    if document.name not in READERS:
        raise NotUnderstood(f"DirectBank document {document.name} is not known to the signer")
    _code, reader = READERS[document.name]
    return reader(document)


def _payment_order(document: Element) -> Summary:
    facts = PAYMENT_ORDER.facts(PAYMENT_ORDER.read(document))
    data = document.need("Data")
    day(data.value("DocDate"))
    numbers.roubles(data.value("Payer/Account"), data.value("Payer/Bank/BIC"))
    for side in ("Payer", "Payee"):
        correspondent = data.value(f"{side}/Bank/CorrespAcc", "")
        if correspondent:
            bik = data.value(f"{side}/Bank/BIC")
            numbers.roubles(correspondent, bik, correspondent=True)
    payment = Payment(
        payee=data.value("Payee/Name"),
        account=_account(data),
        amount=money(data.value("Sum")),
        currency="RUB",
        title=data.value("Purpose"),
        facts=facts,
    )
    return Summary(say("Payment order (1C DirectBank)"), _id(document), (payment,))


def _account(data: Element) -> str:
    """A bank as payee may have no account: its correspondent account stands for it."""
    bik = data.value("Payee/Bank/BIC")
    account = data.value("Payee/Account", "")
    if account:
        return f"{numbers.roubles(account, bik)}, BIK {bik}"
    correspondent = data.value("Payee/Bank/CorrespAcc", "")
    if not correspondent:
        raise NotUnderstood("the payee has no account")
    return f"{correspondent}, BIK {bik}"


def _request(kind: str, shape: Shape):
    """Reader of a document that orders no payment."""

    def read_request(document: Element) -> Summary:
        facts = shape.facts(shape.read(document))
        return Summary(say(kind), _id(document), facts=facts)

    return read_request


def _packet(packet: Element) -> Summary:
    frame = PACKET.facts(PACKET.read(packet, besides=["Document"]))
    parts = [_document_in(entry) for entry in packet.all("Document")]
    if not parts:
        raise NotUnderstood("the packet is empty")
    payments = tuple(payment for part in parts for payment in part.payments)
    facts = [
        fact for part in parts for fact in (("Document", f"{part.kind} · {part.id}"), *part.facts)
    ]
    return Summary(
        say("Packet of {count}", count=len(parts)), _id(packet), payments, (*frame, *facts)
    )


def _document_in(entry: Element) -> Summary:
    ENTRY.read(entry, besides=["Data"])
    entry.need("Data").expect([])
    try:
        content = base64.b64decode(entry.value("Data").translate(WITHOUT_SPACE), validate=True)
    except (binascii.Error, ValueError):
        raise NotUnderstood("a document in the packet is not base64") from None
    document = parse(content)
    if document.namespace != NAMESPACE or document.name not in READERS:
        raise NotUnderstood("a document in the packet is not known to the signer")
    code, reader = READERS[document.name]
    if entry.attributes.get("dockind") != code:
        raise NotUnderstood(f"a {document.name} in the packet is called another kind")
    return reader(document)


def _id(document: Element) -> str:
    return document.attribute("id")


#: element -> (code of the kind in the standard, reader)
READERS = {
    "PayDocRu": ("10", _payment_order),
    "StatementRequest": (
        "14",
        _request("Request of a statement (1C DirectBank)", STATEMENT_REQUEST),
    ),
    "StatusRequest": ("03", _request("Question about a document (1C DirectBank)", ABOUT_ANOTHER)),
    "CancelationRequest": ("04", _request("RECALL of a document (1C DirectBank)", RECALL)),
    "Probe": ("05", _request("Test of the connection (1C DirectBank)", PROBE)),
}
