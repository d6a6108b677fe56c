# SPDX-License-Identifier: LGPL-3.0-only
"""Signed messages of the bank's system, checked from RFC 7515 and 7518 alone. ES256 only."""

from __future__ import annotations

import base64
import json
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

LEEWAY = 60  # seconds


class Forged(Exception):
    """The message is not what it has to be; the text says why."""


def verify(token: str, jwks: dict, *, typ: str, issuer: str, audience: str) -> dict:
    """The claims of a JWS that is right in every respect."""
    try:
        head, body, signature = token.split(".")
        header, claims = (json.loads(_bytes(part)) for part in (head, body))
        raw = _bytes(signature)
    except (ValueError, TypeError) as error:
        raise Forged("This is no JWS.") from error
    if header.get("typ") != typ or header.get("alg") != "ES256" or "crit" in header:
        raise Forged(f"The header says typ {header.get('typ')}, alg {header.get('alg')}.")
    key = next((one for one in jwks.get("keys", []) if one.get("kid") == header.get("kid")), None)
    if key is None:
        raise Forged("The key is not in the JWKS.")
    _check_signature(key, f"{head}.{body}".encode(), raw)
    _check_claims(claims, issuer, audience)
    return claims


def kid(token: str) -> str:
    """The key that a message claims: to see whether the JWKS has to be fetched again."""
    try:
        return json.loads(_bytes(token.split(".")[0])).get("kid", "")
    except (ValueError, TypeError, AttributeError):
        return ""


def _check_signature(key: dict, signed: bytes, raw: bytes) -> None:
    if key.get("kty") != "EC" or key.get("crv") != "P-256" or len(raw) != 64:
        raise Forged("The signature has another form.")
    numbers = [int.from_bytes(_bytes(key[name]), "big") for name in ("x", "y")]
    public = ec.EllipticCurvePublicNumbers(*numbers, ec.SECP256R1()).public_key()
    halves = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        public.verify(encode_dss_signature(*halves), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise Forged("The signature does not hold.") from error


def _check_claims(claims: dict, issuer: str, audience: str) -> None:
    now = time.time()
    if claims.get("iss") != issuer:
        raise Forged("Somebody else has issued it.")
    if claims.get("aud") != audience:
        raise Forged("It is meant for somebody else.")
    if not isinstance(claims.get("exp"), int) or claims["exp"] < now - LEEWAY:
        raise Forged("Its time is over.")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
