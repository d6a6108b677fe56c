# SPDX-License-Identifier: LGPL-3.0-only
"""ISO 20022 pain.002: what the bank says of a payment message, versions .03 to .10.

Source: the ISO 20022 message definitions and the external code set of payment statuses. A status
may stand on three levels: the group, a `PmtInf`, a single payment; the lowest one counts.

Accepted is not executed: also `ACSC` (settlement completed) is only *accepted* here, since the
entry on the statement is what proves that money moved. A partly accepted group (`PART`) says
nothing of a payment that it does not name: its state is *sent*. So does an unknown status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from lxml import etree

from ..errors import InvalidDocument
from ..records import OrderReceipt, Receipt
from ..wording import _
from .safe_xml import parse_safely, text_of

NOT_PAIN002 = _("not a pain.002 message of version 03 to 10")
NO_MESSAGE_ID = _("no original message id")
NO_PAYMENT_ID = _("a payment without its id")
BAD_DATE = _("{value} is not a date")

STATES = MappingProxyType(
    {
        "RCVD": "sent",  # received, not looked at
        "ACTC": "sent",  # well formed and authentic
        "PART": "sent",  # some of the payments: each has its own status
        "PATC": "waiting",  # authenticated in part: another signature is owed
        "PDNG": "waiting",  # pending: a check or a person is still to come
        "ACCP": "accepted",  # customer profile and amounts are in order
        "ACWC": "accepted",  # with a change, which the reason tells
        "ACWP": "accepted",  # without posting
        "ACFC": "accepted",  # the funds are there
        "ACSP": "accepted",  # in settlement
        "ACSC": "accepted",  # settled on the debtor's account
        "ACCC": "accepted",  # settled on the creditor's account
        "RJCT": "rejected",
        "CANC": "recalled",
    }
)
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.(0[3-9]|10)")
_PATH = "/Document/CstmrPmtStsRpt"


def identify(content: bytes) -> bool:
    """True when the beginning of `content` names a pain.002 that `parse` understands."""
    return bool(_NAMESPACE.search(content[:2000].decode("utf-8", "replace")))


def parse(content: bytes, payments_of: Mapping[str, tuple[str, ...]] | None = None) -> Receipt:
    """The bank's answer to one message.

    `payments_of`: end-to-end ids by `PmtInfId` of our message (`pain001.payments_of`), so that a
    status of a whole `PmtInf` reaches its payments. Raises `InvalidDocument`.
    """
    root = parse_safely(content)
    namespace = etree.QName(root).namespace or ""
    report = root.find("{*}CstmrPmtStsRpt")
    if report is None or not _NAMESPACE.fullmatch(namespace):
        raise InvalidDocument(NOT_PAIN002, path=_PATH)
    group = report.find("{*}OrgnlGrpInfAndSts")
    message_id = text_of(group.find("{*}OrgnlMsgId")) if group is not None else ""
    if not message_id:
        raise InvalidDocument(NO_MESSAGE_ID, path=f"{_PATH}/OrgnlGrpInfAndSts")
    orders = tuple(_orders(report, payments_of or {}))
    status = text_of(group.find("{*}GrpSts"))
    code, reason = _reason(report, group)
    return Receipt(
        message_id=message_id,
        state=_state(status) if status else _common_state(orders),
        bank_status=status,
        code=code,
        reason=reason,
        orders=orders,
        content=content,
        format="pain.002",
    )


def _state(status: str) -> str:
    return STATES.get(status, "sent")


def _common_state(orders: tuple[OrderReceipt, ...]) -> str:
    """Of a group without a status of its own: what all the named payments share, else *sent*.

    Banks name only what they refuse: that says nothing of the payments that are not named.
    """
    states = {order.state for order in orders} - {"rejected", "recalled"}
    whole = all(order.state in states for order in orders)
    return states.pop() if whole and len(states) == 1 else "sent"


def _orders(report: etree._Element, payments_of) -> Iterator[OrderReceipt]:
    """One receipt a payment: its own status, else that of its `PmtInf`."""
    for information in report.iterfind("{*}OrgnlPmtInfAndSts"):
        whole = text_of(information.find("{*}PmtInfSts"))
        about_whole = _reason_of(information)
        named = set()
        for transaction in information.iterfind("{*}TxInfAndSts"):
            receipt = _order(transaction, whole, about_whole)
            named.add(receipt.end_to_end_id)
            yield receipt
        if whole in STATES and whole != "PART":
            of_this = payments_of.get(text_of(information.find("{*}OrgnlPmtInfId")), ())
            for end_to_end_id in (item for item in of_this if item not in named):
                code, reason = about_whole
                yield OrderReceipt(end_to_end_id, _state(whole), whole, code, reason)


def _order(transaction: etree._Element, whole: str, about_whole) -> OrderReceipt:
    end_to_end_id = text_of(transaction.find("{*}OrgnlEndToEndId"))
    identifier = end_to_end_id or text_of(transaction.find("{*}OrgnlInstrId"))
    if not identifier:
        path = f"{_PATH}/OrgnlPmtInfAndSts/TxInfAndSts"
        raise InvalidDocument(NO_PAYMENT_ID, path=path)
    own = text_of(transaction.find("{*}TxSts"))
    status = own or whole
    code, reason = _reason_of(transaction)
    if not own and not reason:
        code, reason = about_whole
    return OrderReceipt(
        end_to_end_id=identifier,
        state=_state(status),
        bank_status=status,
        code=code,
        reason=reason,
        bank_reference=text_of(transaction.find("{*}AcctSvcrRef")),
        executed_on=_settled_on(transaction) if status in ("ACSC", "ACCC") else None,
    )


def _reason(report: etree._Element, group: etree._Element) -> tuple[str, str]:
    """The group's reason; where it has none, the first one that a `PmtInf` gives."""
    own = _reason_of(group)
    if any(own):
        return own
    of_parts = (_reason_of(part) for part in report.iterfind("{*}OrgnlPmtInfAndSts"))
    return next((reason for reason in of_parts if any(reason)), ("", ""))


def _reason_of(element: etree._Element) -> tuple[str, str]:
    """(first code, all the words that the bank gives), each without repetitions."""
    codes, words = {}, {}
    for information in element.iterfind("{*}StsRsnInf"):
        reason = information.find("{*}Rsn")
        if reason is not None:
            codes.update((text_of(item), None) for item in reason if text_of(item))
        words.update((text_of(item), None) for item in information.iterfind("{*}AddtlInf"))
    return next(iter(codes), ""), " ".join(word for word in words if word)


def _settled_on(transaction: etree._Element) -> date | None:
    """The day of settlement where the bank names one; a date, or a date in a choice."""
    for path in ("{*}FctvIntrBkSttlmDt/{*}Dt", "{*}OrgnlTxRef/{*}IntrBkSttlmDt"):
        value = text_of(transaction.find(path))
        if value:
            try:
                return date.fromisoformat(value[:10])
            except ValueError:
                raise InvalidDocument(BAD_DATE.format(value=value), path=path) from None
    return None
