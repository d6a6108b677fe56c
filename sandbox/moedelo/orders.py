# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders that we hand over: a good one, a wrong one, one to the budget."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

from . import bank_client
from .calendar import SINGLE, TREASURY

MOSCOW = timezone(timedelta(hours=3))
PATH = "/moedelo/v1/payment-orders"
PAYEE = {
    "name": "ООО Бумага и Офис",
    "inn": "7813002014",
    "kpp": "781301001",
    "account": "40702810655000000101",
    "bik": "044030653",
    "bank_name": "СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР",
    "bank_town": "г. Санкт-Петербург",
    "corr_account": "30101810500000000653",
}
BUDGET = {
    "payer_status": SINGLE["payer_status"],
    "kbk": SINGLE["kbk"],
    "oktmo": SINGLE["oktmo"],
    "reason": SINGLE["tax_reason"],
    "period": SINGLE["tax_period"],
    "document_number": SINGLE["tax_document_number"],
    "document_date": SINGLE["tax_document_date"],
}


def push(office, documents: list[dict]) -> dict:
    """Hand these over in one call; what was answered stands beside each of them."""
    said = bank_client.call(office, "POST", PATH, {"documents": documents})
    results = (said.body or {}).get("results") or [{}] * len(documents)
    rows = [
        {
            "external_id": document.get("external_id"),
            "number": document.get("number"),
            "payee": (document.get("payee") or {}).get("name"),
            "amount": document.get("amount"),
            "answer": result.get("result") or str(said.status),
            "problem": result.get("problem"),
        }
        for document, result in zip(documents, results, strict=True)
    ]
    with office.lock:
        office.dirty = True
        office.state["orders"] += rows
    return {"status": said.status, "said": said.body, "orders": rows}


def examples(office) -> list[dict]:
    """Good; wrong (the payee's account has another control digit); to the budget."""
    first = 1 + len(office.state["orders"])
    wrong = {**PAYEE, "account": "40702810755000000101"}
    budget = {
        **{name.removeprefix("payee_"): text for name, text in TREASURY.items()},
        "bik": TREASURY["bank_bik"],
    }
    del budget["bank_bik"]
    return [
        order(office, first, "1250.00", PAYEE, "Оплата по счёту 12. НДС не облагается"),
        order(office, first + 1, "300.00", wrong, "Оплата по счёту 13. НДС не облагается"),
        order(office, first + 2, "15600.00", budget, SINGLE["purpose"], uin="0", budget=BUDGET),
    ]


def order(office, number: int, amount: str, payee: dict, purpose: str, **more) -> dict:
    """One document as the bank's system understands it."""
    organisation, (account, *_others) = office.state["organisation"], office.state["accounts"]
    return {
        "external_id": str(uuid.uuid4()),
        "number": str(number),
        "date": datetime.now(MOSCOW).date().isoformat(),
        "amount": amount,
        "currency": "RUB",
        "payer": {"account": account["number"], "inn": organisation["inn"]},
        "payee": payee,
        "purpose": purpose,
        "priority": "5",
        **more,
    }
