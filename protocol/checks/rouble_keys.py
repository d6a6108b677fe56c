# SPDX-License-Identifier: LGPL-3.0-only
"""Control digits of Russian accounts.

The key stands in digit 9 of the account. Three digits of the bank and the 20 of the account are
multiplied by 7, 1, 3, 7, 1, 3 …; the last digits of the products add up to a multiple of 10. The
three digits: the last three of the BIK for an account in a bank; "0" and digits 5-6 of the BIK for
an account in a settlement centre, so for correspondent accounts.
Source: Bank of Russia, order 515 of 8 September 1997; the test holds its own examples.
"""

from __future__ import annotations

# a letter in digit 6 (accounts of clients in a foreign currency of clearing) counts as a digit
_LETTERS = dict(zip("ABCEHKMPTX", "0123456789", strict=True))
_SETTLEMENT_CENTRES = ("000", "001", "002")


def is_key_right(account: str, bik: str, *, correspondent: bool = False) -> bool:
    """True when the account's key fits the bank. 20 characters and 9 digits are expected.

    Accounts of the treasury (they start with 0) have no key: always True.
    """
    if account.startswith("0"):
        return True
    in_centre = correspondent or bik[6:] in _SETTLEMENT_CENTRES
    prefix = f"0{bik[4:6]}" if in_centre else bik[6:]
    digits = prefix + account[:5] + _LETTERS.get(account[5], account[5]) + account[6:]
    weights = (7, 1, 3)
    products = (int(digit) * weights[place % 3] for place, digit in enumerate(digits))
    return sum(product % 10 for product in products) % 10 == 0
