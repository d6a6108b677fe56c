# SPDX-License-Identifier: LGPL-3.0-only
"""Titles of ordinary transfers and names of parties that are too long for the bank's fields.

Whole parts and whole words, as many as fit: nothing is cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from .errors import Invalid
from .wording import _

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


#: what a journal's template may name beside the numbers of the bills
PARTS = ("numbers", "payment", "reference", "date")
NOT_A_TEMPLATE = _("“{template}” cannot be: braces hold one of {parts}, and numbers once")
_PART = re.compile(r"\{([^{}]*)\}")


def check_template(template: str) -> None:
    """`Invalid` where it names what is not there. Words alone stand before the numbers."""
    names = _PART.findall(template)
    if (
        not set(names) <= set(PARTS)
        or names.count("numbers") > 1
        or (re.search("[{}]", _PART.sub("", template)))
    ):
        raise Invalid(NOT_A_TEMPLATE.format(template=template, parts=", ".join(PARTS)))


def filled(
    template: str, values: Mapping[str, str], numbers: Sequence[str], lead: str = "",
    limit: int = LIMIT,
) -> str:  # fmt: skip
    """A title by the template, `lead` before all of it; as many numbers as fit beside the rest."""
    if "{numbers}" not in template:
        template += " {numbers}"
    before, _mark, after = template.partition("{numbers}")
    before, after = (
        _PART.sub(lambda part: values.get(part[1], ""), text).rstrip() for text in (before, after)
    )
    lead = " ".join(filter(None, (lead, before.lstrip())))
    return fitted(numbers, lead, limit - len(after)) + after


def _joined(lead: str, parts: Sequence[str]) -> str:
    return " ".join(filter(None, (lead, ", ".join(parts))))


def short_name(name: str, limit: int = NAME_LIMIT, size: Callable[[str], int] = len) -> str:
    """A name that fits: legal forms by their abbreviations, then as many whole words as fit, and
    of a word that is too long by itself as much as fits.

    `size`: letters of a text as it is sent (ß is two). A name that fits as it is stays as it is.
    """
    for form, short in _FORMS:
        if size(name) <= limit:
            return name
        name = re.sub(rf"\b{form}\b", short, " ".join(name.split()), flags=re.IGNORECASE)
    cut = name
    while size(cut) > limit:
        cut = cut[:-1]
    words = cut if cut == name or name[len(cut)] == " " else cut.rpartition(" ")[0]
    # Better half of a long word than hardly a name.
    return (words if size(words) > limit // 2 else cut).rstrip(" ,-&")
