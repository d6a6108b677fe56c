# SPDX-License-Identifier: LGPL-3.0-only
"""The banks' certificate authority: who gets a certificate for what, and the server's own one.

Two kinds for a company: *communication* (a TLS client, and nothing else) and *authorisation* (a
person's signature, and nothing else: a handshake refuses it by its use).
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSWORD = b"demo"
USES = ("communication", "authorisation")
_KEYS = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
# Which key usage and which extended one a certificate of a kind has.
_PROFILES = {
    "authority": ("key_cert_sign", None),
    "server": ("digital_signature", ExtendedKeyUsageOID.SERVER_AUTH),
    "communication": ("digital_signature", ExtendedKeyUsageOID.CLIENT_AUTH),
    "authorisation": ("content_commitment", ExtendedKeyUsageOID.EMAIL_PROTECTION),
}


def today() -> datetime:
    """The real instant: certificates live in it, whatever the bank's clock says."""
    return datetime.now(timezone.utc)


def fingerprint(certificate: bytes | x509.Certificate) -> str:
    """SHA-256 of the DER, hex."""
    if isinstance(certificate, x509.Certificate):
        certificate = certificate.public_bytes(Encoding.DER)
    return hashlib.sha256(certificate).hexdigest()


def authority(world, name: str = "CA"):
    """(key, certificate) of the authority with this name, made when it is first asked for."""
    stored = world.state.demo_keys.get(f"cdc {name}")
    if stored is None:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(
            "authority", f"Sandbox CDC {name}", key.public_key(), (key, None), 3650
        )
        stored = _pkcs12(key, certificate)
        world.state.demo_keys[f"cdc {name}"] = stored
        world.dirty = True
    return pkcs12.load_key_and_certificates(stored, PASSWORD)[:2]


def ca_pem(world) -> bytes:
    return authority(world)[1].public_bytes(Encoding.PEM)


def server_pem(world, name: str = "CA") -> bytes:
    """Key and certificate of the server, by the authority with this name; new each time."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate("server", "localhost", key.public_key(), authority(world, name), 90)
    private = key.private_bytes(
        Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(Encoding.PEM)


def issue(world, client: str, use: str, public_key, days: int = 730) -> x509.Certificate:
    """A certificate of a company, registered for this use. `days` below zero: it has ended."""
    if use not in USES:
        raise ValueError(f"No such use: {use}.")
    name = f"{client} {use}"
    certificate = _certificate(use, name, public_key, authority(world), days)
    row = {"client": client, "use": use}
    world.state.company_certificates[fingerprint(certificate)] = row
    world.dirty = True
    return certificate


def answer_request(world, client: str, use: str, csr: str, days: int = 730) -> str:
    """The PEM for a certificate request, as from the bank's portal. ValueError for a bad one."""
    request = x509.load_pem_x509_csr(csr.encode())
    if not request.is_signature_valid:
        raise ValueError("The request's signature does not hold.")
    certificate = issue(world, client, use, request.public_key(), days)
    return certificate.public_bytes(Encoding.PEM).decode()


def demo_name(client: str, use: str) -> str:
    return f"cdc {client} {use}"


def demo_pkcs12(world, client: str, use: str) -> bytes:
    """A key file for this company and use, made and registered when it is first asked for."""
    name = demo_name(client, use)
    if name not in world.state.demo_keys:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = issue(world, client, use, key.public_key())
        world.state.demo_keys[name] = _pkcs12(key, certificate)
    return world.state.demo_keys[name]


def owner(world, certificate: bytes, use: str) -> str:
    """The client whom this certificate (DER) is registered for, or an empty string."""
    row = world.state.company_certificates.get(fingerprint(certificate), {})
    return row["client"] if row.get("use") == use else ""


def _pkcs12(key, certificate: x509.Certificate) -> bytes:
    lock = serialization.BestAvailableEncryption(PASSWORD)
    return pkcs12.serialize_key_and_certificates(b"sandbox", key, certificate, None, lock)


def _certificate(kind: str, name: str, public_key, issuer, days: int) -> x509.Certificate:
    """`issuer`: (key, certificate or None for a self-signed one). Real time: TLS knows no other."""
    usage, purpose = _PROFILES[kind]
    now = today()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer[1] else subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(kind == "authority", None), critical=True)
        .add_extension(x509.KeyUsage(**{one: one == usage for one in _KEYS}), critical=True)
    )
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if kind == "server":
        here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(here), critical=False)
    return builder.sign(issuer[0], hashes.SHA256())
