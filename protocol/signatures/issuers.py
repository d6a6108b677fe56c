# SPDX-License-Identifier: LGPL-3.0-only
"""Whether a certificate's issuer is trusted.

Qualified certificates are no web certificates: no DNS name, often only `content_commitment` as key
usage. So the path is built here, link by link, and not by a verifier of web servers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from ..errors import BadCertificate
from ..wording import _
from . import certificates, gost

LONGEST_PATH = 8
NOT_TRUSTED = _("The certificate of {subject} was issued by {issuer}, which is not trusted here.")


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
    certificates.check_time(certificate, at)
    if not _leads_to(certificate, trusted, between, at, depth=0):
        facts = certificates.describe(certificate)
        issuer = certificates.common_name_of(certificate.issuer)
        raise BadCertificate(
            NOT_TRUSTED.format(subject=facts.common_name, issuer=issuer), code="untrusted"
        )


def issuer_of(
    certificate: x509.Certificate,
    trusted: Iterable[x509.Certificate],
    between: Iterable[x509.Certificate] = (),
) -> x509.Certificate | None:
    """Who signed it, on a path that leads to a trusted one; None where there is no such path."""
    trusted, between = list(trusted), list(between)
    at = certificates.describe(certificate).not_before
    return next(
        (
            issuer
            for issuer in [*trusted, *between]
            if issuer != certificate
            and _issued(issuer, certificate, at, 0)
            and _leads_to(issuer, trusted, between, at, 1)
        ),
        None,
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
        certificates.check_time(issuer, at)
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not _is_signed_by(issuer, certificate):
            return False
    except (BadCertificate, x509.ExtensionNotFound, InvalidSignature, UnsupportedAlgorithm):
        return False
    except (ValueError, TypeError):
        return False
    may_sign = "key_cert_sign" in (certificates.usage_of(issuer) or ("key_cert_sign",))
    return basic.ca and may_sign and (basic.path_length is None or basic.path_length >= depth)


def _is_signed_by(issuer, certificate) -> bool:
    if not certificates.key_type_of(issuer).startswith("GOST "):
        certificate.verify_directly_issued_by(issuer)
        return True
    named = certificate.issuer == issuer.subject
    signed = certificate.signature, certificate.tbs_certificate_bytes
    return named and gost.holds(certificates.public_key(issuer), *signed)
