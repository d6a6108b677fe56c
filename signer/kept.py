# SPDX-License-Identifier: LGPL-3.0-only
"""Signatures that were made, kept for a while: none is lost on its way back to the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

SECONDS = 900


@dataclass(frozen=True)
class Signed:
    """`certificate`: DER, base64; `digest`: SHA-256 of the document, hex."""

    certificate: str
    digest: str
    signature: bytes


class Kept:
    """By name: the pairing, the certificate, the form, the digest of the document."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.clock = clock
        self._kept: dict[tuple[str, ...], tuple[float, Signed]] = {}
        self._lock = threading.Lock()

    def put(self, name: tuple[str, ...], signed: Signed) -> None:
        with self._lock:
            self._kept = {**self._fresh(), name: (self.clock() + SECONDS, signed)}

    def all(self) -> dict[tuple[str, ...], Signed]:
        return {name: signed for name, (_ends, signed) in self._fresh().items()}

    def _fresh(self) -> dict[tuple[str, ...], tuple[float, Signed]]:
        now = self.clock()
        return {name: entry for name, entry in self._kept.items() if entry[0] > now}
