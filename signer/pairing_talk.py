"""Pairing a site: the page starts it, both sides show one code, the person agrees at the signer."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .desk import Desk, Question
from .errors import Refusal
from .limits import Limit
from .pairing import Pairings, check_name, check_site
from .words import say


@dataclass
class Started:
    """A pairing that the page has begun and now waits for."""

    origin: str
    database: str
    user: str
    code: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))


class PairingTalk:
    """At most one pairing at a time, and few of them: a page must not flood a person."""

    def __init__(self, desk: Desk, pairings: Pairings, only: str = ""):
        """`only`: the one origin that may pair while this program runs; empty: the person says."""
        self.desk = desk
        self.only = only
        self.pairings = pairings
        self.limit = Limit(burst=5, per_minute=1)
        self._started: Started | None = None
        self._lock = threading.Lock()

    def start(self, origin: str, body: dict[str, Any]) -> dict[str, Any]:
        """Gives the page the code that the signer's window will show too."""
        check_site(origin)
        if self.only and origin != self.only:
            raise Refusal("pairing_refused")
        database = check_name("database", body.get("database"))
        user = check_name("user", body.get("user"))
        if not self.limit.allow(origin):
            raise Refusal("too_many_requests")
        number = f"{secrets.randbelow(10**6):06}"
        started = Started(origin, database, user, code=f"{number[:3]} {number[3:]}")
        with self._lock:
            self._started = started
        return {"request": started.id, "code": started.code}

    def wait(self, origin: str, body: dict[str, Any], gone: Callable[[], bool]) -> dict[str, Any]:
        """Asks the person, and gives the page its token once he agrees."""
        with self._lock:
            started = self._started
            if started is None or (started.id, started.origin) != (body.get("request"), origin):
                raise Refusal("pairing_unknown")
            self._started = None
        question = Question(
            heading=say("Pair this signer with Odoo?"),
            facts=(
                ("Address", started.origin),
                ("Database", started.database),
                ("User", started.user),
            ),
            code=started.code,
            origin=started.origin,
        )
        if not self.desk.ask(question, gone).approved:
            raise Refusal("pairing_refused")
        return {"token": self.pairings.add(started.origin, started.database, started.user)}
