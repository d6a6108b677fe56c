# SPDX-License-Identifier: LGPL-3.0-only
"""Logging in to a DirectBank service: password and one-time code, or certificate.

By certificate the session's id comes encrypted (LogonCert). A key that is here opens it at once; of
a key on a card comes a challenge, see `directbank_card`.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import datetime, timezone

from ... import errors
from ...formats.directbank import NAMESPACE
from ...records import Challenge, Operator, Session
from ...wording import _
from . import card
from .packet import NO_FIELD, certificate_wish, decoded
from .service import Service

WRONG_CODE = _("The code is wrong. Tries left: {left}.")
NO_STATEMENT_PASSWORD = _(
    "The bank gives statements to the log-in {login} only: enter its password with the operator."
)
STATEMENT_CODE = _("The bank wants a code for the statement log-in {login}: it should want none.")
NOT_KNOWN = "0"  # the standard's word for a customer's id that is not known yet
NO_SIGNER = _("Choose the certificate that logs in.")
CODE = re.compile(r"[0-9]{4,10}")
TRIES = 3  # a fourth wrong code would block the access: the standard's own advice to banks
IDLE_SECONDS = 300


def log_in(bank, operator: Operator, client: str) -> Session | Challenge:
    """A session, or the challenge of a one-time code."""
    try:
        if operator.method == "certificate":
            return _by_certificate(bank.service, operator, client)
        return _by_password(bank, operator, client)
    except errors.Refused as error:
        if type(error) is not errors.Refused:
            raise
        raise errors.LoginRefused(error.message, code=error.code) from None


def with_statements(bank, operator: Operator, session: Session) -> Session:
    """The session together with one of the log-in for statements, where the bank gave one."""
    login, (sid, client, statement_sid) = bank.agreed.statement_login, session_parts(session)
    if not login or statement_sid:
        return session
    if login == operator.login:
        return _session(sid, client, statement_sid=sid)
    said = _logon(bank, login, operator.statement_secret or missing(login), client)
    if said.find(f"{{{NAMESPACE}}}ExtraAuth") is not None:
        raise errors.LoginRefused(STATEMENT_CODE.format(login=login))
    return _session(sid, client, statement_sid=bank.service.text(said, "SID"))


def missing(login: str) -> str:
    """Invalid: nobody has entered the password of the log-in for statements."""
    raise errors.Invalid(NO_STATEMENT_PASSWORD.format(login=login))


def _logon(bank, login: str, secret: str, client: str):
    """The answer to a log-in by password."""
    pair = base64.b64encode(f"{login}:{secret}".encode()).decode()
    return post_as(bank, "Logon", client, Authorization=f"Basic {pair}")


def post_as(bank, method: str, client: str, **headers: str):
    """A call that goes on where the bank has changed the id of a customer whom it knew: it tells
    the new one only to him who does not name the old one. A typed id has to be right."""
    try:
        return bank.service.post(method, client, **headers)
    except errors.LoginRefused as error:
        if error.code != "1003" or not bank.agreed.client:
            raise
        return bank.service.post(method, NOT_KNOWN, **headers)


def _by_password(bank, operator: Operator, client: str):
    service = bank.service
    said = _logon(bank, operator.login, operator.secret, client)
    sid = service.text(said, "SID")
    otp = said.find(f"{{{NAMESPACE}}}ExtraAuth")
    if otp is None:
        return _session(sid, client)
    shown = otp[0] if len(otp) else otp
    return Challenge(
        id=sid[:8],
        method="code",
        code=shown.get("code", ""),
        text=shown.get("phoneMask", ""),
        state={"sid": sid, "client": client, "tries": str(TRIES)},
    )


def _by_certificate(service: Service, operator: Operator, client: str):
    if operator.signer is None:
        raise errors.Invalid(NO_SIGNER)
    operator.signer.check_decrypts()
    wish = certificate_wish(operator.signer.certificate, datetime.now(timezone.utc))
    said = service.post("LogonCert", client, body=wish)
    encrypted = said.find(f"{{{NAMESPACE}}}EncryptedSID")
    sealed = decoded(encrypted, "EncryptedSID")
    if not operator.signer.here:
        return card.challenge(operator, client, service.host, sealed)
    sid = operator.signer.decrypt(sealed)
    return _session(sid.decode("ascii", "replace").strip(), client)


def confirm(bank, challenge: Challenge, answer) -> Session | Challenge:
    """Go on with the typed code, or with what the card opened.

    A wrong code gives the challenge back, three times at most.
    """
    if answer is None:
        return challenge  # nobody has typed a code yet
    if challenge.method == "envelope":
        client, sid = challenge.state["client"], card.session_id(challenge, answer)
        card.check(bank, client, sid)
        return _session(sid, client)
    typed = (answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer).strip()
    state = challenge.state
    try:
        if not CODE.fullmatch(typed):
            raise errors.LoginRefused(code="1204")
        said = bank.service.post("LogonOTP", state["client"], SID=state["sid"], OTP=typed)
    except errors.LoginRefused as error:
        left = int(state["tries"]) - 1
        if error.code != "1204" or left <= 0:
            raise
        text = WRONG_CODE.format(left=left)
        return replace(challenge, text=text, state={**state, "tries": str(left)})
    return _session(bank.service.text(said, "SID"), state["client"])


def _session(sid: str, client: str, **more: str) -> Session:
    if not sid:
        raise errors.BadAnswer(NO_FIELD.format(name="SID"))
    token = {"version": 1, "sid": sid, "client": client, **more}
    return Session(json.dumps(token), idle_seconds=IDLE_SECONDS)


def session_parts(session: Session) -> tuple[str, str, str]:
    """Session id, client identifier, and the session id of the log-in for statements or ""."""
    try:
        kept = json.loads(session.token)
        return kept["sid"], kept["client"], kept.get("statement_sid", "")
    except (ValueError, TypeError, KeyError):
        raise errors.SessionEnded() from None
