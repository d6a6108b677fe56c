# SPDX-License-Identifier: LGPL-3.0-only
"""The number of the account that a statement is of, whatever stands around it.

Banks write it alone or with a slash before it; behind the bank's BIC or clearing number
(``BPHKPLPK/320000546101``, ``20041111/301086000``), the Czech ones before that
(``2000145399/0800``); and with the currency behind (``PL61…PLN``).
"""

from __future__ import annotations

import re

from ..records import Statement

_POLISH = re.compile(r"((?:PL)?[0-9]{26})[A-Z]{3}", re.ASCII)
_CZECH_BANK = re.compile(r"[0-9]{4}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", re.ASCII)
_SHORTEST = 8  # of a number that names the account inside its IBAN


def parts(text: str, currency: str) -> tuple[str, dict[str, str]]:
    """The number, letters and digits only, and what stands beside it as details.

    `currency`: the statement's; behind a number it is dropped.
    """
    pieces = [piece for one in text.upper().split("/") if (piece := re.sub(r"\W", "", one))]
    if len(pieces) > 1 and pieces[-1] == currency:
        pieces.pop()
    if not pieces:
        return "", {}
    if len(pieces) == 2 and _CZECH_BANK.fullmatch(pieces[1]):
        pieces.reverse()
    *banks, number = pieces
    polish = _POLISH.fullmatch(number)
    if polish:
        number = polish[1]
    elif number[:2] not in ("MU", "SC"):  # whose IBANs end in their currency
        number = number.removesuffix(currency) or number
    if not banks or _IBAN.fullmatch(number):
        return number, {}
    key = "bank_bic" if _BIC.fullmatch(banks[0]) else "bank_code"
    return number, {key: banks[0]}


def is_of(statement: Statement, account: str) -> bool:
    """Whether the statement is of the account that we know by this number.

    Ours may be the IBAN where the statement has the national number and its bank, with and
    without leading zeros; and may hold the bank's part as the bank writes it.
    """
    ours, theirs = (_bare(number) for number in (account, statement.account_number))
    if ours == theirs:
        return True
    bic, code = (statement.details.get(key, "") for key in ("bank_bic", "bank_code"))
    if (bic or code) and ours == _bare(f"{bic or code}{theirs}"):
        return True
    iban = re.sub(r"\W", "", account).upper()
    if not _IBAN.fullmatch(iban):
        return False
    if code:
        return iban[4:].startswith(code) and _same(iban[4 + len(code) :], theirs)
    return bool(bic) and iban[:2] == bic[4:6] and len(theirs) >= _SHORTEST and iban.endswith(theirs)


def _bare(number: str) -> str:
    """A number without its blanks, signs and country."""
    number = re.sub(r"\W", "", number).upper()
    return number[2:] if number[:2].isalpha() and number[2:].isdigit() else number


def _same(one: str, other: str) -> bool:
    return one.lstrip("0") == other.lstrip("0") != ""
