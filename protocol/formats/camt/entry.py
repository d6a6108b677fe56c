# SPDX-License-Identifier: LGPL-3.0-only
"""One `Ntry` of camt.053 or camt.052 as entries: one, or one a transaction of a batch.

The grammar is the data below: path inside `Ntry` or `TxDtls` -> key in the entry's details. What
no table knows is kept all the same, under its path (``xml:Tax/TtlTaxAmt``).
Source: ISO 20022 message definition reports, camt.052.001.02-08 and camt.053.001.02-08.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ...records import Entry
from ...wording import _
from .. import values
from ..details import mpp_parts
from .paths import ENTRY, IGNORED, PARTY, SIDES, TRANSACTION

CURRENCY = _("the amount is in {found}, the account in {wanted}")
NO_DIRECTION = _("neither credit nor debit: {text!r}")
NO_AMOUNT = _("the entry has no amount")
NO_DATE = _("the entry has no date")

_NOT_GIVEN = ("NOTPROVIDED", "NONREF", "NOT PROVIDED", "")
_RUNNING_NUMBER = 9  # an NtryRef shorter than this only counts entries: it is not unique


@dataclass
class Leaves:
    """The texts of an element's leaves by path, and the currencies of its amounts."""

    texts: dict[str, str]
    currencies: dict[str, str]

    def first(self, *paths: str) -> str:
        return next((self.texts[path] for path in paths if self.texts.get(path)), "")


def entries(ntry, currency: str, day: date | None) -> list[Entry]:
    """The entries of one `Ntry`. `currency`: the account's; `day`: for an entry without dates."""
    outer, transactions = _split(ntry)
    common = _Common(outer, currency, day)
    parts = [_transaction_amount(one, common) for one in transactions]
    if len(transactions) > 1 and None not in parts and sum(parts) == abs(common.amount):
        return [
            _entry(common, one, part * common.sign, index)
            for index, (one, part) in enumerate(zip(transactions, parts, strict=True), 1)
        ]
    if len(transactions) > 1:
        # The bank does not say what each of them moved: they stay one booking.
        outer.texts["NtryDtls/Btch/NbOfTxs"] = str(len(transactions))
        return [_entry(common, _merged(transactions), common.amount, 0)]
    only = transactions[0] if transactions else Leaves({}, {})
    return [_entry(common, only, common.amount, 0)]


class _Common:
    """What all transactions of an `Ntry` share."""

    def __init__(self, outer: Leaves, currency: str, day: date | None):
        self.outer = outer
        self.currency = outer.currencies.get("Amt", "")
        if not outer.texts.get("Amt"):
            raise ValueError(NO_AMOUNT)
        if currency and self.currency and self.currency != currency:
            raise ValueError(CURRENCY.format(found=self.currency[:10], wanted=currency))
        self.sign = direction(outer.first("CdtDbtInd"))
        self.amount = values.amount(outer.texts["Amt"]) * self.sign
        booked = outer.first("BookgDt/Dt", "BookgDt/DtTm")
        value = outer.first("ValDt/Dt", "ValDt/DtTm")
        self.value_on = values.iso_date(value) if value else None
        self.booked_on = values.iso_date(booked) if booked else self.value_on or day
        if self.booked_on is None:
            raise ValueError(NO_DATE)


def direction(text: str) -> int:
    """1 for CRDT, -1 for DBIT. `RvslInd` changes nothing: the mark already says how money went."""
    if text not in ("CRDT", "DBIT"):
        raise ValueError(NO_DIRECTION.format(text=text[:20]))
    return 1 if text == "CRDT" else -1


def leaves(element, skip: str = "") -> Leaves:
    """Every leaf below `element`; texts of a repeated path are joined by a line break."""
    found = Leaves({}, {})
    _walk(element, "", skip, found)
    return found


def _walk(element, prefix: str, skip: str, found: Leaves) -> None:
    for child in element.iterchildren("*"):
        name = child.tag.rpartition("}")[2]
        if name == skip:
            continue
        path = f"{prefix}{name}"
        if len(child):
            _walk(child, f"{path}/", skip, found)
        text = (child.text or "").strip()
        if text:
            known = found.texts.get(path)
            found.texts[path] = text if known is None else f"{known}\n{text}"
            currency = child.get("Ccy")
            if currency and path not in found.currencies:
                found.currencies[path] = currency


def _split(ntry) -> tuple[Leaves, list[Leaves]]:
    """The leaves of an `Ntry` itself, and those of each of its `TxDtls`."""
    details = ntry.iterfind("{*}NtryDtls/{*}TxDtls")
    return leaves(ntry, skip="TxDtls"), [leaves(one) for one in details]


def _merged(transactions: list[Leaves]) -> Leaves:
    """What all transactions say alike: the rest would be wrong for the sum of them."""
    first, *others = (one.texts for one in transactions)
    same = {k: v for k, v in first.items() if all(other.get(k) == v for other in others)}
    return Leaves(same, {})


def _transaction_amount(one: Leaves, common: _Common) -> Decimal | None:
    """What a transaction of a batch moved on this account, or None where it does not say so."""
    mark = one.texts.get("CdtDbtInd")
    if mark is not None and direction(mark) != common.sign:
        return None
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        text = one.texts.get(path)
        if text is not None and one.currencies.get(path) == common.currency:
            return values.amount(text)
    return None


def _entry(common: _Common, one: Leaves, amount: Decimal, index: int) -> Entry:
    details = _details(one, TRANSACTION)
    for key, value in _details(common.outer, ENTRY).items():
        details.setdefault(key, value)
    for path, value in one.texts.items():
        role, _, rest = path.partition("/")
        if role in ("RltdPties", "RltdAgts"):
            _party(details, rest, value)
    for role in ("payer", "payee"):
        _split_name(details, role)
    for key in ("original_amount", "fee_amount"):
        _currency(details, key, one, common.outer)
    if common.outer.first("Sts", "Sts/Cd") not in ("BOOK", ""):
        details["status"] = common.outer.first("Sts", "Sts/Cd")
    return _build(common, details, amount, index)


def _build(common: _Common, details: dict[str, str], amount: Decimal, index: int) -> Entry:
    side = "payer" if common.sign > 0 else "payee"
    if details.pop("reversal", "") in ("true", "1"):
        details["reversal"] = "1"
    if not index:  # the amount of the `Ntry` says something new only of a part of its batch
        details.pop("entry_amount", None)
    said = values.squeeze(" ".join(values.lines(details.pop("title", ""))))
    title = said or _structured(details)
    if title.startswith("/VAT/"):
        details.update(mpp_parts(title))
    bank_code = details.pop("bank_code", "") or _domain_code(details)
    return Entry(
        booked_on=common.booked_on,
        value_on=common.value_on,
        amount=amount,
        title=title or details.get("booking_text", "") or details.get("transaction_text", ""),
        counterparty_name=details.get(f"{side}_name", ""),
        counterparty_account=details.get(f"{side}_account", ""),
        operation_id=_operation_id(details, index),
        bank_code=bank_code,
        our_reference=_our_reference(details, amount),
        details=details,
    )


def _structured(details: dict[str, str]) -> str:
    """What a structured remittance says of the invoices that are paid: the label finds them."""
    keys = ("invoice_number", "structured_reference", "remittance_text")
    return values.squeeze(" ".join(dict.fromkeys(details.get(key, "") for key in keys)))


def _operation_id(details: dict[str, str], index: int) -> str | None:
    """The bank's id, by trust: `TxId`, `AcctSvcrRef`, `NtryRef`.

    `InstrId` is the sender's, who may repeat it. An id of the whole `Ntry` gets the number of the
    transaction inside its batch.
    """
    for key in ("transaction_id", "bank_reference"):
        if details.get(key, "").upper() not in _NOT_GIVEN:
            return details[key]
    shared = details.get("entry_bank_reference", "")
    if shared.upper() in _NOT_GIVEN:
        shared = details.get("entry_reference", "")
        if len(shared) < _RUNNING_NUMBER:
            return None
    return f"{shared}/{index}" if index else shared


def _our_reference(details: dict[str, str], amount: Decimal) -> str | None:
    """Our end-to-end id: in a debit, or in a credit that returns such a debit."""
    reference = details.get("end_to_end_id", "")
    if reference.upper() in _NOT_GIVEN:
        return None
    return reference if amount < 0 or "return_code" in details or "reversal" in details else None


def _domain_code(details: dict[str, str]) -> str:
    parts = (details.get(f"code_{name}", "") for name in ("domain", "family", "sub_family"))
    return "-".join(part for part in parts if part)


def _details(found: Leaves, table: dict[str, str]) -> dict[str, str]:
    details: dict[str, str] = {}
    for path, value in found.texts.items():
        if path in IGNORED or path.startswith(("RltdPties/", "RltdAgts/")):
            continue
        key = table.get(path) or f"xml:{path}"
        text = value.replace("\n", " ")
        if key not in details:
            details[key] = text
        elif text != details[key]:
            details[f"xml:{path}"] = text
    return details


def _party(details: dict[str, str], path: str, value: str) -> None:
    """One leaf of `RltdPties` or `RltdAgts`: ``Dbtr/Nm`` -> ``payer_name``."""
    role, _, rest = path.partition("/")
    prefix = SIDES.get(role)
    if prefix is None:
        details[f"xml:{path}"] = value.replace("\n", " ")
        return
    # .08 has one level more: Dbtr/Pty/Nm
    rest = rest.removeprefix("Pty/").removeprefix("FinInstnId/")
    key = PARTY.get((prefix[1], rest))
    if key is None:
        details[f"xml:{path}"] = value.replace("\n", " ")
        return
    name = f"{prefix[0]}_{key}"
    text = value.replace("\n", ", " if key == "address" else " ")
    details[name] = f"{details[name]}, {text}" if name in details and key == "address" else text


def _split_name(details: dict[str, str], role: str) -> None:
    """Some banks write name and address into one element, as lines."""
    name, *address = values.lines(details.get(f"{role}_name", ""))
    if name:
        details[f"{role}_name"] = name
    if address:
        details.setdefault(f"{role}_address", ", ".join(address))


def _currency(details: dict[str, str], key: str, *sources: Leaves) -> None:
    """The currency of an amount in details, as ``original_currency`` or ``fee_currency``."""
    if key not in details:
        return
    table = {**ENTRY, **TRANSACTION}
    for source in sources:
        for path, currency in source.currencies.items():
            if table.get(path) == key:
                details.setdefault(key.replace("amount", "currency"), currency)
                return
