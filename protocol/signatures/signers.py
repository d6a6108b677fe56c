# SPDX-License-Identifier: LGPL-3.0-only
"""What is signed, and by whom: one `Signer`, several places where its key may live.

A signer is asked for a signature over a whole *document* (a package of payments) or over a log-in
*challenge*; it never signs digests or foreign bytes. Where the key is on this side (`here`), it
answers at once. Where the key is elsewhere (a card in the user's computer), `prepare` says what is
to be signed, as a request that any worker can keep, and `assemble` takes the answer. Either way the
result is a detached CMS signature, and it is verified against the registered certificate before
anybody gets it.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ..errors import BadCertificate, BadSignature, Invalid
from ..wording import _
from . import certificates, cms, cms_decrypt, cms_verify, xades
from .certificates import CertificateInfo, describe
from .cms_verify import OTHER_SIGNER, SignatureInfo

__all__ = [
    "CertificateInfo",
    "Pkcs12Signer",
    "RemoteSigner",
    "SignatureInfo",
    "Signer",
    "SigningRequest",
    "describe",
    "verify",
    "verify_document",
]

#: what a signature is for -> the content type inside of it
PURPOSES = {"document": cms.DOCUMENT, "challenge": cms.CHALLENGE}

LOG_IN = "log-in"
NOT_A_LOG_IN = _("This is no log-in challenge: it was not signed.")
NEEDS_RSA = _(
    "This log-in needs a certificate with an RSA key: the bank encrypts the session for it."
)
NOT_HERE = _("The key is on a card elsewhere: the person who has it must use it.")


@dataclass(frozen=True)
class SigningRequest:
    """What is to be signed elsewhere. Plain data: `content` are the exact bytes."""

    purpose: str  # a key of PURPOSES
    content: bytes
    certificate: bytes  # DER, the certificate that must sign

    @property
    def content_type(self) -> str:
        return PURPOSES[self.purpose]

    @property
    def digest(self) -> str:
        """SHA-256 of the content in hex, to show and compare; never what is sent to be signed."""
        return hashlib.sha256(self.content).hexdigest()


class Signer(ABC):
    """One certificate and the way to its key."""

    #: True when `sign_document` and `sign_challenge` answer at once, without a person
    here = True

    def __init__(self, certificate: bytes):
        """`certificate`: PEM or DER."""
        self._certificate = certificates.load(certificate)
        self.certificate = certificates.der(self._certificate)

    @abstractmethod
    def sign(self, request: SigningRequest) -> bytes:
        """The CMS signature (DER) that the request asks for."""

    def sign_document(self, content: bytes, form: str = "cms") -> bytes:
        """A signature over a package: detached CMS (DER), or "xades" for banks that want XML."""
        if form != "xades":
            return self._signed("document", content)
        signature = self.sign_xml(content)
        xades.verify(content, signature, self._certificate)
        return signature

    def sign_xml(self, content: bytes) -> bytes:
        """A XAdES signature (the `ds:Signature` element) over an XML package."""
        raise Invalid(NOT_HERE, code="not-here")

    def sign_challenge(self, payload: bytes) -> bytes:
        """A detached CMS signature (DER) over a bank's log-in challenge.

        BadSignature where the payload is anything else: nobody may have a payment signed by
        calling it a log-in, even at a bank that does not look at the content type.
        """
        log_in_of(payload)
        return self._signed("challenge", payload)

    def decrypt(self, data: bytes) -> bytes:
        """What was encrypted for this certificate (CMS EnvelopedData, DER)."""
        raise Invalid(NOT_HERE, code="not-here")

    def check_decrypts(self) -> None:
        """BadCertificate where nothing can be encrypted for this certificate: no RSA key."""
        if not describe(self._certificate).key_type.startswith("RSA "):
            raise BadCertificate(NEEDS_RSA, code="key-kind")

    def prepare(self, purpose: str, content: bytes) -> SigningRequest:
        """What will be signed, for a key that is elsewhere."""
        return SigningRequest(purpose, content, self.certificate)

    def assemble(self, request: SigningRequest, answer: bytes) -> bytes:
        """The answer to a request, verified. BadSignature when it is not what was asked for."""
        if request.certificate != self.certificate:
            raise BadSignature(OTHER_SIGNER, code="signer")
        verify(request.content, answer, self.certificate, purpose=request.purpose)
        return answer

    def _signed(self, purpose: str, content: bytes) -> bytes:
        request = self.prepare(purpose, content)
        return self.assemble(request, self.sign(request))


class RemoteSigner(Signer):
    """A key that is elsewhere: the request is carried there, the answer comes to `assemble`."""

    here = False

    def sign(self, request: SigningRequest) -> bytes:
        raise Invalid(NOT_HERE, code="not-here")


class Pkcs12Signer(Signer):
    """A key file (PKCS#12) that is kept on this side."""

    def __init__(self, data: bytes, password: str):
        key, certificate, others = certificates.open_key_file(data, password)
        super().__init__(certificates.der(certificate))
        self._key = key
        #: certificates of the issuers, where the file carries them
        self.issuers = tuple(certificates.der(other) for other in others)

    def sign(self, request: SigningRequest) -> bytes:
        attributes = cms.prepare(self._certificate, request.content, request.content_type)
        answer = self._answer(cms.to_be_signed(attributes))
        return cms.assemble(self._certificate, attributes, answer)

    def decrypt(self, data: bytes) -> bytes:
        return cms_decrypt.decrypt(data, self._key, self._certificate)

    def sign_xml(self, content: bytes) -> bytes:
        return xades.sign(content, self._key, self._certificate)

    def _answer(self, data: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


def verify(
    content: bytes,
    signature: bytes,
    expected: bytes | x509.Certificate,
    trusted=None,
    at=None,
    purpose: str = "document",
) -> SignatureInfo:
    """Verify a detached CMS signature against the registered certificate. See `cms_verify.verify`.

    `expected`: PEM, DER or a loaded certificate. `trusted`: PEM bundle or certificates of the
    authorities that the administrator trusts; None where the path was checked at registration.
    """
    expected = expected if isinstance(expected, x509.Certificate) else certificates.load(expected)
    trusted = certificates.load_many(trusted) if isinstance(trusted, bytes) else trusted
    return cms_verify.verify(content, signature, expected, trusted, at, PURPOSES[purpose])


def verify_document(content: bytes, signature: bytes, expected: bytes, at=None) -> SignatureInfo:
    """Verify a kept signature over a package, whose first byte says which of the two forms it has.

    `expected`: PEM or DER of the registered certificate.
    """
    if signature[:1] == b"<":
        return xades.verify(content, signature, certificates.load(expected), at)
    return verify(content, signature, expected, at=at)


def log_in_of(payload: bytes) -> dict:
    """What a log-in challenge says: a JSON object with this purpose, and nothing else."""
    try:
        said = json.loads(payload.decode())
    except (ValueError, RecursionError):
        raise BadSignature(NOT_A_LOG_IN, code="challenge") from None
    if not isinstance(said, dict) or said.get("purpose") != LOG_IN:
        raise BadSignature(NOT_A_LOG_IN, code="challenge")
    return said
