# SPDX-License-Identifier: LGPL-3.0-only
"""camt.053 (statement) and camt.052 (intraday report), versions .02 to .08, as a stream.

The document is read element by element and forgotten behind the reader, so memory does not grow
with it. No DTD, no entity, no network, no text longer than libxml2's own limits.
Source: ISO 20022 message definition reports.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from io import BytesIO

from ...errors import InvalidDocument
from ...records import Statement
from ...wording import _
from ..charset import known

NAMES = ("camt.053", "camt.052")
NOTIFICATION = _(
    "this is camt.054, a notification of single debits and credits: they come again in the"
    " statement (camt.053), which is to be imported in its place"
)

_NAMESPACE = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:camt\.0(5[0-9])\.001\.([0-9]{2})", re.ASCII
)
_HEAD = 16 * 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def identify(data: bytes) -> str | None:
    """``camt.053`` or ``camt.052`` by the namespace near the document's start, else None.

    :raises InvalidDocument: for camt.054, which looks like a statement and is none.
    """
    head = _head(data)
    if not head.lstrip().startswith("<"):
        return None
    match = _NAMESPACE.search(head)
    if match and match[1] == "54":
        raise InvalidDocument(NOTIFICATION, line=1, code="notification")
    if not match or match[1] not in ("52", "53"):
        return None
    return f"camt.0{match[1]}"


def _head(data: bytes) -> str:
    head = bytes(data[:_HEAD])
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    return head.decode("latin-1")


def parse(data: bytes, charset: str | None = None) -> Iterator[Statement]:
    """The statements of a document, in its order.

    Entries are read when they are iterated. Those of a statement that is left before its end are
    kept in memory, so that ``list(parse(data))`` works, too.

    :raises InvalidDocument: with the line or the element path; late, since the document is read
        late: a document that breaks off raises when the reader comes there.
    """
    from .stream import Reader  # lxml is needed only from here on

    source = BytesIO(data.rstrip(b"\x1a"))  # the end of a text of DOS
    if charset:  # whatever the XML declaration says; libxml2 does not know all charsets itself
        source = codecs.EncodedFile(source, "utf-8", known(charset))
    yield from Reader(source, "utf-8" if charset else None).statements()
