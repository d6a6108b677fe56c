# SPDX-License-Identifier: LGPL-3.0-only
"""How many decimals a currency has in a bank's message (ISO 4217, list one): two, unless here."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
DECIMALS = dict.fromkeys(_NONE.split(), 0) | dict.fromkeys(_THREE.split(), 3)


def decimals(currency: str) -> int:
    return DECIMALS.get(currency, 2)


def text(amount: Decimal, currency: str) -> str:
    """The amount as a message has it: with all decimals of its currency, and a point."""
    return f"{amount:.{decimals(currency)}f}"


def is_whole(amount: Decimal, currency: str) -> bool:
    """Whether the amount has no more decimals than its currency."""
    return amount == amount.quantize(Decimal(1).scaleb(-decimals(currency)))


def total(amounts: Iterable[tuple[Decimal, str]]) -> str:
    """Sum of the figures whatever their currencies: a control sum."""
    amounts = list(amounts)
    finest = max((decimals(currency) for _amount, currency in amounts), default=2)
    return f"{sum((amount for amount, _currency in amounts), Decimal()):.{max(finest, 2)}f}"
