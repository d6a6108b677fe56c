# SPDX-License-Identifier: LGPL-3.0-only
"""CMS signatures (RFC 5652, PKCS#7) beside the content they sign: how one is put together.

One form only: SignedData, DER, detached, one signer, SHA-256, signed attributes contentType,
messageDigest, signingTime and signingCertificateV2 (CAdES-BES). Building has two halves, so that
the key may be elsewhere: `prepare` gives the bytes that the key signs, `assemble` takes its answer.

A log-in challenge has a content type of its own: its signature can never pass for the signature of
a payment, nor the reverse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timezone

from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from . import certificates

DOCUMENT = "1.2.840.113549.1.7.1"  # id-data
CHALLENGE = "2.25.157344028833869361118404925312574777570"  # the arc that needs no registration


def prepare(
    certificate: x509.Certificate, content: bytes, content_type: str = DOCUMENT, at=None
) -> cms.CMSAttributes:
    """The signed attributes; `to_be_signed` of them is what the key signs."""
    own_hash = hashlib.sha256(certificates.der(certificate)).digest()
    own = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": own_hash})]})
    at = (at or datetime.now(timezone.utc)).replace(microsecond=0)
    return cms.CMSAttributes(
        [
            {"type": "content_type", "values": [content_type]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": at})]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {"type": "signing_certificate_v2", "values": [own]},
        ]
    )


def to_be_signed(attributes: cms.CMSAttributes) -> bytes:
    """The DER that a key signs: the attributes as a SET OF, sorted."""
    return attributes.untag().dump(force=True)


def assemble(
    certificate: x509.Certificate,
    attributes: cms.CMSAttributes,
    signature: bytes,
    others: Iterable[x509.Certificate] = (),
) -> bytes:
    """The DER of the signature from prepared attributes and the key's answer over them."""
    own = asn1_x509.Certificate.load(certificates.der(certificate))
    algorithm = "sha256_ecdsa" if own.public_key.algorithm == "ec" else "rsassa_pkcs1v15"
    content_type = next(a["values"][0] for a in attributes if a["type"].native == "content_type")
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": own.issuer,
                    "serial_number": own.serial_number,
                }
            },
            "digest_algorithm": digest,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": algorithm},
            "signature": signature,
        }
    )
    plain = content_type.dotted == DOCUMENT
    signed = cms.SignedData(
        {
            "version": "v1" if plain else "v3",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": content_type.dotted},
            "certificates": [own, *(certificates.der(other) for other in others)],
            "signer_infos": [signer],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
