# SPDX-License-Identifier: LGPL-3.0-only
"""What the signer does for a paired site: show, ask, sign or open. Knows no HTTP.

Every method takes the site's pairing and the JSON body, and returns a JSON object.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from . import __version__, challenge, documents, envelope, questions
from .card import Cards
from .card_certificate import CardCertificate
from .cms import LOG_IN, CmsDraft
from .desk import Desk, Question
from .errors import Refusal
from .kept import Kept, Signed
from .pairing import Pairing, Pairings, check_name
from .pairing_talk import PairingTalk
from .xades import XadesDraft

_logger = logging.getLogger(__name__)

PROGRAM = "bank-signer"
PROTOCOL = 2
MOST_DOCUMENTS = 200
FORMS = {"cms": CmsDraft, "xades": XadesDraft}

Gone = Callable[[], bool]


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


class Service:
    """The routes of the protocol, by name."""

    def __init__(self, cards: Cards, desk: Desk, pairings: Pairings, pair_only: str = ""):
        self.cards = cards
        self.desk = desk
        self.pairings = pairings
        self.talk = PairingTalk(desk, pairings, pair_only)
        self.kept = Kept()
        self._used_nonces: dict[str, datetime] = {}

    # who is there

    def hello(self, origin: str, port: int, body: dict[str, Any]) -> dict[str, Any]:
        """Tells any site that a signer is here; proves itself to the one that is paired."""
        answer = {"program": PROGRAM, "version": __version__, "protocol": PROTOCOL}
        asked = body.get("pairing")
        known = next((p for p in self.pairings.of_origin(origin) if p.id == asked), None)
        if known is None:
            return {**answer, "paired": False}
        nonce = check_name("nonce", body.get("nonce"))
        return {**answer, "paired": True, "proof": known.proof("hello", origin, port, nonce)}

    def hears_of(self, newest: str) -> None:
        """A paired Odoo has this version of the signer: the person is told where it is newer."""
        if _numbers(newest) > _numbers(__version__):
            self.desk.newest = newest

    def unpair(self, pairing: Pairing) -> dict[str, Any]:
        return {"revoked": self.pairings.revoke(pairing.id)}

    # what is on the card

    def certificates(self, _pairing: Pairing) -> dict[str, Any]:
        return {"certificates": [_as_json(found) for found in self.cards.certificates()]}

    # signing

    def sign_document(self, pairing: Pairing, body: dict[str, Any], gone: Gone) -> dict[str, Any]:
        """One signature for each document, all shown and confirmed together."""
        contents = _documents(body)
        form = body.get("form", "cms")
        if not isinstance(form, str) or form not in FORMS:
            raise Refusal("bad_request", what="this form of signature is not known")
        summaries = [documents.read(content) for content in contents]
        fingerprint = check_name("certificate", body.get("certificate")).lower()
        names = [
            (pairing.id, fingerprint, form, hashlib.sha256(content).hexdigest())
            for content in contents
        ]
        kept = self.kept.all()
        left = [at for at, name in enumerate(names) if name not in kept]
        if left:
            certificate = self._certificate(body)
            bank = check_name("bank", body.get("bank"))
            asked = [summaries[at] for at in left]
            question = questions.of_documents(asked, bank, pairing, certificate)
            pin = self._agreed(question, certificate, gone)
            now = utc_now()
            drafts = [FORMS[form](contents[at], certificate.der, now) for at in left]
            kept |= self._sign(pairing, certificate, pin, form, drafts)
        return _answer([kept[name] for name in names])

    def sign_login(self, pairing: Pairing, body: dict[str, Any], gone: Gone) -> dict[str, Any]:
        """Signs a bank's log-in challenge, each one once."""
        log_in = challenge.read(_bytes(body.get("challenge"), "challenge"), utc_now())
        self._refuse_replay(log_in)
        certificate = self._certificate(body)
        question = questions.of_log_in(log_in, pairing, certificate)
        pin = self._agreed(question, certificate, gone)
        now = utc_now()
        challenge.read(log_in.payload, now)  # the person may have taken longer than it lives
        drafts = [CmsDraft(log_in.payload, certificate.der, now, content_type=LOG_IN)]
        signed = self._sign(pairing, certificate, pin, LOG_IN, drafts)
        self._remember(log_in, now)  # not earlier: after a wrong PIN the person may try again
        return _answer(list(signed.values()))

    def open_login(self, pairing: Pairing, body: dict[str, Any], gone: Gone) -> dict[str, Any]:
        """The session id that a bank encrypted for the card, each log-in once.

        What else is wrong than the PIN or the card itself is one and the same refusal.
        """
        payload = _bytes(body.get("log_in"), "log_in")
        log_in = challenge.read(payload, utc_now(), challenge.OPENING)
        self._refuse_replay(log_in)
        certificate = self._certificate(body)
        content = _bytes(body.get("envelope"), "envelope")
        if hashlib.sha256(content).hexdigest() != log_in.envelope:
            raise Refusal("envelope_refused", why="it is another one than this log-in names")
        sealed = envelope.read(content, certificate)
        place = [log_in.bank, log_in.issuer]
        is_new = place not in pairing.opened
        question = questions.of_opening(log_in, pairing, certificate, is_new=is_new)
        pin = self._agreed(question, certificate, gone)
        now = utc_now()
        challenge.read(payload, now, challenge.OPENING)
        key = self.cards.unwrap(certificate, pin, sealed)
        self._remember(log_in, now)  # whatever comes out: one try for each log-in
        session_id = envelope.session_id(sealed, key)
        if is_new:
            self.pairings.opened_at(pairing.id, place)
        _logger.info("opened a log-in for %s", pairing.origin)
        return {"nonce": log_in.nonce, "session_id": session_id}

    def _certificate(self, body: dict[str, Any]) -> CardCertificate:
        certificate = self.cards.certificate(check_name("certificate", body.get("certificate")))
        certificate.check_dates(utc_now())
        certificate.check_key()
        return certificate

    def _agreed(self, question: Question, certificate: CardCertificate, gone: Gone) -> str | None:
        """The PIN, once the person agreed."""
        state = self.cards.state(certificate)
        state.refuse_if_unusable()
        question = replace(
            question,
            wants_pin=not state.pin_pad,
            needs_card=True,
            note=state.tries,
            software_token=state.software,
        )
        answer = self.desk.ask(question, gone)
        if not answer.approved:
            raise Refusal("refused_by_user")
        return answer.pin

    def _sign(
        self,
        pairing: Pairing,
        certificate: CardCertificate,
        pin: str | None,
        form: str,
        drafts: Sequence[CmsDraft],
    ) -> dict[tuple[str, ...], Signed]:
        """Keeps each signature as soon as it is made: whatever happens on its way (the card fails
        at a later one, the page left), the same site gets it without another PIN."""
        made = {}

        def take(draft: CmsDraft, signature: bytes) -> None:
            digest = draft.digest.hex()
            name = (pairing.id, certificate.fingerprint, form, digest)
            made[name] = Signed(_base64(certificate.der), digest, draft.finish(signature))
            self.kept.put(name, made[name])

        self.cards.sign(certificate, pin, drafts, take)
        _logger.info("signed %s for %s", len(drafts), pairing.origin)
        return made

    def _refuse_replay(self, log_in: challenge.LogIn) -> None:
        if log_in.nonce in self._used_nonces:
            raise Refusal("challenge_replayed")

    def _remember(self, log_in: challenge.LogIn, now: datetime) -> None:
        kept = {nonce: end for nonce, end in self._used_nonces.items() if end > now}
        self._used_nonces = {**kept, log_in.nonce: log_in.expires + timedelta(minutes=1)}


def _answer(signed: Sequence[Signed]) -> dict[str, Any]:
    return {
        "certificate": signed[0].certificate,
        "signatures": [
            {"digest": entry.digest, "signature": _base64(entry.signature)} for entry in signed
        ],
    }


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _documents(body: dict[str, Any]) -> list[bytes]:
    entries = body.get("documents")
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_DOCUMENTS:
        raise Refusal("bad_request", what=f"'documents' is not a list of 1 to {MOST_DOCUMENTS}")
    return [_bytes(entry, "documents") for entry in entries]


def _bytes(text: object, what: str) -> bytes:
    if not isinstance(text, str):
        raise Refusal("bad_request", what=f"'{what}' is not base64 text")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("bad_request", what=f"'{what}' is not base64 text") from None


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _as_json(found: CardCertificate) -> dict[str, Any]:
    return {
        "certificate": _base64(found.der),
        "fingerprint": found.fingerprint,
        "subject": found.subject,
        "issuer": found.issuer,
        "serial": found.serial,
        "not_before": found.not_before.isoformat(),
        "not_after": found.not_after.isoformat(),
        "key_type": found.key_type,
        "usage": list(found.usage),
        "token": found.token_label,
        "issuers": [_base64(issuer) for issuer in found.issuers],
    }
