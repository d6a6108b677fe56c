# SPDX-License-Identifier: LGPL-3.0-only
"""What a message must look like, as data: texts with length and pattern, objects with fields.

`check(shape, value)` gives every error of a value at once; unknown fields are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import problem_words as words
from .problems import FieldError
from .strict_json import is_text

# control characters, and halves of characters that no encoding can write
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Text:
    """A string. `expected`: what the pattern wants, in words of `problem_words` or as an example.

    An empty string where the field is not needed is the same as no field.
    """

    longest: int
    pattern: str = ""
    expected: str = ""
    needed: bool = False

    def errors(self, value: object, pointer: str) -> Iterator[FieldError]:
        if not is_text(value):
            expected = {"expected": words.EXPECTED_TEXT}
            yield FieldError(pointer, "type", words.WRONG_TYPE, expected)
        elif _UNSTORABLE.search(value):
            yield FieldError(pointer, "character", words.BAD_CHARACTER)
        elif self.needed and not value.strip():
            yield FieldError(pointer, "missing", words.MISSING)
        elif len(value) > self.longest:
            yield FieldError(pointer, "too_long", words.TOO_LONG, {"limit": self.longest})
        elif value and self.pattern and not re.fullmatch(self.pattern, value, re.ASCII):
            yield FieldError(pointer, "value", words.BAD_VALUE, {"expected": self.expected})


@dataclass(frozen=True)
class Group:
    """An object with exactly these fields; those that are not needed may be left out."""

    fields: Mapping[str, Text | Group]
    needed: bool = False

    def errors(self, value: object, pointer: str) -> Iterator[FieldError]:
        if not isinstance(value, dict):
            expected = {"expected": words.EXPECTED_OBJECT}
            yield FieldError(pointer, "type", words.WRONG_TYPE, expected)
            return
        for name, shape in self.fields.items():
            if name in value:
                yield from shape.errors(value[name], f"{pointer}/{name}")
            elif shape.needed:
                yield FieldError(f"{pointer}/{name}", "missing", words.MISSING)
        for name in [name for name in value if name not in self.fields]:
            yield FieldError(f"{pointer}/{_token(name)}", "unknown", words.UNKNOWN)


def _token(name: str) -> str:
    """A key as part of a pointer (RFC 6901), cut, and with what cannot be written escaped."""
    shown = _UNSTORABLE.sub("?", name[:40])
    return shown.replace("~", "~0").replace("/", "~1")
