# SPDX-License-Identifier: LGPL-3.0-only
"""The white list as a file, for the day on which its service is down: who is on it, and no more.

The Ministry of Finance publishes a file for each day, YYYYMMDD.json:

- naglowek: dataGenerowaniaDanych (YYYYMMDD), liczbaTransformacji (how often the digest is made)
- skrotyPodatnikowCzynnych, skrotyPodatnikowZwolnionych: digests of active and of exempt payers
- maski: 26 characters for banks with virtual accounts: digits as they are, Y for a digit that names
  the payer, X for one that does not matter

A digest is SHA-512 of day + tax id + account as text, made over its own hexadecimal text so many
times. For a virtual account the X of the mask stand in the account. The file has hundreds of
megabytes: it is read in pieces. What is not found proves nothing of the payee's status.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timezone
from pathlib import Path

from .errors import BadAnswer
from .whitelist import ACTIVE, Listing
from .wording import _

NO_FILE = _("there is no file of the white list for {day}")
NOT_UNDERSTOOD = _("the file of the white list cannot be understood")

EXEMPT = "Zwolniony"
_PIECE = 4 * 1024 * 1024  # bytes
_MASK = re.compile(r'"([0-9XY]{26})"')
_MASKS = re.compile(rb'"maski"\s*:\s*\[([^\]]*)')
_HEADER = re.compile(
    r'"dataGenerowaniaDanych"\s*:\s*"(\d{8})"\s*,\s*"liczbaTransformacji"\s*:\s*"?(\d+)'
)
_LISTS = {b"skrotyPodatnikowCzynnych": ACTIVE, b"skrotyPodatnikowZwolnionych": EXEMPT}
_MOST_ROUNDS = 100_000


class FlatList:
    """The file of one day in a folder. BadAnswer where it is not there or is not one."""

    def __init__(self, folder: str, day: date):
        self.path, self.day = Path(folder) / f"{day:%Y%m%d}.json", day
        if not self.path.is_file():
            raise BadAnswer(NO_FILE.format(day=day))
        with self.path.open(encoding="ascii", errors="replace") as file:
            match = _HEADER.search(file.read(4096))
        if not match or match[1] != f"{day:%Y%m%d}" or not 0 < int(match[2]) <= _MOST_ROUNDS:
            raise BadAnswer(NOT_UNDERSTOOD, detail="naglowek")
        self.rounds = int(match[2])
        written = self.path.stat()
        # Another one, where somebody puts a better file in its place.
        self.version = f"{self.path.name} {written.st_mtime_ns} {written.st_size}"

    def listed(self, pairs: Iterable[tuple[str, str]]) -> Iterator[Listing]:
        """Those of the (tax id, account of 26 digits) that are on the list, with their status."""
        pairs = set(pairs)
        if not pairs:
            return
        wanted: dict[bytes, tuple[str, str]] = {}
        masks = self._masks({account[2:10] for _nip, account in pairs})
        for nip, account in pairs:
            for number in (account, *self._virtual(account, masks)):
                wanted[self.digest(nip, number).encode()] = (nip, account)
        now = datetime.now(timezone.utc)
        for digest, status in self._found(wanted):
            nip, account = wanted[digest]
            yield Listing(nip, account, self.day, True, self.path.name, now, status)

    def digest(self, nip: str, account: str) -> str:
        text = f"{self.day:%Y%m%d}{nip}{account}"
        for _round in range(self.rounds):
            text = hashlib.sha512(text.encode("ascii")).hexdigest()
        return text

    def _virtual(self, account: str, masks: list[str]) -> Iterator[str]:
        """The account as the masks of its bank show it."""
        for mask in masks:
            pairs = list(zip(mask, account, strict=True))
            if all(sign in ("X", "Y", digit) for sign, digit in pairs):
                yield "".join(digit if sign == "Y" else sign for sign, digit in pairs)

    def _masks(self, banks: set[str]) -> list[str]:
        """The masks of these banks. They stand at the end of the file."""
        with (
            self.path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            match = _MASKS.search(content, max(content.rfind(b'"maski"'), 0))
            masks = _MASK.findall(match[1].decode("ascii", "replace")) if match else []
        return [mask for mask in masks if mask[2:10] in banks]

    def _found(self, wanted: Collection[bytes]) -> Iterator[tuple[bytes, str]]:
        """(digest, status) of those that are in the file's lists."""
        status, rest, looked_for = "", b"", {*wanted, *_LISTS}
        with self.path.open("rb") as file:
            while piece := file.read(_PIECE):
                *whole, rest = (rest + piece).split(b'"')
                # A text is between two quotes: pieces end in the middle of one at worst.
                if looked_for.isdisjoint(whole):
                    continue  # most pieces: a text at a time would be sixty times as slow
                for text in whole:
                    status = _LISTS.get(text, status)
                    if status and text in wanted:
                        yield text, status
