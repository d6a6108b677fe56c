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
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9]{1,15}(?:[,.][0-9]{0,5})?)", re.ASCII)
_TURNOVER = re.compile(r"([0-9]{1,5})([A-Z]{3})([0-9]{1,15}(?:[,.][0-9]{0,5})?)", re.ASCII)
# Some Polish banks put the currency behind the account; IBANs of elsewhere may end in letters.
_POLISH_ACCOUNT = re.compile(r"((?:PL)?[0-9]{26})(?:[A-Z]{3})?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", re.ASCII)
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
        return self.fields.get("28C", self.fields.get("28", "")).partition("/")[0].strip()

    @property
    def page(self) -> str:
        return self.fields.get("28C", self.fields.get("28", "")).partition("/")[2].strip()

    @property
    def account(self) -> str:
        text = "".join(self.fields.get("25", self.fields.get("25P", "")).split("\n")[0].split())
        last = text.rpartition("/")[2]
        polish = _POLISH_ACCOUNT.fullmatch(last)
        if polish:
            return polish[1]
        return last if _IBAN.fullmatch(last) else text.lstrip("/")

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
    starts = [match.start() for match in START.finditer(data)]
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
    fields = _fields(data, start, entries_start, encoding)
    fields.update(_fields(data, entries_end, end, encoding))
    block = Block(data, start, entries_start, entries_end, fields)
    if not block.account:
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
    if b"\x01" in frame:
        return b"\n-\x03"
    return b"\n-}" if b"{4:" in frame else b""


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
    stray = FIELD.search(data, start, end)
    if stray:
        raise InvalidDocument(STRAY_FIELD, line=line_of(data, stray.start()), code="stray_field")


def _fields(data: bytes, start: int, end: int, encoding: str) -> dict[str, str]:
    """The fields between two offsets; only some of them may repeat, the first one counts."""
    found: dict[str, str] = {}
    marks = list(FIELD.finditer(data, start, end))
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
