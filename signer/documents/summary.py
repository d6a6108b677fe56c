# SPDX-License-Identifier: LGPL-3.0-only
"""What a document orders, as a person must see it before signing."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

#: (label in English, value); the label is translated where it is shown
Fact = tuple[str, str]

#: characters that have no width or no ink although their category does not say so (Unicode:
#: Default_Ignorable_Code_Point; and the empty braille pattern)
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
#: control, format, private, surrogate, unassigned; ends of lines and paragraphs; marks that no
#: letter has taken in
HIDING = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp", "Mn", "Me"}
#: the white space of XML, and the spaces of Unicode (Zs)
SPACES = re.compile("[ \t\r\n\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


class NotUnderstood(ValueError):
    """A document, or a part of it, that cannot be shown and so cannot be signed."""


@dataclass(frozen=True)
class Payment:
    """One order of the document. `amount` > 0; `facts`: whatever else decides, in order."""

    payee: str
    account: str
    amount: Decimal
    currency: str
    title: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Summary:
    """`kind`: words for the person; `facts`: further lines (label, value); `id`: the document's."""

    kind: str
    id: str = ""
    payments: tuple[Payment, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def totals(self) -> dict[str, Decimal]:
        """Sum of the payments in each currency."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for payment in self.payments:
            sums[payment.currency] += payment.amount
        return dict(sums)


def shown(text: str) -> str:
    """Text for the window: one line, without characters that hide or turn round what follows."""
    plain = " ".join(filter(None, SPACES.split(unicodedata.normalize("NFC", text))))
    return "".join("\N{REPLACEMENT CHARACTER}" if _hides(char) else char for char in plain)


def _hides(char: str) -> bool:
    return unicodedata.category(char) in HIDING or INVISIBLE.match(char) is not None


def money(text: str, places: int = 2) -> Decimal:
    """An amount in units: > 0, digits with at most so many decimals and nothing else."""
    if not re.fullmatch(rf"[0-9]{{1,18}}(\.(?=[0-9])[0-9]{{0,{places}}}0*)?", text):
        raise NotUnderstood(f"the amount {shown(text)[:30]!r} is not a number with few decimals")
    amount = Decimal(text)
    if amount <= 0 or amount >= Decimal(10) ** 15:
        raise NotUnderstood("an amount is zero or too large")
    return amount.quantize(Decimal(1).scaleb(-places))


def day(text: str) -> str:
    """A day of the calendar, YYYY-MM-DD."""
    try:
        return date(*map(int, _DAY.fullmatch(text).groups())).isoformat()
    except (AttributeError, ValueError):
        raise NotUnderstood(f"{shown(text)[:30]!r} is not a day") from None


_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
