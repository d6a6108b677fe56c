# SPDX-License-Identifier: LGPL-3.0-only
"""CMS signatures taken apart: does this person's key sign exactly this content, for this purpose?

Everything that a signature could be besides the one form of `cms.py` is refused: enclosed content,
several signers, attributes missing or doubled, weak digests, another certificate.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ..errors import BadCertificate, BadSignature
from ..wording import _
from . import certificates, gost, issuers
from .cms import DOCUMENT, to_be_signed

DIGESTS = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
CLOCKS_APART = timedelta(minutes=5)

NOT_CMS = _("The signature is not a detached CMS signature with one signer.")
OTHER_SIGNER = _("The signature was made with another certificate than the registered one.")
OTHER_CONTENT = _("The signature is over another content.")
OTHER_PURPOSE = _("The signature was made for another purpose.")
NOT_HOLDING = _("The signature does not hold.")
WEAK = _("The signature uses an algorithm or a key that is too weak: {name}.")
FUTURE = _("The signature says that it was made in the future: check the clock of that computer.")


@dataclass(frozen=True)
class SignatureInfo:
    """A signature that holds. `signed_at` is the signer's own word; `digest`: SHA-256, hex."""

    subject: str
    issuer: str
    serial: str
    signed_at: datetime | None
    digest: str
    fingerprint: str  # of the certificate


def verify(
    content: bytes,
    signature: bytes,
    expected: x509.Certificate,
    trusted: Iterable[x509.Certificate] | None = None,
    at: datetime | None = None,
    content_type: str = DOCUMENT,
) -> SignatureInfo:
    """Take a signature apart; BadSignature or BadCertificate unless every part holds.

    `expected`: the registered certificate: the one inside must be equal to it. `trusted`: the
    authorities that the path must lead to; None where the caller checked the path before.
    """
    at = at or datetime.now(timezone.utc)
    try:
        signer, inside = _open(signature)
        attributes = _attributes(signer)
        _check_signer(signer, attributes, inside, expected)
        _check_content(signer, attributes, content, content_type)
        _check_signature(signer, expected)
        signed_at = _signed_at(attributes, at)
    except (BadSignature, BadCertificate):
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        # The parser is lazy: any access may find that these bytes are no CMS at all.
        raise BadSignature(NOT_CMS, detail=type(error).__name__) from None
    certificates.check_time(expected, at)
    if trusted is not None:
        between = [certificates.load(other) for other in inside]
        issuers.check_chain(expected, trusted, between, at)
    facts = certificates.describe(expected)
    digest = hashlib.sha256(content).hexdigest()
    return SignatureInfo(
        facts.subject, facts.issuer, facts.serial, signed_at, digest, facts.fingerprint
    )


def certificates_inside(signature: bytes) -> list[bytes]:
    """The certificates (DER) that a signature carries, the signer's first; nothing is verified."""
    try:
        signer, inside = _open(signature)
        wanted = signer["sid"].chosen.native
        parsed = [asn1_x509.Certificate.load(der) for der in inside]
        serials = [c.serial_number == wanted.get("serial_number") for c in parsed]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise BadSignature(NOT_CMS, detail=type(error).__name__) from None
    if True not in serials:
        raise BadSignature(NOT_CMS, code="signer")
    own = inside[serials.index(True)]
    return [own, *(der for der in inside if der != own)]


def _open(signature: bytes) -> tuple[cms.SignerInfo, list[bytes]]:
    """The only signer and the certificates (DER) inside."""
    outer = cms.ContentInfo.load(signature, strict=True)
    if outer["content_type"].native != "signed_data":
        raise BadSignature(NOT_CMS, code="form")
    signed = outer["content"]
    detached = signed["encap_content_info"]["content"].native is None
    if not detached or len(signed["signer_infos"]) != 1:
        raise BadSignature(NOT_CMS, code="form")
    signer = signed["signer_infos"][0]
    attributes = _attributes(signer)
    if signed["encap_content_info"]["content_type"].dotted != attributes["content_type"].dotted:
        raise BadSignature(OTHER_PURPOSE, code="content-type")
    inside = [choice.chosen.dump() for choice in signed["certificates"] or ()]
    return signer, inside


def _attributes(signer: cms.SignerInfo) -> dict:
    """Signed attributes by name; each may stand once, with one value."""
    found = {}
    for attribute in signer["signed_attrs"] or ():
        name = attribute["type"].native
        if name in found or len(attribute["values"]) != 1:
            raise BadSignature(NOT_CMS, code="attribute-twice")
        found[name] = attribute["values"][0]
    if "content_type" not in found or "message_digest" not in found:
        raise BadSignature(NOT_CMS, code="attribute-missing")
    return found


def _check_signer(signer, attributes, inside: list[bytes], expected: x509.Certificate) -> None:
    """The certificate inside, the signer's id and the signed certificate id are the expected."""
    own = certificates.der(expected)
    wanted = asn1_x509.Certificate.load(own)
    sid = signer["sid"]
    if sid.name == "issuer_and_serial_number":
        same = (
            sid.chosen["issuer"].dump() == wanted.issuer.dump()
            and sid.chosen["serial_number"].native == wanted.serial_number
        )
    else:
        same = sid.chosen.native == wanted.key_identifier
    if not same or own not in inside:
        raise BadSignature(OTHER_SIGNER, code="signer")
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"]["certs"][0]
        name = named["hash_algorithm"]["algorithm"].native
        if _digest(name, own) != named["cert_hash"].native:
            raise BadSignature(OTHER_SIGNER, code="signing-certificate")


def _check_content(signer, attributes, content: bytes, content_type: str) -> None:
    if attributes["content_type"].dotted != content_type:
        raise BadSignature(OTHER_PURPOSE, code="content-type")
    digest = _digest(signer["digest_algorithm"]["algorithm"].native, content)
    if not hmac.compare_digest(digest, attributes["message_digest"].native):
        raise BadSignature(OTHER_CONTENT, code="digest")


def _check_signature(signer: cms.SignerInfo, expected: x509.Certificate) -> None:
    """The key of the expected certificate signed the attributes."""
    name = _strong(signer["digest_algorithm"]["algorithm"].native)
    algorithm = signer["signature_algorithm"]["algorithm"].native
    content = signer["signature"].native, to_be_signed(signer["signed_attrs"])
    kind, _space, bits = certificates.describe(expected).key_type.partition(" ")
    if kind == "GOST":
        if {gost.DIGESTS.get(name), gost.SIGNATURES.get(algorithm)} != {int(bits)}:
            raise BadSignature(WEAK.format(name=algorithm), code="algorithm")
        if not gost.holds(certificates.public_key(expected), *content):
            raise BadSignature(NOT_HOLDING, code="signature")
        return
    try:
        key, digest = expected.public_key(), DIGESTS.get(name)
        if isinstance(key, rsa.RSAPublicKey) and algorithm in _RSA and digest:
            if key.key_size < certificates.SHORTEST_RSA:
                raise BadSignature(WEAK.format(name=f"RSA {key.key_size}"), code="weak")
            key.verify(*content, padding.PKCS1v15(), digest())
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm.endswith("_ecdsa") and digest:
            key.verify(*content, ec.ECDSA(digest()))
        else:
            raise BadSignature(WEAK.format(name=algorithm), code="algorithm")
    except (InvalidSignature, UnsupportedAlgorithm):
        raise BadSignature(NOT_HOLDING, code="signature") from None


_RSA = {"rsassa_pkcs1v15", *(f"{name}_rsa" for name in DIGESTS)}


def _strong(name: str) -> str:
    if name not in DIGESTS and name not in gost.DIGESTS:
        raise BadSignature(WEAK.format(name=name), code="weak")
    return name


def _digest(name: str, content: bytes) -> bytes:
    if _strong(name) in gost.DIGESTS:
        return gost.digest(name, content)
    return hashlib.new(name, content).digest()


def _signed_at(attributes: dict, at: datetime) -> datetime | None:
    value = attributes.get("signing_time")
    signed_at = value.native if value is not None else None
    if signed_at and signed_at > at + CLOCKS_APART:
        raise BadSignature(FUTURE, code="future")
    return signed_at
