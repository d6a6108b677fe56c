# SPDX-License-Identifier: LGPL-3.0-only
"""The elements of DirectBank's payment documents as data: path -> key in the details of an entry.

The same keys as everywhere (`details.py`). `amount` and `title` become fields of the entry. For
writing an order the same table is read from right to left.
"""

from __future__ import annotations

_PARTY = {
    "Name": "name",
    "INN": "tax_id",
    "KPP": "kpp",
    "Account": "account",
    "Bank/BIC": "bank_code",
    "Bank/Name": "bank_name",
    "Bank/City": "bank_town",
    "Bank/CorrespAcc": "corr_account",
}

#: fields of the form, in the order of the schema
FORM = {
    "PaymentKind": "payment_kind",
    "TransitionKind": "operation_kind",
    "Priority": "priority",
    "Code": "uin",
    "IncomeTypeCode": "income_code",
}
BUDGET = {
    "DrawerStatus": "payer_status",
    "CBC": "kbk",
    "OKTMO": "oktmo",
    "Reason": "tax_reason",
    "TaxPeriod": "tax_period",
    "DocNo": "tax_document_number",
    "DocDate": "tax_document_date",
    "PayType": "tax_payment_kind",
}

DOCUMENT = {
    "DocNo": "document_number",
    "DocDate": "document_date",
    "Sum": "amount",
    "Purpose": "title",
    **{f"Payer/{path}": f"payer_{key}" for path, key in _PARTY.items()},
    **{f"Payee/{path}": f"payee_{key}" for path, key in _PARTY.items()},
    **FORM,
    **{f"BudgetPaymentInfo/{path}": key for path, key in BUDGET.items()},
    # memorial orders name the accounts, not the parties
    "TransitionContent": "operation_content",
    "AccountNameDebit": "payer_name",
    "AccountDebit": "payer_account",
    "AccountNameCredit": "payee_name",
    "AccountCredit": "payee_account",
}
