# SPDX-License-Identifier: LGPL-3.0-only
"""1CClientBankExchange 1.02 and 1.03: the exchange file of Russian banks, read as statements.

``Key=Value`` lines, CR LF, cp1251 or cp866 (UTF-8 is met, too). A header, then any number of
``СекцияРасчСчет ... КонецРасчСчет`` (an account with its balances: in real files one a day) and
``СекцияДокумент=... КонецДокумента``, and at last ``КонецФайла``. Each account section becomes a
statement; a document becomes an entry of the section whose account and days fit it. A transfer
between two accounts of the same file becomes two entries. A document without ``ДатаСписано`` and
``ДатаПоступило`` was not executed, as far as the section's sums agree: see `Section`.
Source: 1C, "Стандарт обмена данными с системами Клиент банка", v8.1c.ru/edi/edi_stnd/100/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import InvalidDocument
from ...records import Entry, Statement
from ...wording import _, said_by
from ..charset import WRONG_CHARSET, known, line_of, plain, resolve
from .entry import amount_of, entry, fields_of, sides
from .section import Section, Sections, statement_of

NAMES = ("client_bank_1c",)
CHARSETS = ("cp1251", "cp866", "utf-8")

TRUNCATED = _("the section that starts here has no end")
NO_END = _("the document breaks off: its last line is missing")
STRAY_MARK = _("the mark {mark} stands where it may not")
NO_ACCOUNT_SECTION = _("the document holds no account section: it is no statement")
BAD_VERSION = _("version {version!r} of the format is not known")
LONG_SECTION = _("a section is longer than {limit} bytes")

MAX_SECTION = 256 * 1024
_FIRST_LINE = b"1CClientBankExchange"
_BOM = b"\xef\xbb\xbf"
_MARKS = ("СекцияДокумент=", "КонецДокумента", "СекцияРасчСчет", "КонецРасчСчет", "КонецФайла")
_ENDS = {"СекцияДокумент=": "КонецДокумента", "СекцияРасчСчет": "КонецРасчСчет"}
_VERSION = re.compile(r"1\.0[0-9]", re.ASCII)


def identify(data: bytes) -> str | None:
    """``client_bank_1c`` when `data` starts with the format's first line, else None."""
    head = plain(bytes(data[:1024]), "replace").removeprefix(_BOM).lstrip()
    return "client_bank_1c" if head.startswith(_FIRST_LINE) else None


def parse(data: bytes, charset: str | None = None) -> Iterator[Statement]:
    """One statement an account section. Documents are sorted first and understood when iterated.

    :raises InvalidDocument: with the line.
    """
    data = plain(data)
    encoding = _encoding(data, charset)
    header, accounts, documents = _sort(data, encoding)
    version = header.get("ВерсияФормата", "")
    if version and not _VERSION.fullmatch(version):
        message = BAD_VERSION.format(version=version[:20])
        raise InvalidDocument(message, line=1, code="version")
    if not accounts:
        raise InvalidDocument(NO_ACCOUNT_SECTION, line=1, code="no_statement")
    sections = Sections.read(data, accounts, header, encoding)
    for start, end in documents:
        for side in sides(data, start, end, encoding, sections):
            sections.add(side)
    for section in sections:
        yield statement_of(section, header, Entries(data, section, encoding))


class Entries:
    """The entries of one section, read anew from the document by each iteration."""

    def __init__(self, data: bytes, section: Section, encoding: str):
        self.data, self.section, self.encoding = data, section, encoding

    def __iter__(self) -> Iterator[Entry]:
        sides, undated_moved = self.section.sides, True
        if not all(side.dated for side in sides):
            amounts = {side: self._read(side, amount_of) for side in sides}
            undated_moved = self.section.undated_moved(self.data, amounts)
        for side in sides:
            yield self._read(side, entry, side, side.dated or undated_moved)

    def _read(self, side, read, *more):
        """What `read` makes of the fields of a document."""
        fields = fields_of(self.data, side.start, side.end, self.encoding)
        try:
            return read(fields, *more)
        except ValueError as error:
            line = line_of(self.data, side.start)
            raise InvalidDocument(said_by(error), line=line, code="bad_entry") from None


def _encoding(data: bytes, charset: str | None) -> str:
    """The charset to read with. The format's own words prove it: another would garble the texts."""
    encoding = _proved(data) or resolve(data, charset, CHARSETS)
    name = known(encoding.removesuffix("-sig"))
    if name != known(charset or encoding.removesuffix("-sig")) or name not in map(known, CHARSETS):
        message = WRONG_CHARSET.format(charset=charset or encoding)
        raise InvalidDocument(message, line=1, code="charset")
    return encoding


def _proved(data: bytes) -> str | None:
    """The charset in which the format's own words stand in the document."""
    if b"\0" in data:
        return None  # `resolve` refuses it
    for charset in CHARSETS:
        if any(word.encode(charset) in data for word in ("СекцияРасчСчет", "СекцияДокумент")):
            return "utf-8-sig" if data.startswith(_BOM) else charset
    return None


def _sort(data: bytes, encoding: str) -> tuple[dict, list, list]:
    """The header's fields, and start and end of each account section and of each document."""
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    marks = {mark.encode(plain): mark for mark in _MARKS}
    pattern = re.compile(rb"^[ \t]*(" + b"|".join(map(re.escape, marks)) + rb")", re.MULTILINE)
    found: dict[str, list] = {"СекцияДокумент=": [], "СекцияРасчСчет": []}
    header_end, opened, start, ended = None, "", 0, False
    for match in pattern.finditer(data):
        mark = marks[match[1]]
        header_end = match.start() if header_end is None else header_end
        if ended or (mark != _ENDS[opened] if opened else mark not in (*found, "КонецФайла")):
            _refuse_mark(data, match.start(), start, mark, opened)
        elif opened:
            _refuse_long(data, start, match.start())
            found[opened].append((start, match.start()))
            opened = ""
        elif mark == "КонецФайла":
            ended = True
        else:
            opened, start = mark, match.start()
    if opened or not ended:
        line = line_of(data, start if opened else len(data))
        raise InvalidDocument(TRUNCATED if opened else NO_END, line=line, code="truncated")
    _refuse_long(data, 0, header_end)
    return (
        fields_of(data, 0, header_end, encoding, header=True),
        found["СекцияРасчСчет"],
        found["СекцияДокумент="],
    )


def _refuse_mark(data: bytes, at: int, start: int, mark: str, opened: str):
    if opened and mark in (*_ENDS, "КонецФайла"):
        raise InvalidDocument(TRUNCATED, line=line_of(data, start), code="truncated")
    raise InvalidDocument(STRAY_MARK.format(mark=mark), line=line_of(data, at), code="stray_mark")


def _refuse_long(data: bytes, start: int, end: int) -> None:
    if end - start > MAX_SECTION:
        message = LONG_SECTION.format(limit=MAX_SECTION)
        raise InvalidDocument(message, line=line_of(data, start), code="long_section")
