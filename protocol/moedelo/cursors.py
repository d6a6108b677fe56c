# SPDX-License-Identifier: LGPL-3.0-only
"""Cursors of lists: where the next page begins, in a form that promises nothing else."""

from __future__ import annotations

import base64
import binascii
import re

from . import problem_words as words
from .problems import FieldError, Problem

USUAL, MOST = 100, 1000
_HEAD = b"after:"


def render(last: int) -> str:
    return base64.urlsafe_b64encode(_HEAD + str(last).encode()).decode().rstrip("=")


def read(text: str | None) -> int:
    """The id to go on after; 0 at the beginning. `Problem` (422) for what is no cursor."""
    if text is None:
        return 0
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        found = b""
    match = re.fullmatch(_HEAD + rb"([1-9][0-9]{0,8})", found)
    if not match:
        raise Problem("invalid", errors=[FieldError("/cursor", "value", words.BAD_CURSOR)])
    return int(match[1])


def limit(text: str | None) -> int:
    """How many a page holds; `Problem` (422) unless 1 to MOST."""
    if text is None:
        return USUAL
    if not re.fullmatch("[1-9][0-9]{0,3}", text) or int(text) > MOST:
        expected = {"expected": words.EXPECTED_LIMIT}
        raise Problem("invalid", errors=[FieldError("/limit", "value", words.BAD_VALUE, expected)])
    return int(text)
