# SPDX-License-Identifier: LGPL-3.0-only
"""The keys of `Entry.details` and `Statement.details`, and what stands under them.

All values are text; amounts and rates have a point, dates are as the bank writes them. A key is
there only when the document says it. Besides these there are ``field_NN`` (MT940 sub-fields),
``xml:<path>`` (camt) and ``1c:<key>`` for whatever has no name here: nothing is thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..wording import _, joined

_PARTY = {
    "name": _("name"),
    "account": _("account number"),
    "address": _("address"),
    "tax_id": _("tax id"),  # NIP, INN, or another id of the organisation
    "personal_id": _("personal id"),
    "bic": _("BIC"),
    "kpp": _("KPP"),
    "account_name": _("name of the account"),
    "routed_account": _("correspondent's account on the way"),
    "bank_code": _("code of the bank"),  # PL 8 digits, RU BIK 9 digits
    "bank_bic": _("BIC of the bank"),
    "bank_name": _("bank"),
    "bank_town": _("town of the bank"),
    "corr_account": _("correspondent account of the bank"),
    "name_and_tax_id": _("name and tax id"),
    "settlement_account": _("settlement account"),
}
_SIDES = {
    "payer": _("Payer"),
    "payee": _("Payee"),
    "ultimate_payer": _("On whose behalf"),
    "ultimate_payee": _("In whose favour"),
    "initiator": _("Ordered by"),
}

#: as people read them: the order here is that of the lines on the screen
ENTRY = {
    **{
        f"{side}_{key}": joined(": ", label, text)
        for side, label in _SIDES.items()
        for key, text in _PARTY.items()
    },
    # what kind of operation
    "operation_name": _("Operation"),  # the bank's name of it
    "booking_text": _("Text of the booking"),
    "transaction_text": _("Text of the transaction"),
    "operation_content": _("Content of the operation"),
    "swift_code": _("Type of entry (SWIFT)"),  # in :61: NTRF, NCHG ...
    "bank_code_issuer": _("Issuer of the operation code"),
    "code_domain": _("Operation code: domain"),  # ISO 20022 bank transaction code
    "code_family": _("Operation code: family"),
    "code_sub_family": _("Operation code: sub-family"),
    "purpose_code": _("Purpose of the payment"),
    "status": _("Not booked because"),  # PDNG, INFO, expected, not_executed ...
    "reversal": _("Takes an earlier booking back"),
    "return_code": _("Return code"),
    "return_reason": _("Reason of the return"),
    # amounts
    "original_amount": _("Amount as ordered"),  # before conversion
    "original_currency": _("Currency as ordered"),
    "exchange_rate": _("Exchange rate"),
    "transaction_amount": _("Amount of the transaction"),
    "countervalue_amount": _("Countervalue"),
    "fee_amount": _("Fee"),
    "fee_currency": _("Currency of the fee"),
    "charges": _("Who bears the charges"),
    "entry_amount": _("Amount of the whole booking"),  # that this is a part of
    "batch_id": _("Batch"),  # the PmtInf that it is a part of
    "batch_message_id": _("Message of the batch"),
    "batch_count": _("Transactions in the batch"),
    # ids and references
    "operation_id": _("Id of the operation"),
    "our_reference": _("Our reference"),
    "tnr": _("TNR"),  # mBank's unique id of the operation
    "bank_reference": _("The bank's reference"),
    "entry_bank_reference": _("The bank's reference of the whole booking"),
    "entry_reference": _("Number of the entry"),
    "customer_reference": _("Customer reference"),  # of :61:
    "client_reference": _("Our reference, as the bank gives it back"),
    "end_to_end_id": _("End-to-end id"),
    "instruction_id": _("Instruction id"),
    "transaction_id": _("The bank's transaction id"),
    "message_id": _("Message that ordered it"),
    "payment_information_id": _("Part of the message that ordered it"),  # PmtInf
    "mandate_id": _("Direct debit mandate"),
    "cheque_number": _("Number of the cheque"),
    "clearing_reference": _("Reference in the clearing system"),
    "proprietary_reference": _("Another reference"),
    "mt103_reference": _("Reference of the MT103"),
    "uetr": _("UETR"),  # unique end-to-end transaction reference (SWIFT gpi)
    "collect_id": _("Collect account"),  # mBank: IPH
    "card_number": _("Number of the card"),
    "deal_number": _("Number of the currency exchange"),
    "document_number": _("Number of the document"),
    "document_date": _("Date of the document"),
    "document_kind": _("Kind of the document"),
    "structured_reference": _("Structured creditor reference"),
    "invoice_number": _("Number of the invoice"),
    "remittance_text": _("Further remittance text"),
    # dates
    "value_date": _("Value date as stated"),  # where no calendar has it
    "stamp_date": _("Date of the stamp"),  # order on paper
    "nostro_date": _("Date on the nostro account"),
    "accepted_at": _("Order accepted at"),
    "settled_on": _("Settled between the banks on"),
    "debited_on": _("Debited on"),  # the payer's account (Russia)
    "credited_on": _("Credited on"),  # the payee's account (Russia)
    # split payment (MPP)
    "vat_amount": _("VAT (split payment)"),
    "vat_tax_id": _("Supplier's tax id (split payment)"),
    "vat_invoice": _("Invoice (split payment)"),
    "vat_text": _("Text (split payment)"),
    # taxes, Poland
    "tax_obligation": _("Name of the obligation"),
    "tax_obligation_id": _("Id of the obligation"),
    "tax_payer_id": _("Who owes the tax"),  # type letter and id
    "tax_form_symbol": _("Symbol of the form"),
    "tax_period": _("Period"),
    "contribution_kind": _("Kind of contribution (ZUS)"),
    "contribution_tax_id": _("Tax id of the payer of contributions"),
    "declaration": _("ZUS declaration"),
    "decision_number": _("Number of the decision"),  # agreement, or enforcement title (ZUS)
    # payment order of Russia, by the boxes of form 0401060
    "payment_kind": _("Way of payment (5)"),
    "operation_kind": _("Kind of operation (18)"),
    "income_code": _("Income code (20)"),
    "priority": _("Priority (21)"),
    "uin": _("Code, UIN (22)"),
    "payer_status": _("Payer's status (101)"),
    "kbk": _("KBK (104)"),
    "oktmo": _("OKTMO (105)"),
    "tax_reason": _("Reason (106)"),
    "tax_document_number": _("Document's number (108)"),
    "tax_document_date": _("Document's date (109)"),
    "tax_payment_kind": _("Type (110)"),
    "receipt_date": _("Receipt: date"),
    "receipt_time": _("Receipt: time"),
    "receipt_text": _("Receipt: text"),
    "due_date": _("Due date"),
    "acceptance_days": _("Days to accept it"),
    "letter_of_credit_kind": _("Kind of the letter of credit"),
    "payment_condition": _("Condition of the letter of credit"),
    "supplier_account": _("Account of the supplier"),
    "documents_sent_on": _("Documents sent on"),
}

STATEMENT = {
    "reference": "the bank's reference of the statement",
    "related_reference": "reference of the related message",
    "legal_number": "legal sequence number",
    "page": "number of its (first) page",
    "text": "the bank's text on the statement",
    "source": "where the report comes from",
    "sender": "the program that wrote it",
    "created_at": "when it was written",
    "read_at": "up to when an intraday statement reaches (ISO 8601)",
    "account_name": "name of the account",
    "owner_name": "owner of the account",
    "bank_bic": "BIC of the bank",
    "bank_code": "clearing number or another sign of the bank, before the account",
    "credit_sum": "sum of the credits, checked by `checks.check`",
    "debit_sum": "sum of the debits, checked",
    "credit_count": "number of credits, checked",
    "debit_count": "number of debits, checked",
    "reported_credit_sum": "sum of the credits, pending ones included: not checked",
    "reported_debit_sum": "sum of the debits, pending ones included: not checked",
    "interim_balance": "balance at the time of an intraday report",
}


# Split payment (MPP): ``/VAT/<amount>/IDC/<supplier's tax id>/INV/<invoice>/TXT/<free text>``; the
# text may be missing. The invoice number may hold slashes: only the next tag ends it.
# Source: the banks' common description of "komunikat przelewu" in the split payment mechanism.
_MPP_TITLE = re.compile(
    r"\s*/VAT/(?P<vat_amount>[0-9 ]{1,13}(?:[,.][0-9]{0,2})?)"
    r"\s*/IDC/(?P<vat_tax_id>.{0,40}?)"
    r"\s*/INV/(?P<vat_invoice>.{0,80}?)"
    r"(?:\s*/TXT/(?P<vat_text>.*))?",
    re.ASCII | re.DOTALL,
)


def mpp_parts(title: str) -> dict[str, str]:
    """`vat_amount` (with a point), `vat_tax_id`, `vat_invoice`, `vat_text`; or nothing."""
    match = _MPP_TITLE.fullmatch(title)
    if not match:
        return {}
    found = {key: value.strip() for key, value in match.groupdict().items() if value}
    found["vat_amount"] = found["vat_amount"].replace(" ", "").replace(",", ".")
    return {key: value for key, value in found.items() if value}


# -----------------------------------------------------------------------------
# FOR PEOPLE
# -----------------------------------------------------------------------------


YES = _("yes")


def lines(details: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(label, value), in the order of `ENTRY`; then what has no label here, under the bank's own
    name. An amount stands with its currency, and an id that repeats another one is left out."""
    known = [key for key in ENTRY if details.get(key)]
    for key in [*known, *sorted(key for key in details if key not in ENTRY and details[key])]:
        if not _said_elsewhere(key, details):
            value = " ".join(filter(None, (details[key], details.get(_currency(key)))))
            yield ENTRY.get(key, key.partition(":")[2] or key), YES if key == "reversal" else value


def _currency(key: str) -> str:
    """The key of an amount's currency; none otherwise."""
    stem, _dot, end = key.rpartition("_")
    return f"{stem}_currency" if end == "amount" else ""


def _said_elsewhere(key: str, details: Mapping[str, str]) -> bool:
    if key.endswith("_currency"):
        return bool(details.get(key.replace("_currency", "_amount")))
    others = [text for name, text in details.items() if name not in ("operation_id", key)]
    return key in ("operation_id", "our_reference") and details[key] in others
