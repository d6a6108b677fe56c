# SPDX-License-Identifier: LGPL-3.0-only
"""Formats of statements and of orders: one file a format. Those of orders: see `packages`.

A statement format is a module with

- ``identify(data) -> str | None``: its name in FORMATS when the document looks like one,
- ``parse(data, charset=None) -> Iterator[Statement]``.

Use them through this module::

    from protocol import formats

    for document in formats.documents(upload, name="march.zip"):
        for statement in formats.parse(document.content, document.format):
            for entry in formats.check(statement).entries:
                print(entry.booked_on, entry.amount, entry.title)

Only `BankError` is raised, whatever the document holds: `InvalidDocument` with its line or path.
The keys in the details of entries and statements: see `details`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InvalidDocument
from ..records import Document, Statement
from ..wording import _
from . import archive, camt, client_bank_1c, directbank, mt940
from .account import is_of
from .charset import CHARSETS
from .fingerprint import fingerprint
from .sums import check, is_booked, tidy

__all__ = [
    "CHARSETS",
    "FORMATS",
    "check",
    "documents",
    "fingerprint",
    "identify",
    "is_booked",
    "is_of",
    "parse",
]

#: format name -> the module that reads it. Adding a format = one file and one line here.
FORMATS = {
    "mt940": mt940,
    "mt942": mt940,
    "camt.053": camt,
    "camt.052": camt,
    "client_bank_1c": client_bank_1c,
    "directbank.statement": directbank,
}

UNKNOWN = _("this is not a statement in any known format")
UNKNOWN_FORMAT = _("the format {format!r} is not known")
TWO_CLAIMS = _("the document could be of several formats: {formats}")
EMPTY = _("the document is empty")


def identify(data: bytes) -> str:
    """The format of a document: a key of FORMATS.

    :raises InvalidDocument: when no format claims it, or more than one does.
    """
    modules = dict.fromkeys(FORMATS.values())
    claims = sorted(name for module in modules if (name := module.identify(data)))
    if len(claims) > 1:
        message = TWO_CLAIMS.format(formats=", ".join(claims))
        raise InvalidDocument(message, line=1, code="two_claims")
    if not claims:
        message = UNKNOWN if data.strip() else EMPTY
        raise InvalidDocument(message, line=1, code="unknown_format")
    return claims[0]


def parse(
    data: bytes, format: str | None = None, charset: str | None = None, pending: bool = False
) -> Iterator[Statement]:
    """The statements of a document; their entries are read when they are iterated.

    `format`: a key of FORMATS, else it is identified. `charset`: one of CHARSETS, else it is
    detected. `pending`: also entries that are not booked yet (they have a `status` in their
    details and move no money); left out by default, since they may never be booked.
    Of a ZIP archive: the statements of its files, one after the other.

    :raises InvalidDocument: while iterating, statements as well as entries.
    """
    if format is not None and format not in FORMATS:
        message = UNKNOWN_FORMAT.format(format=format)
        raise InvalidDocument(message, code="unknown_format")
    for document in documents(data, format=format):
        for statement in FORMATS[document.format].parse(document.content, charset):
            yield tidy(statement, pending)


def documents(data: bytes, name: str = "", format: str | None = None) -> Iterator[Document]:
    """The documents in `data`: itself, or each file of a ZIP archive, with its format.

    :raises InvalidDocument: for a file in no known format too, with its name as `path`.
    """
    data = bytes(data)
    if not archive.is_archive(data):
        yield Document(content=data, format=format or identify(data), name=name)
        return
    for file_name, content in archive.unpack(data):
        try:
            found = format or identify(content)
        except InvalidDocument as error:
            raise InvalidDocument(error.text, path=file_name, code=error.code) from None
        yield Document(content=content, format=found, name=file_name)
