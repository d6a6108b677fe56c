"""X.509 certificates of operators: what they say, and whether their issuer is trusted.

Qualified certificates are no web certificates: no DNS name, often only `content_commitment` as key
usage. So the path is built here, link by link, and not by a verifier of web servers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ..errors import BadCertificate
from ..wording import _

LONGEST_PATH = 8

NOT_A_CERTIFICATE = _("This is not an X.509 certificate in PEM or DER form.")
NOT_YET_VALID = _("The certificate of {subject} is valid from {day} only.")
EXPIRED = _("The certificate of {subject} ended on {day}. Register a new one.")
NOT_TRUSTED = _("The certificate of {subject} was issued by {issuer}, which is not trusted here.")

USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


@dataclass(frozen=True)
class CertificateInfo:
    """What a certificate says. Names as RFC 4514 text, `serial` in hex, instants in UTC."""

    subject: str
    common_name: str
    issuer: str
    issuer_common_name: str
    serial: str
    not_before: datetime
    not_after: datetime
    usage: tuple[str, ...]  # of USAGES; empty where the certificate does not limit its use
    key_type: str  # "RSA 2048", "EC secp256r1", or the algorithm's object id
    fingerprint: str  # SHA-256 over the DER, hex


def load(data: bytes) -> x509.Certificate:
    """A certificate from PEM or DER; BadCertificate when it is neither."""
    try:
        if data.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadCertificate(NOT_A_CERTIFICATE, detail=type(error).__name__) from None


def load_many(data: bytes) -> list[x509.Certificate]:
    """Every certificate of a PEM bundle."""
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise BadCertificate(NOT_A_CERTIFICATE, detail=type(error).__name__) from None


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def pem(certificate: bytes | x509.Certificate) -> str:
    """PEM text of a certificate, given as PEM, DER or loaded."""
    if not isinstance(certificate, x509.Certificate):
        certificate = load(certificate)
    return certificate.public_bytes(Encoding.PEM).decode()


def describe(data: bytes | x509.Certificate) -> CertificateInfo:
    """The facts of a certificate, for its form and its warnings."""
    certificate = data if isinstance(data, x509.Certificate) else load(data)
    return CertificateInfo(
        subject=certificate.subject.rfc4514_string(),
        common_name=_common_name(certificate.subject),
        issuer=certificate.issuer.rfc4514_string(),
        issuer_common_name=_common_name(certificate.issuer),
        serial=f"{certificate.serial_number:X}",
        not_before=_utc(certificate, "not_valid_before"),
        not_after=_utc(certificate, "not_valid_after"),
        usage=_usage(certificate),
        key_type=_key_type(certificate),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
    )


def check_time(certificate: x509.Certificate, at: datetime | None = None) -> None:
    """Refuse a certificate that is not valid at that instant (default: now)."""
    at = at or datetime.now(timezone.utc)
    facts = describe(certificate)
    if at < facts.not_before:
        day = facts.not_before.date()
        raise BadCertificate(NOT_YET_VALID.format(subject=facts.common_name, day=day), code="early")
    if at > facts.not_after:
        day = facts.not_after.date()
        raise BadCertificate(EXPIRED.format(subject=facts.common_name, day=day), code="expired")


def check_chain(
    certificate: x509.Certificate,
    trusted: Iterable[x509.Certificate],
    between: Iterable[x509.Certificate] = (),
    at: datetime | None = None,
) -> None:
    """Refuse a certificate from which no path leads to a trusted one.

    `between`: issuers that may stand on the path and are not trusted by themselves.
    """
    trusted, between = list(trusted), list(between)
    check_time(certificate, at)
    if not _leads_to(certificate, trusted, between, at, depth=0):
        facts = describe(certificate)
        issuer = _common_name(certificate.issuer)
        raise BadCertificate(
            NOT_TRUSTED.format(subject=facts.common_name, issuer=issuer), code="untrusted"
        )


def _leads_to(certificate, trusted, between, at, depth) -> bool:
    if certificate in trusted:
        return True
    if depth >= LONGEST_PATH:
        return False
    return any(
        _issued(issuer, certificate, at, depth)
        and _leads_to(issuer, trusted, between, at, depth + 1)
        for issuer in [*trusted, *between]
        if issuer != certificate
    )


def _issued(issuer: x509.Certificate, certificate: x509.Certificate, at, depth: int) -> bool:
    """True when `issuer` is an authority that may and did sign `certificate`."""
    try:
        check_time(issuer, at)
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (BadCertificate, x509.ExtensionNotFound, InvalidSignature, UnsupportedAlgorithm):
        return False
    except (ValueError, TypeError):
        return False
    may_sign = "key_cert_sign" in (_usage(issuer) or ("key_cert_sign",))
    return basic.ca and may_sign and (basic.path_length is None or basic.path_length >= depth)


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _utc(certificate: x509.Certificate, name: str) -> datetime:
    """`not_valid_*` as aware UTC: cryptography before 42 knows only the naive names."""
    aware = getattr(certificate, f"{name}_utc", None)
    return aware or getattr(certificate, name).replace(tzinfo=timezone.utc)


def _usage(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(name for name in USAGES if getattr(usage, name))


def _key_type(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):  # GOST keys, for example
        return certificate.public_key_algorithm_oid.dotted_string
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__
