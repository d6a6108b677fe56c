# SPDX-License-Identifier: LGPL-3.0-only
"""Which characters and how many of them each kind of order may hold in each format.

Nothing is cut and nothing is dropped: a character that a kind does not know is written with ones
it knows (ł -> l, & -> +) where there is a customary way, and is an error where there is none.

Sources: SWIFT X character set (MT messages); European Payments Council, EPC217-08, for its
customary replacements; Elixir's fields of 4 lines of 35 characters.
"""

from __future__ import annotations

import dataclasses
import string
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ..records import Order, Party

_X = frozenset(string.ascii_letters + string.digits + "/-?:().,'+ ")
_POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")
_DOMESTIC = frozenset(_X | _POLISH | frozenset('!@#%&*_=;<>"|'))
_ELIXIR = frozenset(_DOMESTIC - frozenset('"|'))  # its own punctuation

_LETTERS = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "AE",
    "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ı": "i",
    "ẞ": "SS",
}  # fmt: skip
_SIGNS = {
    "&": "+", "_": "-", "~": "-", "–": "-", "—": "-", "‑": "-", "−": "-", "`": "'", "’": "'",
    "‘": "'", '"': "'", "„": "'", "”": "'", "“": "'", "«": "'", "»": "'", "[": "(", "]": ")",
    "{": "(", "}": ")", "<": "(", ">": ")", "\\": "/", "|": "/", ";": ",", "…": "...",
    "!": ".", "#": ".", "$": ".", "%": ".", "*": ".", "=": ".", "@": ".", "^": ".", "§": ".",
    "\n": " ", "\r": "", "\t": " ", "\u00a0": " ", "€": "EUR", "№": "No",
}  # fmt: skip


@dataclass(frozen=True)
class TextRules:
    """`allowed`: characters. The numbers: the longest text of each field, as it is sent."""

    allowed: frozenset[str]
    name: int = 70
    street: int = 70
    postcode: int = 16
    town: int = 35
    title: int = 140


DOMESTIC = TextRules(_DOMESTIC)
SWIFT = TextRules(_X)
# one line of 35 for the street, one for postcode and town together
ELIXIR = TextRules(_ELIXIR, street=35, postcode=6, town=28)

_FOREIGN_KINDS = ("sepa", "foreign")


def rules_for(format_name: str, kind: str) -> TextRules:
    """The rules of a kind of order in a package format."""
    if format_name == "elixir":
        return ELIXIR
    return SWIFT if kind in _FOREIGN_KINDS else DOMESTIC


def fit(text: str, rules: TextRules) -> str:
    """The text as it is sent. What has no customary replacement stays: see `misfits`."""
    if rules.allowed.issuperset(text):
        return text
    composed = unicodedata.normalize("NFC", text)
    return "".join(_fit_character(character, rules.allowed) for character in composed)


def misfits(text: str, rules: TextRules) -> str:
    """Characters of the text that cannot be sent in any way, each once."""
    if rules.allowed.issuperset(text):
        return ""
    return "".join(dict.fromkeys(c for c in fit(text, rules) if c not in rules.allowed))


def fit_order(order: Order, format_name: str) -> Order:
    """The order with its texts as they are sent."""
    rules = rules_for(format_name, order.kind)
    return dataclasses.replace(
        order,
        payer=_fit_party(order.payer, rules),
        payee=_fit_party(order.payee, rules),
        title=fit(order.title, rules),
        details={name: fit(value, rules) for name, value in order.details.items()},
    )


@lru_cache(maxsize=1000)
def _fit_character(character: str, allowed: frozenset[str]) -> str:
    if character in allowed:
        return character
    replaced = _LETTERS.get(character) or _SIGNS.get(character)
    if replaced is None:
        decomposed = unicodedata.normalize("NFKD", character)
        replaced = "".join(part for part in decomposed if not unicodedata.combining(part))
    return replaced if allowed.issuperset(replaced) else character


def _fit_party(party: Party, rules: TextRules) -> Party:
    address = party.address
    texts = (party.name, address.street, address.postcode, address.town, party.bank_name)
    if all(map(rules.allowed.issuperset, texts)):
        return party
    return dataclasses.replace(
        party,
        name=fit(party.name, rules),
        bank_name=fit(party.bank_name, rules),
        address=dataclasses.replace(
            address,
            street=fit(address.street, rules),
            postcode=fit(address.postcode, rules),
            town=fit(address.town, rules),
        ),
    )
