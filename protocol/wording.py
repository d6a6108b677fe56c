"""Marks the texts that users read.

`_` marks a text: it stays English here, is found by Odoo's export of terms because of the
function's name, and is translated where it is shown (models/bank_problem.py, models/
bank_operation.py). Filled with `format` it still knows its template and values, so that an error's
message can be translated after it was raised.
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


def _(text: str) -> Text:
    return Text(text)
