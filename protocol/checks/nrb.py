# SPDX-License-Identifier: LGPL-3.0-only
"""NRB, the Polish account number: 26 digits, ISO 7064 mod 97-10, digits 3-10 name the bank.

Issued by the National Bank of Poland's ordinance on the numbering of accounts; IBAN = PL + NRB.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..accounts import clearing_number, is_valid, nrb_of
from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

NOT_POLISH = _("account {account} is not a Polish account number (26 digits)")
WRONG_DIGITS = _("the control digits of account {account} are wrong")
OTHER_BANK = _("account {account} is not at the bank with the clearing number {bank}")

_KINDS = ("domestic", "mpp", "tax", "zus")


def check(order: Order, context: Context) -> Iterator[Problem]:
    record = record_of(order)
    for field, party in (("payer", order.payer), ("payee", order.payee)):
        number = nrb_of(party.account)
        if not number:
            if order.kind in _KINDS and party.account:
                yield Problem.of(record, f"{field}.account", NOT_POLISH, account=party.account)
            continue
        if template := problem_of(party.account):
            yield Problem.of(record, f"{field}.account", template, account=party.account)
        if party.bank_code and party.bank_code != clearing_number(number):
            yield Problem.of(
                record, f"{field}.bank_code", OTHER_BANK, account=number, bank=party.bank_code
            )


def problem_of(account: str) -> str:
    """The template of what is wrong with 26 digits, or empty; with PL before them see `iban`."""
    number = "" if account.startswith("PL") else nrb_of(account)
    return WRONG_DIGITS if number and not is_valid("PL" + number) else ""
