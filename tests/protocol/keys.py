# SPDX-License-Identifier: LGPL-3.0-only
"""Keys and certificates made for one test run; imported by tests, no test itself."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from protocol.signatures import certificates

NOW = datetime.now(timezone.utc).replace(microsecond=0)
DAY = timedelta(days=1)


@functools.cache
def key(kind: str, name: str = ""):
    """One key for each kind and name: RSA keys take long to make."""
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))


def certificate(
    name, own, issuer=None, issuer_key=None, *, ca=False, days=(-1, 300), serial=None,
    use="content_commitment",
):  # fmt: skip
    """A certificate of `own` key, signed by `issuer` (self-signed without one)."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys((*certificates.USAGES, "encipher_only", "decipher_only"), False)
    usage["key_cert_sign" if ca else use] = True
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(NOW + days[0] * DAY)
        .not_valid_after(NOW + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(issuer_key or own, hashes.SHA256())
    )


def key_file(own, cert, password="1234", others=()) -> bytes:
    """PKCS#12 bytes."""
    protection = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"k", own, cert, list(others), protection)


def pem(cert) -> bytes:
    return cert.public_bytes(serialization.Encoding.PEM)


def der(cert) -> bytes:
    return cert.public_bytes(serialization.Encoding.DER)
