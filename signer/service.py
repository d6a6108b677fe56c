"""What the signer does for a paired site: show, ask, sign. Knows no HTTP.

Every method takes the site's origin, its token and the JSON body, and returns a JSON object.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from . import __version__, challenge, documents
from .card import CardCertificate, Cards
from .cms import LOG_IN, CmsDraft
from .desk import Desk, Question
from .documents.summary import Summary, shown
from .errors import Refusal
from .pairing import Pairing, Pairings, check_name
from .pairing_talk import PairingTalk
from .words import say
from .xades import XadesDraft

_logger = logging.getLogger(__name__)

PROGRAM = "bank-signer"
PROTOCOL = 1
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
        self._signed_nonces: dict[str, datetime] = {}

    # who is there

    def hello(self, origin: str, body: dict[str, Any]) -> dict[str, Any]:
        """Tells any site that a signer is here; proves itself to the one that is paired."""
        answer = {"program": PROGRAM, "version": __version__, "protocol": PROTOCOL}
        asked = body.get("pairing")
        known = next((p for p in self.pairings.of_origin(origin) if p.id == asked), None)
        if known is None:
            return {**answer, "paired": False}
        nonce = check_name("nonce", body.get("nonce"))
        return {**answer, "paired": True, "proof": known.proof(nonce)}

    def unpair(self, pairing: Pairing) -> dict[str, Any]:
        return {"revoked": self.pairings.revoke(pairing.id)}

    # what is on the card

    def certificates(self, _pairing: Pairing) -> dict[str, Any]:
        return {"certificates": [_as_json(found) for found in self.cards.certificates()]}

    # signing

    def sign_document(self, pairing: Pairing, body: dict[str, Any], gone: Gone) -> dict[str, Any]:
        """One signature for each document, all shown and confirmed together."""
        contents = _documents(body)
        draft_of = FORMS.get(body.get("form", "cms"))
        if draft_of is None:
            raise Refusal("bad_request", what="this form of signature is not known")
        summaries = [documents.read(content) for content in contents]
        certificate = self._certificate(body)
        bank = check_name("bank", body.get("bank"))
        facts, payments, totals = _shown_together(summaries)
        question = Question(
            heading=_heading(summaries, len(payments)),
            facts=(*facts, ("Bank", bank), *_who(pairing), *_with(certificate)),
            payments=payments,
            totals=totals,
        )
        pin = self._agreed(question, certificate, gone)
        now = utc_now()
        drafts = [draft_of(content, certificate.der, now) for content in contents]
        return self._sign(pairing, certificate, pin, drafts)

    def sign_login(self, pairing: Pairing, body: dict[str, Any], gone: Gone) -> dict[str, Any]:
        """Signs a bank's log-in challenge, each one once."""
        log_in = challenge.read(_bytes(body.get("challenge"), "challenge"), utc_now())
        if log_in.nonce in self._signed_nonces:
            raise Refusal("challenge_replayed")
        certificate = self._certificate(body)
        question = Question(
            heading=say("Log in to {bank}", bank=shown(log_in.bank)),
            facts=(
                ("Bank", log_in.bank),
                ("Login", log_in.login),
                ("Client", log_in.client),
                ("Asked by the bank as", log_in.issuer),
                *_who(pairing),
                *_with(certificate),
            ),
        )
        pin = self._agreed(question, certificate, gone)
        now = utc_now()
        challenge.read(log_in.payload, now)  # the person may have taken longer than it lives
        drafts = [CmsDraft(log_in.payload, certificate.der, now, content_type=LOG_IN)]
        signed = self._sign(pairing, certificate, pin, drafts)
        self._remember(log_in, now)  # not earlier: after a wrong PIN the person may try again
        return signed

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
        drafts: Sequence[CmsDraft],
    ) -> dict[str, Any]:
        signatures = self.cards.sign(certificate, pin, drafts)
        _logger.info("signed %s for %s", len(drafts), pairing.origin)
        return {
            "certificate": _base64(certificate.der),
            "signatures": [
                {"digest": draft.digest.hex(), "signature": _base64(draft.finish(signature))}
                for draft, signature in zip(drafts, signatures, strict=True)
            ],
        }

    def _remember(self, log_in: challenge.LogIn, now: datetime) -> None:
        kept = {nonce: end for nonce, end in self._signed_nonces.items() if end > now}
        self._signed_nonces = {**kept, log_in.nonce: log_in.expires + timedelta(minutes=1)}


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


def _shown_together(summaries: Sequence[Summary]):
    """Facts, payments and totals of all documents of one question."""
    payments = tuple(payment for summary in summaries for payment in summary.payments)
    whole = Summary("", payments=payments)
    totals = tuple(
        f"{total:,.2f}".replace(",", " ") + f" {currency}"
        for currency, total in sorted(whole.totals.items())
    )
    kinds = " + ".join(sorted({summary.kind for summary in summaries}))
    facts = [("Kind", kinds)]
    if payments:
        payers = sorted({payment.payer_account for payment in payments})
        facts += [("Payments", str(len(payments))), ("From account", ", ".join(payers))]
    if len(summaries) == 1 and summaries[0].id:
        facts.append(("Message", summaries[0].id))
    facts += [fact for summary in summaries for fact in summary.facts if len(summaries) < 4]
    return tuple(facts), payments, totals


def _heading(summaries: Sequence[Summary], count: int) -> str:
    if not count:
        return say("Sign: {kind}", kind=summaries[0].kind)
    return say("Sign payments: {count}", count=count)


def _who(pairing: Pairing) -> tuple[tuple[str, str], ...]:
    words = say(
        "{origin}  (database {database}, user {user})",
        origin=pairing.origin,
        database=pairing.database,
        user=pairing.user,
    )
    return (("Asked by", words),)


def _with(certificate: CardCertificate) -> tuple[tuple[str, str], ...]:
    words = say(
        "{subject}, valid until {day}",
        subject=certificate.subject,
        day=certificate.not_after.date(),
    )
    return (("Certificate", words),)


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
    }
