"""The card, through PKCS#11. The private key never leaves it, and the PIN is kept nowhere.

A session lasts for one signing: opened with the PIN, closed right after. What a card signs comes
from `cms` or `xades` (`to_be_signed`); there is no way to hand it other bytes over HTTP. What it
decrypts is the content key of an `Envelope`, and that key never leaves this program.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from . import unwrap
from .card_certificate import CardCertificate, described
from .envelope import Envelope
from .errors import Refusal
from .tokens import NO_HINT, CardState, guarded, library, slots_of

#: DigestInfo of SHA-256 (RFC 8017, 9.2), for cards that do not hash by themselves
SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Draft(Protocol):
    """A signature on its way (`cms.CmsDraft`, `xades.XadesDraft`)."""

    to_be_signed: bytes


class Cards:
    """All cards that the given PKCS#11 modules see."""

    def __init__(self, module_paths: Sequence[str]):
        self.module_paths = list(module_paths)
        self._lock = threading.Lock()  # most modules cannot be called twice at once

    def certificates(self) -> list[CardCertificate]:
        """Certificates that could sign, each once. Refuses with the reason when there is none."""
        with self._lock:
            certificates = {found.fingerprint: found for found in self._search()}
        return list(certificates.values())

    def certificate(self, fingerprint: str) -> CardCertificate:
        for certificate in self.certificates():
            if certificate.fingerprint == fingerprint.lower():
                return certificate
        raise Refusal("wrong_card")

    def state(self, certificate: CardCertificate) -> CardState:
        with self._lock, guarded():
            return CardState.of(certificate.slot)

    def sign(
        self, certificate: CardCertificate, pin: str | None, drafts: Sequence[Draft]
    ) -> list[bytes]:
        """One signature a draft. `pin` None: it is typed at the reader. Never tries twice."""
        with self._key(certificate, pin) as key:
            return [_sign(key, certificate, pin, draft.to_be_signed) for draft in drafts]

    def unwrap(self, certificate: CardCertificate, pin: str | None, sealed: Envelope) -> bytes:
        """The content key of an envelope. Of a wrong one a random key, so that it cannot be told
        apart from a right one whose content is wrong (RFC 3218, 2.3.2)."""
        random_key = secrets.token_bytes(sealed.key_size)
        with self._key(certificate, pin) as key:
            again = _pin_again(key, pin)
            found = unwrap.content_key(key, certificate.slot.get_mechanisms(), sealed, again)
        if found is None and not self._is_there(certificate):
            raise Refusal("card_removed")  # some drivers have one general error for everything
        return random_key if found is None else found

    @contextmanager
    def _key(self, certificate: CardCertificate, pin: str | None) -> Iterator[Any]:
        """The private key, in a session of its own."""
        try:
            with self._lock, guarded(), _session(certificate, pin) as session:
                yield _private_key(session, certificate)
        except Refusal as refusal:
            # Some drivers have only one general error for a card that is gone.
            if refusal.code == "card_failed" and not self._is_there(certificate):
                raise Refusal("card_removed") from None
            raise

    def _is_there(self, certificate: CardCertificate) -> bool:
        try:
            self.certificate(certificate.fingerprint)
        except Refusal:
            return False
        return True

    def _search(self) -> list[CardCertificate]:
        library()  # the better reason where even the package is missing
        if not self.module_paths:
            raise Refusal("no_driver")
        failures: list[Refusal] = []
        slots = _of_each(slots_of, self.module_paths, failures)
        found = _of_each(_certificates_in, slots, failures)
        if not found:
            raise (failures or [Refusal("no_certificate" if slots else "no_card")])[0]
        return found


def _of_each(read: Callable, sources: Sequence, failures: list[Refusal]) -> list:
    """What all sources give together: a driver or card that fails must not hide the others."""
    given = []
    for source in sources:
        try:
            given += read(source)
        except Refusal as failure:
            failures.append(failure)
    return given


def _certificates_in(slot: Any) -> Iterator[CardCertificate]:
    pkcs11 = library()
    template = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}
    with guarded():
        token = slot.get_token()
        with token.open() as session:
            for entry in session.get_objects(template):
                der = entry[pkcs11.Attribute.VALUE]
                certificate = described(der, entry[pkcs11.Attribute.ID], slot, token.label)
                if certificate is not None:
                    yield certificate


@contextmanager
def _session(certificate: CardCertificate, pin: str | None) -> Iterator[Any]:
    pkcs11 = library()
    state = CardState.of(certificate.slot)
    state.refuse_if_unusable()
    _refuse_other_card(certificate, state.token)
    try:
        session = state.token.open(user_pin=pkcs11.types.PROTECTED_AUTH if pin is None else pin)
    except pkcs11.exceptions.PinLocked:
        raise Refusal("card_locked") from None
    except (
        pkcs11.exceptions.PinIncorrect,
        pkcs11.exceptions.PinInvalid,
        pkcs11.exceptions.PinLenRange,
    ):
        after = CardState.of(certificate.slot)
        after.refuse_if_unusable()
        raise Refusal("wrong_pin", tries=after.tries or NO_HINT) from None
    with session:
        yield session


def _refuse_other_card(certificate: CardCertificate, token: Any) -> None:
    """The card may have been changed while the person read: then its PIN must not be tried."""
    pkcs11 = library()
    template = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
        pkcs11.Attribute.VALUE: certificate.der,
    }
    with token.open() as session:
        if not list(session.get_objects(template)):
            raise Refusal("wrong_card")


def _private_key(session: Any, certificate: CardCertificate) -> Any:
    pkcs11 = library()
    attributes = pkcs11.Attribute
    template = {
        attributes.CLASS: pkcs11.ObjectClass.PRIVATE_KEY,
        attributes.ID: certificate.key_id,
    }
    keys = list(session.get_objects(template))
    if len(keys) != 1:
        raise Refusal("no_key")
    return keys[0]


def _sign(key: Any, certificate: CardCertificate, pin: str | None, content: bytes) -> bytes:
    """PKCS#1 v1.5 for RSA, DER of (r, s) for EC; both over SHA-256."""
    pkcs11 = library()
    offered = certificate.slot.get_mechanisms()
    again = _pin_again(key, pin)
    digest = hashlib.sha256(content).digest()
    mechanism = pkcs11.Mechanism
    if certificate.key_type == "rsa":
        if mechanism.SHA256_RSA_PKCS in offered:
            return key.sign(content, mechanism=mechanism.SHA256_RSA_PKCS, **again)
        return key.sign(SHA256_DIGEST_INFO + digest, mechanism=mechanism.RSA_PKCS, **again)
    from pkcs11.util.ec import encode_ecdsa_signature

    return encode_ecdsa_signature(key.sign(digest, mechanism=mechanism.ECDSA, **again))


def _pin_again(key: Any, pin: str | None) -> dict[str, str]:
    return {"pin": pin} if pin is not None and _wants_pin_each_time(key) else {}


def _wants_pin_each_time(key: Any) -> bool:
    """Keys of qualified certificates often ask for the PIN before each single signature."""
    pkcs11 = library()
    try:
        return bool(key[pkcs11.Attribute.ALWAYS_AUTHENTICATE])
    except pkcs11.exceptions.PKCS11Error:
        return False
