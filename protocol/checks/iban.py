# SPDX-License-Identifier: LGPL-3.0-only
"""Account numbers with their check digits (ISO 13616, ISO 7064 mod 97-10; by python-stdnum).

A number that begins like an IBAN must be one. A Polish domestic order needs an NRB, which is the
business of `nrb`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ..accounts import compact, is_valid, looks_like_iban
from ..errors import Problem
from ..formats.pain001.rules import ACCOUNT
from ..records import Order
from ..wording import _
from .context import Context, record_of

EMPTY = _("the account number is missing")
WRONG = _("account {account} has a wrong, missing or additional character")
NOT_COMPACT = _("account {account} is to be written in capitals without blanks")
NO_IBAN = _("account {account} is not an IBAN, which this kind of order needs")
SAME = _("payer and payee have the same account")

_NEEDS_IBAN = ("sepa",)


def check(order: Order, context: Context) -> Iterator[Problem]:
    record = record_of(order)
    for field, party in (("payer.account", order.payer), ("payee.account", order.payee)):
        template = problem_of(party.account)
        if template:
            yield Problem.of(record, field, template, account=party.account)
    account = order.payee.account
    if order.kind in _NEEDS_IBAN and account and not looks_like_iban(account):
        yield Problem.of(record, "payee.account", NO_IBAN, account=account)
    other = order.kind == "foreign" and account and not looks_like_iban(account)
    if other and not ACCOUNT.fullmatch(account):
        yield Problem.of(record, "payee.account", WRONG, account=account)
    if account and account.removeprefix("PL") == order.payer.account.removeprefix("PL"):
        yield Problem.of(record, "payee.account", SAME)


@lru_cache(maxsize=10_000)
def problem_of(account: str) -> str:
    """The template of what is wrong with a number that should be an IBAN, or empty.

    Remembered, since the payer's number stands in every order of a package.
    """
    if not account:
        return EMPTY
    if not looks_like_iban(account):
        return ""
    if compact(account) != account:
        return NOT_COMPACT
    return "" if is_valid(account) else WRONG
