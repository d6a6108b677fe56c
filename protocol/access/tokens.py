# SPDX-License-Identifier: LGPL-3.0-only
"""Signed tokens: issue and verify. The only file beside `signing_keys` that knows jwt.

Sources: RFC 7515 (JWS), 7517/7638 (JWK and its thumbprint), 7519 (JWT), 8725 (best practice),
9068 (access tokens). Three rules hold everywhere:

* the algorithm belongs to the key, never to the token's header: one key, one algorithm;
* the header's `typ` must be the one that the caller expects, so that a token made for one purpose
  is never taken for another;
* `kid` only picks among the keys that the caller hands in; `jku`, `x5u`, `x5c` and `jwk` in a token
  are not even read, and any `crit` is refused, since we understand no extension. Only a proof of
  possession brings its key along (`verify_embedded`): it says nothing but that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

import jwt

from .signing_keys import (
    UNREADABLE,
    PublicKey,
    SigningKey,
    TokenRefused,
    read_jwk,
    same_algorithm,
)

ACCESS = "at+jwt"
NOTICE = "notice+jwt"
LICENCE = "licence+jwt"
PROOF = "dpop+jwt"
ASSERTION = "JWT"  # RFC 7523 names no type of its own; a missing one is taken as this

MAX_LENGTH = 16_384  # characters; ours have about 700
LEEWAY = 60  # seconds between the clocks of two servers; our own tokens get none
DATES = ("iat", "nbf", "exp")
FAR = 1e12  # seconds: 30,000 years
AFTER_EXPIRY = timedelta(seconds=2 * LEEWAY)  # how long an expired token is still remembered

# `reason` -> the library's error that says so; the first match counts, so the order matters.
_REASONS = (
    ("expired", jwt.ExpiredSignatureError),
    ("not_yet", jwt.ImmatureSignatureError),
    ("audience", jwt.InvalidAudienceError),
    ("issuer", jwt.InvalidIssuerError),
    ("claim", jwt.MissingRequiredClaimError),
    ("signature", jwt.InvalidSignatureError),
    ("malformed", jwt.PyJWTError),
)


def issue(claims: Mapping[str, object], key: SigningKey, typ: str) -> str:
    """The compact JWS of `claims`."""
    headers = {"typ": typ, "kid": key.kid}
    return jwt.encode(dict(claims), key.private, algorithm=key.algorithm, headers=headers)


def verify(
    token: str,
    keys: Mapping[str, PublicKey],
    *,
    typ: str,
    issuer: str | None = None,
    audience: str | tuple[str, ...] | None = None,
    required: tuple[str, ...] = ("exp",),
    timed: bool = True,
    leeway: int = LEEWAY,
) -> dict[str, object]:
    """The claims of a token that is right in every respect, else `TokenRefused`.

    `issuer` / `audience` None: the token's kind has none. `timed` False: the document has dates of
    its own, which its reader judges. `leeway`: seconds; 0 where the clock that made it is ours.
    """
    header = _header(token)
    if not _same_type(header.get("typ"), typ):
        raise TokenRefused("typ")
    if "crit" in header:
        raise TokenRefused("crit")
    key = _pick(header, keys)
    needed = [*required, *(["iss"] if issuer else []), *(["aud"] if audience else [])]
    options = {
        "require": needed,
        "verify_aud": audience is not None,
        "verify_exp": timed,
        "verify_nbf": timed,
        "verify_iat": timed,
    }
    try:
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[header["alg"]],  # the key's own: see _pick
            audience=audience,
            issuer=issuer,
            leeway=leeway,
            options=options,
        )
        # The library takes a date of any length, and no clock can be subtracted from that.
        if any(not abs(float(claims.get(name, 0))) < FAR for name in DATES):
            raise TokenRefused("claim")
    except jwt.PyJWTError as error:
        reason = next(reason for reason, kind in _REASONS if isinstance(error, kind))
        raise TokenRefused(reason) from None
    except UNREADABLE:
        raise TokenRefused("malformed") from None
    return _storable(claims)


def verify_embedded(
    token: str | None, required: tuple[str, ...]
) -> tuple[PublicKey, dict[str, object]]:
    """The key that a proof of possession (RFC 9449 §4.2) brings along, and the claims that it has
    signed; no date of it is judged but that it was not signed in the future."""
    header = _header(token)
    key = read_jwk(header.get("jwk"))
    kid = header.get("kid", key.kid)
    if not isinstance(kid, str):
        raise TokenRefused("key")
    return key, verify(token, {kid: key}, typ=PROOF, required=required)


def unverified_subject(token: str) -> str:
    """Whose token this CLAIMS to be: for finding the keys to verify it with, nothing else."""
    _header(token)
    try:
        subject = jwt.decode(token, options={"verify_signature": False}).get("sub")
    except (jwt.PyJWTError, *UNREADABLE) as error:
        raise TokenRefused("malformed") from error
    if not isinstance(subject, str):
        raise TokenRefused("claim")
    return _storable(subject)


def unverified_claim(token: str, name: str) -> str:
    """What a token that was turned away says of itself, to be noted; empty where it says nothing
    that can be read."""
    try:
        _header(token)
        said = jwt.decode(token, options={"verify_signature": False}).get(name)
        return _storable(said) if isinstance(said, str) else ""
    except (TokenRefused, jwt.PyJWTError, *UNREADABLE):
        return ""


def _storable(value):
    """As it is, unless it holds half a character, which no hash and no database can take."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UNREADABLE:
        raise TokenRefused("malformed") from None
    return value


def _header(token: str) -> dict[str, object]:
    if not isinstance(token, str) or len(token) > MAX_LENGTH:
        raise TokenRefused("malformed")
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, *UNREADABLE) as error:
        raise TokenRefused("malformed") from error


def _same_type(claimed: object, expected: str) -> bool:
    if claimed is None:
        return expected == ASSERTION
    if not isinstance(claimed, str):
        return False
    # RFC 7515 4.1.9: "application/" may be left out, and media types ignore case
    return claimed.lower().removeprefix("application/") == expected.lower()


def _pick(header: Mapping[str, object], keys: Mapping[str, PublicKey]) -> PublicKey:
    kid = header.get("kid")
    if kid is None and len(keys) == 1:
        key = next(iter(keys.values()))
    else:
        key = keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise TokenRefused("key")
    if not same_algorithm(header.get("alg"), key.algorithm):
        raise TokenRefused("algorithm")
    return key
