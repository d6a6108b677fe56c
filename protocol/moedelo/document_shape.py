# SPDX-License-Identifier: LGPL-3.0-only
"""Form 0401060 in JSON as data: every field, its length, its pattern, whether it is needed.

Numbers in comments are those of the form's boxes.
"""

from __future__ import annotations

from . import problem_words as words
from .shapes import Group, Text

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ACCOUNT = Text(20, r"\d{5}[0-9A-Z]\d{14}", words.EXPECTED_ACCOUNT, needed=True)
_BIK = Text(9, r"\d{9}", words.EXPECTED_BIK)
_TAX_ID = Text(12, r"\d+", words.EXPECTED_INN)
_KPP = Text(9, r"0|\d{4}[0-9A-Z]{2}\d{3}", words.EXPECTED_KPP)
_CORR = Text(20, r"\d{20}", words.EXPECTED_ACCOUNT)

_BANK = {"bank_name": Text(160), "bank_town": Text(60), "corr_account": _CORR}
_PAYER = {  # 8, 60, 102, 9, 10 to 12
    "account": ACCOUNT,
    "name": Text(160),
    "inn": _TAX_ID,
    "kpp": _KPP,
    "bik": _BIK,
    **_BANK,
}
_PAYEE = {  # 16, 61, 103, 17, 13 to 15
    **_PAYER,
    "name": Text(160, needed=True),
    "bik": Text(9, r"\d{9}", words.EXPECTED_BIK, needed=True),
}
_BUDGET = {
    "payer_status": Text(2, needed=True),  # 101
    "kbk": Text(20, r"\d+", words.EXPECTED_KBK),  # 104
    "oktmo": Text(11, r"\d+", words.EXPECTED_OKTMO),  # 105
    "reason": Text(2),  # 106
    "period": Text(10),  # 107
    "document_number": Text(15),  # 108
    "document_date": Text(10),  # 109
    "payment_kind": Text(2),  # 110
}
SHAPE = Group(
    {
        "external_id": Text(36, UUID, words.EXPECTED_UUID, needed=True),
        "number": Text(6, r"(?!0+$)\d{1,6}", words.EXPECTED_NUMBER, needed=True),  # 3
        "date": Text(10, r"\d{4}-\d\d-\d\d", words.EXPECTED_DATE, needed=True),  # 4
        "amount": Text(16, r"(?!0+\.00$)\d{1,13}\.\d\d", words.EXPECTED_AMOUNT, needed=True),  # 7
        "currency": Text(3, r"[A-Z]{3}", words.EXPECTED_CURRENCY, needed=True),
        "payer": Group(_PAYER, needed=True),
        "payee": Group(_PAYEE, needed=True),
        "purpose": Text(210, needed=True),  # 24
        "priority": Text(1, r"[1-5]", words.EXPECTED_DIGIT),  # 21
        "operation_kind": Text(2, "01", "01"),  # 18
        "payment_kind": Text(15),  # 5
        "income_code": Text(1, r"[1-5]", words.EXPECTED_DIGIT),  # 20
        "uin": Text(25, r"\d+", words.EXPECTED_UIN),  # 22
        "budget": Group(_BUDGET),
    }
)
