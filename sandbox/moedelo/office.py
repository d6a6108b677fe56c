# SPDX-License-Identifier: LGPL-3.0-only
"""What the pretend Moe Delo knows: the bank's system it is connected to, its clients, its books."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from ..http import Request

COOKIE = "pretend_service"
EMPTY = {
    "bank": {},  # issuer, client_id, client_secret, database (empty: not asked for), jwks
    "tokens": {},  # access_token, refresh_token, expires_at
    "organisation": {},  # what the bank's system says of its company
    "accounts": [],
    "orders": [],  # what was pushed, with the answer to each
    "notices": [],  # in the order of their arrival, each id once
    "repeats": 0,  # notices that came again under an id that is here
    "late": 0,  # notices of a document that came after one with a greater number
    "forged": [],  # why calls to our own address were turned away
    "requests": [],  # for statements
    "events": [],  # the tax calendar
    "visitors": [],  # who jumped in
}


def new_state() -> dict:
    return json.loads(json.dumps(EMPTY))


@dataclass
class Mood:
    """How our own addresses behave: well, down, error (500), busy (429, `Retry-After` as many
    seconds), lose (the answer), slow, refuse."""

    kind: str = "well"
    operation: str = ""  # "token", "notices", "tax-events"; empty: any
    count: int | None = None  # so many calls; None: until told otherwise
    seconds: float = 5.0

    KINDS = ("well", "down", "error", "busy", "lose", "slow", "refuse")

    def __post_init__(self):
        if self.kind not in self.KINDS:
            raise ValueError(f"kind is one of {', '.join(self.KINDS)}.")

    def take(self, operation: str) -> str:
        """How this call is treated; counted."""
        if self.kind == "well" or self.operation not in ("", operation):
            return "well"
        if self.count is not None:
            self.count -= 1
            if self.count < 0:
                return "well"
        return self.kind


@dataclass
class Settings:
    banner: str = ""  # our own address, set by the server


class Office:
    """The state and its lock. `state` is plain JSON and survives a restart when it has a file."""

    def __init__(self, path: str = ""):
        self.settings = Settings()
        self.path = path
        self.lock = threading.RLock()
        self.dirty = False
        self.mood = Mood()
        self.pending = {}  # state of an authorization request -> what it was for
        self.sessions = {}  # cookie -> visitor
        self.given = {}  # token that we gave the bank's system -> when it ends
        self.seen = set()  # jti of assertions
        self.state = new_state()
        if path and Path(path).exists():
            self.state.update(json.loads(Path(path).read_text(encoding="utf-8")))
        self.known = set()  # ids of notices
        self.numbers = {}  # document -> greatest number of its notices
        for notice in self.state["notices"]:
            self.remember(notice)

    @property
    def bank(self) -> dict:
        return self.state["bank"]

    @property
    def api(self) -> str:
        """Where the bank's system speaks to us."""
        return f"{self.settings.banner}/api"

    @property
    def back(self) -> str:
        return f"{self.settings.banner}/back"

    def is_ours(self, address: str) -> bool:
        ours, other = urlsplit(self.settings.banner), urlsplit(address)
        return (ours.scheme, ours.netloc) == (other.scheme, other.netloc)

    def empty(self) -> None:
        """Forget what has happened; the connection stays."""
        kept = ("bank", "tokens", "organisation", "accounts")
        self.state = {**new_state(), **{name: self.state[name] for name in kept}}
        self.known, self.numbers = set(), {}

    def remember(self, notice: dict) -> None:
        self.known.add(notice["id"])
        last = self.numbers.get(notice["document"], 0)
        self.numbers[notice["document"]] = max(last, notice["number"])

    def save(self) -> None:
        if not (self.path and self.dirty):
            return
        with self.lock:
            text, self.dirty = json.dumps(self.state, ensure_ascii=False, indent=1), False
        part = Path(f"{self.path}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(self.path)

    def forget_old(self) -> None:
        """Drop what nobody can use any more."""
        now = time.time()
        with self.lock:
            self.given = {token: until for token, until in self.given.items() if until > now}


def visitor_of(office, request: Request) -> dict | None:
    with office.lock:
        return office.sessions.get(cookies(request).get(COOKIE, ""))


def cookies(request: Request) -> dict[str, str]:
    jar = SimpleCookie(request.headers.get("Cookie", ""))
    return {name: morsel.value for name, morsel in jar.items()}
