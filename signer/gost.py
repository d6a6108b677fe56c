# SPDX-License-Identifier: LGPL-3.0-only
"""GOST R 34.10-2012: what cards with Russian keys (Rutoken, JaCarta) sign, and how it is written.

The card gets a ready Streebog hash and answers with two numbers. Drivers differ in which of the two
comes first: the certificate's own key tells. Numbers are checked by gostcrypto, which is needed for
such cards only.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from asn1crypto import core, x509

from .errors import Refusal

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


@dataclass(frozen=True)
class Kind:
    """One length of keys. `mechanism`: of PKCS#11, over a ready hash."""

    key: str
    digest: str
    bits: int
    mechanism: int


KINDS = {
    kind.key: kind
    for kind in (
        Kind("1.2.643.7.1.1.1.1", "1.2.643.7.1.1.2.2", 256, 0x1201),  # CKM_GOSTR3410
        # Not in the standard of PKCS#11: CKM_GOSTR3410_512 of the makers' own range.
        Kind("1.2.643.7.1.1.1.2", "1.2.643.7.1.1.2.3", 512, 0xD4321006),
    )
}


def kind_of(certificate: x509.Certificate) -> Kind | None:
    """None where the certificate's key is no key of GOST R 34.10-2012."""
    return KINDS.get(_opened(certificate)["algorithm"]["algorithm"].dotted)


def hashed(kind: Kind, content: bytes) -> bytes:
    """Streebog, in the order of bytes that CMS and PKCS#11 have."""
    return bytes(library().gosthash.new(f"streebog{kind.bits}", data=content).digest())


def point_of(certificate: x509.Certificate) -> bytes:
    """x and y of the public key, little-endian, as CKA_VALUE of a public key has them."""
    return core.OctetString.load(_opened(certificate)["key"].native, strict=True).native


def signature_of(certificate: x509.Certificate, content: bytes, answer: bytes) -> bytes:
    """The card's answer as CMS wants it: s, then r, both big-endian (RFC 9215). Refusal where the
    certificate's key did not make it."""
    kind = kind_of(certificate)
    half = kind.bits // 8
    other = answer[half:] + answer[:half]
    for signature in (answer, other):
        if _holds(certificate, kind, content, signature):
            return signature
    raise Refusal("card_failed", what="GOST R 34.10")


def _holds(certificate: x509.Certificate, kind: Kind, content: bytes, signature: bytes) -> bool:
    module, half = library().gostsignature, kind.bits // 8
    point, said = point_of(certificate), _opened(certificate)["algorithm"]["parameters"]
    curve = CURVES[said.parse(_Parameters)["curve"].dotted]
    parameters = module.CURVES_R_1323565_1_024_2019[curve]
    mode = module.MODE_256 if kind.bits == 256 else module.MODE_512
    try:
        return module.new(mode, parameters).verify(
            bytearray(point[:half][::-1] + point[half:][::-1]),
            bytearray(reversed(hashed(kind, content))),
            bytearray(signature[half:] + signature[:half]),
        )
    except (module.GOSTSignatureError, ArithmeticError):
        return False


def _opened(certificate: x509.Certificate) -> _PublicKey:
    info = certificate["tbs_certificate"]["subject_public_key_info"]
    return _PublicKey.load(info.dump())


@functools.cache
def library() -> Any:
    """gostcrypto, imported late: nearly nobody needs it."""
    try:
        import gostcrypto
        import gostcrypto.gosthash
        import gostcrypto.gostsignature
    except ImportError:
        raise Refusal("no_gost") from None
    return gostcrypto
