# SPDX-License-Identifier: LGPL-3.0-only
"""Documents that were fetched, until their owner asks for them.

Some banks list only packets that nobody has read yet. So whatever a question finds is kept for
whom it concerns: a statement that a status question fetched is there for the statement's own
question, in another worker and on another day. `Connection.post` is the place; without one it is
the memory of this process.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

#: kind of the note that says which id the bank gave to a packet of ours
SENT = "sent"


@dataclass(frozen=True)
class Letter:
    """One document of a packet. `about`: ids of ours (or the bank's) that it speaks of."""

    packet: str
    kind: str
    data: bytes
    about: tuple[str, ...]


class Post(Protocol):
    """Kept letters of one bank; `client` is whose mailbox."""

    def known(self, client: str, packets: Sequence[str]) -> set[str]:
        """Those of the bank's packets that were kept already."""

    def keep(self, client: str, packet: str, letters: Iterable[Letter]) -> None:
        """Keep a packet that was read, an empty one too; for good, whatever becomes of the call."""

    def about(self, client: str, identifier: str) -> list[Letter]:
        """The letters that speak of an id, oldest first."""


class Memory:
    """A place in the process; the oldest packets make room."""

    LONGEST = 20_000  # packets

    def __init__(self):
        self._packets: OrderedDict[tuple[str, str], tuple[Letter, ...]] = OrderedDict()
        self._about: dict[tuple[str, str], list[Letter]] = defaultdict(list)
        self._lock = threading.Lock()

    def known(self, client, packets):
        with self._lock:
            return {one for one in packets if (client, one) in self._packets}

    def keep(self, client, packet, letters):
        with self._lock:
            if (client, packet) in self._packets:
                return
            self._packets[client, packet] = tuple(letters)
            for letter in self._packets[client, packet]:
                for identifier in letter.about:
                    self._about[client, identifier].append(letter)
            while len(self._packets) > self.LONGEST:
                self._forget(*self._packets.popitem(last=False))

    def _forget(self, key: tuple[str, str], letters: tuple[Letter, ...]) -> None:
        for letter in letters:
            for identifier in letter.about:
                self._about[key[0], identifier].remove(letter)

    def about(self, client, identifier):
        with self._lock:
            return list(self._about.get((client, identifier), ()))

    def clear(self) -> None:
        with self._lock:
            self._packets.clear()
            self._about.clear()


MEMORY = Memory()
