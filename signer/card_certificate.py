# SPDX-License-Identifier: LGPL-3.0-only
"""A certificate on a card, as far as the signer needs to know it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509

from . import gost
from .errors import Refusal


@dataclass(frozen=True)
class CardCertificate:
    """A certificate on a card. `fingerprint`: SHA-256 over `der`, hex.

    Where it was found: `module` (path of the driver), `slot`, `key_id` (hex).
    """

    der: bytes
    fingerprint: str
    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    key_type: str  # "rsa", "ec" or "gost"
    usage: tuple[str, ...]
    token_label: str
    key_id: str
    slot: int
    module: str
    issuers: tuple[bytes, ...] = ()  # DER of the authorities' certificates on the same card

    def check_key(self) -> None:
        if self.key_type == "gost":
            gost.library()
        elif self.key_type not in ("rsa", "ec"):
            raise Refusal("key_not_supported", kind=self.key_type)

    def check_dates(self, now: datetime) -> None:
        if now > self.not_after:
            raise Refusal("certificate_expired", day=self.not_after.date())
        if now < self.not_before:
            raise Refusal("certificate_not_yet_valid", day=self.not_before.date())


def is_authority(der: bytes) -> bool:
    """Whether these bytes are the certificate of an authority."""
    try:
        return bool(x509.Certificate.load(der).ca)
    except (ValueError, TypeError):
        return False


def described(
    der: bytes, key_id: str, slot: int, label: str, module: str, issuers: tuple[bytes, ...] = ()
) -> CardCertificate | None:
    """None for what is no certificate of a person: authorities, and what cannot be read."""
    try:
        certificate = x509.Certificate.load(der)
        if certificate.ca:
            return None
        usage = certificate.key_usage_value
        return CardCertificate(
            der=der,
            fingerprint=hashlib.sha256(der).hexdigest(),
            subject=_name(certificate.subject),
            issuer=_name(certificate.issuer),
            serial=f"{certificate.serial_number:x}",
            not_before=certificate.not_valid_before,
            not_after=certificate.not_valid_after,
            key_type="gost" if gost.kind_of(certificate) else certificate.public_key.algorithm,
            usage=tuple(sorted(usage.native)) if usage else (),
            token_label=label.strip(),
            key_id=key_id,
            slot=slot,
            module=module,
            issuers=issuers,
        )
    except (ValueError, TypeError):
        return None


def _name(name: x509.Name) -> str:
    """The person's or authority's own name; all of it where there is no such part."""
    common = name.native.get("common_name")
    return common if isinstance(common, str) else name.human_friendly
