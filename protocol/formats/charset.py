# SPDX-License-Identifier: LGPL-3.0-only
"""Which charset a text document is written in: detected, or forced by a journal's setting.

UTF-8 proves itself: its multi-byte sequences hardly ever appear by chance. The single-byte
charsets are told apart by counting which of them turns the document's bytes above 127 into
letters of the language; Polish banks use ISO-8859-2, Windows-1250 and CP852. UTF-16, which some
programs save a text in, is turned into UTF-8 before anything else looks at it.
"""

from __future__ import annotations

import codecs

from ..errors import InvalidDocument
from ..wording import _

POLISH = ("iso-8859-2", "cp1250", "cp852")
CYRILLIC = ("cp1251", "cp866")
CHARSETS = ("utf-8", *POLISH, *CYRILLIC)

UNKNOWN_CHARSET = _("the charset {charset!r} is not known")
WRONG_CHARSET = _("the document is not written in {charset}")
NUL_BYTE = _("the document holds a NUL byte")

_NAMES = {codecs.lookup(charset).name for charset in CHARSETS}
_LETTERS = set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ")
# Letters of the neighbours, and signs that payers type: no proof, but nothing against a charset.
_PLAUSIBLE = set("äöüßÄÖÜáéíúýčďěňřšťůžÁÉÍÚÝČĎĚŇŘŠŤŮŽ§°\u00a0\u00ad–—„”’‘“…€")
_ASCII = bytes(range(128))
_SAMPLE = 4 * 1024 * 1024  # bytes above 127 that are looked at: enough for any proof
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_END_OF_TEXT = b"\x1a"  # a text of DOS may end with it
_FILLER = b"\xff"


def plain(data: bytes, errors: str = "strict") -> bytes:
    """A text of bytes as the readers want it: UTF-16 as UTF-8, DOS' end of a text as a new line.

    Where two texts of DOS were put together, the end of the first one stands in the middle.
    """
    mark = data[:2]
    charset = _UTF_16.get(mark)
    if charset is None and mark.count(0) == 1:  # no mark: every format here begins in ASCII
        charset = "utf-16-be" if mark[0] == 0 else "utf-16-le"
    if charset:
        try:
            text = data.decode(charset, errors).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            message, line = WRONG_CHARSET.format(charset=charset), line_of(data, error.start)
            raise InvalidDocument(message, line=line, code="charset") from None
        data = codecs.BOM_UTF8 + text.encode(errors="replace")
    return data.replace(_END_OF_TEXT, b"\n") if _END_OF_TEXT in data else data


def without_fillers(data: bytes, charset: str | None) -> bytes:
    """Blanks for the bytes 0xFF with which PKO BP fills empty fields.

    They are no letter of a Polish charset, and must not speak for one of them. `charset`: the
    forced one; in the Cyrillic ones they are a letter.
    """
    if _FILLER not in data or (charset and known(charset) in CYRILLIC):
        return data
    return data.replace(_FILLER, b" ")


def detect(data: bytes, candidates: tuple[str, ...] = POLISH) -> str:
    """The charset of `data`; the first candidate when it is all ASCII or cannot be told."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.isascii():
        return candidates[0]
    if is_utf8(data):
        return "utf-8"
    high = data.translate(None, _ASCII)[:_SAMPLE]
    counts = [(code, high.count(bytes([code]))) for code in set(high)]
    return max(candidates, key=lambda charset: _score(charset, counts))


def resolve(data: bytes, charset: str | None, candidates: tuple[str, ...] = POLISH) -> str:
    """The charset to read `data` with: the forced one, proved to fit, or the detected one."""
    nul = data.find(b"\0")
    if nul >= 0:
        raise InvalidDocument(NUL_BYTE, line=line_of(data, nul), code="nul_byte")
    if not charset:
        return detect(data, candidates)
    name = known(charset)
    misfit = misfit_of(data, name)
    if misfit is not None:
        message = WRONG_CHARSET.format(charset=charset)
        raise InvalidDocument(message, line=line_of(data, misfit), code="charset")
    return "utf-8-sig" if name == "utf-8" and data.startswith(codecs.BOM_UTF8) else name


def known(charset: str) -> str:
    """Python's own name of one of CHARSETS, under any of its aliases (``latin2``)."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):  # ValueError: a NUL inside the name
        name = ""
    if name not in _NAMES:
        raise InvalidDocument(UNKNOWN_CHARSET.format(charset=charset[:40]), code="charset")
    return name


def is_utf8(data: bytes) -> bool:
    """Whether `data` is UTF-8, read in pieces: a decoded copy would be twice the document."""
    return misfit_of(data, "utf-8") is None


def misfit_of(data: bytes, charset: str) -> int | None:
    """The offset of the first piece that is not written in `charset`, or None."""
    decoder = codecs.getincrementaldecoder(charset)()
    size = 1 << 20
    for start in range(0, len(data), size):
        try:
            decoder.decode(data[start : start + size], start + size >= len(data))
        except UnicodeDecodeError as error:
            return min(start + error.start, len(data))
    return None


def line_of(data: bytes, offset: int) -> int:
    """The number of the line, from 1, that holds `offset`."""
    return data.count(b"\n", 0, offset) + 1


def _score(charset: str, counts: list[tuple[int, int]]) -> int:
    return sum(count * _weight(bytes([code]).decode(charset, "replace")) for code, count in counts)


def _weight(char: str) -> int:
    if char in _LETTERS:
        return 3
    if char in _PLAUSIBLE:
        return 0
    # C1 controls, undefined bytes and frames never stand in a bank's text
    return -1 if char.isalpha() else -3
