# SPDX-License-Identifier: LGPL-3.0-only
"""Proofs that a caller holds the key that its token is bound to (RFC 9449, DPoP).

A proof is a JWT of type `dpop+jwt`, signed by the key that it brings along, for one request: `htm`
method, `htu` address, `iat`, `jti`, and with an access token `ath`, its hash. Who copies a token
cannot use it without the key; who copies a proof as well cannot use it again, since its name is
good once, nor elsewhere. We ask for no nonce: the names are kept as long as a proof is fresh.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from . import signing_keys, tokens
from .oauth_errors import InvalidProof, InvalidRequest

WINDOW = 60  # seconds around our clock within which a proof is fresh
MAX_NAME = 256  # characters of a jti
_PORTS = {"https": 443, "http": 80}
_THUMBPRINT = re.compile(r"[A-Za-z0-9\-_]{43}")


@dataclass(frozen=True)
class Shown:
    """What a request shows of a key: the header `DPoP`, or nothing; and where it was sent."""

    proof: str | None = field(repr=False)
    method: str
    path: str  # decoded


@dataclass(frozen=True)
class Proof:
    """A proof that is right. `key`: thumbprint; `until`: seconds since the epoch."""

    key: str
    name: str
    until: int


def read(shown: Shown, issuer: str, token: str = "") -> Proof:
    """The proof of this request, with `token` where it comes with an access token; InvalidProof
    otherwise. Whether its name was used before knows the caller."""
    try:
        key, claims = tokens.verify_embedded(shown.proof, required=("jti", "htm", "htu", "iat"))
    except tokens.TokenRefused:
        raise InvalidProof() from None
    named, made_at = claims["jti"], claims["iat"]
    right = (
        isinstance(named, str)
        and 0 < len(named) <= MAX_NAME
        and type(made_at) in (int, float)
        and abs(time.time() - made_at) <= WINDOW
        and claims["htm"] == shown.method
        and _place(claims["htu"]) == (*_place(issuer)[:3], shown.path)
        and (not token or claims.get("ath") == token_hash(token))
    )
    if not right:
        raise InvalidProof()
    thumbprint = signing_keys.thumbprint(key.key)
    return Proof(thumbprint, f"proof|{thumbprint}|{named}", int(made_at) + WINDOW + 1)


def token_hash(token: str) -> str:
    """`ath` of an access token."""
    digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def check_thumbprint(text: str) -> str:
    """`dpop_jkt` of an authorization request: the key that its code will be for, or nothing."""
    if text and not _THUMBPRINT.fullmatch(text):
        raise InvalidRequest("dpop_jkt is no thumbprint.")
    return text


def _place(address: object) -> tuple[object, ...]:
    """What is compared of an address: no query nor fragment, the port a number, decoded."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
        return parts.scheme, parts.hostname, port, unquote(parts.path, errors="strict") or "/"
    except (ValueError, TypeError, AttributeError):
        return ()
