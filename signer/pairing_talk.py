# SPDX-License-Identifier: LGPL-3.0-only
"""Pairing a site: only while the person has it open, one site at a time.

Page and signer each add a random number; the page names its own before (as a digest) and shows it
after it has seen the signer's. The code comes from both numbers, the site's address and the port. A
program in between, which listens at another port, cannot bring the two codes together.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .desk import Desk, Question
from .errors import Refusal
from .pairing import PROOF, Pairings, check_name, check_site
from .words import say

OPEN_SECONDS = 120
GO_ON = 10  # seconds from a page's first step to its second
NUMBER = re.compile("[0-9a-f]{32}")
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass
class Started:
    """A pairing that the page has begun and now waits for. `commitment`: of the page's number."""

    origin: str
    database: str
    user: str
    commitment: str
    at: float = 0.0
    number: str = field(default_factory=lambda: secrets.token_hex(16))
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))


class PairingTalk:
    """Who may pair, and when."""

    def __init__(
        self,
        desk: Desk,
        pairings: Pairings,
        only: str = "",
        clock: Callable[[], float] = time.monotonic,
    ):
        """`only`: the one origin that may pair as long as this program runs (tests)."""
        self.desk = desk
        self.only = only
        self.pairings = pairings
        self.clock = clock
        self._ends = 0.0
        self._refused: set[str] = set()
        self._first: dict[str, float] = {}  # when each site began for the first time
        self._started: Started | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """The person wants to pair now: for two minutes, for the site that asks first."""
        with self._lock:
            self._ends = self.clock() + OPEN_SECONDS
            self._started = None
            self._refused, self._first = set(), {}

    def seconds_left(self) -> int:
        return max(0, round(self._ends - self.clock()))

    def start(self, origin: str, body: dict[str, Any]) -> dict[str, Any]:
        """Gives the page the signer's number."""
        check_site(origin)
        if self.only and origin != self.only:
            raise Refusal("pairing_refused")
        database = check_name("database", body.get("database"))
        user = check_name("user", body.get("user"))
        commitment = _matching(DIGEST, body, "commitment")
        with self._lock:
            if not self.only and not self.seconds_left():
                raise Refusal("pairing_closed")
            if origin in self._refused or self._is_taken(origin):
                raise Refusal("pairing_taken")
            started = Started(origin, database, user, commitment, self.clock())
            self._first.setdefault(origin, started.at)
            self._started = started
        return {"request": started.id, "number": started.number}

    def wait(
        self, origin: str, port: int, body: dict[str, Any], gone: Callable[[], bool]
    ) -> dict[str, Any]:
        """Asks the person, and gives the page its key once he agrees."""
        number = _matching(NUMBER, body, "number")
        with self._lock:
            started = self._started
            if started is None or (started.id, started.origin) != (body.get("request"), origin):
                raise Refusal("pairing_unknown")
            self._started = None
            if not self.only and not self.seconds_left():
                raise Refusal("pairing_closed")  # nobody asks later, when nobody expects it
        if not hmac.compare_digest(hashlib.sha256(number.encode()).hexdigest(), started.commitment):
            raise Refusal("pairing_unknown")
        if not self.desk.ask(
            self._question(started, code_of(started, number, port)), gone
        ).approved:
            self._refused.add(origin)
            raise Refusal("pairing_refused")
        self._ends = 0.0
        return {"token": self.pairings.add(started.origin, started.database, started.user)}

    def _is_taken(self, origin: str) -> bool:
        """Another site has begun, and may still be about to ask. One that begins again and again
        without asking keeps nobody out."""
        begun = self._started
        if begun is None or begun.origin == origin:
            return False
        return self.clock() < self._first[begun.origin] + GO_ON

    def _question(self, started: Started, code: str) -> Question:
        """Nothing in it is written by the page: only its address, which the browser vouches for."""
        known = len(self.pairings.of_origin(started.origin))
        return Question(
            heading=say("Pair this signer with Odoo?"),
            facts=(
                ("Address", started.origin),
                ("Pairings of this address so far", str(known)),
                ("What for", say("It sees the certificates of your cards, and asks to sign")),
            ),
            code=code,
            origin=started.origin,
        )


def code_of(started: Started, number: str, port: int) -> str:
    """Six digits that page and signer compute alike."""
    parts = (PROOF, "pair", started.origin, str(port), number, started.number)
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    digits = f"{int.from_bytes(digest[:8], 'big') % 10**6:06}"
    return f"{digits[:3]} {digits[3:]}"


def _matching(pattern: re.Pattern[str], body: dict[str, Any], name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise Refusal("bad_request", what=f"'{name}' is missing or is not hex")
    return text
