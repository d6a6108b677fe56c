"""What a document orders, as a person must see it before signing."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


class NotUnderstood(ValueError):
    """A document, or a part of it, that cannot be shown and so cannot be signed."""


@dataclass(frozen=True)
class Payment:
    """One order of the document. `amount` > 0; `execute_on` as the document writes the day."""

    payee: str
    account: str
    amount: Decimal
    currency: str
    title: str = ""
    execute_on: str = ""
    payer_account: str = ""


@dataclass(frozen=True)
class Summary:
    """`kind`: words for the person; `facts`: further lines (label, value); `id`: the document's."""

    kind: str
    id: str = ""
    payments: tuple[Payment, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def totals(self) -> dict[str, Decimal]:
        """Sum of the payments in each currency."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for payment in self.payments:
            sums[payment.currency] += payment.amount
        return dict(sums)


def shown(text: str) -> str:
    """Text for the window: one line, without characters that hide or turn round what follows."""
    plain = " ".join(text.split())
    return "".join("\N{REPLACEMENT CHARACTER}" if _hides(char) else char for char in plain)


def _hides(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Cn"}


def money(text: str) -> Decimal:
    """An amount in units: > 0, digits with at most two decimals and nothing else."""
    whole, _dot, decimals = text.partition(".")
    digits = whole + decimals
    if not (whole and digits.isascii() and digits.isdigit() and len(decimals.rstrip("0")) <= 2):
        raise NotUnderstood(f"the amount {shown(text)[:30]!r} is not a number with two decimals")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise NotUnderstood("an amount is not a number") from None
    if amount <= 0 or amount >= Decimal(10) ** 15:
        raise NotUnderstood("an amount is zero or too large")
    return amount.quantize(Decimal("0.01"))
