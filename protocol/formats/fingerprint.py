# SPDX-License-Identifier: LGPL-3.0-only
"""A content hash for entries to which the bank gave no unique operation id.

Two entries with the same fingerprint are told apart by their occurrence number on that day, which
the importer counts. So the hash holds only what an intraday and a final statement say alike: the
booking day, the amount, and who and what for, with letter case, spaces and punctuation left out
(banks wrap and pad the same text differently from one statement to the next). References are
NOT in it: intraday statements often lack them.
"""

from __future__ import annotations

import hashlib
import unicodedata
from decimal import Decimal

from ..records import Entry

_VERSION = "1"  # stored hashes must stay comparable: change it with the recipe


def fingerprint(entry: Entry) -> str:
    """64 hex digits over booking day, amount, counterparty account and name, and title."""
    parts = (
        _VERSION,
        entry.booked_on.isoformat(),
        _plain(entry.amount),
        _bare(entry.counterparty_account),
        _bare(entry.counterparty_name),
        _bare(entry.title),
    )
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _plain(amount: Decimal) -> str:
    """The amount without exponent or trailing zeros: 5, 5.0 and 5.00 are the same money."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())
