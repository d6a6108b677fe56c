# SPDX-License-Identifier: LGPL-3.0-only
"""A key, and the request (PKCS#10) with which a bank's portal is asked for its certificate.

The key stays here: only the request is handed over. What the portal answers becomes a key file
together with it.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    pkcs12,
)

from ..errors import BadCertificate
from ..wording import _
from . import certificates

KEY_SIZE = 2048  # bits: what every bank's portal takes
NO_NAME = _("A certificate request needs the name of the company.")
OTHER_REQUEST = _("This certificate is not the answer to the request that waits here.")

_FIELDS = {
    "common_name": x509.NameOID.COMMON_NAME,
    "organization": x509.NameOID.ORGANIZATION_NAME,
    "country": x509.NameOID.COUNTRY_NAME,
}


def make(common_name: str, organization: str = "", country: str = "PL") -> tuple[bytes, str]:
    """(private key as PKCS#8 DER, the request as PEM). The first is a secret, unprotected."""
    if not common_name.strip():
        raise BadCertificate(NO_NAME, code="name")
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    values = {"common_name": common_name, "organization": organization, "country": country}
    # A common name has 64 letters at most (X.520); banks put their own name in anyway.
    names = [x509.NameAttribute(_FIELDS[one], text[:64]) for one, text in values.items() if text]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    request = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return private, request.public_bytes(Encoding.PEM).decode()


def key_file(private: bytes, answer: bytes, password: str) -> bytes:
    """The PKCS#12 file of a key that `make` made and the portal's answer.

    `answer`: the certificate as DER or PEM, or a PEM chain in which it is one of several.
    """
    key = load_der_private_key(private, None)
    own = key.public_key().public_numbers()
    found = certificates.load_many(answer) if b"-----BEGIN" in answer else None
    found = found or [certificates.load(answer)]
    ours = [one for one in found if _numbers(one) == own]
    if not ours:
        raise BadCertificate(OTHER_REQUEST, code="other-request")
    issuers = [one for one in found if one not in ours]
    lock = BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"bank", key, ours[0], issuers, lock)


def _numbers(certificate: x509.Certificate):
    key = certificate.public_key()
    return key.public_numbers() if isinstance(key, rsa.RSAPublicKey) else None
