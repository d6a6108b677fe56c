# SPDX-License-Identifier: LGPL-3.0-only
"""ZIP archives with several statements, opened without trusting what they say of themselves.

Refused: encrypted archives, archives inside archives, too many files, and bombs (by the bytes that
really come out, never by the sizes that the archive's directory claims).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from ..errors import InvalidDocument
from ..wording import _

MAX_FILES = 2_000
MAX_FILE = 256 * 1024 * 1024  # bytes of one file, unpacked
MAX_TOTAL = 512 * 1024 * 1024  # bytes of all files, unpacked
MAX_RATIO = 250  # a statement's text shrinks 10 to 40 times, zeros 1,000 times
_ALWAYS_FINE = 1024 * 1024  # up to here no ratio is looked at
_PIECE = 256 * 1024

BROKEN = _("the ZIP archive is damaged")
ENCRYPTED = _("the ZIP archive is encrypted")
NESTED = _("there is another archive inside the ZIP archive")
TOO_MANY = _("the ZIP archive holds more than {limit} files")
TOO_BIG = _("the ZIP archive unpacks to more than {limit} bytes")
TOO_DENSE = _("the ZIP archive unpacks to more than {limit} times its size")
EMPTY = _("the ZIP archive holds no files")

# What zipfile lets through when an archive is damaged on purpose.
_FAILURES = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    IndexError,
    KeyError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


def is_archive(data: bytes) -> bool:
    return bytes(data[:4]) in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file; folders and the leftovers of macOS are passed over.

    :raises InvalidDocument: `path` is the file's name.
    """
    left = MAX_TOTAL
    found = False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for member in _members(archive):
                content = _content(archive, member, min(left, MAX_FILE))
                left -= len(content)
                if is_archive(content):
                    raise InvalidDocument(NESTED, path=_name(member), code="nested_zip")
                found = True
                yield _name(member), content
    except _FAILURES as error:
        raise InvalidDocument(BROKEN, code="broken_zip", detail=type(error).__name__) from None
    if not found:
        raise InvalidDocument(EMPTY, code="empty_zip")


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        raise InvalidDocument(TOO_MANY.format(limit=MAX_FILES), code="zip_limit")
    return [one for one in infos if not one.is_dir() and not one.filename.startswith("__MACOSX/")]


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    if member.flag_bits & 0x1:
        raise InvalidDocument(ENCRYPTED, path=_name(member), code="encrypted_zip")
    pieces, size = [], 0
    allowed = max(_ALWAYS_FINE, member.compress_size * MAX_RATIO)
    with archive.open(member) as source:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > limit:
                raise InvalidDocument(TOO_BIG.format(limit=MAX_TOTAL), code="zip_limit")
            if size > allowed:
                message = TOO_DENSE.format(limit=MAX_RATIO)
                raise InvalidDocument(message, path=_name(member), code="zip_limit")
            pieces.append(piece)
    return b"".join(pieces)


def _name(member: zipfile.ZipInfo) -> str:
    """The file's name without folders: it is shown and stored, never used as a path."""
    return member.filename.replace("\\", "/").rpartition("/")[2][:200]
