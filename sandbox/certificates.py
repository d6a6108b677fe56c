# SPDX-License-Identifier: LGPL-3.0-only
"""Which certificate belongs to whom, and demo certificates made at run time."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from . import cms
from .clock import utc_now
from .people import Certificate

# Shown on the start page: a demo key protects nothing.
DEMO_PASSWORD = "demo"  # noqa: S105


def register(world, login: str, data: bytes) -> Certificate:
    """Register a PEM or DER certificate for a user. ValueError when it cannot be."""
    if login not in world.state.users:
        raise ValueError(f"There is no user {login}.")
    certificate = cms.load_certificate(data)
    pem = cms.pem.armor("CERTIFICATE", certificate.dump()).decode()
    row = Certificate(login, pem, cms.fingerprint(certificate))
    known = [c for c in world.state.certificates if c.fingerprint != row.fingerprint]
    world.state.certificates = [*known, row]
    return row


def owner(world, certificate) -> str:
    """The login that this certificate is registered for, or an empty string."""
    wanted = cms.fingerprint(certificate)
    return next((c.login for c in world.state.certificates if c.fingerprint == wanted), "")


def signing_logins(world, content: bytes, signature: bytes) -> list[str]:
    """The logins whose signatures are in `signature`; BadSignature when one is unknown or wrong."""
    logins = []
    for certificate in cms.signers(content, signature, world.now()):
        login = owner(world, certificate)
        if not login:
            raise cms.BadSignature("the certificate is not registered")
        logins.append(login)
    return logins


def demo_pkcs12(world, login: str) -> bytes:
    """A PKCS#12 for this user, made and registered when it is first asked for."""
    if login not in world.state.demo_keys:
        ca_key, ca = _authority(world)
        key, certificate = _issue(world, world.state.users[login].name, ca_key, ca)
        register(world, login, certificate.public_bytes(serialization.Encoding.PEM))
        world.state.demo_keys[login] = pkcs12.serialize_key_and_certificates(
            login.encode(), key, certificate, [ca],
            serialization.BestAvailableEncryption(DEMO_PASSWORD.encode()),
        )  # fmt: skip
        world.dirty = True
    return world.state.demo_keys[login]


def demo_authority(world) -> bytes:
    """The demo authority's certificate as PEM."""
    return _authority(world)[1].public_bytes(serialization.Encoding.PEM)


def _authority(world):
    stored = world.state.demo_keys.get("")
    if stored is None:
        key, certificate = _issue(world, "Sandbox CA", None, None)
        stored = pkcs12.serialize_key_and_certificates(
            b"ca", key, certificate, None,
            serialization.BestAvailableEncryption(DEMO_PASSWORD.encode()),
        )  # fmt: skip
        world.state.demo_keys[""] = stored
        world.dirty = True
    key, certificate, _more = pkcs12.load_key_and_certificates(stored, DEMO_PASSWORD.encode())
    return key, certificate


def _issue(world, name: str, ca_key, ca):
    """A key and its certificate for three years; self-signed when there is no authority.

    Valid on two clocks: its holder signs by the real one, and the bank's may be days apart from it.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ])  # fmt: skip
    first, last = sorted((world.now(), utc_now()))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ca.subject if ca else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first - timedelta(days=1))
        .not_valid_after(last + timedelta(days=3 * 365))
        .add_extension(x509.BasicConstraints(ca=ca is None, path_length=None), critical=True)
        .add_extension(_usage(authority=ca is None), critical=True)
    )
    return key, builder.sign(ca_key or key, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
