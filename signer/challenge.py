# SPDX-License-Identifier: LGPL-3.0-only
"""A log-in that may be signed or opened: a structure of its own, which can never be a payment.

`PURPOSE`: the bank's own challenge, which the card signs (source: the contract of the mBank-like
bank). `OPENING`: written by the site that asks, beside a session id that the bank encrypted for the
card (DirectBank). Neither passes for the other. UTF-8 JSON, keys sorted, no white space, exactly
these keys; `expires` is at most five minutes after `time`. Everything else is refused, bytes that
would be SignedAttributes (DER) or SignedInfo (XML) with words of their own. `OPENING` has one key
more, `envelope`: the SHA-256 (hex) of what is to be opened, so that bank and address which are
shown belong to this envelope and to no other.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from .errors import Refusal

PURPOSE = "log-in"
OPENING = "open session"
KEYS = {
    PURPOSE: ("bank", "client", "expires", "issuer", "login", "nonce", "purpose", "time"),
    OPENING: (
        *("bank", "client", "envelope", "expires"),
        *("issuer", "login", "nonce", "purpose", "time"),
    ),
}
LARGEST = 2048  # bytes
LIFE = timedelta(minutes=5)
SKEW = timedelta(minutes=2)  # between the bank's clock and this computer's
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
#: names: one short line, without the characters that XML and JSON are made of
NAME = re.compile(r"[^\x00-\x1f\x7f<>&{}\[\]\"\\]{1,100}")


@dataclass(frozen=True)
class LogIn:
    """A log-in. `payload`: its very bytes, which a bank verifies where they are signed.

    `envelope`: SHA-256 of the envelope that it opens, hex; empty for a log-in that is signed.
    """

    payload: bytes
    bank: str
    client: str
    login: str
    issuer: str
    nonce: str
    time: datetime
    expires: datetime
    envelope: str = ""


def read(payload: bytes, now: datetime, purpose: str = PURPOSE) -> LogIn:
    """The log-in in these bytes; Refusal "challenge_refused" when they are anything else."""
    _refuse_disguise(payload)
    fields = _fields(payload, KEYS[purpose])
    if fields["purpose"] != purpose:
        raise _refused("its purpose is not to log in, or to do it in another way")
    for key in ("bank", "client", "issuer", "login"):
        if not NAME.fullmatch(fields[key]):
            raise _refused(f"'{key}' is empty, too long or holds characters of a document")
    if not NONCE.fullmatch(fields["nonce"]):
        raise _refused("its nonce is not one")
    time, expires = _instant(fields["time"]), _instant(fields["expires"])
    if not timedelta(0) < expires - time <= LIFE:
        raise _refused("it lives longer than five minutes")
    if expires <= now:
        raise _refused("it is over; start a new one")
    if time > now + SKEW:
        raise _refused("it comes from the future; check this computer's clock")
    names = {key: fields[key] for key in ("bank", "client", "login", "issuer", "nonce")}
    sealed = fields.get("envelope", "")
    return LogIn(payload=payload, time=time, expires=expires, envelope=sealed, **names)


def _refuse_disguise(payload: bytes) -> None:
    if not payload or len(payload) > LARGEST:
        raise _refused("it is empty or too long")
    if payload[:1] in (b"\x30", b"\x31", b"\xa0"):  # SEQUENCE, SET OF, [0]: what CMS signs
        raise _refused("it is a DER structure, such as signed attributes")
    if payload.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise _refused("it is XML, such as a payment or a SignedInfo")


def _fields(payload: bytes, keys: tuple[str, ...]) -> dict[str, str]:
    try:
        fields = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _refused("it is not the bank's structure") from None
    if not isinstance(fields, dict) or tuple(sorted(fields)) != keys:
        raise _refused("it does not have exactly the parts of a log-in")
    if not all(isinstance(value, str) for value in fields.values()):
        raise _refused("a part of it is not text")
    # One way to write it only: so no part can be there twice, and nothing stands between.
    written = [
        json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii)
        for ascii in (False, True)
    ]
    try:
        allowed = [text.encode() for text in written]
    except UnicodeEncodeError:  # halves of a pair of surrogates
        raise _refused("a part of it is not text") from None
    if payload not in allowed:
        raise _refused("it is not written in the one allowed way")
    return fields


def _instant(text: str) -> datetime:
    if not INSTANT.fullmatch(text):
        raise _refused("a time in it is not a time")
    try:
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)
    except ValueError:
        raise _refused("a time in it is not a time") from None


def _refused(why: str) -> Refusal:
    return Refusal("challenge_refused", why=why)
