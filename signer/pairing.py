# SPDX-License-Identifier: LGPL-3.0-only
"""Which Odoo may talk to this signer: origin + database + user, each with a key of its own.

The site keeps the key in the browser and never sends it: each request carries a proof, which holds
for this request, this origin and this port. A program in between that relays it gets nothing that
it could use. The keys lie in a file that only its owner can read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from .errors import Refusal
from .home import write_private

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")
#: as browsers write the address of a site
ORIGIN = re.compile(r"(https?)://([A-Za-z0-9._-]{1,253}|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
MOST_PAIRINGS = 50
MOST_PLACES = 50
PROOF = "bank-signer 2"
PROOF_LIFE = 300  # seconds
AUTHORIZATION = re.compile(r"Signer ([0-9a-f]{1,32}) ([0-9]{1,12}\.[0-9a-f]{16,64}) ([0-9a-f]{64})")


@dataclass(frozen=True)
class Presented:
    """What a request shows of who made it. `digest`: SHA-256 of its body, hex."""

    authorization: str
    origin: str
    port: int
    path: str
    digest: str


@dataclass(frozen=True)
class Pairing:
    """One site that may ask. `token_hash`: SHA-256 of the secret half of its token, hex: the key.

    `opened`: [bank, address] of the sessions that the card opened for it.
    """

    id: str
    origin: str
    database: str
    user: str
    token_hash: str = field(repr=False)
    paired_at: str = ""
    opened: list[list[str]] = field(default_factory=list)

    def proof(self, *parts: object) -> str:
        """HMAC-SHA256 (hex) of the parts, a line each: whoever makes it knows the pairing."""
        key = bytes.fromhex(self.token_hash)
        content = "\n".join([PROOF, *map(str, parts)]).encode()
        return hmac.new(key, content, hashlib.sha256).hexdigest()


#: so that a proof of nobody takes as long as one of somebody
NOBODY = Pairing("", "", "", "", "0" * 64)


class Pairings:
    """The file of pairings. Read at each question, so that a revoked one ends at once."""

    def __init__(self, home: Path):
        self.path = home / "pairings.json"
        self._lock = threading.Lock()
        self._used: dict[str, int] = {}  # nonces of proofs

    def all(self) -> list[Pairing]:
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
            return [Pairing(**row) for row in rows]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError):
            return []  # a damaged file pairs nobody

    def add(self, origin: str, database: str, user: str) -> str:
        """Pair, in place of an older pairing of the same three. Returns the token, once."""
        secret = secrets.token_urlsafe(32)
        pairing = Pairing(
            id=secrets.token_hex(8),
            origin=origin,
            database=database,
            user=user,
            token_hash=hashlib.sha256(secret.encode()).hexdigest(),
            paired_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )
        with self._lock:
            same = (origin, database, user)
            others = [p for p in self.all() if (p.origin, p.database, p.user) != same]
            self._write([*others[-MOST_PAIRINGS + 1 :], pairing])
        return f"{pairing.id}.{secret}"

    def revoke(self, pairing_id: str) -> bool:
        with self._lock:
            pairings = self.all()
            left = [pairing for pairing in pairings if pairing.id != pairing_id]
            if len(left) == len(pairings):
                return False
            self._write(left)
        return True

    def opened_at(self, pairing_id: str, place: list[str]) -> None:
        """The person opened a session at this bank and address: the next time it is not new."""
        with self._lock:
            self._write(
                [
                    replace(p, opened=[*p.opened, place][-MOST_PLACES:])
                    if p.id == pairing_id
                    else p
                    for p in self.all()
                ]
            )

    def of_origin(self, origin: str) -> list[Pairing]:
        return [pairing for pairing in self.all() if pairing.origin == origin]

    def check(self, request: Presented, database: str, user: str) -> Pairing:
        """The pairing that made this proof; refuses another site, database or user."""
        match = AUTHORIZATION.fullmatch(request.authorization)
        pairing_id, nonce, proof = match.groups() if match else ("", "0.0", "")
        found = next((p for p in self.all() if p.id == pairing_id), NOBODY)
        parts = (request.origin, request.port, request.path, nonce, request.digest)
        right = hmac.compare_digest(found.proof(*parts), proof)
        if not right or found is NOBODY or found.origin != request.origin:
            raise Refusal("not_paired")
        self._refuse_used(nonce)
        if (found.database, found.user) != (database, user):
            raise Refusal("other_user")
        return found

    def _refuse_used(self, nonce: str) -> None:
        """A proof is for one request, made just now: page and signer have one clock."""
        now = time.time()
        with self._lock:
            self._used = {used: at for used, at in self._used.items() if abs(now - at) < PROOF_LIFE}
            at = int(nonce.partition(".")[0])
            if abs(now - at) >= PROOF_LIFE or nonce in self._used:
                raise Refusal("proof_used")
            self._used[nonce] = at

    def _write(self, pairings: list[Pairing]) -> None:
        write_private(self.path, json.dumps([asdict(pairing) for pairing in pairings], indent=1))


def check_site(origin: str) -> None:
    """Only what a browser calls a secure site may pair: https, or this computer itself."""
    match = ORIGIN.fullmatch(origin)
    scheme, host, port = match.groups() if match else ("", "", None)
    secure = scheme == "https" or (scheme == "http" and host in LOOPBACK_NAMES)
    if not secure or not 0 < int(port or 1) < 65536:
        raise Refusal("origin_not_allowed")


def check_name(what: str, text: object) -> str:
    if not isinstance(text, str) or not NAME.fullmatch(text):
        raise Refusal("bad_request", what=f"'{what}' is missing or is not text")
    return text
