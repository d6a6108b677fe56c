# SPDX-License-Identifier: LGPL-3.0-only
"""The parts of a pain.001 message: payment type, parties, accounts, agents, transactions.

Elements are built without a namespace and take the document's default one where they are written.
Source and rules: see `pain001`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ... import bank_codes, currencies
from ...bank_codes import INSTRUMENT, KNOWN_INSTRUMENT, LEVEL, PURPOSE
from ...records import Address, Order, Party
from ..safe_xml import node

CHARGE_BEARERS = MappingProxyType({"SHA": "SHAR", "OUR": "DEBT", "BEN": "CRED"})


@dataclass(frozen=True)
class Dialect:
    """How a bank wants types of payments to be named; ISO leaves these codes to the banks."""

    #: by kind, else by route, else NURG (URGP when urgent)
    service_levels: Mapping[str, str]
    #: by route, else by kind; free text of the bank (`LclInstrm/Prtry`)
    local_instruments: Mapping[str, str]
    #: by kind; ISO external code (`CtgyPurp/Cd`)
    category_purposes: Mapping[str, str]
    #: by route; ISO external code (`LclInstrm/Cd`)
    known_instruments: Mapping[str, str]

    @classmethod
    def of(cls, bank: str) -> Dialect:
        """Of a bank, by its key in BANKS."""
        places = (LEVEL, INSTRUMENT, PURPOSE, KNOWN_INSTRUMENT)  # in the order of the fields
        return cls(*(bank_codes.values(place, bank) for place in places))


@dataclass(frozen=True)
class Writer:
    """What the two versions name differently, and how the bank wants types to be named."""

    version: str
    dialect: Dialect

    @property
    def bic_tag(self) -> str:
        return "BIC" if self.version == "03" else "BICFI"


def payment_type(dialect: Dialect, order: Order):
    levels = dialect.service_levels
    level = levels.get(order.kind) or levels.get(order.route)
    instruments = dialect.local_instruments
    instrument = instruments.get(order.route) or instruments.get(order.kind)
    known = dialect.known_instruments.get(order.route)
    purpose = order.details.get("purpose") or dialect.category_purposes.get(order.kind)
    urgent = order.urgent or order.route in ("express", "sorbnet", "instant")
    return node(
        "PmtTpInf",
        node("InstrPrty", "HIGH" if urgent else "NORM"),
        node("SvcLvl", node("Cd", level or ("URGP" if urgent else "NURG"))),
        instrument and node("LclInstrm", node("Prtry", instrument)),
        known and node("LclInstrm", node("Cd", known)),
        purpose and node("CtgyPurp", node("Cd", purpose)),
    )


def transaction(writer: Writer, order: Order):
    bearer = "SLEV" if order.kind == "sepa" else CHARGE_BEARERS.get(order.charges)
    identifier = order.end_to_end_id
    deal, between = (order.details.get(name) for name in ("exchange_deal", "intermediary_bic"))
    return node(
        "CdtTrfTxInf",
        node("PmtId", node("InstrId", identifier), node("EndToEndId", identifier)),
        node("Amt", _amount(order)),
        deal and node("XchgRateInf", node("CtrctId", deal)),
        bearer and node("ChrgBr", bearer),
        between and node("IntrmyAgt1", node("FinInstnId", node(writer.bic_tag, between))),
        agent("CdtrAgt", order.payee, writer.bic_tag),
        party("Cdtr", order.payee),
        account("CdtrAcct", order.payee.account),
        _tax(order) if order.kind == "tax" else None,
        node("RmtInf", node("Ustrd", order.title)) if order.title else None,
    )


def _amount(order: Order):
    """In the order's currency; or what is to be sent in another one for that amount."""
    sent = order.details.get("sent_currency")
    amount = node("Amt" if sent else "InstdAmt", currencies.text(order.amount, order.currency))
    amount.set("Ccy", order.currency)
    return node("EqvtAmt", amount, node("CcyOfTrf", sent)) if sent else amount


def party(tag: str, party: Party):
    return node(tag, node("Nm", party.name), _address(party.address), identification(party.tax_id))


def _address(address: Address):
    """Whole or not at all: since November 2026 one without town or country is refused."""
    if not address.is_whole:
        return None
    parts = (
        ("StrtNm", address.street),
        ("PstCd", address.postcode),
        ("TwnNm", address.town),
        ("Ctry", address.country),
    )
    return node("PstlAdr", *(node(tag, value) for tag, value in parts if value.strip()))


def identification(identifier: str):
    if not identifier:
        return None
    return node("Id", node("OrgId", node("Othr", node("Id", identifier))))


def account(tag: str, number: str, currency: str = ""):
    """An NRB becomes its IBAN; a number that is no IBAN stands as another kind of id."""
    if len(number) == 26 and number.isdigit():
        number = "PL" + number
    if number[:2].isalpha() and number[2:4].isdigit():
        identifier = node("IBAN", number)
    else:
        identifier = node("Othr", node("Id", number))
    return node(tag, node("Id", identifier), currency and node("Ccy", currency))


def agent(tag: str, party: Party, bic_tag: str):
    """The party's bank by BIC, else by clearing number, else not at all."""
    if party.bic:
        return node(tag, node("FinInstnId", node(bic_tag, party.bic)))
    if party.bank_code:
        system = node("ClrSysId", node("Cd", "PLKNR")) if len(party.bank_code) == 8 else None
        member = node("ClrSysMmbId", system, node("MmbId", party.bank_code))
        name = node("Nm", party.bank_name) if party.bank_name else None
        return node(tag, node("FinInstnId", member, name))
    return None


def unnamed_agent():
    """The schema wants the debtor's bank; the bank that gets the message knows itself."""
    return node("DbtrAgt", node("FinInstnId", node("Othr", node("Id", "NOTPROVIDED"))))


def _tax(order: Order):
    """The `Tax` block from `details`: who owes, for which form and period (see checks/tax.py)."""
    details = order.details
    record = node(
        "Rcrd",
        node("FrmsCd", details["tax_form"]),
        _tax_period(details.get("tax_period", "")),
        details.get("tax_obligation") and node("AddtlInf", details["tax_obligation"]),
    )
    debtor = node("Dbtr", node("TaxId", details["tax_id"]), node("TaxTp", details["tax_id_type"]))
    return node("Tax", debtor, record)


def _tax_period(period: str):
    """Year and code of a period yy + R, P, K or M; for decades and days there is no code."""
    if len(period) < 3:
        return None
    prefixes = {"P": "HLF", "K": "QTR", "M": "MM"}
    letter, number = period[2], period[3:]
    code = None
    if letter in prefixes:
        code = prefixes[letter] + (number if letter == "M" else str(int(number)))
    return node("Prd", node("Yr", f"20{period[:2]}-01-01"), code and node("Tp", code))
