# SPDX-License-Identifier: LGPL-3.0-only
"""The cards of this computer. The private key never leaves its card, and the PIN is kept nowhere.

What a card signs comes from `cms` or `xades` (`to_be_signed`); there is no way to hand it other
bytes over HTTP. What it decrypts is the content key of an `Envelope`, and that key never leaves
this program. Each driver runs in a process of its own (`child`, `driver`).
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from .card_certificate import CardCertificate, described, is_authority
from .child import Child
from .envelope import Envelope
from .errors import Refusal
from .tokens import CardState

#: seconds: a card that wakes up; one signature of a slow card; a PIN typed at the reader
SECONDS_TO_LOOK = 30
SECONDS_TO_SIGN = 15
SECONDS_TO_TYPE = 120


class Draft(Protocol):
    """A signature on its way (`cms.CmsDraft`, `xades.XadesDraft`)."""

    to_be_signed: bytes


class Cards:
    """All cards that the given PKCS#11 modules see."""

    def __init__(self, module_paths: Sequence[str]):
        self.children = {path: Child(path) for path in module_paths}

    def stop(self) -> None:
        for child in self.children.values():
            child.stop()

    def certificates(self) -> list[CardCertificate]:
        """Certificates that could sign, each once. Refuses with the reason when there is none.

        A driver or card that fails does not hide the others.
        """
        if not self.children:
            raise Refusal("no_driver")
        with ThreadPoolExecutor(len(self.children)) as pool:
            looked = list(pool.map(_looked, self.children.values()))
        found = [certificate for given, _failure in looked for certificate in given["found"]]
        if not found:
            failures = [failure for _given, failure in looked if failure is not None]
            slots = sum(given["slots"] for given, _failure in looked)
            raise (failures or [Refusal("no_certificate" if slots else "no_card")])[0]
        return list({certificate.fingerprint: certificate for certificate in found}.values())

    def lines(self) -> list[str]:
        """What the cards hold, in words for the person."""
        try:
            found = self.certificates()
        except Refusal as refusal:
            return [refusal.message]
        return [
            f"{one.subject} ({one.issuer}, {one.not_after.date()}): {one.token_label}, "
            f"{Path(one.module).name}"
            for one in found
        ]

    def certificate(self, fingerprint: str) -> CardCertificate:
        for certificate in self.certificates():
            if certificate.fingerprint == fingerprint.lower():
                return certificate
        raise Refusal("wrong_card")

    def state(self, certificate: CardCertificate) -> CardState:
        return CardState(**self._ask(certificate, "state", SECONDS_TO_LOOK))

    def sign(
        self,
        certificate: CardCertificate,
        pin: str | None,
        drafts: Sequence[Draft],
        take: Callable[[Draft, bytes], None],
    ) -> None:
        """`take(draft, signature)` for each one that was made, also where a later one fails.

        `pin` None: it is typed at the reader, for some keys before each signature. Never tries
        twice.
        """
        times = len(drafts) if pin is None else 1
        given = self._ask(
            certificate,
            "sign",
            SECONDS_TO_LOOK + SECONDS_TO_SIGN * len(drafts) + SECONDS_TO_TYPE * times,
            **self._key(certificate, pin),
            contents=[_base64(draft.to_be_signed) for draft in drafts],
        )
        for draft, signature in zip(drafts, given["signatures"], strict=False):
            take(draft, base64.b64decode(signature))
        if "refusal" in given:
            raise self._reason(certificate, Refusal(given["refusal"], **given["parts"]))

    def unwrap(self, certificate: CardCertificate, pin: str | None, sealed: Envelope) -> bytes:
        """The content key of an envelope. Of a wrong one a random key, so that it cannot be told
        apart from a right one whose content is wrong (RFC 3218, 2.3.2)."""
        random_key = secrets.token_bytes(sealed.key_size)
        parts = {
            "encrypted_key": _base64(sealed.encrypted_key),
            "oaep": sealed.oaep,
            "key_size": sealed.key_size,
        }
        seconds = SECONDS_TO_LOOK + SECONDS_TO_TYPE
        key = self._key(certificate, pin)
        try:
            found = self._ask(certificate, "unwrap", seconds, **key, sealed=parts)
        except Refusal as refusal:
            raise self._reason(certificate, refusal) from None
        if found is None and not self._is_there(certificate):
            raise Refusal("card_removed")  # some drivers have one general error for everything
        return random_key if found is None else base64.b64decode(found)

    def _ask(self, found: CardCertificate, do: str, seconds: float, **arguments: Any) -> Any:
        return self.children[found.module].ask(do, seconds, slot=found.slot, **arguments)

    @staticmethod
    def _key(certificate: CardCertificate, pin: str | None) -> dict[str, Any]:
        der = _base64(certificate.der)
        return {"certificate": der, "key_id": certificate.key_id, "pin": pin}

    def _reason(self, certificate: CardCertificate, refusal: Refusal) -> Refusal:
        """Some drivers have only one general error for a card that is gone."""
        if refusal.code == "card_failed" and not self._is_there(certificate):
            return Refusal("card_removed")
        return refusal

    def _is_there(self, certificate: CardCertificate) -> bool:
        try:
            self.certificate(certificate.fingerprint)
        except Refusal:
            return False
        return True


def _looked(child: Child) -> tuple[dict[str, Any], Refusal | None]:
    """What one driver sees, and why it sees nothing."""
    try:
        given = child.ask("certificates", SECONDS_TO_LOOK)
    except Refusal as failure:
        return {"slots": 0, "found": []}, failure
    held = [(entry, base64.b64decode(entry["der"])) for entry in given["found"]]
    authorities = [(entry["slot"], der) for entry, der in held if is_authority(der)]
    found = []
    for entry, der in held:
        issuers = tuple(issuer for slot, issuer in authorities if slot == entry["slot"])
        found.append(
            described(der, entry["key_id"], entry["slot"], entry["label"], child.path, issuers)
        )
    return {**given, "found": [certificate for certificate in found if certificate]}, None


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
