# SPDX-License-Identifier: LGPL-3.0-only
"""Control digits of account numbers, as a bank checks them.

NRB / IBAN: ISO 7064 mod 97-10. Polish NRB = 26 digits: 2 control digits, 8 of the bank's clearing
number, 16 of the account. Russian account keys: regulation of the Bank of Russia, see facts of form
0401060 (weights 7, 1, 3; last digits of the products sum to 0 mod 10).
"""

from __future__ import annotations

import re

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
# The letter that may stand for a currency in digit 6 of a Russian account number.
_RU_LETTERS = {"A": 0, "B": 1, "C": 2, "E": 3, "H": 4, "K": 5, "M": 6, "P": 7, "T": 8, "X": 9}


def _mod97(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text)) % 97


def iban_is_valid(iban: str) -> bool:
    """True for an IBAN without spaces whose control digits hold."""
    if not _IBAN.fullmatch(iban):
        return False
    if iban.startswith("PL") and not re.fullmatch(r"PL\d{26}", iban):
        return False
    return _mod97(iban[4:] + iban[:4]) == 1


def plain(number: str) -> str:
    """The form in which this bank keeps numbers: 26 digits for Polish ones, an IBAN for others."""
    number = number.replace(" ", "").upper()
    return number[2:] if re.fullmatch(r"PL\d{26}", number) else number


def as_iban(number: str) -> str:
    """`PL` + 26 digits for a Polish number; anything else as it is."""
    return f"PL{number}" if re.fullmatch(r"\d{26}", number) else number


def account_is_valid(number: str) -> bool:
    """Control digits of an NRB or IBAN in either form."""
    return iban_is_valid(as_iban(plain(number)))


def ru_key_is_valid(bik: str, account: str, *, correspondent: bool = False) -> bool:
    """Key of a 20-character Russian account at the bank with this BIK; treasury ones have none."""
    if not re.fullmatch(r"\d{9}", bik) or not re.fullmatch(r"\d{5}[\dABCEHKMPTX]\d{14}", account):
        return False
    if account.startswith("0"):
        return True
    prefix = f"0{bik[4:6]}" if correspondent or bik[6:] in ("000", "001", "002") else bik[6:]
    return _ru_sum(prefix + account) % 10 == 0


def inn_is_valid(inn: str) -> bool:
    """Control digits of a Russian tax number: 10 digits (companies) or 12 (persons)."""
    if not re.fullmatch(r"\d{10}|\d{12}", inn) or not int(inn):
        return False
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    lengths = (10,) if len(inn) == 10 else (11, 12)
    return all(_inn_digit(inn[: n - 1], weights) == inn[n - 1] for n in lengths)


def _inn_digit(digits: str, weights: tuple[int, ...]) -> str:
    pairs = zip(digits, weights[-len(digits) :], strict=True)
    return str(sum(int(digit) * weight for digit, weight in pairs) % 11 % 10)


def _ru_sum(text: str) -> int:
    digits = [_RU_LETTERS.get(char, -1) if char.isalpha() else int(char) for char in text]
    return sum(digit * weight % 10 for digit, weight in zip(digits, (7, 1, 3) * 8, strict=False))
