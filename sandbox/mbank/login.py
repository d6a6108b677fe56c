# SPDX-License-Identifier: LGPL-3.0-only
"""Log-in, confirmation and sessions of the mBank-like bank."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import timedelta

from .. import certificates, cms
from ..people import Challenge, Session
from .soap import NAMESPACE, E, SoapFault, instant, text

BANK = "mbank"


def log_in(world, request):
    """LogIn -> LogInResponse with a challenge."""
    client = world.state.clients.get(text(request, "ClientIdentifier"))
    if client is None or client.bank != BANK:
        raise SoapFault("CLIENT_UNKNOWN", "There is no client with this identifier.")
    user = world.state.users.get(text(request, "Login"))
    if user is None or user.bank != BANK or client.identifier not in user.clients:
        raise SoapFault("LOGIN_WRONG", "This login is not known for this client.")
    method = text(request, "Method")
    if method not in user.methods:
        raise SoapFault("METHOD_NOT_ALLOWED", "This user cannot log in in this way.")
    challenge = world.challenge(
        kind="log-in",
        method=method,
        client=client.identifier,
        login=user.login,
        text=f"Log-in of {user.name} for {client.name}",
    )
    if method == "certificate":
        challenge.payload = payload(challenge)
    return E.LogInResponse(E.Challenge(*challenge_parts(challenge)))


def payload(challenge: Challenge) -> bytes:
    """What a certificate signs to log in; its form stands in the contract's README."""
    values = {
        "purpose": "log-in",
        "bank": BANK,
        "client": challenge.client,
        "login": challenge.login,
        "issuer": NAMESPACE,
        "nonce": challenge.id,
        "time": instant(challenge.created_at),
        "expires": instant(challenge.expires_at),
    }
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


def challenge_parts(challenge: Challenge) -> list:
    """The children of a Challenge element."""
    parts = [E.Id(challenge.id), E.Method(challenge.method)]
    if challenge.method == "mobile":
        parts.append(E.Code(challenge.code))
    parts += [E.Text(challenge.text), E.ExpiresAt(instant(challenge.expires_at))]
    if challenge.payload:
        parts.append(E.Payload(base64.b64encode(challenge.payload).decode()))
    return parts


def confirm(world, request, receipt):
    """Confirm -> Session, Challenge (still waits), or Receipt (`receipt(package)` makes it)."""
    challenge = world.state.challenges.get(text(request, "ChallengeId"))
    if challenge is None or challenge.bank != BANK or challenge.state in ("used", "replaced"):
        raise SoapFault("CHALLENGE_UNKNOWN", "There is no such confirmation.")
    world.expire(challenge)
    if challenge.state == "expired":
        raise SoapFault("CHALLENGE_EXPIRED", "The confirmation was not given in time.")
    if challenge.state == "refused":
        raise SoapFault("CHALLENGE_REFUSED", "The confirmation was refused on the phone.")
    if challenge.method == "certificate":
        _check_answer(world, challenge, text(request, "Answer"))
        challenge.state = "confirmed"
    if challenge.state == "pending":
        return E.ConfirmResponse(E.Challenge(*challenge_parts(challenge)))
    challenge.state = "used"
    if challenge.kind == "package":
        return E.ConfirmResponse(receipt(world.state.packages[challenge.message_id]))
    return E.ConfirmResponse(E.Session(*_session_parts(world, start_session(world, challenge))))


def withdraw(world, request):
    """Withdraw -> the phone does not ask for this log-in any more; nothing where it is over."""
    challenge = world.state.challenges.get(text(request, "ChallengeId"))
    if challenge is None or challenge.bank != BANK or challenge.kind != "log-in":
        raise SoapFault("CHALLENGE_UNKNOWN", "There is no such confirmation.")
    if world.expire(challenge).state in ("pending", "confirmed"):
        challenge.state = "replaced"
    return E.WithdrawResponse()


def _check_answer(world, challenge: Challenge, answer: str) -> None:
    refused = SoapFault("CERTIFICATE_NOT_ACCEPTED", "The log-in's signature is not accepted.")
    try:
        logins = certificates.signing_logins(
            world, challenge.payload, base64.b64decode(answer or "")
        )
    except (cms.BadSignature, ValueError) as error:
        refused.message += f" Reason: {error}."
        raise refused from error
    if logins != [challenge.login]:
        raise refused


def start_session(world, challenge: Challenge) -> Session:
    now = world.now()
    session = Session(
        token=secrets.token_urlsafe(32),
        client=challenge.client,
        login=challenge.login,
        method=challenge.method,
        started_at=now,
        used_at=now,
    )
    world.state.sessions[session.token] = session
    return session


def _session_parts(world, session: Session) -> list:
    end = session.started_at + timedelta(seconds=world.settings.session_age)
    return [
        E.Token(session.token),
        E.IdleSeconds(str(world.settings.idle)),
        E.ExpiresAt(instant(end)),
    ]


def session_of(world, token: str) -> Session:
    """The running session of a call, prolonged. SoapFault SESSION_UNKNOWN or SESSION_ENDED."""
    session = world.state.sessions.get(token)
    if session is None or session.bank != BANK:
        raise SoapFault("SESSION_UNKNOWN", "Log in first: this session is not known.")
    now = world.now()
    if not session.ended and (now - session.used_at).total_seconds() > world.settings.idle:
        session.ended = "idle"
    if not session.ended and (now - session.started_at).total_seconds() > (
        world.settings.session_age
    ):
        session.ended = "age"
    if session.ended:
        raise SoapFault("SESSION_ENDED", "The session has ended. Log in again.")
    session.used_at = now
    return session


def log_out(world, session: Session):
    session.ended = "log-out"
    return E.LogOutResponse()
