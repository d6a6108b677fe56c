"""1C DirectBank 2.3.2: payment orders, requests, and packets of them.

Source: the published standard of 1C (XML schemas 1C-Bank_*.xsd). Documents are signed one by one;
a packet is understood when every document inside it is, uncompressed and unencrypted.
"""

from __future__ import annotations

import base64
import binascii

from .summary import NotUnderstood, Payment, Summary, money
from .xmltree import Element, names, parse

NAMESPACE = "http://directbank.1c.ru/XMLSchema"

PAYMENT_DATA = names(
    "DocNo DocDate Sum Payer Payee PaymentKind TransitionKind Priority Code IncomeTypeCode Purpose "
    "BudgetPaymentInfo"
)
PARTY = ("Name", "INN", "KPP", "Account", "Bank")
BANK = ("BIC", "Name", "City", "CorrespAcc")
BUDGET = names("DrawerStatus CBC OKTMO Reason TaxPeriod DocNo DocDate PayType")


def read(document: Element) -> Summary:
    """Payment order, statement request, status request, recall, probe, or a packet of these."""
    if document.name == "Packet":
        return _packet(document)
    if document.name not in READERS:
        raise NotUnderstood(f"DirectBank document {document.name} is not known to the signer")
    _code, reader = READERS[document.name]
    return reader(document)


def _payment_order(document: Element) -> Summary:
    document.expect(["Sender", "Recipient", "Data", "Digest"])
    data = document.need("Data")
    data.expect(PAYMENT_DATA)
    for side in ("Payer", "Payee"):
        data.need(side).expect(PARTY)
        data.need(f"{side}/Bank").expect(BANK)
    payment = Payment(
        payee=data.value("Payee/Name"),
        account=_account(data),
        amount=money(data.value("Sum")),
        currency="RUB",
        title=data.value("Purpose"),
        execute_on=data.value("DocDate"),
        payer_account=data.value("Payer/Account", ""),
    )
    facts = [("Number", data.value("DocNo")), ("Bank", _bank(document)), *_budget(data)]
    return Summary("Payment order (1C DirectBank)", _id(document), (payment,), tuple(facts))


def _account(data: Element) -> str:
    """A bank as payee may have no account: its correspondent account stands for it."""
    account = data.value("Payee/Account", "") or data.value("Payee/Bank/CorrespAcc", "")
    if not account:
        raise NotUnderstood("the payee has no account")
    return f"{account}, BIK {data.value('Payee/Bank/BIC')}"


def _budget(data: Element) -> list[tuple[str, str]]:
    budget = data.find("BudgetPaymentInfo")
    if budget is None:
        return []
    budget.expect(BUDGET)
    return [("Budget payment", f"KBK {budget.value('CBC', '')}, OKTMO {budget.value('OKTMO', '')}")]


def _statement_request(document: Element) -> Summary:
    document.expect(["Sender", "Recipient", "Data", "Digest"])
    data = document.need("Data")
    data.expect(["StatementType", "DateFrom", "DateTo", "Account", "Bank"])
    period = f"{data.value('DateFrom')[:10]} – {data.value('DateTo')[:10]}"
    facts = (
        ("Account", data.value("Account")),
        ("Period", period),
        ("Bank", _bank(document)),
    )
    return Summary("Request of a statement (1C DirectBank)", _id(document), facts=facts)


def _about_another(kind: str, *more: str):
    """Reader of a request that only names another document."""

    def read_request(document: Element) -> Summary:
        document.expect(["Sender", "Recipient", "ExtID", "Digest", *more])
        facts = (("About document", document.value("ExtID")), ("Bank", _bank(document)))
        return Summary(f"{kind} (1C DirectBank)", _id(document), facts=facts)

    return read_request


def _probe(document: Element) -> Summary:
    document.expect(["Sender", "Recipient", "Digest"])
    facts = (("Bank", _bank(document)),)
    return Summary("Test of the connection (1C DirectBank)", _id(document), facts=facts)


def _packet(packet: Element) -> Summary:
    packet.expect(["Sender", "Recipient", "Document", "SenderFootprint"], repeated=["Document"])
    parts = [_document_in(entry) for entry in packet.all("Document")]
    if not parts:
        raise NotUnderstood("the packet is empty")
    payments = tuple(payment for part in parts for payment in part.payments)
    facts = tuple(fact for part in parts for fact in part.facts)
    kinds = " + ".join(sorted({part.kind for part in parts}))
    return Summary(f"Packet of {len(parts)}: {kinds}", _id(packet), payments, facts)


def _document_in(entry: Element) -> Summary:
    entry.expect(["Data", "Signature"], repeated=["Signature"])
    for flag in ("compressed", "encrypted"):
        if entry.attributes.get(flag, "false") not in ("false", "0"):
            raise NotUnderstood(f"a document in the packet is {flag}")
    try:
        content = base64.b64decode("".join(entry.value("Data").split()), validate=True)
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
    return document.attributes.get("id", "")


def _bank(document: Element) -> str:
    bank = document.need("Recipient").attributes
    return f"{bank.get('name', '')} ({bank.get('bic', '')})"


#: element -> (code of the kind in the standard, reader)
READERS = {
    "PayDocRu": ("10", _payment_order),
    "StatementRequest": ("14", _statement_request),
    "StatusRequest": ("03", _about_another("Question about a document")),
    "CancelationRequest": ("04", _about_another("RECALL of a document", "Reason")),
    "Probe": ("05", _probe),
}
