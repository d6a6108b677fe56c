"""Which Odoo may talk to this signer: origin + database + user, each with a token of its own.

Only hashes of tokens are stored, in a file that only its owner can read. The site keeps its token
in the browser; who copies the file cannot sign with it over HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

from .errors import Refusal
from .home import write_private

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
MOST_PAIRINGS = 50


@dataclass(frozen=True)
class Pairing:
    """One site that may ask. `token_hash`: SHA-256 of the secret half of its token, hex."""

    id: str
    origin: str
    database: str
    user: str
    token_hash: str = field(repr=False)
    paired_at: str = ""

    def proof(self, nonce: str) -> str:
        """Shows a site that this signer knows its pairing, before the site sends its token."""
        key = bytes.fromhex(self.token_hash)
        return hmac.new(key, nonce.encode(), hashlib.sha256).hexdigest()


class Pairings:
    """The file of pairings. Read at each question, so that a revoked one ends at once."""

    def __init__(self, home: Path):
        self.path = home / "pairings.json"
        self._lock = threading.Lock()

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

    def of_origin(self, origin: str) -> list[Pairing]:
        return [pairing for pairing in self.all() if pairing.origin == origin]

    def check(self, token: str, origin: str, database: str, user: str) -> Pairing:
        """The pairing that this token belongs to; refuses another site, database or user."""
        pairing_id, _dot, secret = token.partition(".")
        presented = hashlib.sha256(secret.encode()).hexdigest()
        found = next((p for p in self.all() if p.id == pairing_id), None)
        known = found.token_hash if found else "0" * 64
        if not hmac.compare_digest(presented, known) or found is None or found.origin != origin:
            raise Refusal("not_paired")
        if (found.database, found.user) != (database, user):
            raise Refusal("other_user")
        return found

    def _write(self, pairings: list[Pairing]) -> None:
        write_private(self.path, json.dumps([asdict(pairing) for pairing in pairings], indent=1))


def check_site(origin: str) -> None:
    """Only what a browser calls a secure site may pair: https, or this computer itself."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        raise Refusal("origin_not_allowed") from None
    shown = f"{parts.scheme}://{parts.netloc}"
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_NAMES)
    if not secure or shown != origin or "@" in parts.netloc or not host or port == 0:
        raise Refusal("origin_not_allowed")


def check_name(what: str, text: object) -> str:
    if not isinstance(text, str) or not NAME.fullmatch(text):
        raise Refusal("bad_request", what=f"'{what}' is missing or is not text")
    return text
