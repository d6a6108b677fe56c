# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders as a service sends them, for tests: a good one, and changed ones."""

import copy

GOOD_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OWN = "40702810700000000001"


def good(**change):
    """A good document; `change` by pointer with `__` for `/`, None takes the field away."""
    document = {
        "external_id": GOOD_ID,
        "number": "17",
        "date": "2026-03-10",
        "amount": "1500.50",
        "currency": "RUB",
        "payer": {"account": OWN, "inn": "7701000019"},
        "payee": {
            "name": "ООО Бумага и Офис",
            "inn": "7813002014",
            "kpp": "781301001",
            "account": "40702810655000000101",
            "bik": "044030653",
            "bank_name": "СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР",
            "corr_account": "30101810500000000653",
        },
        "purpose": "Оплата по счёту 12. НДС не облагается",
        "priority": "5",
    }
    for path, value in change.items():
        put(document, path.split("__"), value)
    return document


def budget(**change):
    """A good payment to the budget."""
    boxes = {
        "payer_status": "01",
        "kbk": "18201061201010000510",
        "oktmo": "0",
        "reason": "0",
        "period": "0",
        "document_number": "0",
        "document_date": "0",
    }
    return good(**{"uin": "0", "budget": boxes, **change})


def put(document, path, value):
    *way, last = path
    for name in way:
        document = document.setdefault(name, {})
    if value is None:
        document.pop(last, None)
    else:
        document[last] = copy.deepcopy(value)
