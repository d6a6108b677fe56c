"""MT940 (statement of a day) and MT942 (intraday), as Polish banks make them.

A file holds any number of blocks, one an account and day, each `:20:` to a line ``-``; mBank
frames a block with the bytes 0x01 and 0x03, others with ``{4:`` and ``-}``. A statement may go on
over several blocks (pages): ``:28C:12/1`` closed by `:62M:` goes on in ``:28C:12/2`` from `:60M:`.
Texts may hold dashes at the start of a line. Source: SWIFT, Standards MT, category 9, and the
banks' own descriptions; see `mt940_text` for `:86:`.

Nothing but the block borders and the balances is read before the entries are asked for: memory
does not grow with the document.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator

from ...errors import InvalidDocument
from ...records import Entry, Statement
from ...wording import _, said_by
from ..charset import line_of, resolve
from .block import FIELD, LONG_FIELD, MAX_FIELD, START, STRAY_FIELD, Block, blocks
from .entry import entry
from .statement import statement_of

NAMES = ("mt940", "mt942")
STRAY_TEXT = _("the :86: field belongs to no entry")

_ACCOUNT = re.compile(rb"\n:25P?:")
_INTRADAY = re.compile(rb"\n:(?:34F|13D|90[CD]):")
_HEAD = 64 * 1024


def identify(data: bytes) -> str | None:
    """``mt940`` or ``mt942`` when the head of `data` looks like one, else None."""
    head = bytes(data[:_HEAD]).removeprefix(BOM_UTF8)
    claim = START.search(head)
    if not claim or not _ACCOUNT.search(head, claim.end()):
        return None
    opening = re.search(rb"\n:60[FM]:", head)
    return "mt942" if not opening and _INTRADAY.search(head, claim.end()) else "mt940"


def parse(data: bytes, charset: str | None = None) -> Iterator[Statement]:
    """The statements of a document, in its order; `entries` read the document when iterated.

    :raises InvalidDocument: with the line. What is wrong inside an entry is raised while the
        entries are iterated; what is wrong with a block, when its statement is reached.
    """
    encoding = resolve(data, charset)
    if data.startswith(BOM_UTF8):
        data, encoding = data[len(BOM_UTF8) :], "utf-8"
    pages: list[Block] = []
    for block in blocks(data, encoding):
        if pages and not block.continues(pages[-1]):
            yield statement_of(pages, Entries(data, pages, encoding))
            pages = []
        pages.append(block)
    yield statement_of(pages, Entries(data, pages, encoding))


class Entries:
    """The entries of some blocks, read anew from the document by each iteration."""

    def __init__(self, data: bytes, pages: list[Block], encoding: str):
        self.data, self.pages, self.encoding = data, pages, encoding

    def __iter__(self) -> Iterator[Entry]:
        for page in self.pages:
            yield from self._page(page)

    def _page(self, page: Block) -> Iterator[Entry]:
        pending = None  # the :61: that still waits for its :86:
        for tag, start, end in self._fields(page):
            if tag == b"61":
                if pending:
                    yield self._entry(pending, None)
                pending = (start, end)
            elif tag == b"86" and pending:
                yield self._entry(pending, (start, end))
                pending = None
            elif tag != b"NS":
                message = STRAY_TEXT if tag == b"86" else STRAY_FIELD
                raise InvalidDocument(message, line=line_of(self.data, start), code="stray_field")
        if pending:
            yield self._entry(pending, None)

    def _fields(self, page: Block) -> Iterator[tuple[bytes, int, int]]:
        """Tag, start and end of each field of the entries' part of a block."""
        tag, start = b"", page.entries_start
        for match in FIELD.finditer(self.data, page.entries_start, page.entries_end):
            if tag:
                yield tag, start, match.start()
            tag, start = match[1], match.end()
        if tag:
            yield tag, start, page.entries_end

    def _entry(self, booking: tuple[int, int], text: tuple[int, int] | None) -> Entry:
        try:
            line, _, more = self._read(*booking).strip().partition("\n")
            joined = self._read(*text).replace("\n", "") if text else ""
            return entry(line.rstrip(), more.replace("\n", " ").strip(), joined)
        except ValueError as error:
            where = line_of(self.data, booking[0])
            raise InvalidDocument(said_by(error), line=where, code="bad_entry") from None

    def _read(self, start: int, end: int) -> str:
        if end - start > MAX_FIELD:
            raise ValueError(LONG_FIELD.format(limit=MAX_FIELD))
        return self.data[start:end].decode(self.encoding, "replace").replace("\r", "")
