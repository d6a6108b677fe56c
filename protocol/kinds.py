# SPDX-License-Identifier: LGPL-3.0-only
"""Which kind of order a payment is: proposed from payer, payee, amount and currency.

A person can change it; `checks.kind` says when the account speaks against the choice.
Accounts: tax offices' microaccounts have the clearing number 10100071 and then 222; accounts for
contributions to ZUS have 60000002 and then 026 (general notices of both offices). For what goes to
no microaccount (PCC, inheritance, …) each tax office has accounts at the National Bank of Poland:
1010, four digits of the branch, six of the office, 222 and the tax, six zeros (the ministry's lists
of accounts of tax offices); customs have the like with 2231. Where communes are paid no number
tells: their accounts' cards do.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal

from .accounts import is_same_bank, looks_like_iban, nrb_of
from .records import Party

#: countries of the SEPA schemes (European Payments Council, EPC409-09), by IBAN's first letters
_SEPA_CODES = (
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK "
    "MT NL NO PL PT RO RS SE SI SK SM VA"
)
SEPA_COUNTRIES = frozenset(_SEPA_CODES.split())
#: of these, the ones outside the European Economic Area
_OUTSIDE_CODES = "AD AL CH GB GI MC MD ME MK RS SM VA"
SEPA_OUTSIDE_EEA = frozenset(_OUTSIDE_CODES.split())
TAX_OFFICE = "10100071222"
ZUS = "60000002026"
_OFFICE_AT_NBP = re.compile(r"1010\d{10}(222\d|2231)0{6}")


def derive(
    payer: Party,
    payee: Party,
    amount: Decimal,
    currency: str,
    *,
    own_accounts: Collection[str] = (),
    split_payment: bool = False,
    office: str = "",
    from_vat_account: bool = False,
) -> str:
    """The kind to propose. `split_payment`: a bill of this payment asks for it, or a person.

    `office`: `tax` or `zus` where the account's card says so. From a VAT account money goes to
    another one of our own by the message of split payment.

    Our own euro at another bank go there by SEPA, charges shared.
    """
    account = payee.account
    if currency == "RUB" and len(payer.account) == 20 and payer.account.isdigit():
        return "rouble"
    if _plain(account) in {_plain(own) for own in own_accounts}:
        if from_vat_account:
            return "mpp"
        abroad = currency == "EUR" and is_in_sepa(account) and amount > 0
        return "sepa" if abroad and not is_same_bank(payer.account, account) else "own"
    of_office = office or office_of(account)
    if of_office:
        return of_office
    if nrb_of(account) and currency == "PLN":
        return "mpp" if split_payment else "domestic"
    if currency == "EUR" and amount > 0 and is_in_sepa(account):
        return "sepa"
    return "foreign"


def office_of(account: str) -> str:
    """`tax` or `zus` for an account of these offices, else empty."""
    number = nrb_of(account)[2:]
    if number.startswith(TAX_OFFICE) or _OFFICE_AT_NBP.fullmatch(number):
        return "tax"
    return "zus" if number.startswith(ZUS) else ""


def is_in_sepa(account: str) -> bool:
    return bool(nrb_of(account)) or (looks_like_iban(account) and account[:2] in SEPA_COUNTRIES)


def _plain(account: str) -> str:
    return account.removeprefix("PL")
