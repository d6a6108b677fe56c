"""Formats of statements and of orders: one file a format. Those of orders: see `packages`.

A statement format is a module with

- ``identify(data) -> str | None``: its name in FORMATS when the document looks like one,
- ``parse(data, charset=None) -> Iterator[Statement]``.

Use them through this module::

    from protocol import formats

    for statement in formats.parse(data):
        for entry in formats.check(statement).entries:
            print(entry.booked_on, entry.amount, entry.title)

Only `BankError` is raised, whatever the document holds: `InvalidDocument` with its line or path.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InvalidDocument
from ..records import Statement
from . import camt, checks, mt940
from .checks import check, is_booked
from .fingerprint import fingerprint

__all__ = ["FORMATS", "check", "fingerprint", "identify", "is_booked", "parse"]

#: format name -> the module that reads it. Adding a format = one file and one line here.
FORMATS = {
    "mt940": mt940,
    "mt942": mt940,
    "camt.053": camt,
    "camt.052": camt,
}

UNKNOWN = "this is not a statement in any known format"
UNKNOWN_FORMAT = "the format {format!r} is not known"
TWO_CLAIMS = "the document could be of several formats: {formats}"


def identify(data: bytes) -> str:
    """The format of a document: a key of FORMATS.

    :raises InvalidDocument: when no format claims it, or more than one does.
    """
    modules = dict.fromkeys(FORMATS.values())
    claims = sorted(name for module in modules if (name := module.identify(bytes(data))))
    if len(claims) > 1:
        message = TWO_CLAIMS.format(formats=", ".join(claims))
        raise InvalidDocument(message, line=1, code="two_claims")
    if not claims:
        raise InvalidDocument(UNKNOWN, line=1, code="unknown_format")
    return claims[0]


def parse(
    data: bytes, format: str | None = None, charset: str | None = None, pending: bool = False
) -> Iterator[Statement]:
    """The statements of a document; their entries are read when they are iterated.

    `format`: a key of FORMATS, else it is identified. `charset`: one of `charset.CHARSETS`, else
    it is detected. `pending`: also entries that are not booked yet (they have a `status` in their
    details and move no money); left out by default, since they may never be booked.

    :raises InvalidDocument: while iterating, statements as well as entries.
    """
    name = format or identify(data)
    if name not in FORMATS:
        raise InvalidDocument(UNKNOWN_FORMAT.format(format=name), code="unknown_format")
    for statement in FORMATS[name].parse(bytes(data), charset):
        yield statement if pending else checks.booked_only(statement)
