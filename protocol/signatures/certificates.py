# SPDX-License-Identifier: LGPL-3.0-only
"""X.509 certificates of operators: what they say, and whether a person signs with them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timezone

from asn1crypto import core as asn1_core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from ..errors import BadCertificate
from ..wording import _
from . import gost

NOT_A_CERTIFICATE = _("This is not an X.509 certificate in PEM or DER form.")
NOT_YET_VALID = _("The certificate of {subject} is valid from {day} only.")
EXPIRED = _("The certificate of {subject} ended on {day}. Register a new one.")
NOT_OPENED = _("The key file cannot be opened: wrong password, or not a PKCS#12 file (.p12, .pfx).")
NO_KEY = _("The key file holds no private key with its certificate.")
FOREIGN_KEY = _("The private key in the key file does not belong to its certificate.")
KEY_KIND = _("Keys of this kind cannot sign here: {name}. RSA (2048 bits or more) and EC keys can.")

WRONG_USAGE = _("The certificate of {subject} is not for signatures, says its key usage.")
AUTHORITY = _("The certificate of {subject} is that of an authority, not of a person.")
SERVER = _("The certificate of {subject} is that of a server, not of a person.")
SHORT_KEY = _("The key of {subject} is too short: {key}. RSA keys have 2048 bits or more.")
BRAINPOOL = _(
    "The key of {subject} lies on a Brainpool curve ({key}), which banks here do not read. Ask the "
    "issuer for RSA 2048 or P-256."
)
GOST_KEY = _(
    "The key of {subject} is a GOST key ({key}), and the server lacks the Python package "
    "gostcrypto that verifies its signatures. Ask the administrator to install it."
)
OLD_GOST_KEY = _(
    "The key of {subject} is an old GOST key ({key}). Only GOST R 34.10-2012 signs here: ask the "
    "issuer for a new certificate."
)
OLD_GOST = "1.2.643."  # the object ids of Russia's algorithms
OTHER_KEY = _("The key of {subject} is of a kind that cannot be used here: {key}.")

SHORTEST_RSA = 2048
CURVES = ("secp256r1", "secp384r1")
# RFC 3739 and ETSI EN 319 412-5: id-pe-qcStatements, and what may stand in it.
QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
QC_TYPE = "0.4.0.1862.1.6"
STATEMENTS = {
    "0.4.0.1862.1.1": "qualified",
    "0.4.0.1862.1.4": "on_card",
    "0.4.0.1862.1.6.1": "signature",
    "0.4.0.1862.1.6.2": "seal",
    "0.4.0.1862.1.6.3": "web",
}

SNILS = x509.ObjectIdentifier("1.2.643.100.3")  # in Russian certificates the person's number
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)


class _Statement(asn1_core.Sequence):
    _fields = [("id", asn1_core.ObjectIdentifier), ("info", asn1_core.Any, {"optional": True})]


class _Statements(asn1_core.SequenceOf):
    _child_spec = _Statement


class _Types(asn1_core.SequenceOf):
    _child_spec = asn1_core.ObjectIdentifier


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
    key_type: str  # "RSA 2048", "EC secp256r1", "GOST 256", or the algorithm's object id
    fingerprint: str  # SHA-256 over the DER, hex
    key_fingerprint: str  # SHA-256 over the public key (SubjectPublicKeyInfo), hex
    person_number: (
        str  # the subject's serialNumber, digits and letters alone; "" where there is none
    )
    statements: tuple[str, ...]  # of STATEMENTS: what the authority declares of the certificate


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


def open_key_file(data: bytes, password: str):
    """(private key, its certificate, the issuers' certificates) of a PKCS#12 file."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, password.encode())
    except (ValueError, TypeError) as error:
        raise BadCertificate(NOT_OPENED, code="pkcs12", detail=type(error).__name__) from None
    except UnsupportedAlgorithm:
        raise BadCertificate(KEY_KIND.format(name="PKCS#12"), code="key-kind") from None
    if key is None or certificate is None:
        raise BadCertificate(NO_KEY, code="no-key")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise BadCertificate(KEY_KIND.format(name=type(key).__name__), code="key-kind")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < SHORTEST_RSA:
        raise BadCertificate(KEY_KIND.format(name=f"RSA {key.key_size}"), code="key-kind")
    if key.public_key().public_numbers() != certificate.public_key().public_numbers():
        raise BadCertificate(FOREIGN_KEY, code="other-key")
    return key, certificate, others


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
        common_name=common_name_of(certificate.subject),
        issuer=certificate.issuer.rfc4514_string(),
        issuer_common_name=common_name_of(certificate.issuer),
        serial=f"{certificate.serial_number:X}",
        not_before=_utc(certificate, "not_valid_before"),
        not_after=_utc(certificate, "not_valid_after"),
        usage=usage_of(certificate),
        key_type=key_type_of(certificate),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        key_fingerprint=hashlib.sha256(public_key(certificate)).hexdigest(),
        person_number=_person_number(certificate.subject),
        statements=_statements(certificate),
    )


def check_signing(data: bytes | x509.Certificate) -> None:
    """Refuse a certificate that is not one with which a person signs, whoever issued it."""
    certificate = data if isinstance(data, x509.Certificate) else load(data)
    facts = describe(certificate)
    words = _not_for_signing(certificate, facts)
    if words:
        text = words.format(subject=facts.common_name, key=facts.key_type)
        raise BadCertificate(text, code="purpose")


def _not_for_signing(certificate, facts) -> str:
    if facts.usage and not {"digital_signature", "content_commitment"} & set(facts.usage):
        return WRONG_USAGE
    if _is_authority(certificate):
        return AUTHORITY
    if _is_server(certificate) or "web" in facts.statements:
        return SERVER
    kind, _space, size = facts.key_type.partition(" ")
    if kind == "RSA":
        return "" if int(size) >= SHORTEST_RSA else SHORT_KEY
    if "brainpool" in size.lower():
        return BRAINPOOL
    if kind == "GOST":
        return "" if gost.is_there() else GOST_KEY
    if kind.startswith(OLD_GOST):
        return OLD_GOST_KEY
    return "" if kind == "EC" and size in CURVES else OTHER_KEY


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


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _is_server(certificate: x509.Certificate) -> bool:
    """For TLS servers: most of these may be clients too, a person's may be a client alone."""
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.SERVER_AUTH in usages


def public_key(certificate: x509.Certificate) -> bytes:
    """The DER of SubjectPublicKeyInfo, of kinds of keys too that cryptography does not know."""
    loaded = asn1_x509.Certificate.load(der(certificate))
    return loaded["tbs_certificate"]["subject_public_key_info"].dump()


def _person_number(name: x509.Name) -> str:
    """PESEL and the like from "PNOPL-44051401359" (ETSI EN 319 412-1) or "PESEL: 44051401359";
    where there is no serialNumber, SNILS."""
    found = [
        *name.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER),
        *name.get_attributes_for_oid(SNILS),
    ]
    text = str(found[0].value) if found else ""
    return "".join(filter(str.isalnum, re.split(r"[-:]", text)[-1])).upper()


def _statements(certificate: x509.Certificate) -> tuple[str, ...]:
    """QcStatements ::= SEQUENCE OF SEQUENCE {statementId, statementInfo ANY OPTIONAL}."""
    try:
        extension = certificate.extensions.get_extension_for_oid(QC_STATEMENTS)
        found = []
        for item in _Statements.load(extension.value.value):
            found.append(item["id"].dotted)
            if found[-1] == QC_TYPE:
                found += [kind.dotted for kind in _Types.load(item["info"].dump())]
    except (x509.ExtensionNotFound, ValueError, TypeError):
        return ()
    return tuple(STATEMENTS[oid] for oid in found if oid in STATEMENTS)


def common_name_of(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _utc(certificate: x509.Certificate, name: str) -> datetime:
    """`not_valid_*` as aware UTC: cryptography before 42 knows only the naive names."""
    aware = getattr(certificate, f"{name}_utc", None)
    return aware or getattr(certificate, name).replace(tzinfo=timezone.utc)


def usage_of(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(name for name in USAGES if getattr(usage, name))


def key_type_of(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):  # GOST keys, for example
        kind = gost.kind_of(public_key(certificate))
        return f"GOST {gost.KEYS[kind]}" if kind in gost.KEYS else kind
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__
