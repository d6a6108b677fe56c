"""ISO 20022 credit transfers, pain.001.001.03 and .09.

Source: the message definition report of pain.001. Every element down to the single transfer is
named here, so that no order can hide in a part that is not shown; cheques, equivalent amounts and
supplementary data are refused.
"""

from __future__ import annotations

from decimal import Decimal

from .summary import NotUnderstood, Payment, Summary, money
from .xmltree import Element, names

VERSIONS = ("pain.001.001.03", "pain.001.001.09")
NAMESPACES = tuple(f"urn:iso:std:iso:20022:tech:xsd:{version}" for version in VERSIONS)

GROUP_HEADER = names("MsgId CreDtTm Authstn NbOfTxs CtrlSum InitgPty FwdgAgt")
PAYMENT = names(
    "PmtInfId PmtMtd BtchBookg NbOfTxs CtrlSum PmtTpInf ReqdExctnDt PoolgAdjstmntDt Dbtr DbtrAcct "
    "DbtrAgt DbtrAgtAcct InstrForDbtrAgt UltmtDbtr ChrgBr ChrgsAcct ChrgsAcctAgt CdtTrfTxInf"
)
TRANSFER = names(
    "PmtId PmtTpInf Amt XchgRateInf ChrgBr UltmtDbtr IntrmyAgt1 IntrmyAgt1Acct IntrmyAgt2 "
    "IntrmyAgt2Acct IntrmyAgt3 IntrmyAgt3Acct CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr "
    "InstrForCdtrAgt InstrForDbtrAgt Purp RgltryRptg Tax RltdRmtInf RmtInf"
)
REPEATED_IN_TRANSFER = ("InstrForCdtrAgt", "RgltryRptg", "RltdRmtInf")


def read(document: Element) -> Summary:
    """Every transfer of the message; counts and control sums must agree with them."""
    if document.name != "Document":
        raise NotUnderstood(f"{document.name} is not a pain.001 document")
    document.expect(["CstmrCdtTrfInitn"])
    message = document.need("CstmrCdtTrfInitn")
    message.expect(["GrpHdr", "PmtInf"], repeated=["PmtInf"])
    header = message.need("GrpHdr")
    header.expect(GROUP_HEADER, repeated=["Authstn"])
    groups = [_payment_group(group) for group in message.all("PmtInf")]
    payments = tuple(payment for group in groups for payment in group)
    if not payments:
        raise NotUnderstood("it orders no payment")
    _check_control(header, payments, needed=True)
    version = document.namespace.rpartition(":")[2]
    return Summary(f"Transfers ({version})", header.value("MsgId"), payments)


def _payment_group(group: Element) -> list[Payment]:
    group.expect(PAYMENT, repeated=["CdtTrfTxInf"])
    if group.value("PmtMtd") != "TRF":
        raise NotUnderstood("it orders something else than transfers (PmtMtd)")
    day = _day(group.need("ReqdExctnDt"))
    payer = _account(group.need("DbtrAcct"))
    payments = [_transfer(transfer, day, payer) for transfer in group.all("CdtTrfTxInf")]
    _check_control(group, payments, needed=False)
    return payments


def _transfer(transfer: Element, day: str, payer: str) -> Payment:
    transfer.expect(TRANSFER, repeated=REPEATED_IN_TRANSFER)
    amounts = transfer.need("Amt")
    amounts.expect(["InstdAmt"])
    amount = amounts.need("InstdAmt")
    currency = amount.attributes.get("Ccy", "")
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise NotUnderstood("an amount has no currency")
    return Payment(
        payee=transfer.value("Cdtr/Nm"),
        account=_account(transfer.need("CdtrAcct")),
        amount=money(amounts.value("InstdAmt")),
        currency=currency,
        title=_title(transfer),
        execute_on=day,
        payer_account=payer,
    )


def _title(transfer: Element) -> str:
    """The free text; where there is none, the structured reference."""
    information = transfer.find("RmtInf")
    if information is None:
        return ""
    free = [leaf.text.strip() for leaf in information.all("Ustrd")]
    references = [structured.value("CdtrRefInf/Ref", "") for structured in information.all("Strd")]
    return " ".join(filter(None, free + references))


def _account(account: Element) -> str:
    """IBAN, or the number of another kind; never both."""
    identification = account.need("Id")
    identification.expect(["IBAN", "Othr"])
    if len(identification.children) != 1:
        raise NotUnderstood("an account has no number, or two")
    return identification.value("IBAN", "") or identification.value("Othr/Id")


def _day(date: Element) -> str:
    """.03 writes the day as text, .09 inside Dt or DtTm."""
    if not date.children:
        return date.text.strip()
    date.expect(["Dt", "DtTm"])
    return date.value("Dt", "") or date.value("DtTm")


def _check_control(where: Element, payments, *, needed: bool) -> None:
    count = where.value("NbOfTxs", None if needed else "")
    if count and count != str(len(payments)):
        raise NotUnderstood(f"it says {count[:15]} payments and holds {len(payments)}")
    total = where.value("CtrlSum", "")
    if total and money(total) != sum((payment.amount for payment in payments), Decimal(0)):
        raise NotUnderstood(f"its control sum {total[:18]} is not the sum of its payments")
