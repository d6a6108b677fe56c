"""The keys of `Entry.details` and `Statement.details`, and what stands under them.

All values are text; amounts and rates have a point, dates are as the bank writes them. A key is
there only when the document says it. Besides these there are ``field_NN`` (MT940 sub-fields),
``xml:<path>`` (camt) and ``1c:<key>`` for whatever has no name here: nothing is thrown away.
"""

from __future__ import annotations

import re

_PARTY = {
    "name": "name",
    "account": "account number",
    "address": "address, in one line",
    "tax_id": "tax id (NIP, INN) or another id of the organisation",
    "personal_id": "id of the person",
    "bic": "BIC of the party itself",
    "kpp": "KPP (Russia)",
    "account_name": "name of the account",
    "routed_account": "the correspondent's account, where the money took a detour",
    "bank_code": "clearing number of its bank (PL 8 digits, RU BIK 9 digits)",
    "bank_bic": "BIC of its bank",
    "bank_name": "name of its bank",
    "bank_town": "town of its bank",
    "corr_account": "correspondent account of its bank (Russia)",
}

ENTRY = {
    **{f"payer_{key}": f"payer: {text}" for key, text in _PARTY.items()},
    **{f"payee_{key}": f"payee: {text}" for key, text in _PARTY.items()},
    **{f"ultimate_payer_{key}": f"on whose behalf: {text}" for key, text in _PARTY.items()},
    **{f"ultimate_payee_{key}": f"in whose favour: {text}" for key, text in _PARTY.items()},
    **{f"initiator_{key}": f"who started it: {text}" for key, text in _PARTY.items()},
    # ids and references
    "tnr": "mBank's unique id of the operation",
    "bank_reference": "the bank's reference",
    "entry_bank_reference": "the bank's reference of the whole booking",
    "entry_reference": "the bank's reference or running number of the entry",
    "customer_reference": "the customer reference of :61:",
    "client_reference": "our reference, as the bank gives it back",
    "end_to_end_id": "end-to-end id, given by the payer",
    "instruction_id": "instruction id, given by the payer",
    "transaction_id": "the bank's transaction id",
    "message_id": "id of the message that ordered it",
    "payment_information_id": "id of the PmtInf that ordered it",
    "mandate_id": "direct debit mandate",
    "cheque_number": "number of the cheque",
    "clearing_reference": "reference in the clearing system",
    "proprietary_reference": "another reference",
    "mt103_reference": "reference of the MT103",
    "uetr": "unique end-to-end transaction reference (SWIFT gpi)",
    "collect_id": "id of the collect account (mBank IPH)",
    "card_number": "number of the card",
    "deal_number": "number of the currency exchange",
    "document_number": "number of the document",
    "document_date": "date of the document",
    "document_kind": "kind of the document",
    "operation_content": "what the bank did with it: content of the operation",
    "structured_reference": "structured creditor reference",
    "invoice_number": "number of the invoice that is paid",
    "remittance_text": "additional remittance text",
    # what kind of operation
    "swift_code": "type of the entry in :61: (NTRF, NCHG ...)",
    "operation_name": "the bank's name of the operation",
    "booking_text": "the bank's text for the booking",
    "transaction_text": "the bank's text for the transaction",
    "bank_code_issuer": "who issued the bank's operation code",
    "code_domain": "ISO 20022 bank transaction code: domain",
    "code_family": "ISO 20022 bank transaction code: family",
    "code_sub_family": "ISO 20022 bank transaction code: sub-family",
    "purpose_code": "purpose of the payment",
    "status": "why it is not booked: PDNG, INFO, expected, not_executed ... or nothing",
    "reversal": "it takes an earlier booking back",
    "return_code": "why it was returned",
    "return_reason": "why it was returned, in words",
    # amounts
    "original_amount": "the amount as ordered, before conversion",
    "original_currency": "currency of the original amount",
    "exchange_rate": "rate of the conversion",
    "transaction_amount": "the amount of the transaction",
    "countervalue_amount": "the countervalue",
    "fee_amount": "fee taken for it",
    "fee_currency": "currency of the fee",
    "charges": "who bears the charges",
    "entry_amount": "amount of the whole booking that this is a part of",
    "batch_id": "PmtInf of the batch that it is a part of",
    "batch_message_id": "message of the batch that it is a part of",
    "batch_count": "how many transactions the batch holds",
    # dates
    "value_date": "the value date as it stands there, where no calendar has it",
    "stamp_date": "date of the stamp (order on paper)",
    "nostro_date": "date on the nostro account",
    "accepted_at": "when the order was accepted",
    "settled_on": "interbank settlement date",
    "debited_on": "day on which the payer's account was debited (Russia)",
    "credited_on": "day on which the payee's account was credited (Russia)",
    # split payment (MPP)
    "vat_amount": "VAT in the title of a split payment",
    "vat_tax_id": "tax id of the supplier in it",
    "vat_invoice": "invoice number in it",
    "vat_text": "free text in it",
    # taxes, Poland
    "tax_obligation": "name of the obligation",
    "tax_obligation_id": "id of the obligation",
    "tax_payer_id": "who owes the tax: type letter and id",
    "tax_form_symbol": "symbol of the form",
    "tax_period": "period",
    "contribution_kind": "kind of ZUS contribution",
    "contribution_tax_id": "NIP of who owes the contributions",
    "declaration": "ZUS declaration",
    "decision_number": "number of the decision, agreement or enforcement title (ZUS)",
    # payment order of Russia, by the fields of form 0401060
    "payment_kind": "field 5",
    "operation_kind": "field 18",
    "income_code": "field 20",
    "priority": "field 21",
    "uin": "field 22",
    "payer_status": "field 101",
    "kbk": "field 104",
    "oktmo": "field 105",
    "tax_reason": "field 106",
    "tax_document_number": "field 108",
    "tax_document_date": "field 109",
    "tax_payment_kind": "field 110",
    "receipt_date": "date of the bank's receipt",
    "receipt_time": "time of the bank's receipt",
    "receipt_text": "text of the bank's receipt",
    "due_date": "due date",
    "acceptance_days": "days to accept it",
    "letter_of_credit_kind": "kind of the letter of credit",
    "payment_condition": "condition of the letter of credit",
    "supplier_account": "account of the supplier",
    "documents_sent_on": "day on which the documents were sent",
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
