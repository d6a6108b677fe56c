# SPDX-License-Identifier: LGPL-3.0-only
"""A tax calendar to look at: what a small company in Russia has to do around today."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

MOSCOW = timezone(timedelta(hours=3))
# The single tax account: Federal Treasury, Tula.
TREASURY = {
    "payee_name": "Казначейство России (ФНС России)",
    "payee_inn": "7727406020",
    "payee_kpp": "770801001",
    "payee_account": "03100643000000018500",
    "bank_bik": "017003983",
    "bank_name": "ОТДЕЛЕНИЕ ТУЛА БАНКА РОССИИ//УФК по Тульской области",
    "bank_town": "г. Тула",
    "corr_account": "40102810445370000059",
}
SINGLE = {
    "payer_status": "01",
    "kbk": "18201061201010000510",
    "oktmo": "0",
    "uin": "0",
    "tax_reason": "0",
    "tax_period": "0",
    "tax_document_number": "0",
    "tax_document_date": "0",
    "priority": "5",
    "purpose": "Единый налоговый платеж",
}
# id, title, kind, days from today, amount, done
EXAMPLES = (
    ("usn-advance", "Аванс по УСН", "payment", 12, "42150.00", False),
    ("ndfl", "НДФЛ с зарплаты", "payment", 1, "15600.00", False),
    ("insurance", "Страховые взносы", "payment", -3, "36000.00", False),
    ("notice-enp", "Уведомление об исчисленных суммах", "report", 5, None, False),
    ("efs-1", "Сведения о стаже (ЕФС-1)", "report", -9, None, True),
)


def example(office, inn: str) -> list[dict]:
    """One organisation's calendar around today."""
    today = datetime.now(MOSCOW).date()
    return [
        {
            "inn": inn,
            "id": name,
            "title": title,
            "kind": kind,
            "period": str(today.year),
            "due_on": (today + timedelta(days=days)).isoformat(),
            "amount": amount,
            "done": done,
            "url": f"{office.settings.banner}/cabinet/event/{name}",
            "payment": {**TREASURY, **SINGLE} if kind == "payment" else None,
        }
        for name, title, kind, days, amount, done in EXAMPLES
    ]
