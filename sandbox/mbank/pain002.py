# SPDX-License-Identifier: LGPL-3.0-only
"""The bank's answer to a package: pain.002.001.03, with a status for every order."""

from __future__ import annotations

from lxml import etree
from lxml.builder import ElementMaker

from ..world import Package, PaymentOrder
from .soap import instant

SPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"
E = ElementMaker(namespace=SPACE, nsmap={None: SPACE})
_NAMES = {"PAIN001.03": "pain.001.001.03", "PAIN001.09": "pain.001.001.09", "ELIXIR0": "elixir-0"}


def group_status(package: Package) -> str:
    """One status for the message, out of those of its orders."""
    found = {order.status for order in package.orders}
    if found == {"RJCT"} or package.code:
        return "RJCT"
    if "RJCT" in found:
        return "PART"
    if len(found) == 1:
        return found.pop()
    return "ACSP" if found & {"ACSC", "ACSP"} else "PDNG"


def render(package: Package, now) -> bytes:
    status = group_status(package)
    group = E.OrgnlGrpInfAndSts(
        E.OrgnlMsgId(package.message_id),
        E.OrgnlMsgNmId(_NAMES[package.format]),
        E.GrpSts(status),
    )
    if package.code:
        group.append(_reason(package.code, package.reason))
    report = E.CstmrPmtStsRpt(
        E.GrpHdr(E.MsgId(f"STS{now:%Y%m%d%H%M%S%f}"[:35]), E.CreDtTm(instant(now))),
        group,
    )
    for group_id in dict.fromkeys(order.group_id for order in package.orders):
        part = E.OrgnlPmtInfAndSts(E.OrgnlPmtInfId(group_id or package.message_id))
        for order in package.orders:
            if order.group_id == group_id:
                part.append(_transaction(order))
        report.append(part)
    return etree.tostring(E.Document(report), xml_declaration=True, encoding="UTF-8")


def _reason(code: str, words: str):
    info = E.StsRsnInf(E.Rsn(E.Cd(code)))
    for i in range(0, len(words), 105):
        info.append(E.AddtlInf(words[i : i + 105]))
    return info


def _transaction(order: PaymentOrder):
    part = E.TxInfAndSts()
    if order.instruction_id:
        part.append(E.OrgnlInstrId(order.instruction_id))
    part.append(E.OrgnlEndToEndId(order.end_to_end_id))
    part.append(E.TxSts(order.status))
    if order.code:
        part.append(_reason(order.code, order.reason))
    if order.tnr:
        part.append(E.AcctSvcrRef(order.tnr))
    part.append(
        E.OrgnlTxRef(
            E.Amt(E.InstdAmt(f"{order.amount:.2f}", Ccy=order.currency)),
            E.ReqdExctnDt(order.execute_on.isoformat()),
        )
    )
    return part
