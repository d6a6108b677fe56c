# SPDX-License-Identifier: LGPL-3.0-only
"""Texts of one entry as two documents write them: other case, blanks, letters, a wrong charset."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae"})
_ASCII = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Letters and digits only, small, without the signs on Polish letters."""
    text = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(char for char in text if char.isalnum())


@lru_cache(maxsize=20_000)
def skeleton(text: str) -> str:
    """What every charset leaves whole: the letters and digits of ASCII."""
    return _ASCII.sub("", text.casefold())


def alike(one: str, other: str) -> float:
    """0 to 1: how much of the shorter text stands in the other one, whatever happened to it."""
    one, other = folded(one), folded(other)
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    short, long = sorted((one, other), key=len)
    if short in long:  # cut off, or with more around it
        return 0.9
    same = sum(block.size for block in SequenceMatcher(None, short, long).get_matching_blocks())
    return 0.9 * same / len(short)


def bare_account(number: str) -> str:
    """A number without blanks, signs and country: as formats write it alike."""
    number = re.sub(r"\W", "", number).upper()
    return number[2:] if number[:2].isalpha() and number[2:].isdigit() else number
