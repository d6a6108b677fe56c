# SPDX-License-Identifier: LGPL-3.0-only
"""Whether the issuer of a certificate has taken it back: OCSP (RFC 6960), else a CRL (RFC 5280).

Both answers are signed by the issuer, or by whom he named for it, and are believed only so: the
addresses in certificates are plain http. An answer that cannot be had or believed is no answer:
`Standing.state` is "unknown" then, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from ..bank import Connection
from ..errors import BankError
from ..signatures import certificates
from ..wording import _
from .http import Http, check_status

SECONDS = 10.0  # one address
LARGEST = 32 * 1024 * 1024  # bytes; lists of large authorities have some megabytes
SKEW = timedelta(minutes=5)  # an issuer's clock may be ahead of ours

NO_ADDRESS = _("the certificate names no address where its issuer answers")
NOT_READ = _("{host} gave an answer that is none")
NOT_SIGNED = _("the answer of {host} is not signed by the issuer")
TOO_OLD = _("the answer of {host} is out of date")
OTHER_LIST = _("the list of {host} holds only some of the certificates")
NOT_KNOWN = _("{host} does not know the certificate")


@dataclass(frozen=True)
class Standing:
    """What an issuer says of a certificate. Instants in UTC."""

    state: str  # "good", "revoked" or "unknown"
    source: str = ""  # "OCSP" or "CRL"
    address: str = ""
    revoked_at: datetime | None = None
    reason: str = ""  # why unknown, in words


class _NoAnswer(Exception):
    """The answer cannot be believed; `words` has a place for the host."""


def ask(
    certificate: x509.Certificate, issuer: x509.Certificate, at: datetime | None = None
) -> Standing:
    """The Standing of `certificate`, asked of `issuer` over the network. Raises nothing."""
    at = at or datetime.now(timezone.utc)
    reasons = []
    ways: tuple[tuple[str, Callable, Callable], ...] = (
        ("OCSP", _responders, _ask_responder),
        ("CRL", _lists, _read_list),
    )
    for source, addresses, asked in ways:
        for address in addresses(certificate):
            host = address.split("/")[2] if address.count("/") > 1 else address
            try:
                revoked_at = asked(address, certificate, issuer, at)
            except _NoAnswer as problem:
                reasons.append(str(problem.args[0]).format(host=host))
            except BankError as error:
                reasons.append(str(error))
            else:
                state = "revoked" if revoked_at else "good"
                return Standing(state, source, address, revoked_at)
    return Standing("unknown", reason="; ".join(dict.fromkeys(reasons)) or str(NO_ADDRESS))


def _responders(certificate) -> Iterator[str]:
    kind = x509.AuthorityInformationAccess
    for access in _extension(certificate, kind, ()):
        if access.access_method == AuthorityInformationAccessOID.OCSP:
            yield from _web_addresses([access.access_location])


def _lists(certificate) -> Iterator[str]:
    for point in _extension(certificate, x509.CRLDistributionPoints, ()):
        yield from _web_addresses(point.full_name or ())


def _web_addresses(names) -> Iterator[str]:
    """Directories (ldap://) are not asked."""
    for name in names:
        is_address = isinstance(name, x509.UniformResourceIdentifier)
        if is_address and name.value.startswith(("http://", "https://")):
            yield name.value


def _extension(holder, kind, default):
    try:
        return holder.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return default


# -------------------------------------------------------------------------
# OCSP
# -------------------------------------------------------------------------


def _ask_responder(address, certificate, issuer, at) -> datetime | None:
    # SHA-1 names the issuer here and protects nothing; some responders know no other.
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    request = builder.build().public_bytes(Encoding.DER)
    headers = {"Content-Type": "application/ocsp-request"}
    content = _http(address).post(address, request, headers, "OCSP")
    try:
        answer = ocsp.load_der_ocsp_response(check_status(content, address).content)
    except (ValueError, TypeError):
        raise _NoAnswer(NOT_READ) from None
    if answer.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise _NoAnswer(NOT_READ)
    try:
        _check_responder(answer, issuer, at)
        single = _about(answer, certificate, issuer)
        _check_fresh(_utc(single, "this_update"), _utc(single, "next_update"), at)
        if single.certificate_status == ocsp.OCSPCertStatus.UNKNOWN:
            raise _NoAnswer(NOT_KNOWN)
        return _utc(single, "revocation_time")
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _NoAnswer(NOT_READ) from None


def _about(answer, certificate, issuer):
    """The part about this very certificate of this very issuer."""
    for single in answer.responses:
        digest = hashes.Hash(single.hash_algorithm)
        digest.update(issuer.subject.public_bytes())
        if (
            single.serial_number == certificate.serial_number
            and single.issuer_name_hash == digest.finalize()
        ):
            return single
    raise _NoAnswer(NOT_KNOWN)


def _check_responder(answer, issuer, at) -> None:
    """Signed by the issuer, or by one to whom he gave a certificate for that."""
    for signer in (issuer, *answer.certificates):
        if signer is not issuer and not _may_answer(signer, issuer, at):
            continue
        try:
            _verify(signer, answer)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
            continue
        return
    raise _NoAnswer(NOT_SIGNED)


def _may_answer(signer, issuer, at) -> bool:
    usages = _extension(signer, x509.ExtendedKeyUsage, ())
    if ExtendedKeyUsageOID.OCSP_SIGNING not in usages:
        return False
    try:
        certificates.check_time(signer, at)
        signer.verify_directly_issued_by(issuer)
    except (BankError, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _verify(signer, answer) -> None:
    key, algorithm = signer.public_key(), answer.signature_hash_algorithm
    content = answer.signature, answer.tbs_response_bytes
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(*content, padding.PKCS1v15(), algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(*content, ec.ECDSA(algorithm))
    else:
        raise UnsupportedAlgorithm("key")


# -------------------------------------------------------------------------
# CRL
# -------------------------------------------------------------------------


def _read_list(address, certificate, issuer, at) -> datetime | None:
    content = check_status(_http(address).get(address, {}, "CRL"), address).content
    try:
        read = x509.load_pem_x509_crl if content.startswith(b"-----") else x509.load_der_x509_crl
        revoked = read(content)
        if revoked.issuer != issuer.subject or not _is_signed(revoked, issuer):
            raise _NoAnswer(NOT_SIGNED)
        _check_whole(revoked)
        _check_fresh(_utc(revoked, "last_update"), _utc(revoked, "next_update"), at)
        entry = revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
        return _utc(entry, "revocation_date") if entry else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _NoAnswer(NOT_READ) from None


def _is_signed(revoked, issuer) -> bool:
    usage = certificates.describe(issuer).usage
    return (not usage or "crl_sign" in usage) and revoked.is_signature_valid(issuer.public_key())


def _check_whole(revoked) -> None:
    """A list that is one of several, or only tells what is new, proves nothing by silence."""
    part = _extension(revoked, x509.IssuingDistributionPoint, None)
    partial = part and (
        part.only_contains_ca_certs
        or part.only_contains_attribute_certs
        or part.only_some_reasons
        or part.indirect_crl
    )
    if partial or _extension(revoked, x509.DeltaCRLIndicator, None):
        raise _NoAnswer(OTHER_LIST)


# -------------------------------------------------------------------------


def _check_fresh(since, until, at) -> None:
    """Valid now; one that names no end, at most for a day."""
    if since > at + SKEW or at > (until or since + timedelta(days=1)) + SKEW:
        raise _NoAnswer(TOO_OLD)


def _utc(holder, name) -> datetime | None:
    """cryptography before 43 knows only the naive names."""
    aware = f"{name}_utc"
    value = getattr(holder, aware if hasattr(holder, aware) else name)
    return value and value.replace(tzinfo=timezone.utc)


def _http(address) -> Http:
    connection = Connection(address=address, timeout=SECONDS)
    return Http(connection, LARGEST, public_only=True, plain=True)
