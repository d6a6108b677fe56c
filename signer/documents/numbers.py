# SPDX-License-Identifier: LGPL-3.0-only
"""Numbers of accounts, with their check digits: what cannot be one is never shown as one."""

from __future__ import annotations

import re

from .summary import NotUnderstood, shown

IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
OTHER = re.compile(r"[A-Za-z0-9/?:().,'+-]{1,34}")
POLISH = re.compile(r"PL[0-9]{26}")
ROUBLES = re.compile(r"[0-9]{5}[0-9ABCEHKMPTX][0-9]{14}")
#: a letter in digit 6 counts as a digit
LETTERS = str.maketrans("ABCEHKMPTX", "0123456789")
WEIGHTS = (7, 1, 3)
SETTLEMENT_CENTRES = ("000", "001", "002")


def iban(text: str) -> str:
    """An IBAN (ISO 13616; check digits by ISO 7064, mod 97-10)."""
    if not IBAN.fullmatch(text) or (text[:2] == "PL" and not POLISH.fullmatch(text)):
        raise NotUnderstood(f"{shown(text)[:40]} is no IBAN")
    number = "".join(str(int(char, 36)) for char in text[4:] + text[:4])
    if int(number) % 97 != 1:
        raise NotUnderstood(f"the account {text} has a wrong check digit")
    return text


def other(text: str) -> str:
    """A number of another kind (`Othr`): the letters that banks' systems carry, and no IBAN."""
    if not OTHER.fullmatch(text) or re.match("[A-Za-z]{2}[0-9]{2}", text):
        raise NotUnderstood(f"the account {shown(text)[:40]} is no number of another kind")
    return text


def nrb(text: str) -> str:
    """A Polish account number: the 26 digits of an IBAN."""
    if not re.fullmatch("[0-9]{26}", text):
        raise NotUnderstood(f"the account {shown(text)[:40]} has not 26 digits")
    iban(f"PL{text}")
    return text


def roubles(account: str, bik: str, *, correspondent: bool = False) -> str:
    """A Russian account whose key fits the bank (order 515 of the Bank of Russia).

    Three digits stand before it: the bank's last three; for correspondent accounts and settlement
    centres "0" and digits 5-6 of the BIK. Accounts of the treasury (they begin with 0) have no key.
    """
    if not ROUBLES.fullmatch(account) or not re.fullmatch("[0-9]{9}", bik):
        raise NotUnderstood(f"the account {shown(account)[:30]} or BIK {shown(bik)[:15]} is wrong")
    in_centre = correspondent or bik[6:] in SETTLEMENT_CENTRES
    digits = (f"0{bik[4:6]}" if in_centre else bik[6:]) + account.translate(LETTERS)
    key = sum(WEIGHTS[at % 3] * int(digit) % 10 for at, digit in enumerate(digits)) % 10
    if key and account[0] != "0":
        raise NotUnderstood(f"the account {account} does not fit the bank {bik}: wrong check digit")
    return account
