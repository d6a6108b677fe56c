# SPDX-License-Identifier: LGPL-3.0-only
"""What is wrong with an account number as somebody types it, before there is an order."""

from __future__ import annotations

import re

from ..accounts import compact, is_valid, looks_like_iban, nrb_of
from ..wording import Filled, Text, _
from .iban import WRONG
from .nrb import NOT_POLISH, WRONG_DIGITS
from .rouble_keys import is_key_right

NOT_RUSSIAN = _("account {account} has not the 20 digits of an account in Russia")
WRONG_KEY = _("account {account} does not fit BIK {bik}: its control digit is wrong")


def problem_of(number: str, country: str, bik: str = "") -> Filled | str:
    """Marked words, or empty. `country`: of the bank, two letters; `bik`: 9 digits, of a bank in
    Russia. Nothing is known of numbers that are no IBAN in other countries."""
    account = compact(number)
    template = account and _template(account, country, bik)
    if not template:
        return ""
    return template.format(account=number.strip(), **({"bik": bik} if bik else {}))


def _template(account: str, country: str, bik: str) -> Text | str:
    if looks_like_iban(account):
        return "" if is_valid(account) else WRONG
    if country == "PL":
        if not nrb_of(account):
            return NOT_POLISH
        return "" if is_valid(f"PL{account}") else WRONG_DIGITS
    if country == "RU":
        if not re.fullmatch(r"\d{5}[0-9ABCEHKMPTX]\d{14}", account, re.ASCII):
            return NOT_RUSSIAN
        return "" if not bik or is_key_right(account, bik) else WRONG_KEY
    return ""
