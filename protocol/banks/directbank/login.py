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

WRONG_CODE = _("The code is wrong. {left} more tries.")
NO_SIGNER = _("Choose the certificate that logs in.")
CODE = re.compile(r"[0-9]{4,10}")
TRIES = 3  # a fourth wrong code would block the access: the standard's own advice to banks
IDLE_SECONDS = 300


def log_in(service: Service, operator: Operator, client: str) -> Session | Challenge:
    """A session, or the challenge of a one-time code."""
    try:
        if operator.method == "certificate":
            return _by_certificate(service, operator, client)
        return _by_password(service, operator, client)
    except errors.Refused as error:
        if type(error) is not errors.Refused:
            raise
        raise errors.LoginRefused(error.message, code=error.code) from None


def _by_password(service: Service, operator: Operator, client: str):
    pair = base64.b64encode(f"{operator.login}:{operator.secret}".encode()).decode()
    said = service.post("Logon", client, Authorization=f"Basic {pair}")
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


def confirm(service: Service, challenge: Challenge, answer) -> Session | Challenge:
    """Go on with the typed code, or with what the card opened.

    A wrong code gives the challenge back, three times at most.
    """
    if answer is None:
        return challenge  # nobody has typed a code yet
    if challenge.method == "envelope":
        client, sid = challenge.state["client"], card.session_id(challenge, answer)
        card.check(service, client, sid)
        return _session(sid, client)
    typed = (answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer).strip()
    state = challenge.state
    try:
        if not CODE.fullmatch(typed):
            raise errors.LoginRefused(code="1204")
        said = service.post("LogonOTP", state["client"], SID=state["sid"], OTP=typed)
    except errors.LoginRefused as error:
        left = int(state["tries"]) - 1
        if error.code != "1204" or left <= 0:
            raise
        text = WRONG_CODE.format(left=left)
        return replace(challenge, text=text, state={**state, "tries": str(left)})
    return _session(service.text(said, "SID"), state["client"])


def _session(sid: str, client: str) -> Session:
    if not sid:
        raise errors.BadAnswer(NO_FIELD.format(name="SID"))
    token = json.dumps({"version": 1, "sid": sid, "client": client})
    return Session(token, idle_seconds=IDLE_SECONDS)


def session_parts(session: Session) -> tuple[str, str]:
    """Session id and client identifier."""
    try:
        kept = json.loads(session.token)
        return kept["sid"], kept["client"]
    except (ValueError, TypeError, KeyError):
        raise errors.SessionEnded() from None
