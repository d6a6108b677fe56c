# SPDX-License-Identifier: LGPL-3.0-only
"""Titles of ordinary transfers and names of parties that are too long for the bank's fields.

Whole parts and whole words, as many as fit: nothing is cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LIMIT = 140  # characters: 4 lines of 35
NAME_LIMIT = 70  # 2 lines of 35

#: legal forms as registers write them out, and as everybody writes them
_FORMS = (
    (r"prosta spółka akcyjna", "P.S.A."),
    (r"spółka z ograniczoną odpowiedzialnością", "Sp. z o.o."),
    (r"spółka komandytowo-akcyjna", "S.K.A."),
    (r"spółka akcyjna", "S.A."),
    (r"spółka komandytowa", "Sp.k."),
    (r"spółka jawna", "Sp.j."),
    (r"spółka partnerska", "Sp.p."),
    (r"spółka cywilna", "s.c."),
    (r"przedsiębiorstwo produkcyjno-handlowo-usługowe", "PPHU"),
    (r"przedsiębiorstwo", "P."),
    (r"w upadłości", "w upadł."),
)


def fitted(parts: Sequence[str], lead: str = "", limit: int = LIMIT) -> str:
    """`lead` and the parts. Where they are too long, the last ones leave and are counted: “+3”.

    `lead` always stays; so does a single part, even where it is too long: a check says so.
    """
    parts = [part for part in parts if part]
    whole = _joined(lead, parts)
    if len(whole) <= limit or (len(parts) < 2 and not lead):
        return whole
    for kept in range(len(parts) - 1, 0, -1):
        title = f"{_joined(lead, parts[:kept])} +{len(parts) - kept}"
        if len(title) <= limit:
            return title
    return lead or whole


def _joined(lead: str, parts: Sequence[str]) -> str:
    return " ".join(filter(None, (lead, ", ".join(parts))))


def short_name(name: str, limit: int = NAME_LIMIT) -> str:
    """A name that fits: legal forms by their abbreviations, then as many whole words as fit.

    A name that fits as it is stays as it is.
    """
    for form, short in _FORMS:
        if len(name) <= limit:
            return name
        name = re.sub(rf"\b{form}\b", short, name, flags=re.IGNORECASE)
    while len(name) > limit and " " in name:
        name = name.rpartition(" ")[0].rstrip(" ,-&")
    return name[:limit]
