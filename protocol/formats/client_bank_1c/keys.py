# SPDX-License-Identifier: LGPL-3.0-only
"""The keys of 1CClientBankExchange as data: key of the file -> key in the details of an entry."""

from __future__ import annotations

_SIDE = {
    "": "name_and_tax_id",
    "1": "name",
    "ИНН": "tax_id",
    "КПП": "kpp",
    "РасчСчет": "settlement_account",
    "Счет": "account",
    "Банк1": "bank_name",
    "Банк2": "bank_town",
    "БИК": "bank_code",
    "Корсчет": "corr_account",
}

#: what both sides of a document say, and the fields of the payment form 0401060
DOCUMENT = {
    **{f"Плательщик{end}": f"payer_{key}" for end, key in _SIDE.items()},
    **{f"Получатель{end}": f"payee_{key}" for end, key in _SIDE.items()},
    "СекцияДокумент": "document_kind",
    "Номер": "document_number",
    "Дата": "document_date",
    "ВидПлатежа": "payment_kind",  # form field 5
    "ВидОплаты": "operation_kind",  # 18
    "КодНазПлатежа": "income_code",  # 20
    "Очередность": "priority",  # 21
    "Код": "uin",  # 22
    "СтатусСоставителя": "payer_status",  # 101
    "ПоказательКБК": "kbk",  # 104
    "ОКАТО": "oktmo",  # 105
    "ПоказательОснования": "tax_reason",  # 106
    "ПоказательПериода": "tax_period",  # 107
    "ПоказательНомера": "tax_document_number",  # 108
    "ПоказательДаты": "tax_document_date",  # 109
    "ПоказательТипа": "tax_payment_kind",  # 110
    "КвитанцияДата": "receipt_date",
    "КвитанцияВремя": "receipt_time",
    "КвитанцияСодержание": "receipt_text",
    "СрокПлатежа": "due_date",
    "СрокАкцепта": "acceptance_days",
    "ВидАккредитива": "letter_of_credit_kind",
    "УсловиеОплаты1": "payment_condition",
    "НомерСчетаПоставщика": "supplier_account",
    "ДатаОтсылкиДок": "documents_sent_on",
    "ДатаСписано": "debited_on",
    "ДатаПоступило": "credited_on",
}

#: kept as fields of `Entry`
OWN_FIELDS = ("Сумма", "НазначениеПлатежа", *(f"НазначениеПлатежа{n}" for n in range(1, 7)))

#: a second, different value of one of these would be a second opinion about money
SINGLE = frozenset(
    {
        "Сумма",
        "ДатаСписано",
        "ДатаПоступило",
        "ПлательщикСчет",
        "ПлательщикРасчСчет",
        "ПолучательСчет",
        "ПолучательРасчСчет",
    }
)
