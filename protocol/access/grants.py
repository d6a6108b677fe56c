# SPDX-License-Identifier: LGPL-3.0-only
"""What may be given for a code or a refresh token: decisions, without storage.

RFC 6749 §4.1 and §6, RFC 7636 (PKCE), RFC 9700 (rotation). The caller reads a row under its lock,
asks here, and writes what it is told. Times are aware UTC.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from .oauth_errors import InvalidGrant, InvalidRequest

CODE_LIFE = timedelta(seconds=60)
GRACE = timedelta(seconds=30)

ROTATE = "rotate"  # the live token: give its successor
REPEAT = "repeat"  # its answer was lost: give the same successor again
REPLAY = "replay"  # a retired token out of its time: somebody else has it, the family ends

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636 4.1
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")


@dataclass(frozen=True)
class StoredCode:
    """An authorization code as it is kept. `bound_to`: thumbprint of the only key that may use it,
    or nothing."""

    client_id: str
    redirect_uri: str
    challenge: str
    expires_at: datetime
    used: bool
    bound_to: str = ""


@dataclass(frozen=True)
class StoredRefresh:
    """A refresh token as it is kept. `retired_at`: when its successor was first given;
    `successor_used`: the successor has been seen, so its holder has the answer; `bound_to`: as for
    a code."""

    client_id: str
    expires_at: datetime
    family_ends_at: datetime
    revoked: bool
    retired_at: datetime | None
    successor_used: bool
    bound_to: str = ""


def new_secret() -> str:
    """An unguessable text: 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is stored of a secret. It has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def same_secret(secret: str, stored: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(hashed(secret).encode("ascii"), (stored or "").encode("ascii"))


def successor(server_key: bytes, family: str, generation: int, presented: str) -> str:
    """The refresh token that follows `presented`. Computed, so that a lost answer can be repeated
    although only hashes are stored."""
    message = f"{family}|{generation}|{presented}".encode()
    return _base64url(hmac.new(server_key, message, hashlib.sha256).digest())


def check_challenge(challenge: str | None, method: str | None) -> str:
    """PKCE is required, and only with S256."""
    if not challenge or method != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("PKCE with S256 is required.")
    return challenge


def check_code(
    code: StoredCode,
    client_id: str,
    redirect_uri: str | None,
    verifier: str | None,
    now: datetime,
    key: str = "",
) -> None:
    """The code may be exchanged by this client now, else `invalid_grant`, alike for every reason.

    The caller looks at `code.used` first: a second use also ends what the first one gave.
    """
    if not verifier:
        raise InvalidRequest("code_verifier is missing.")
    bound = code.client_id == client_id and code.redirect_uri == (redirect_uri or "")
    bound = bound and code.bound_to in ("", key)
    fresh = not code.used and now < code.expires_at
    if not (bound and fresh and _VERIFIER.fullmatch(verifier)):
        raise InvalidGrant()
    made = _base64url(hashlib.sha256(verifier.encode("ascii")).digest())
    if not hmac.compare_digest(made, code.challenge):
        raise InvalidGrant()


def decide_refresh(token: StoredRefresh, client_id: str, now: datetime, key: str = "") -> str:
    """ROTATE, REPEAT or REPLAY; `invalid_grant` where the token is simply no good.

    Another client's token is no good, but no proof of theft by its owner either: nothing ends.
    Likewise where the key is missing that the token is bound to.
    """
    if token.client_id != client_id or token.revoked or token.bound_to not in ("", key):
        raise InvalidGrant()
    if now >= token.family_ends_at or now >= token.expires_at:
        raise InvalidGrant()
    if token.retired_at is None:
        return ROTATE
    in_grace = now - token.retired_at <= GRACE
    return REPEAT if in_grace and not token.successor_used else REPLAY


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
