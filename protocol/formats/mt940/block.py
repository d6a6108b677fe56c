# SPDX-License-Identifier: LGPL-3.0-only
"""The blocks of an MT940 or MT942 document: where they begin and end, their number and balances."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ...errors import InvalidDocument
from ...wording import _, said_by
from .. import values
from ..charset import line_of

NO_BLOCK = _("there is no statement in the document")
TRUNCATED = _("the statement that starts here is not complete: its end is missing")
NO_FIELD = _("the statement that starts here has no :{tag}: field")
STRAY_FIELD = _("this field stands where it may not: a statement before or around it is damaged")
BAD_BALANCE = _("the balance {text!r} cannot be read")
BAD_TURNOVER = _("the turnover {text!r} cannot be read")
LONG_FIELD = _("a field is longer than {limit} bytes")

MAX_FIELD = 64 * 1024
_NEAR = 300  # bytes: more than the header of a SWIFT message
# A block starts at a line's start, or behind its frame. The tag comes first in the pattern: so
# the search is a plain one for four bytes.
START = re.compile(rb":20:(?:(?<=\n:20:)|(?<=\A:20:)|(?<=\x01:20:)|(?<=\{4::20:))")
FIELD = re.compile(rb"^:([0-9]{2}[A-Z]?|NS):", re.MULTILINE)
# Behind its hours in the line before: `T16` and then `:26:37`.
_TIME = re.compile(rb":[0-5][0-9]:[0-5][0-9](?![0-9])")
_HEADER = re.compile(rb"[^\n]*\n:2[15]P?:")
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})0*([0-9]{1,15}(?:[,.][0-9]{0,5})?)", re.ASCII)
_TURNOVER = re.compile(r"([0-9]{1,5})([A-Z]{3})([0-9]{1,15}(?:[,.][0-9]{0,5})?)", re.ASCII)
# `:28C:12/1` is page 1; BNP Paribas writes 01/2025/M and Bank Pocztowy 07M/2026 for a month.
_PAGED = re.compile(r"([^/]*)/((?!(?:19|20)[0-9][0-9]$)[0-9]*)", re.ASCII)
_REPEATABLE = ("86", "34F", "65", "NS")
_SIGN = {"C": 1, "D": -1}


@dataclass(frozen=True)
class Block:
    """One block: its fields around the entries as text, and where the entries stand."""

    data: bytes = field(repr=False)
    start: int
    entries_start: int
    entries_end: int
    fields: dict[str, str] = field(repr=False)

    @property
    def number(self) -> str:
        return self._number_and_page()[0]

    @property
    def page(self) -> str:
        return self._number_and_page()[1]

    def _number_and_page(self) -> tuple[str, str]:
        text = self.fields.get("28C", self.fields.get("28", "")).partition("\n")[0].strip()
        match = _PAGED.fullmatch(text)
        return (match[1].strip(), match[2]) if match else (text, "")

    @property
    def account(self) -> str:
        """As the bank writes it; see `account.parts`."""
        return self.fields.get("25", self.fields.get("25P", "")).partition("\n")[0]

    def continues(self, before: Block) -> bool:
        """Whether this block is the next page of the statement that `before` belongs to."""
        return (
            "60M" in self.fields
            and "62M" in before.fields
            and (self.account, self.number) == (before.account, before.number)
        )

    def balance(self, *tags: str) -> tuple[Decimal, date, str] | None:
        """Signed amount, day and currency of the first of `tags` that the block has."""
        for tag in tags:
            text = self.fields.get(tag)
            if text is None:
                continue
            match = _BALANCE.fullmatch(text.strip())
            if not match:
                self.refuse(BAD_BALANCE.format(text=text[:60]), "bad_balance")
            amount = values.amount(match[4]) * _SIGN[match[1]]
            return amount, self.day(values.short_date, match[2]), match[3]
        return None

    def day(self, read, *text) -> date:
        """A date read by one of `values`' functions, refused with this block's line."""
        try:
            return read(*text)
        except ValueError as error:
            self.refuse(said_by(error), "bad_date")

    def turnovers(self) -> dict[str, str]:
        """MT942's `:90D:` and `:90C:` as `debit_count`, `debit_sum`, `credit_count`, ..."""
        found = {}
        for tag, name in (("90D", "debit"), ("90C", "credit")):
            text = self.fields.get(tag, "").strip()
            match = _TURNOVER.fullmatch(text)
            if match:
                found[f"{name}_count"] = str(int(match[1]))
                found[f"{name}_sum"] = match[3].replace(",", ".")
            elif text:
                self.refuse(BAD_TURNOVER.format(text=text[:60]), "bad_turnover")
        return found

    def refuse(self, message: str, code: str):
        # Counting lines takes time: only when it is needed, or many blocks would take for ever.
        raise InvalidDocument(message, line=line_of(self.data, self.start), code=code)


def blocks(data: bytes, encoding: str) -> Iterator[Block]:
    """The blocks of a document, each proved to be complete."""
    starts = [
        match.start()
        for match in START.finditer(data)
        if not (is_time(data, match.start()) and not _HEADER.match(data, match.end()))
    ]
    if not starts:
        raise InvalidDocument(NO_BLOCK, line=1, code="no_statement")
    _no_fields(data, 0, starts[0])
    for start, limit in zip(starts, [*starts[1:], len(data)], strict=True):
        yield _block(data, start, limit, encoding)


def _block(data: bytes, start: int, limit: int, encoding: str) -> Block:
    """The block between a `:20:` and the next one, or the document's end."""
    closing = max(data.rfind(tag, start, limit) for tag in (b"\n:62F:", b"\n:62M:")) + 1
    if closing:
        entries_end, end = closing, _end(data, start, closing, limit)
    else:
        entries_end, end = _intraday_end(data, start, limit)
    entries_start = data.find(b"\n:61:", start, entries_end) + 1 or entries_end
    _no_fields(data, end, limit)
    fields = _fields(data, FIELD.finditer(data, start, entries_start), entries_start, encoding)
    fields.update(_fields(data, fields_in(data, entries_end, end), end, encoding))
    block = Block(data, start, entries_start, entries_end, fields)
    if not block.account.strip("/ "):
        block.refuse(NO_FIELD.format(tag="25"), "no_account")
    return block


def _end(data: bytes, start: int, after: int, limit: int) -> int:
    """Where the end mark stands behind `after`. A block with an opening frame must be closed."""
    mark = _end_mark(data, start)
    end = data.find(mark or b"\n-", after, limit)
    if end < 0 and mark:
        raise InvalidDocument(TRUNCATED, line=line_of(data, start), code="truncated")
    return end + 1 if end >= 0 else limit


def _end_mark(data: bytes, start: int) -> bytes:
    """The closing frame that belongs to the opening one before `:20:`; empty without a frame."""
    frame = b"".join(data[max(0, start - _NEAR) : start].splitlines()[-2:])
    if b"{4:" in frame:  # of SWIFT itself, which stands inside of 0x01 and 0x03 where it has both
        return b"\n-}"
    return b"\n-\x03" if b"\x01" in frame else b""


def _intraday_end(data: bytes, start: int, limit: int) -> tuple[int, int]:
    """Where the entries and the block of an MT942 end.

    An MT940 without closing balance is refused, and so is an MT942 that just stops: it needs its
    turnovers, or an end mark.
    """
    mark = _end_mark(data, start)
    last_line = data.rfind(mark or b"\n-", start, limit) + 1
    turnovers = [data.find(tag, start, limit) + 1 for tag in (b"\n:90D:", b"\n:90C:")]
    if last_line and not mark and data[last_line:limit].strip() != b"-":
        last_line = 0  # a dash inside a text
    opened = any(data.find(tag, start, limit) >= 0 for tag in (b"\n:60F:", b"\n:60M:"))
    if opened or (not last_line and (mark or not any(turnovers))):
        raise InvalidDocument(TRUNCATED, line=line_of(data, start), code="truncated")
    end = last_line or limit
    return min([at for at in turnovers if at] or [end]), end


def _no_fields(data: bytes, start: int, end: int) -> None:
    """Fields outside of every block are a block whose start or end is damaged."""
    stray = next(fields_in(data, start, end), None)
    if stray:
        raise InvalidDocument(STRAY_FIELD, line=line_of(data, stray.start()), code="stray_field")


def fields_in(data: bytes, start: int, end: int) -> Iterator[re.Match]:
    """The tags between two offsets, without what only looks like one."""
    for mark in FIELD.finditer(data, start, end):
        if not is_time(data, mark.start()):
            yield mark


def is_time(data: bytes, at: int) -> bool:
    """Whether what looks like a tag is a time of day that was wrapped behind its hours."""
    return bool(_TIME.match(data, at)) and data[max(0, at - 3) : at].rstrip()[-1:].isdigit()


def _fields(data: bytes, found_in: Iterator, end: int, encoding: str) -> dict[str, str]:
    """The fields of these tags; only some of them may repeat, the first one counts."""
    found: dict[str, str] = {}
    marks = list(found_in)
    for index, mark in enumerate(marks):
        limit = marks[index + 1].start() if index + 1 < len(marks) else end
        if limit - mark.end() > MAX_FIELD:
            message = LONG_FIELD.format(limit=MAX_FIELD)
            raise InvalidDocument(message, line=line_of(data, mark.start()), code="long_field")
        tag = mark[1].decode()
        if tag == "61" or (tag in found and tag not in _REPEATABLE):
            raise InvalidDocument(STRAY_FIELD, line=line_of(data, mark.start()), code="stray_field")
        text = data[mark.end() : limit].decode(encoding, "replace").replace("\r", "")
        found.setdefault(tag, text.strip())
    return found
