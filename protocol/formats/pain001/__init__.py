# SPDX-License-Identifier: LGPL-3.0-only
"""ISO 20022 pain.001: credit transfers from a customer to its bank, versions .03 and .09.

Source: the ISO 20022 message definitions and their XML schemas; the Polish banks' recommendation
for them: one file may mix kinds, and holds one `PmtInf` for each debit account, day and type.

- Order of elements: by the schema. No value is ever cut: what does not fit is an `InvalidOrder`.
- The bytes depend on the arguments alone, since they are signed.
- `InstrId` = `EndToEndId` = the order's end-to-end id; `PmtInfId` comes from message id and place.
- An order to a tax office has the `Tax` block, and its `/TI/…` title in `RmtInf/Ustrd`, which
  holds the periods (decade, day) that the block has no code for. Split payment: title in `Ustrd`.
- `details` may choose a purpose, one entry for all orders of a group (`batch_booking`), a bank
  between (`intermediary_bic`), the number of a currency deal (`exchange_deal`), and the currency in
  which the bank sends what it takes in the order's (`sent_currency`: `EqvtAmt`, `CcyOfTrf`).
- Texts are written with the letters that the kind of order knows (`texts.fit`).
- Addresses are written in parts, with town and country, or not at all: since November 2026 all
  others are refused, in SEPA and abroad (see checks/address.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from lxml import etree

from ... import currencies
from ...errors import Invalid, InvalidDocument, InvalidOrder
from ...records import Order, Party
from ...wording import _
from ..safe_xml import node, parse_safely, text_of
from ..texts import fit_order
from . import parts
from .parts import Dialect, Writer
from .rules import problems_of

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.{version}"
VERSIONS = ("03", "09")

NO_SUCH_VERSION = _("pain.001.001.{version} is not supported")
NOT_PAIN001 = _("not a pain.001 message")


def render(
    message_id: str,
    created_at: datetime,
    initiator: Party,
    orders: Iterable[Order],
    version: str = "03",
    bank: str = "",
) -> bytes:
    """The message as UTF-8 bytes. `created_at`: an aware instant.

    `initiator.details["client_identifier"]`, else its tax id, says at the bank who is asking;
    `payer.details["currency"]`, where it is given, names the debit account's currency. `bank`: a
    key of BANKS, whose codes are written (`bank_codes`).
    Raises `InvalidOrder` with every problem of the batch.
    """
    if version not in VERSIONS:
        raise Invalid(NO_SUCH_VERSION.format(version=version))
    format_name = f"pain.001.001.{version}"
    orders = tuple(fit_order(order, format_name) for order in orders)
    problems = list(problems_of(message_id, orders))
    if problems:
        raise InvalidOrder(problems)
    namespace = NAMESPACE.format(version=version)
    writer = Writer(version, Dialect.of(bank))
    target = io.BytesIO()
    with etree.xmlfile(target, encoding="UTF-8") as xml:
        xml.write_declaration()
        # The parts are built without a namespace and inherit the document's default one where
        # they are written; qualified parts would each repeat the declaration.
        with (
            xml.element(f"{{{namespace}}}Document", nsmap={None: namespace}),
            xml.element(f"{{{namespace}}}CstmrCdtTrfInitn"),
        ):
            xml.write(_group_header(message_id, created_at, initiator, orders))
            for number, group in enumerate(_groups(orders), 1):
                with xml.element(f"{{{namespace}}}PmtInf"):
                    for part in _payment_information(writer, message_id, number, group):
                        xml.write(part)
    return target.getvalue()


def payments_of(content: bytes) -> dict[str, tuple[str, ...]]:
    """End-to-end ids by `PmtInfId` of a rendered message: what a pain.002 may speak of at once."""
    root = parse_safely(content)
    result = {}
    for information in root.iter("{*}PmtInf"):
        ids = tuple(text_of(item) for item in information.iter("{*}EndToEndId"))
        result[text_of(information.find("{*}PmtInfId"))] = ids
    if not result:
        raise InvalidDocument(NOT_PAIN001, path="/Document/CstmrCdtTrfInitn")
    return result


def _groups(orders: tuple[Order, ...]) -> list[list[Order]]:
    """Orders that share a `PmtInf`: same debit account, day and type, in order of appearance."""
    groups: dict[tuple, list[Order]] = {}
    for order in orders:
        payer = order.payer
        debit = (payer.account, payer.bic, payer.bank_code, payer.name, payer.tax_id, payer.address)
        chosen = order.details.get("purpose", ""), order.details.get("batch_booking", "")
        key = (*debit, order.execute_on, order.kind, order.route, order.urgent, *chosen)
        groups.setdefault(key, []).append(order)
    return list(groups.values())


def _total(orders: Iterable[Order]) -> str:
    """Sum of the amounts, whatever their currencies: a control figure, as ISO wants it."""
    return currencies.total((order.amount, order.currency) for order in orders)


def _group_header(message_id, created_at, initiator, orders):
    identifier = initiator.details.get("client_identifier") or initiator.tax_id
    return node(
        "GrpHdr",
        node("MsgId", message_id),
        node("CreDtTm", created_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")),
        node("NbOfTxs", str(len(orders))),
        node("CtrlSum", _total(orders)),
        node("InitgPty", node("Nm", initiator.name), parts.identification(identifier)),
    )


def _payment_information(writer, message_id, number, group) -> Iterator[etree._Element]:
    """The parts of one `PmtInf`, one at a time: a big package is never a tree in memory."""
    first = group[0]
    yield node("PmtInfId", payment_information_id(message_id, number))
    yield node("PmtMtd", "TRF")
    yield node("BtchBookg", "true" if first.details.get("batch_booking") else "false")
    yield node("NbOfTxs", str(len(group)))
    yield node("CtrlSum", _total(group))
    yield parts.payment_type(writer.dialect, first)
    day = first.execute_on.isoformat()
    yield node("ReqdExctnDt", day if writer.version == "03" else node("Dt", day))
    yield parts.party("Dbtr", first.payer)
    yield parts.account("DbtrAcct", first.payer.account, first.payer.details.get("currency", ""))
    agent = parts.agent("DbtrAgt", first.payer, writer.bic_tag)
    yield parts.unnamed_agent() if agent is None else agent
    for order in group:
        yield parts.transaction(writer, order)


def payment_information_id(message_id: str, number: int) -> str:
    """Unique in the message by `number`, and beyond it as far as 35 characters let it be."""
    tail = f"-{number}"
    return message_id[: 35 - len(tail)] + tail
