# SPDX-License-Identifier: LGPL-3.0-only
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
from ...wording import said_by
from .. import account
from ..charset import line_of, plain, resolve, without_fillers
from .block import (
    FIELD,
    LONG_FIELD,
    MAX_FIELD,
    START,
    STRAY_FIELD,
    Block,
    blocks,
    is_time,
)
from .entry import entry
from .statement import statement_of

NAMES = ("mt940", "mt942")

_ACCOUNT = re.compile(rb"\n:25P?:")
_INTRADAY = re.compile(rb"\n:(?:34F|13D|90[CD]):")
_USUAL = (b"61", b"86")
_HEAD = 64 * 1024


def identify(data: bytes) -> str | None:
    """``mt940`` or ``mt942`` when the head of `data` looks like one, else None."""
    head = plain(bytes(data[:_HEAD]), "replace").removeprefix(BOM_UTF8)
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
    data = without_fillers(plain(data), charset)
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
        self.own = account.parts(pages[0].account, "")[0].removeprefix("PL")

    def __iter__(self) -> Iterator[Entry]:
        for page in self.pages:
            yield from self._page(page)

    def _page(self, page: Block) -> Iterator[Entry]:
        """Each `:61:` with the `:86:` fields behind it: some banks write more than one."""
        booking, texts = None, []
        for tag, start, end in self._fields(page):
            if tag == b"61":
                if booking:
                    yield self._entry(booking, texts)
                booking, texts = (start, end), []
            elif tag == b"86":
                texts.append((start, end))
            elif tag != b"NS":
                where = line_of(self.data, start)
                raise InvalidDocument(STRAY_FIELD, line=where, code="stray_field")
        if booking:
            yield self._entry(booking, texts)

    def _fields(self, page: Block) -> Iterator[tuple[bytes, int, int]]:
        """Tag, start and end of each field of the entries' part of a block."""
        tag, start = b"", page.entries_start
        for match in FIELD.finditer(self.data, page.entries_start, page.entries_end):
            found = match[1]
            if found not in _USUAL and is_time(self.data, match.start()):
                continue
            if tag:
                yield tag, start, match.start()
            tag, start = found, match.end()
        if tag:
            yield tag, start, page.entries_end

    def _entry(self, booking: tuple[int, int], texts: list[tuple[int, int]]) -> Entry:
        try:
            line, _, more = self._read(*booking).strip().partition("\n")
            if len(texts) > 1:
                self._read(texts[0][0], texts[-1][1])  # all of them together are not too long
            said = [self._read(start, end) for start, end in texts]
            more = more.replace("\n", " ").strip()
            return entry(line.rstrip(), more, said, self.own)
        except ValueError as error:
            where = line_of(self.data, booking[0])
            raise InvalidDocument(said_by(error), line=where, code="bad_entry") from None

    def _read(self, start: int, end: int) -> str:
        if end - start > MAX_FIELD:
            raise ValueError(LONG_FIELD.format(limit=MAX_FIELD))
        return self.data[start:end].decode(self.encoding, "replace").replace("\r", "")
