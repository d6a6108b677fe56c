# SPDX-License-Identifier: LGPL-3.0-only
"""Which operation of the contract takes a package: each of the four takes one kind of transfer."""

from __future__ import annotations

import re

from lxml import etree

from ... import errors
from ...accounts import nrb_of
from ...formats.safe_xml import parse_safely, text_of
from ...records import Order
from ...wording import _

DOMESTIC, INTERNAL = "DomesticTransfer", "InternalTransfer"
FOREIGN, SEPA = "ForeignTransfer", "SEPATransfer"

MIXED = _(
    "This bank takes domestic, internal, SEPA and foreign transfers apart: put them into "
    "different packages."
)
INITIATOR = _("This bank allows only letters and digits in the name of who hands a package over.")


def of_order(order: Order) -> str:
    """The operation that takes this order."""
    return _operation(
        order.kind == "sepa",
        order.kind == "own",
        order.currency,
        order.payer.account,
        order.payee.account,
    )


def of_content(content: bytes) -> str:
    """The one operation that takes this pain.001; Invalid where its orders need several."""
    root = parse_safely(content)
    found = {
        _operation(
            text_of(group.find("{*}PmtTpInf/{*}SvcLvl/{*}Cd")) == "SEPA",
            text_of(group.find("{*}PmtTpInf/{*}CtgyPurp/{*}Cd")) == "INTC",
            order.find("{*}Amt/{*}InstdAmt").get("Ccy"),
            _number(group.find("{*}DbtrAcct")),
            _number(order.find("{*}CdtrAcct")),
        )
        for group in root.iter("{*}PmtInf")
        for order in group.iterfind("{*}CdtTrfTxInf")
    }
    if len(found) != 1:
        raise errors.Invalid(MIXED, code="mixed")
    return found.pop()


def check_initiator(content: bytes, allowed: str) -> None:
    """Refuse a name of the initiator that the bank would not take."""
    name = text_of(parse_safely(content).find("{*}CstmrCdtTrfInitn/{*}GrpHdr/{*}InitgPty/{*}Nm"))
    if not re.fullmatch(allowed, name):
        raise errors.Invalid(INITIATOR, code="initiator")


def _operation(sepa: bool, own: bool, currency: str, payer: str, payee: str) -> str:
    if sepa:
        return SEPA
    here, there = nrb_of(payer), nrb_of(payee)
    if not there or currency != "PLN":
        return FOREIGN
    # Digits 3 to 6 name the bank: an own account elsewhere is reached like anybody's.
    return INTERNAL if own and here[2:6] == there[2:6] else DOMESTIC


def _number(account: etree._Element) -> str:
    return text_of(account.find("{*}Id/{*}IBAN")) or text_of(account.find("{*}Id/{*}Othr/{*}Id"))
