# SPDX-License-Identifier: LGPL-3.0-only
"""The private key of a certificate, and what it signs.

Cards number their objects as their makers like: ids of key and certificate may differ, or several
objects have the same. What belongs together is told by the public key.
"""

from __future__ import annotations

import hashlib
from typing import Any

from asn1crypto import core, x509

from . import gost
from .direct import DirectKey
from .errors import Refusal
from .tokens import library

#: DigestInfo of SHA-256 (RFC 8017, 9.2), for cards that do not hash by themselves
SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def private_key(session: Any, der: bytes, key_id: bytes) -> Any:
    """The key of this certificate; Refusal "no_key" where the card holds none, or it is not clear
    which one it is. `key_id`: the id of the certificate object."""
    pkcs11 = library()
    attribute, kind = pkcs11.Attribute, pkcs11.ObjectClass
    own = _public_number(der)
    keys = list(session.get_objects({attribute.CLASS: kind.PRIVATE_KEY}))
    said = [(key, _number_of(key)) for key in keys]
    surely = [key for key, number in said if number == own]
    if surely:
        return surely[0]
    silent = [key for key, number in said if number is None]
    public = session.get_objects({attribute.CLASS: kind.PUBLIC_KEY})
    ids = {_id(key) for key in public if _number_of(key) == own} or {key_id}
    found = [key for key in silent if _id(key) in ids]
    if len(found) != 1:
        raise Refusal("no_key")
    return found[0]


def _public_number(der: bytes) -> bytes:
    """Modulus, or point of the curve: what no two keys share."""
    certificate = x509.Certificate.load(der)
    if gost.kind_of(certificate):
        return gost.point_of(certificate)
    public = certificate.public_key
    if public.algorithm == "ec":
        return public["public_key"].native
    number = public["public_key"].parsed["modulus"].native
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _number_of(key: Any) -> bytes | None:
    """The same of a key on the card; None where it does not say."""
    pkcs11 = library()
    for attribute in (pkcs11.Attribute.MODULUS, pkcs11.Attribute.EC_POINT, *_value_of(key)):
        try:
            value = bytes(key[attribute])
            value = value.lstrip(b"\0") if attribute == pkcs11.Attribute.MODULUS else value
        except (pkcs11.exceptions.PKCS11Error, TypeError, KeyError, NotImplementedError):
            continue
        if value:
            return _unwrapped(value) if attribute == pkcs11.Attribute.EC_POINT else value
    return None


def _value_of(key: Any) -> tuple[Any, ...]:
    """Public keys of GOST have their point as their value; the value of others is nobody's."""
    pkcs11 = library()
    is_public = key.object_class == pkcs11.ObjectClass.PUBLIC_KEY
    return (pkcs11.Attribute.VALUE,) if is_public else ()


def _unwrapped(point: bytes) -> bytes:
    """PKCS#11 wants the point inside an OCTET STRING; some cards give it bare."""
    try:
        return core.OctetString.load(point, strict=True).native
    except ValueError:
        return point


def _id(key: Any) -> bytes:
    pkcs11 = library()
    try:
        return bytes(key[pkcs11.Attribute.ID])
    except pkcs11.exceptions.PKCS11Error:
        return b""


def sign(key: Any, der: bytes, offered: Any, content: bytes, again: dict[str, str]) -> bytes:
    """PKCS#1 v1.5 for RSA, DER of (r, s) for EC, both over SHA-256; for GOST s and r.

    `offered`: mechanisms of the card; `again`: the PIN, for keys that ask for it each time.
    """
    mechanism = library().Mechanism
    certificate = x509.Certificate.load(der)
    kind = gost.kind_of(certificate)
    if kind:
        answer = key.sign(gost.hashed(kind, content), mechanism=kind.mechanism)
        return gost.signature_of(certificate, content, answer)
    digest = hashlib.sha256(content).digest()
    if certificate.public_key.algorithm == "rsa":
        if mechanism.SHA256_RSA_PKCS in offered:
            return key.sign(content, mechanism=mechanism.SHA256_RSA_PKCS, **again)
        return key.sign(SHA256_DIGEST_INFO + digest, mechanism=mechanism.RSA_PKCS, **again)
    from pkcs11.util.ec import encode_ecdsa_signature

    return encode_ecdsa_signature(key.sign(digest, mechanism=mechanism.ECDSA, **again))


def with_pin(key: Any, der: bytes, pin: str | None, path: str) -> tuple[Any, dict[str, str]]:
    """(key, arguments of each use): keys of qualified certificates often ask for the PIN before
    every single signature. `pin` None: it is typed at the reader. `path`: of the module."""
    again = _wants_pin_each_time(key)
    # What python-pkcs11 cannot do: a PIN at the reader each time, mechanisms without a name in it.
    if (again and pin is None) or gost.kind_of(x509.Certificate.load(der)):
        return DirectKey(key, path, again=again, pin=pin), {}
    return key, ({"pin": pin} if again else {})


def _wants_pin_each_time(key: Any) -> bool:
    pkcs11 = library()
    try:
        return bool(key[pkcs11.Attribute.ALWAYS_AUTHENTICATE])
    except pkcs11.exceptions.PKCS11Error:
        return False
