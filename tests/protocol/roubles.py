# SPDX-License-Identifier: LGPL-3.0-only
"""A rouble order whose control digits are right, for tests; imported by tests, no test itself."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

from protocol.checks.rouble_keys import is_key_right
from protocol.records import Order, Party

DAY = date(2026, 11, 18)
BIK, OTHER_BIK = "044525888", "044525999"


def account(pattern: str, bik: str, *, correspondent: bool = False) -> str:
    """The account with its right key in place of K."""
    found = [pattern.replace("K", str(key)) for key in range(10)]
    (right,) = [a for a in found if is_key_right(a, bik, correspondent=correspondent)]
    return right


OWN = account("40702810K00000000001", BIK)
OTHER = account("40702810K01200000035", OTHER_BIK)

PAYER = Party(
    'ООО "Торговый дом"',
    OWN,
    bank_code=BIK,
    bank_name="ДЕМО-БАНК",
    tax_id="7707083893",
    details={
        "kpp": "770701001",
        "corr_account": account("30101810K00000000888", BIK, correspondent=True),
        "client_identifier": "C-1",
    },
)
PAYEE = Party(
    'АО "Поставщик"',
    OTHER,
    bank_code=OTHER_BIK,
    bank_name="ДЕМО-БАНК2",
    tax_id="500100732259",
    details={"corr_account": account("30101810K00000000999", OTHER_BIK, correspondent=True)},
)


def order(number: int = 1, **changes) -> Order:
    """A payment for goods; `details` are added to its own."""
    details = {"priority": "5", "operation_kind": "01", **changes.pop("details", {})}
    base = Order(
        f"BO{number}C0-TEST",
        str(number),
        "rouble",
        Decimal("1500.00"),
        "RUB",
        DAY,
        PAYER,
        PAYEE,
        "Оплата по счёту № 15 от 10.11.2026. В т.ч. НДС 20% - 250-00 руб.",
        details=details,
    )
    return dataclasses.replace(base, **changes)
