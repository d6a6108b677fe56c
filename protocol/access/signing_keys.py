# SPDX-License-Identifier: LGPL-3.0-only
"""The keys of signed tokens: made, read, and published as a JWKS (RFC 7517, 7638)."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ..errors import Invalid

OWN_ALGORITHMS = ("ES256", "EdDSA")  # what we sign with
# what a client may sign its assertion with; RFC 9864 gives EdDSA with this curve a name of its own
CLIENT_ALGORITHMS = ("ES256", "EdDSA", "Ed25519", "RS256")
_SAME = {"Ed25519": "EdDSA"}
with contextlib.suppress(ValueError):  # a newer library knows it already
    jwt.register_algorithm("Ed25519", jwt.algorithms.OKPAlgorithm())
# What the library lets through of a JSON that no signer of ours would write: numbers that are none
# or without end, brackets a thousand deep.
UNREADABLE = (ValueError, TypeError, ArithmeticError, AttributeError, LookupError, RecursionError)


class TokenRefused(Invalid):
    """The token is not valid. `reason`: malformed, typ, crit, key, algorithm, or of tokens."""

    def __init__(self, reason: str):
        super().__init__("The token is not valid.", code=reason)
        self.reason = reason


@dataclass(frozen=True)
class PublicKey:
    """A key that verifies. `kid` is the thumbprint (RFC 7638) unless its owner named another."""

    kid: str
    algorithm: str
    key: object = field(repr=False, hash=False)  # compared, but it has no hash of its own

    def jwk(self) -> dict[str, str]:
        """The key as it stands in a JWKS."""
        members = _members(self.key, self.algorithm)
        return {**members, "kid": self.kid, "alg": self.algorithm, "use": "sig"}


@dataclass(frozen=True)
class SigningKey:
    """A key that signs. The private part leaves this class only as `pem`, for the vault."""

    kid: str
    algorithm: str
    private: object = field(repr=False)

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.kid, self.algorithm, self.private.public_key())

    def pem(self) -> str:
        """The private key, PKCS#8, not encrypted: for the vault or the vendor's own safe."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode("ascii")


def make_key(algorithm: str = "ES256") -> SigningKey:
    """A new key pair for one of OWN_ALGORITHMS."""
    if algorithm not in OWN_ALGORITHMS:
        raise TokenRefused("algorithm")
    private = (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else ed25519.Ed25519PrivateKey.generate()
    )
    return _signing_key(private)


def read_key(pem: str) -> SigningKey:
    """A private key from its PEM."""
    try:
        return _signing_key(serialization.load_pem_private_key(pem.encode("ascii"), password=None))
    except (ValueError, TypeError, UnicodeError) as error:
        raise TokenRefused("key") from error


def read_jwk(jwk: Mapping[str, str]) -> PublicKey:
    """A public key from a JWK. Private, symmetric, weak or ambiguous ones are refused."""
    if not isinstance(jwk, Mapping) or "d" in jwk or "k" in jwk:
        raise TokenRefused("key")
    try:
        # which algorithm a key is for says the key; its own word is held against that below
        key = jwt.PyJWK({name: jwk[name] for name in jwk if name != "alg"}).key
    except (jwt.PyJWTError, *UNREADABLE) as error:
        raise TokenRefused("key") from error
    algorithm = _algorithm_of(key)
    if not same_algorithm(jwk.get("alg", algorithm), algorithm) or jwk.get("use", "sig") != "sig":
        raise TokenRefused("key")
    kid = jwk.get("kid") or thumbprint(key)
    if not isinstance(kid, str) or len(kid) > 200:
        raise TokenRefused("key")
    return PublicKey(kid, algorithm, key)


def read_jwks(document: str | bytes) -> dict[str, PublicKey]:
    """`{kid: key}` from the JSON of a JWKS. One key that cannot be right refuses all of it."""
    try:
        listed = json.loads(document)["keys"]
    except UNREADABLE as error:
        raise TokenRefused("malformed") from error
    if not isinstance(listed, list):
        raise TokenRefused("malformed")
    keys = [read_jwk(jwk) for jwk in listed]
    found = {key.kid: key for key in keys}
    if len(found) != len(keys):
        raise TokenRefused("key")  # two keys under one name: which one is meant is anybody's guess
    return found


def render_jwk(key: PublicKey) -> str:
    """The JSON of one public key."""
    return json.dumps(key.jwk(), sort_keys=True)


def render_jwks(keys: Iterable[PublicKey]) -> str:
    """The JSON of a JWKS."""
    return json.dumps({"keys": [key.jwk() for key in keys]}, sort_keys=True)


def thumbprint(key) -> str:
    """RFC 7638: SHA-256 over the required members, base64url."""
    members = _members(key, _algorithm_of(key))
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode("ascii")).digest())


def same_algorithm(named: object, algorithm: str) -> bool:
    return isinstance(named, str) and _SAME.get(named, named) == algorithm


def _signing_key(private) -> SigningKey:
    public = private.public_key()
    return SigningKey(thumbprint(public), _algorithm_of(public), private)


def _algorithm_of(key) -> str:
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "ES256"
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return "RS256"
    raise TokenRefused("key")


def _members(key, algorithm: str) -> dict[str, str]:
    """The members that define a key, as RFC 7638 lists them for its type."""
    maker = {
        "ES256": jwt.algorithms.ECAlgorithm,
        "EdDSA": jwt.algorithms.OKPAlgorithm,
        "RS256": jwt.algorithms.RSAAlgorithm,
    }[algorithm]
    whole = maker.to_jwk(key, as_dict=True)
    if algorithm == "ES256":  # old versions leave leading zeros out, and refuse to read that
        place = key.public_numbers()
        whole.update({name: _base64url(getattr(place, name).to_bytes(32, "big")) for name in "xy"})
    return {name: whole[name] for name in ("crv", "e", "kty", "n", "x", "y") if name in whole}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
