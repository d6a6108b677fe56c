# SPDX-License-Identifier: LGPL-3.0-only
"""Read a pain.001 (versions 03 and 09) into orders, strictly.

`read` gives the header and the orders, or raises `NotValid` with an element path. The XML schemas
of ISO 20022 come with the package `sepaxml`; where that is not installed, what is used here is
checked by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from ..numbers import plain
from ..world import PaymentOrder


class NotValid(Exception):
    """The content cannot be read; nothing of it was taken."""

    def __init__(self, message: str, path: str = ""):
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Header:
    """What the group header and the payment groups announce: checked against what is inside."""

    message_id: str
    announced: tuple[tuple[int, Decimal | None, int, Decimal], ...]  # count, sum, found, found sum
    group_ids: tuple[str, ...] = ()


@lru_cache
def schema(version: str) -> etree.XMLSchema | None:
    """The schema of pain.001.001.<version>, or None where the package with it is missing."""
    spec = find_spec("sepaxml")
    if spec is None:
        return None
    path = Path(spec.submodule_search_locations[0]) / "schemas" / f"pain.001.001.{version}.xsd"
    return etree.XMLSchema(etree.parse(str(path))) if path.exists() else None


def read(content: bytes, version: str) -> tuple[Header, list[PaymentOrder]]:
    space = f"urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}"
    root = _parse(content)
    if root.tag != f"{{{space}}}Document":
        raise NotValid(f"not a pain.001.001.{version} document", "/Document")
    checker = schema(version)
    if checker is not None and not checker.validate(root):
        error = checker.error_log[0]
        raise NotValid(error.message, error.path or f"line {error.line}")
    # Namespaces are known now: plain names make the paths below readable.
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    initiation = root.find("CstmrCdtTrfInitn")
    groups = initiation.findall("PmtInf") if initiation is not None else []
    if not groups:
        raise NotValid("no payments inside", "/Document/CstmrCdtTrfInitn/PmtInf")
    orders, announced = [], []
    for group in groups:
        shared = _shared(group)
        found = [_order(shared, transaction) for transaction in group.findall("CdtTrfTxInf")]
        announced.append(_announced(group, found))
        orders += found
    header = initiation.find("GrpHdr")
    return Header(
        _text(header, "MsgId", required=True),
        (_announced(header, orders), *announced),
        tuple(_text(group, "PmtInfId") for group in groups),
    ), orders


def _parse(content: bytes):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotValid(f"not XML: {error.msg}", f"line {error.lineno}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotValid("a DOCTYPE is not allowed")
    return root


def _announced(part, orders: list[PaymentOrder]):
    """Announced count (-1 where none) and sum (None), beside the found ones."""
    count, total = _text(part, "NbOfTxs"), _text(part, "CtrlSum")
    return (
        int(count) if count else -1,
        Decimal(total) if total else None,
        len(orders),
        sum((order.amount for order in orders), Decimal(0)),
    )


def _text(element, path: str, *, required: bool = False) -> str:
    value = (element.findtext(path) or "").strip() if element is not None else ""
    if required and not value:
        raise NotValid("a required element is missing", path)
    return value


INSTRUMENT = "PmtTpInf/LclInstrm/Cd"


def _shared(group) -> dict:
    """What a payment group says for all its orders; read once, since groups can be long."""
    return {
        "execute_on": _date(_text(group, "ReqdExctnDt") or _text(group, "ReqdExctnDt/Dt")),
        "debit_account": plain(_account(group.find("DbtrAcct"))),
        "group_id": _text(group, "PmtInfId", required=True),
        "urgent": _urgent(group),
        "service": _text(group, "PmtTpInf/SvcLvl/Cd"),
        "instrument": _text(group, INSTRUMENT),
        "charges": _text(group, "ChrgBr"),
        "debit_currency": _text(group, "DbtrAcct/Ccy"),
        "batch": "yes" if _text(group, "BtchBookg") in ("true", "1") else "",
        "debtor_address": group.find("Dbtr/PstlAdr"),
    }


def _order(group: dict, tx) -> PaymentOrder:
    amount = tx.find("Amt/InstdAmt")
    if amount is None:
        amount = tx.find("Amt/EqvtAmt/Amt")
    address = tx.find("Cdtr/PstlAdr")
    return PaymentOrder(
        end_to_end_id=_text(tx, "PmtId/EndToEndId", required=True),
        instruction_id=_text(tx, "PmtId/InstrId"),
        reference=_text(tx, "PmtId/EndToEndId"),
        amount=_decimal(amount.text),
        currency=amount.get("Ccy", ""),
        execute_on=group["execute_on"],
        debit_account=group["debit_account"],
        payee_name=_text(tx, "Cdtr/Nm", required=True),
        payee_account=plain(_account(tx.find("CdtrAcct"))),
        payee_address=_address(address),
        payee_country=_text(address, "Ctry"),
        payee_town=_text(address, "TwnNm"),
        title="".join((e.text or "") for e in tx.findall("RmtInf/Ustrd")),
        group_id=group["group_id"],
        urgent=group["urgent"] or _urgent(tx),
        details=_details(group, tx),
    )


def _decimal(text: str | None) -> Decimal:
    try:
        return Decimal((text or "").strip())
    except InvalidOperation as error:
        raise NotValid("not an amount", "CdtTrfTxInf/Amt/InstdAmt") from error


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise NotValid("not a date", "PmtInf/ReqdExctnDt") from error


def _account(element) -> str:
    return _text(element, "Id/IBAN") or _text(element, "Id/Othr/Id")


def _address(element) -> str:
    if element is None:
        return ""
    lines = [line.text or "" for line in element.findall("AdrLine")]
    street = " ".join(filter(None, (_text(element, "StrtNm"), _text(element, "BldgNb"))))
    town = " ".join(filter(None, (_text(element, "PstCd"), _text(element, "TwnNm"))))
    return ", ".join(filter(None, (*lines, street, town)))


def _in_part(address) -> str:
    whole = address is None or (_text(address, "TwnNm") and _text(address, "Ctry"))
    return "" if whole else "in part"


def _urgent(part) -> bool:
    return _text(part, "PmtTpInf/SvcLvl/Cd") in ("URGP", "SDVA") or (
        _text(part, "PmtTpInf/LclInstrm/Prtry").upper() == "SORBNET"
    )


def _details(group: dict, tx) -> dict:
    """What only some orders have: service level, charges, bank of the payee, tax block."""
    agent = tx.find("CdtrAgt/FinInstnId")
    found = {
        "service": _text(tx, "PmtTpInf/SvcLvl/Cd") or group["service"],
        "instant": "yes" if "INST" in (group["instrument"], _text(tx, INSTRUMENT)) else "",
        "charges": _text(tx, "ChrgBr") or group["charges"],
        "bic": _text(agent, "BIC") or _text(agent, "BICFI"),
        "debit_currency": group["debit_currency"],
        "batch": group["batch"],
        "sent_currency": _text(tx, "Amt/EqvtAmt/CcyOfTrf"),
        "address": _in_part(group["debtor_address"]) or _in_part(tx.find("Cdtr/PstlAdr")),
    }
    tax = tx.find("Tax")
    if tax is not None:
        found["tax"] = "yes"
        found["SYMBOL FORM."] = _text(tax, "Rcrd/FrmsCd")
        found["OKRES"] = _text(tax, "Rcrd/Prd/Yr")[:4]
        found["ID UZUP."] = _text(tax, "Dbtr/TaxId")
    return {key: value for key, value in found.items() if value}
