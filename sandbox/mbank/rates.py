# SPDX-License-Identifier: LGPL-3.0-only
"""The bank's table of rates: a złoty account pays abroad in these currencies."""

from __future__ import annotations

from decimal import Decimal

#: one unit of it costs so many złoty
RATES = {
    "CHF": Decimal("4.6120"),
    "CZK": Decimal("0.1755"),
    "EUR": Decimal("4.3150"),
    "GBP": Decimal("4.9830"),
    "SEK": Decimal("0.3942"),
    "USD": Decimal("3.9075"),
}


def converts(currency: str, account_currency: str) -> bool:
    return currency == account_currency or (account_currency == "PLN" and currency in RATES)


def sent(order) -> str:
    """The currency that the payee gets."""
    return order.details.get("sent_currency") or order.currency


def cost(order, account) -> Decimal:
    """What the order takes from the account, in the account's currency."""
    if order.currency == account.currency:
        return order.amount
    return (order.amount * RATES[order.currency]).quantize(Decimal("0.01"))


def told(order, account) -> dict[str, str]:
    """What the entry says of the conversion."""
    currency, amount = sent(order), order.amount
    if currency == account.currency:
        return {}
    if currency != order.currency:
        amount = (amount / RATES[currency]).quantize(Decimal("0.01"))
    return {"WALUTA": currency, "KWOTA": str(amount), "KURS": str(RATES[currency])}
