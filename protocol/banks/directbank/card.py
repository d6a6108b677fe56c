# SPDX-License-Identifier: LGPL-3.0-only
"""LogonCert with the key on a card: the session's id is opened in the user's computer.

The standard has no challenge for that, only the encrypted id. So what the signer there shows and
takes once is written here: purpose, bank and its address, client, login, digest of the encrypted
id, nonce, five minutes (the form stands in signer/README.md). The answer must carry that nonce.
Then the bank is asked whether the id is one of its sessions for this client, before it counts as
one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from datetime import datetime, timedelta, timezone

from ... import errors
from ...records import Challenge, Operator
from ...wording import _
from .mail import Mailbox

PURPOSE = "open session"
LIFE = timedelta(minutes=5)
SESSION_ID = re.compile(r"[!-~]{1,200}")
#: what the signer refuses in names, and how long they may be there
NOT_IN_NAMES = re.compile(r"[\x00-\x20\x7f<>&{}\[\]\"\\]+")
LONGEST_NAME = 60

ANOTHER_LOG_IN = _("The card's answer belongs to another log-in. Start again.")
NOT_AN_ANSWER = _("The card's answer cannot be understood.")
NO_SESSION = _("The bank does not know the session that the card has opened.")


def challenge(operator: Operator, client: str, host: str, encrypted: bytes) -> Challenge:
    """What waits until the card has opened `encrypted`. `host`: the bank's, with its port."""
    now = datetime.now(timezone.utc)
    nonce = secrets.token_hex(16)
    structure = {
        "purpose": PURPOSE,
        "bank": _name(operator.bank_name) or host,
        "client": _name(client),
        "login": _name(operator.login),
        "issuer": host,
        "envelope": hashlib.sha256(encrypted).hexdigest(),
        "nonce": nonce,
        "time": _instant(now),
        "expires": _instant(now + LIFE),
    }
    written = json.dumps(structure, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Challenge(
        id=nonce[:8],
        method="envelope",
        expires_at=now + LIFE,
        payload=written.encode(),
        encrypted=encrypted,
        state={"client": client, "nonce": nonce},
    )


def session_id(challenge: Challenge, answer: bytes | str) -> str:
    """The session id in the signer's answer, JSON text with `nonce` and `session_id`.

    Invalid for an answer of another log-in or none at all, ConfirmationExpired for a late one.
    """
    try:
        said = json.loads(answer)
        nonce, sid = said["nonce"], said["session_id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise errors.Invalid(NOT_AN_ANSWER) from None
    if not all(isinstance(text, str) and SESSION_ID.fullmatch(text) for text in (nonce, sid)):
        raise errors.Invalid(NOT_AN_ANSWER)
    if not hmac.compare_digest(nonce.encode(), challenge.state["nonce"].encode()):
        raise errors.Invalid(ANOTHER_LOG_IN)
    if datetime.now(timezone.utc) >= challenge.expires_at:
        raise errors.ConfirmationExpired()
    return sid


def check(bank, client: str, sid: str) -> None:
    """LoginRefused where this is no session of this client."""
    try:
        Mailbox(bank, sid, client).check()
    except errors.SessionEnded as error:
        raise errors.LoginRefused(NO_SESSION, code=error.code) from None


def _name(text: str) -> str:
    return NOT_IN_NAMES.sub(" ", text).strip()[:LONGEST_NAME]


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
