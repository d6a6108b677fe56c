# SPDX-License-Identifier: LGPL-3.0-only
"""What somebody types into a search box: a name, words, an account number, a sum."""

import re

from odoo.fields import Domain


def found_by(text, names, accounts=(), amounts=()):
    """Domain: `text` stands in one of these fields.

    Accounts are kept without spaces, and with or without their country's letters. `amounts` are
    found by the sum, whichever its sign.
    """
    found = Domain.OR(Domain(name, "ilike", text) for name in (*names, *accounts))
    digits = re.sub(r"^[A-Za-z]{2}(?=\d)|\s", "", text)
    if digits.isdigit():
        found |= Domain.OR(Domain(name, "ilike", digits) for name in accounts)
    amount = amount_in(text)
    if amount is not None:
        found |= Domain.OR(Domain(name, "in", (amount, -amount)) for name in amounts)
    return found


def amount_in(text):
    """A sum as people type it: “1 234,50”; None where it is none."""
    plain = "".join(text.split()).replace(",", ".")
    return float(plain) if re.fullmatch(r"[+-]?\d+(\.\d*)?", plain, re.ASCII) else None
