# SPDX-License-Identifier: LGPL-3.0-only
"""Account numbers: is an IBAN right (ISO 13616, ISO 7064 mod 97-10), and what an NRB says.

python-stdnum has the check digits. Its module for whole IBANs reads a data file through the
package's loader, which Odoo replaces at start; so the lengths stand here.
Sources: the IBAN registry kept by SWIFT; the National Bank of Poland's ordinance on the
numbering of accounts (IBAN = PL + NRB).
"""

from __future__ import annotations

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
    "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
    "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
    "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
    "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
LENGTHS = {item[:2]: int(item[2:]) for item in _LENGTHS.split()}


def compact(number: str) -> str:
    """In capitals, without blanks and dashes."""
    return number.replace(" ", "").replace("-", "").upper()


def is_valid(number: str) -> bool:
    """True for a compact IBAN with the length of its country and right check digits."""
    if LENGTHS.get(number[:2]) != len(number) or not (number.isascii() and number.isalnum()):
        return False
    try:
        mod_97_10.validate(number[4:] + number[:4])
    except ValidationError:
        return False
    return True


def looks_like_iban(account: str) -> bool:
    return account[:2].isalpha() and account[2:4].isdigit() and account.isascii()


def is_abroad(account: str) -> bool:
    """An IBAN of another country than Poland."""
    return is_valid(account) and not account.startswith("PL")


def nrb_of(account: str) -> str:
    """The 26 digits of a Polish number, with or without PL; empty for any other number."""
    digits = account.removeprefix("PL")
    return digits if len(digits) == 26 and digits.isdigit() and digits.isascii() else ""


def clearing_number(account: str) -> str:
    """The 8 digits that name the bank of a Polish number; empty for any other number."""
    return nrb_of(account)[2:10]


def is_same_bank(one: str, other: str) -> bool:
    """Whether two Polish numbers belong to one bank: the first 3 digits of the clearing number."""
    bank = clearing_number(one)[:3]
    return bool(bank) and clearing_number(other)[:3] == bank
