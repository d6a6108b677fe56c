# SPDX-License-Identifier: LGPL-3.0-only
"""XAdES signatures (ETSI EN 319 132, baseline B) put together here, for banks that want XML.

The card signs the canonical SignedInfo that this file writes: two references and no other, the
whole document (enveloped signature, exclusive canonicalization) and the signature's own
SignedProperties, which name the card's certificate. The result is the `ds:Signature` element alone.

Every part is written in its canonical form at once, so nothing has to be parsed again. The
document's canonical form comes from the standard library: without comments and DOCTYPE, which
`documents` refuses, its C14N 2.0 and exclusive C14N 1.0 give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from xml.etree.ElementTree import canonicalize

from asn1crypto import core, x509

from . import gost
from .errors import Refusal

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ALGORITHMS = {
    "rsa": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "ec": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}
COORDINATE = {"secp256r1": 32, "secp384r1": 48, "secp521r1": 66}  # bytes of r, and of s


class XadesDraft:
    """One signature on its way, like `cms.CmsDraft`."""

    def __init__(self, content: bytes, certificate: bytes, now: datetime):
        """`content`: XML that `documents` has read; `certificate`: DER; `now`: aware, UTC."""
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
            raise Refusal("document_refused", why="only XML can have an XML signature")
        self.digest = hashlib.sha256(content).digest()
        self.certificate = certificate
        loaded = x509.Certificate.load(certificate)
        if gost.kind_of(loaded):
            raise Refusal("key_not_supported", kind="GOST")
        self.public_key = loaded.public_key
        self.size = self._coordinate()
        name = secrets.token_hex(8)
        self.id, properties_id = f"signature-{name}", f"properties-{name}"
        self.properties = _signed_properties(properties_id, certificate, now)
        references = [
            _reference("", canonicalize(content.decode("utf-8-sig")), f"{DS}enveloped-signature"),
            _reference(
                f"#{properties_id}",
                self.properties,
                kind="http://uri.etsi.org/01903#SignedProperties",
            ),
        ]
        self.signed_info = _signed_info(ALGORITHMS[self.public_key.algorithm], references)
        self.to_be_signed = self.signed_info.encode()

    def finish(self, signature: bytes) -> bytes:
        """The `ds:Signature` element. `signature`: PKCS#1 v1.5, or DER (r, s) for EC."""
        if self.public_key.algorithm == "ec":
            signature = _concatenated(signature, self.size)
        return (
            f'<ds:Signature xmlns:ds="{DS}" Id="{self.id}">{self.signed_info}'
            f"<ds:SignatureValue>{_base64(signature)}</ds:SignatureValue>"
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
            f"{_base64(self.certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#{self.id}">'
            f"{self.properties}</xades:QualifyingProperties></ds:Object></ds:Signature>"
        ).encode()

    def _coordinate(self) -> int:
        """Bytes of a coordinate of the curve; 0 for RSA. Asked before the card signs anything."""
        if self.public_key.algorithm != "ec":
            return 0
        form, curve = self.public_key.curve
        if form != "named" or curve not in COORDINATE:
            raise Refusal("key_not_supported", kind=curve if form == "named" else form)
        return COORDINATE[curve]


def _signed_info(algorithm: str, references: list[str]) -> str:
    return (
        f'<ds:SignedInfo xmlns:ds="{DS}">'
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{algorithm}"></ds:SignatureMethod>'
        f"{''.join(references)}</ds:SignedInfo>"
    )


def _reference(uri: str, canonical: str, *transforms: str, kind: str = "") -> str:
    steps = "".join(
        f'<ds:Transform Algorithm="{name}"></ds:Transform>' for name in (*transforms, EXCLUSIVE)
    )
    of_type = f' Type="{kind}"' if kind else ""
    return (
        f'<ds:Reference{of_type} URI="{uri}"><ds:Transforms>{steps}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue>{_digest(canonical.encode())}</ds:DigestValue></ds:Reference>"
    )


def _signed_properties(own_id: str, certificate: bytes, now: datetime) -> str:
    """Canonical: in it each `ds` element declares its namespace anew."""
    return (
        f'<xades:SignedProperties xmlns:xades="{XADES}" Id="{own_id}">'
        "<xades:SignedSignatureProperties>"
        f"<xades:SigningTime>{now:%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>"
        "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
        f'<ds:DigestMethod xmlns:ds="{DS}" Algorithm="{SHA256}"></ds:DigestMethod>'
        f'<ds:DigestValue xmlns:ds="{DS}">{_digest(certificate)}</ds:DigestValue>'
        "</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
        "</xades:SignedSignatureProperties></xades:SignedProperties>"
    )


def _concatenated(signature: bytes, size: int) -> bytes:
    """XML signatures write r and s one after the other (RFC 4050)."""
    numbers = core.SequenceOf.load(signature, spec=core.Integer)
    return b"".join(number.native.to_bytes(size, "big") for number in numbers)


def _digest(content: bytes) -> str:
    return _base64(hashlib.sha256(content).digest())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
