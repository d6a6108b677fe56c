# SPDX-License-Identifier: LGPL-3.0-only
"""JSON without the freedoms that readers take: RFC 8259, each key once, UTF-8, no NaN."""

from __future__ import annotations

import json

from . import problem_words as words
from .problems import Problem

MAX_BODY = 8 * 1024 * 1024  # bytes; a thousand long documents with escaped letters have about 6 MB
MEDIA_TYPE = "application/json"


def read(body: bytes, content_type: str, encoding: str = "") -> object:
    """The value that a body holds. Numbers with a point stay text: no amount becomes a float.

    Raises `Problem`: media-type (415), too-large (413) or malformed (400).
    """
    media_type, _semicolon, parameters = (content_type or "").partition(";")
    if media_type.strip().lower() != MEDIA_TYPE or (encoding or "identity") != "identity":
        raise Problem("media-type")
    if "charset" in parameters.lower() and "utf-8" not in parameters.lower():
        raise Problem("media-type", words.NOT_UTF8)
    # A body without a length is cut off at the limit: what fills it may be a part of something.
    if len(body) >= MAX_BODY:
        raise Problem("too-large")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("malformed", words.NOT_UTF8) from None
    return _load(text)


def _load(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_Point)
    except RecursionError:
        raise Problem("malformed", words.TOO_DEEP) from None
    except ValueError:  # also an integer of thousands of digits
        raise Problem("malformed", words.NO_JSON) from None


class _Point(str):
    """A number with a point or an exponent, as it stood there: no field of ours is one."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            shown = key[:40].encode("ascii", "backslashreplace").decode()
            raise Problem("malformed", words.DUPLICATE_KEY, key=shown)
        found[key] = value
    return found


def _refuse(_constant: str):
    raise ValueError("NaN and Infinity are no JSON")


def is_text(value: object) -> bool:
    """True for a JSON string; a number with a point is none."""
    return type(value) is str
