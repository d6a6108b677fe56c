# SPDX-License-Identifier: LGPL-3.0-only
"""ISO 20022 credit transfers, pain.001.001.03 and .09.

Source: the message definition report of pain.001. Every leaf that may be there is named here, with
the words under which it is shown; what is not named is refused: cheques, a second bank between,
regulatory reporting, structured remittance, supplementary data.
"""

from __future__ import annotations

from decimal import Decimal

from ..words import say
from . import numbers
from .shape import ELSEWHERE, Shape
from .summary import Fact, NotUnderstood, Payment, Summary, day, money
from .xmltree import Element

VERSIONS = ("pain.001.001.03", "pain.001.001.09")
NAMESPACES = tuple(f"urn:iso:std:iso:20022:tech:xsd:{version}" for version in VERSIONS)

#: decimals of currencies that have not two (ISO 4217)
DECIMALS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
#: what stands in ids: letters of ASCII, one space between them and none around
PLAIN = "[!-~]+( [!-~]+)*"
#: patterns of values that banks read by machine
CHECKS = {
    **dict.fromkeys(("MsgId", "CreDtTm", "InstrId", "EndToEndId", "Id"), PLAIN),
    **dict.fromkeys(("TaxId", "FrmsCd", "MmbId", "Prtry"), PLAIN),
    "TaxTp": "[A-Z0-9]",
    "Yr": "[0-9]{4}(-[0-9]{2}-[0-9]{2})?",
    "Tp": "(MM|QT|HL)[A-Z]?[0-9]{1,2}",
    "BIC": "[A-Z0-9]{8}([A-Z0-9]{3})?",
    "BICFI": "[A-Z0-9]{8}([A-Z0-9]{3})?",
    **dict.fromkeys(("Ccy", "CcyOfTrf"), "[A-Z]{3}"),
    "Ctry": "[A-Z]{2}",
    "Cd": "[A-Z0-9]{1,35}",
    "PmtInfId": "[ -~]{1,35}",
    "PmtMtd": "TRF",
}
#: values that decide, in words; others are refused
WORDS = {
    "InstrPrty": {"NORM": "ordinary", "HIGH": "urgent"},
    "BtchBookg": {"true": "yes", "1": "yes", "false": "no", "0": "no"},
    "ChrgBr": {
        "SHAR": "each side its own",
        "DEBT": "all borne by the payer",
        "CRED": "all borne by the payee",
        "SLEV": "as the payment scheme says",
    },
}


def _party(tag: str, name: str, address: str, own_id: str) -> dict[str, str]:
    lines = ("StrtNm", "BldgNb", "PstCd", "TwnNm", "Ctry")
    return {
        f"{tag}/Nm": name,
        **{f"{tag}/PstlAdr/{line}": address for line in lines},
        f"{tag}/Id/OrgId/Othr/Id": own_id,
    }


def _agent(tag: str, label: str) -> dict[str, str]:
    """By its name alone nobody finds a bank: the name is never shown as if it were the code, nor a
    number that only one bank knows."""
    parts = ("BIC", "BICFI", "ClrSysMmbId/ClrSysId/Cd", "ClrSysMmbId/MmbId")
    return {
        **{f"{tag}/FinInstnId/{part}": label for part in parts},
        f"{tag}/FinInstnId/Othr/Id": f"{label} (own number)",
        f"{tag}/FinInstnId/Nm": "Name of the bank",
    }


def _account(tag: str, label: str) -> dict[str, str]:
    return {f"{tag}/Id/IBAN": label, f"{tag}/Id/Othr/Id": label, f"{tag}/Ccy": label}


TYPE = {
    "PmtTpInf/InstrPrty": "Route",
    "PmtTpInf/SvcLvl/Cd": "Route",
    "PmtTpInf/LclInstrm/Cd": "Payment system",
    "PmtTpInf/LclInstrm/Prtry": "Payment system (the bank's own name)",
    "PmtTpInf/CtgyPurp/Cd": "Category",
}
HEADER = Shape(
    {
        "MsgId": ELSEWHERE,
        "CreDtTm": "Written at",
        "NbOfTxs": ELSEWHERE,
        "CtrlSum": ELSEWHERE,
        **_party("InitgPty", "Ordered by", "Ordered by", "Client"),
    },
    checks=CHECKS,
)
GROUP = Shape(
    {
        "PmtInfId": ELSEWHERE,
        "PmtMtd": ELSEWHERE,
        "BtchBookg": "Booked as one sum",
        "NbOfTxs": ELSEWHERE,
        "CtrlSum": ELSEWHERE,
        **TYPE,
        "ReqdExctnDt": "Execution day",
        "ReqdExctnDt/Dt": "Execution day",
        **_party("Dbtr", "Payer", "Payer's address", "Payer's id"),
        **_account("DbtrAcct", "From account"),
        **_agent("DbtrAgt", "Payer's bank"),
        "InstrForDbtrAgt": "Instruction to the bank",
        **_party("UltmtDbtr", "On behalf of", "On behalf of", "On behalf of"),
        "ChrgBr": "Charges",
        **_account("ChrgsAcct", "Charges from account"),
    },
    checks=CHECKS,
    words=WORDS,
)
TRANSFER = Shape(
    {
        "PmtId/InstrId": "Reference",
        "PmtId/EndToEndId": "Reference",
        **TYPE,
        "Amt/InstdAmt": ELSEWHERE,
        "Amt/InstdAmt@Ccy": ELSEWHERE,
        "Amt/EqvtAmt/Amt": ELSEWHERE,
        "Amt/EqvtAmt/Amt@Ccy": ELSEWHERE,
        "Amt/EqvtAmt/CcyOfTrf": "To be sent in the currency",
        "ChrgBr": "Charges",
        **_party("UltmtDbtr", "On behalf of", "On behalf of", "On behalf of"),
        "XchgRateInf/CtrctId": "Exchange contract",
        **_agent("IntrmyAgt1", "Bank between"),
        **_agent("CdtrAgt", "Payee's bank"),
        **_party("Cdtr", ELSEWHERE, "Payee's address", "Payee's id"),
        "CdtrAcct/Id/IBAN": ELSEWHERE,
        "CdtrAcct/Id/Othr/Id": ELSEWHERE,
        "CdtrAcct/Ccy": "Currency of the payee's account",
        **_party("UltmtCdtr", "In favour of", "In favour of", "In favour of"),
        "InstrForCdtrAgt/Cd": "Instruction to the payee's bank",
        "InstrForCdtrAgt/InstrInf": "Message to the payee's bank",
        "InstrForDbtrAgt": "Instruction to the bank",
        "Purp/Cd": "Purpose",
        "Tax/Dbtr/TaxId": "Tax",
        "Tax/Dbtr/TaxTp": "Tax",
        "Tax/Rcrd/FrmsCd": "Tax",
        "Tax/Rcrd/Prd/Yr": "Tax",
        "Tax/Rcrd/Prd/Tp": "Tax",
        "Tax/Rcrd/AddtlInf": "Tax obligation",
        "RmtInf/Ustrd": ELSEWHERE,
    },
    repeated=("InstrForCdtrAgt", "RmtInf/Ustrd"),
    checks=CHECKS,
    words=WORDS,
)
#: what may be said once, of all payments of a group or of each (rules of the message definition)
EITHER = {path.partition("/")[0] for path in GROUP.table} & {
    path.partition("/")[0] for path in TRANSFER.table
}


def read(document: Element) -> Summary:
    """Every transfer of the message; counts and control sums must agree with them."""
    if document.name != "Document":
        raise NotUnderstood(f"{document.name} is not a pain.001 document")
    document.expect(["CstmrCdtTrfInitn"])
    message = document.need("CstmrCdtTrfInitn")
    message.expect(["GrpHdr", "PmtInf"], repeated=["PmtInf"])
    header = message.need("GrpHdr")
    values = HEADER.read(header)
    payments = tuple(p for group in message.all("PmtInf") for p in _payment_group(group))
    if not payments:
        raise NotUnderstood("it orders no payment")
    header.need("NbOfTxs")
    _check_control(header, payments)
    version = document.namespace.rpartition(":")[2]
    kind = say("Transfers ({version})", version=version)
    return Summary(kind, header.value("MsgId"), payments, HEADER.facts(values))


def _payment_group(group: Element) -> list[Payment]:
    values = GROUP.read(group, besides=["CdtTrfTxInf"])
    group.need("PmtMtd")
    date = group.need("ReqdExctnDt")
    day(date.value("Dt") if date.children else date.text)
    _number(group.need("DbtrAcct"))
    if group.find("ChrgsAcct") is not None:
        _number(group.need("ChrgsAcct"))
    facts = GROUP.facts(values)
    said = EITHER & {child.name for child in group.children}
    payments = [_transfer(transfer, facts, said) for transfer in group.all("CdtTrfTxInf")]
    _check_control(group, payments)
    return payments


def _transfer(transfer: Element, of_group: tuple[Fact, ...], said: set[str]) -> Payment:
    values = TRANSFER.read(transfer)
    if twice := said & {child.name for child in transfer.children}:
        raise NotUnderstood(f"{min(twice)} is said of the payment, and of all payments together")
    if transfer.find("Tax"):
        for part in ("Tax/Dbtr/TaxId", "Tax/Dbtr/TaxTp", "Tax/Rcrd/FrmsCd"):
            transfer.need(part)  # shown in one line: none stands for another
    texts = [text for path, text in values if path == "RmtInf/Ustrd"]
    amount = _amount(transfer.need("Amt"))
    return Payment(
        payee=transfer.value("Cdtr/Nm"),
        account=_number(transfer.need("CdtrAcct")),
        amount=money(amount.text, DECIMALS.get(amount.attribute("Ccy"), 2)),
        currency=amount.attribute("Ccy"),
        title=" ".join(texts),
        facts=of_group + TRANSFER.facts(_one_reference(values)),
    )


def _amount(parts: Element) -> Element:
    """What is sent, or what leaves the account to be sent in another currency; never both."""
    if len(parts.children) != 1:
        raise NotUnderstood("a payment has no amount, or two")
    if parts.find("EqvtAmt"):
        parts.need("EqvtAmt/CcyOfTrf")
        return parts.need("EqvtAmt/Amt")
    return parts.need("InstdAmt")


def _one_reference(values: list[Fact]) -> list[Fact]:
    """Both ids are mostly the same: then one of them is enough."""
    end_to_end = next((text for path, text in values if path == "PmtId/EndToEndId"), None)
    return [fact for fact in values if fact != ("PmtId/InstrId", end_to_end)]


def _number(account: Element) -> str:
    """An IBAN with right check digits, or the number of another kind; never both."""
    identification = account.need("Id")
    if len(identification.children) != 1:
        raise NotUnderstood("an account has no number, or two")
    other = identification.value("Othr/Id", "")
    if not other:
        return numbers.iban(identification.value("IBAN"))
    return numbers.other(other)


def _check_control(where: Element, payments) -> None:
    count = where.value("NbOfTxs", "")
    if count and count != str(len(payments)):
        raise NotUnderstood(f"it says {count[:15]} payments and holds {len(payments)}")
    total = where.value("CtrlSum", "")
    if total and money(total, 3) != sum((payment.amount for payment in payments), Decimal(0)):
        raise NotUnderstood(f"its control sum {total[:18]} is not the sum of its payments")
