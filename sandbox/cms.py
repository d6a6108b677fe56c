# SPDX-License-Identifier: LGPL-3.0-only
"""Check detached CMS (PKCS#7) signatures, RFC 5652, and read registered certificates.

Only what the contract allows: SignedData over detached content, SHA-256, RSA (PKCS#1 v1.5) or
ECDSA, the signer's certificate inside; or GOST R 34.10-2012 with Streebog, of which OpenSSL judges.
Anything else is refused with `BadSignature`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from asn1crypto import cms as asn1
from asn1crypto import pem, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from . import gost


class BadSignature(Exception):
    """The signature cannot be accepted; the text says why. `broken`: it is over other bytes."""

    def __init__(self, message: str, *, broken: bool = False):
        super().__init__(message)
        self.broken = broken


def fingerprint(certificate: x509.Certificate) -> str:
    return hashlib.sha256(certificate.dump()).hexdigest()


def load_certificate(data: bytes) -> x509.Certificate:
    """From PEM or DER. ValueError when it is neither."""
    if pem.detect(data):
        _kind, _headers, data = pem.unarmor(data)
    certificate = x509.Certificate.load(data)
    if not gost.is_key(certificate):  # of which the parser knows nothing
        certificate.native  # parses all of it now, not when somebody looks  # noqa: B018
    return certificate


def signers(
    content: bytes, signature: bytes, now: datetime, *, check_dates: bool = True
) -> list[x509.Certificate]:
    """The certificates whose signatures over `content` hold now; BadSignature when any does not."""
    signed = _signed_data(signature)
    if signed["encap_content_info"]["content"].native is not None:
        raise BadSignature("the signature is not detached")
    if not len(signed["signer_infos"]):
        raise BadSignature("nobody signed")
    found = {c.chosen.issuer_serial: c.chosen for c in signed["certificates"] or []
             if c.name == "certificate"}  # fmt: skip
    result = []
    for info in signed["signer_infos"]:
        certificate = _certificate_of(info, found)
        if check_dates:
            _check_dates(certificate, now)
        if gost.is_key(certificate):
            if not gost.accepts(content, signature):
                raise BadSignature("the signature does not hold", broken=True)
        else:
            _check(info, certificate, content)
        result.append(certificate)
    return result


def _signed_data(signature: bytes):
    try:
        info = asn1.ContentInfo.load(signature, strict=True)
        if info["content_type"].native != "signed_data":
            raise BadSignature("not CMS SignedData")
        for signer in info["content"]["signer_infos"]:
            signer.native  # parse it whole  # noqa: B018
        return info["content"]
    except (ValueError, TypeError, KeyError) as error:
        raise BadSignature("not a CMS structure") from error


def _certificate_of(info, found: dict) -> x509.Certificate:
    sid = info["sid"]
    if sid.name != "issuer_and_serial_number":
        for certificate in found.values():
            if certificate.key_identifier == sid.native:
                return certificate
        raise BadSignature("the signer's certificate is not inside")
    issuer, serial = sid.chosen["issuer"], sid.chosen["serial_number"].native
    for certificate in found.values():
        if certificate.issuer == issuer and certificate.serial_number == serial:
            return certificate
    raise BadSignature("the signer's certificate is not inside")


def _check_dates(certificate: x509.Certificate, now: datetime) -> None:
    validity = certificate["tbs_certificate"]["validity"]
    if not validity["not_before"].native <= now <= validity["not_after"].native:
        raise BadSignature("the certificate is not valid today")


def _check(info, certificate: x509.Certificate, content: bytes) -> None:
    if info["digest_algorithm"]["algorithm"].native != "sha256":
        raise BadSignature("the digest must be SHA-256")
    attributes = info["signed_attrs"]
    if attributes and len(attributes):
        values = {a["type"].native: a["values"].native[0] for a in attributes}
        if values.get("message_digest") != hashlib.sha256(content).digest():
            raise BadSignature("the signature is over other bytes", broken=True)
        # What is signed is the SET OF form, not the implicit [0] of the message (RFC 5652, 5.4).
        content = b"\x31" + attributes.dump()[1:]
    key = load_der_public_key(certificate.public_key.dump())
    value = info["signature"].native
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, content, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, content, ec.ECDSA(hashes.SHA256()))
        else:
            raise BadSignature("only RSA and ECDSA keys")
    except InvalidSignature as error:
        raise BadSignature("the signature does not hold", broken=True) from error
