# SPDX-License-Identifier: LGPL-3.0-only
"""GOST R 34.10-2012 and Streebog (RFC 7091, RFC 6986), as certificates carry them (RFC 9215).

Numbers are made by gostcrypto, which is there only where somebody needs it. Nothing is signed here:
a GOST key stays on its card.
"""

from __future__ import annotations

import functools

from asn1crypto import core

from ..errors import BadCertificate
from ..wording import _

MISSING = _(
    "This is a signature with a GOST key, and the server lacks the Python package gostcrypto that "
    "verifies such ones. Ask the administrator to install it."
)

#: object id of a key, a digest, a signature in a certificate -> bits
KEYS = {"1.2.643.7.1.1.1.1": 256, "1.2.643.7.1.1.1.2": 512}
DIGESTS = {"1.2.643.7.1.1.2.2": 256, "1.2.643.7.1.1.2.3": 512}
SIGNATURES = {"1.2.643.7.1.1.3.2": 256, "1.2.643.7.1.1.3.3": 512, **KEYS}

_LONG = "id-tc26-gost-3410-2012-256-paramSet"
#: object id of a curve -> gostcrypto's name of it. RFC 7836 gave CryptoPro's curves new ids.
CURVES = {
    "1.2.643.7.1.2.1.1.1": f"{_LONG}A",
    "1.2.643.7.1.2.1.1.2": f"{_LONG}B",
    "1.2.643.7.1.2.1.1.3": f"{_LONG}C",
    "1.2.643.7.1.2.1.1.4": f"{_LONG}D",
    "1.2.643.2.2.35.1": f"{_LONG}B",
    "1.2.643.2.2.35.2": f"{_LONG}C",
    "1.2.643.2.2.35.3": f"{_LONG}D",
    "1.2.643.2.2.36.0": f"{_LONG}B",
    "1.2.643.2.2.36.1": f"{_LONG}D",
    "1.2.643.7.1.2.1.2.1": "id-tc26-gost-3410-12-512-paramSetA",
    "1.2.643.7.1.2.1.2.2": "id-tc26-gost-3410-12-512-paramSetB",
    "1.2.643.7.1.2.1.2.3": "id-tc26-gost-3410-2012-512-paramSetC",
}


class _Parameters(core.Sequence):
    _fields = [
        ("curve", core.ObjectIdentifier),
        ("digest", core.ObjectIdentifier, {"optional": True}),
    ]


class _Algorithm(core.Sequence):
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]


class _PublicKey(core.Sequence):
    _fields = [("algorithm", _Algorithm), ("key", core.OctetBitString)]


def kind_of(public_key: bytes) -> str:
    """The object id of a key, of whatever kind. `public_key`: SubjectPublicKeyInfo, DER."""
    return _PublicKey.load(public_key)["algorithm"]["algorithm"].dotted


def is_there() -> bool:
    """Whether such signatures can be verified here."""
    try:
        _library()
    except BadCertificate:
        return False
    return True


def digest(algorithm: str, content: bytes) -> bytes:
    """Streebog of the content. `algorithm`: of DIGESTS."""
    name = f"streebog{DIGESTS[algorithm]}"
    return bytes(_library().gosthash.new(name, data=content).digest())


def holds(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether the key made this signature over the bytes. `public_key`: SubjectPublicKeyInfo, DER.

    `signature`: s, then r, both big-endian (RFC 9215, section 2). ValueError: no key of this kind.
    """
    library = _library()
    bits, curve, point = _opened(public_key)
    half = bits // 8
    module = library.gostsignature
    mode = module.MODE_256 if bits == 256 else module.MODE_512
    parameters = module.CURVES_R_1323565_1_024_2019[curve]
    hashed = library.gosthash.new(f"streebog{bits}", data=signed).digest()
    try:
        return module.new(mode, parameters).verify(
            bytearray(point),
            bytearray(reversed(hashed)),
            bytearray(signature[half:] + signature[:half]),
        )
    except (module.GOSTSignatureError, ArithmeticError):
        return False


def _opened(public_key: bytes) -> tuple[int, str, bytes]:
    """(bits, name of the curve, x and y as big-endian bytes): they stand little-endian in it."""
    parsed = _PublicKey.load(public_key, strict=True)
    kind = parsed["algorithm"]["algorithm"].dotted
    name = CURVES.get(parsed["algorithm"]["parameters"].parse(_Parameters)["curve"].dotted)
    if kind not in KEYS or name is None:
        raise ValueError(kind)
    point, half = core.OctetString.load(parsed["key"].native, strict=True).native, KEYS[kind] // 8
    if len(point) != 2 * half:
        raise ValueError(len(point))
    return KEYS[kind], name, point[:half][::-1] + point[half:][::-1]


@functools.cache
def _library():
    try:
        import gostcrypto
        import gostcrypto.gosthash
        import gostcrypto.gostsignature
    except ImportError:
        raise BadCertificate(MISSING, code="gost") from None
    return gostcrypto
