# SPDX-License-Identifier: LGPL-3.0-only
"""Detached CMS signatures (RFC 5652) put together here, so that the card signs nothing else.

The card signs the DER of SignedAttributes that this file builds: content type, message digest
(SHA-256, or Streebog for GOST keys, computed here), signing time and the ESS signing certificate
(RFC 5035). A log-in has a content type of its own, so that its signature cannot pass for one of a
document.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from asn1crypto import algos, cms, tsp, x509

from . import gost

DATA = "data"
#: our content type of log-ins, from the arc that needs no registration (2.25.<UUID as a number>)
LOG_IN = "2.25.157344028833869361118404925312574777570"


class CmsDraft:
    """One signature on its way: `to_be_signed` goes to the card, `finish` wraps what comes back."""

    def __init__(self, content: bytes, certificate: bytes, now: datetime, content_type: str = DATA):
        """`certificate`: DER of the card's certificate; `now`: aware, UTC."""
        self.digest = hashlib.sha256(content).digest()  # by which the page knows the document
        self.content_type = content_type
        self.certificate = x509.Certificate.load(certificate)
        self.gost = gost.kind_of(self.certificate)
        self.algorithm = algos.DigestAlgorithm(
            {"algorithm": self.gost.digest if self.gost else "sha256"}
        )
        self.attributes = cms.CMSAttributes(
            [
                _attribute("content_type", content_type),
                _attribute("message_digest", self._hashed(content)),
                _attribute("signing_time", cms.Time({"utc_time": now.replace(microsecond=0)})),
                _attribute("signing_certificate_v2", self._own(certificate)),
            ]
        )
        self.to_be_signed = self.attributes.dump(force=True)

    def finish(self, signature: bytes) -> bytes:
        """DER of the ContentInfo. `signature`: PKCS#1 v1.5 for RSA, DER (r, s) for EC, s and r
        for GOST."""
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": {
                    "issuer_and_serial_number": {
                        "issuer": self.certificate.issuer,
                        "serial_number": self.certificate.serial_number,
                    }
                },
                "digest_algorithm": self.algorithm,
                "signed_attrs": self.attributes,
                "signature_algorithm": {"algorithm": self._algorithm()},
                "signature": signature,
            }
        )
        signed = cms.SignedData(
            {
                # RFC 5652, 5.1: version 3 as soon as the content is not plain data
                "version": "v1" if self.content_type == DATA else "v3",
                "digest_algorithms": [self.algorithm],
                "encap_content_info": {"content_type": self.content_type},
                "certificates": [self.certificate],
                "signer_infos": [signer],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()

    def _algorithm(self) -> str:
        if self.gost:
            return self.gost.key
        is_ec = self.certificate.public_key.algorithm == "ec"
        return "sha256_ecdsa" if is_ec else "rsassa_pkcs1v15"

    def _hashed(self, content: bytes) -> bytes:
        return gost.hashed(self.gost, content) if self.gost else hashlib.sha256(content).digest()

    def _own(self, certificate: bytes) -> tsp.SigningCertificateV2:
        named = {"hash_algorithm": self.algorithm, "cert_hash": self._hashed(certificate)}
        return tsp.SigningCertificateV2({"certs": [named]})


def _attribute(kind: str, value) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})
