# SPDX-License-Identifier: LGPL-3.0-only
"""Virtual accounts of a mass collection (mBank Collect, others): what the id of one says.

Each payer has an account number of his own, and all the money comes to one account. How the id is
made is agreed between company and bank; the rule is a text: ``XX{ref:12}`` is XX and twelve digits
of the partner's reference, filled up with zeros. `?` stands for any character (check digits), all
else for itself. mBank's statements say the id in `ID IPH`, two letters and twelve digits in those
that were seen; where a bank gives the whole number of the virtual account, the rule is of that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .accounts import nrb_of
from .errors import Invalid
from .wording import _

#: what an id may hold: digits of the partner's reference, tax id or number here, of the invoice's
PARTS = ("ref", "nip", "id", "invoice")
EXAMPLE = "XX{ref:12}"

NOT_A_RULE = _("“{rule}” is no rule. It names one or more of {parts}, such as {example}.")

_PART = re.compile(rf"\{{({'|'.join(PARTS)}):([1-9]\d?)\}}")


def pattern(rule: str) -> re.Pattern:
    """Raises `Invalid` for a rule that names nothing, names it twice, or has other braces."""
    *texts, rest = _PART.split(rule)
    names = texts[1::3]
    literal = "".join((*texts[::3], rest))
    if not names or len(set(names)) < len(names) or re.search(r"[{}\s]", literal):
        raise Invalid(NOT_A_RULE.format(rule=rule, parts=", ".join(PARTS), example=EXAMPLE))
    found = ""
    for text, name, digits in zip(texts[::3], names, texts[2::3], strict=True):
        found += f"{_literal(text)}(?P<{name}>[0-9]{{{digits}}})"
    return re.compile(found + _literal(rest), re.IGNORECASE)


def read(rule: str, identifier: str) -> Mapping[str, str]:
    """{part: its digits without leading zeros}; nothing where the id is not of this rule."""
    said = re.sub(r"\s", "", identifier or "")
    # An account in Poland has the country's letters in some formats, and not in others.
    forms = (said, f"PL{said}", said[2:]) if nrb_of(said) else (said,)
    found = next(filter(None, map(pattern(rule).fullmatch, forms)), None)
    parts = {name: bare(text) for name, text in found.groupdict().items()} if found else {}
    return parts if all(parts.values()) else {}


def bare(text: str) -> str:
    """The digits of a text, without the zeros before them."""
    return re.sub(r"[^0-9]", "", text or "").lstrip("0")


def _literal(text: str) -> str:
    return "".join("." if letter == "?" else re.escape(letter) for letter in text)
