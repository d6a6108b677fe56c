# SPDX-License-Identifier: LGPL-3.0-only
"""Marks the texts that users read.

`_` marks a text: it stays English here, is found by Odoo's export of terms because of the
function's name, and is translated where it is shown (`translated` in
models/connection/words.py).
Filled with `format` it still knows its template and values, which may be marked texts themselves,
so that an error's message can be translated after it was raised. Every other way to put texts
together (`+`, f-strings, `str`) loses that: use `joined` and `said_by`.
"""


class Text(str):
    """A marked text; `format` takes named parts only."""

    __slots__ = ()

    def format(self, **values: object) -> "Filled":
        return Filled(self, values)


class Filled(str):
    """A marked text with its parts filled in."""

    def __new__(cls, template: str, values: dict[str, object]) -> "Filled":
        filled = super().__new__(cls, str.format(template, **values))
        filled.template, filled.values = template, values
        return filled

    def __getnewargs__(self) -> tuple[str, dict[str, object]]:
        return self.template, self.values  # for copies


def _(text: str) -> Text:
    return Text(text)


def joined(between: str, *texts: str) -> Filled:
    """The texts one after the other; those that are marked can still be translated."""
    values = {f"text{number}": text for number, text in enumerate(texts)}
    return Filled(between.join(f"{{{name}}}" for name in values), values)


def said_by(error: Exception) -> str:
    """The words of an exception, still marked where they were raised so (`str` drops the mark)."""
    words = error.args[0] if error.args else ""
    return words if isinstance(words, (Text, Filled)) else str(error)
