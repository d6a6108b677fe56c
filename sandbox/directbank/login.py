# SPDX-License-Identifier: LGPL-3.0-only
"""Logon, LogonOTP, LogonCert, and the sessions they give.

Three wrong attempts of one login within 30 seconds lock it for 60, as the standard recommends.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from datetime import timedelta

from .. import certificates, cms
from ..http import Request
from ..people import Session
from . import profiles, shapes
from .errors import BankSays, E

ATTEMPTS, WITHIN, LOCKED = 3, timedelta(seconds=30), timedelta(seconds=60)


def header(request: Request, name: str) -> str:
    """A required header. BankSays 1002 when it is missing."""
    value = (request.headers.get(name) or "").strip()
    if not value:
        raise BankSays("1002", name)
    return value


def logon(world, request: Request):
    """Basic log-in: a session, or an unauthorised one and a code on the phone."""
    customer = header(request, "CustomerID")
    header(request, "APIVersion")
    login, password = _basic(header(request, "Authorization"))
    of_statements = profiles.profile(world).statement_login and login.endswith(
        profiles.OF_STATEMENTS
    )
    user = world.state.users.get(login.removesuffix(profiles.OF_STATEMENTS) if of_statements
                                 else login)  # fmt: skip
    if user is None or user.bank != "directbank":
        raise BankSays("1201")
    _check_lock(world, login)
    if not password or user.password != password:
        _failed(world, login)
        raise BankSays("1201")
    _check_customer(world, customer, user)
    asks_code = user.otp and not of_statements
    session = _start(world, user, "otp" if asks_code else "")
    session.login = login
    response = E.LogonResponse(E.SID(session.token))
    if asks_code:
        challenge = world.challenge(
            kind="otp", method="otp", client=session.client, login=login, bank="directbank",
            text=f"One-time code for {user.name}",
        )  # fmt: skip
        session.details["challenge"] = challenge.id
        otp = E.OTP(phoneMask="+7***1234567"[:12], code=session.token[:4])
        response.append(E.ExtraAuth(otp))
    return response


def _basic(value: str) -> tuple[str, str]:
    kind, _, rest = value.partition(" ")
    try:
        login, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise BankSays("1201") from error
    if kind.lower() != "basic":
        raise BankSays("1011", kind)
    return login, password


def _check_customer(world, customer: str, user) -> None:
    """0 = not known yet; else it must be this user's client."""
    if not re.fullmatch(r"[\x21-\x7e]{1,50}", customer):
        raise BankSays("1004")
    if customer not in ("0", *(profiles.public_id(world, one) for one in user.clients)):
        raise BankSays("1003")


def logon_otp(world, request: Request):
    """The code from the phone turns the unauthorised session into a new, authorised one."""
    header(request, "CustomerID")
    header(request, "APIVersion")
    session = world.state.sessions.get(header(request, "SID"))
    if session is None or session.bank != "directbank" or session.ended != "otp":
        raise BankSays("1007")
    _check_lock(world, session.login)
    challenge = world.state.challenges[session.details["challenge"]]
    if world.expire(challenge).state != "pending":
        session.ended = "used"
        raise BankSays("1006")
    if header(request, "OTP") != challenge.code:
        if _failed(world, session.login):
            challenge.state, session.ended = "refused", "used"
            raise BankSays("1203")
        raise BankSays("1204")
    challenge.state, session.ended = "used", "used"
    return E.LogonResponse(E.SID(_start(world, world.state.users[session.login], "").token))


def _start(world, user, ended: str) -> Session:
    now = world.now()
    session = Session(
        token=str(uuid.uuid4()), client=user.clients[0], login=user.login, method="password",
        started_at=now, used_at=now, ended=ended, bank="directbank",
    )  # fmt: skip
    world.state.sessions[session.token] = session
    return session


def _check_lock(world, login: str) -> None:
    until = world.state.locked_until.get(login)
    if until and world.now() < until:
        raise BankSays("1203", "60 с")


def _failed(world, login: str) -> bool:
    """Count a wrong attempt; True when it locks the login."""
    now = world.now()
    recent = [at for at in world.state.wrong_attempts.get(login, []) if now - at <= WITHIN]
    recent.append(now)
    world.state.wrong_attempts[login] = recent
    if len(recent) < ATTEMPTS:
        return False
    world.state.locked_until[login] = now + LOCKED
    world.state.wrong_attempts[login] = []
    return True


def logon_cert(world, request: Request):
    """A registered certificate gets the session id encrypted to it (PKCS#7, RSA)."""
    customer = header(request, "CustomerID")
    header(request, "APIVersion")
    try:
        body = shapes.read(request.body, "X509Data")
        certificate = cms.load_certificate(base64.b64decode(body.findtext("X509Certificate")))
    except (shapes.WrongShape, ValueError) as error:
        raise BankSays("1201", str(error)) from error
    login = certificates.owner(world, certificate)
    user = world.state.users.get(login)
    if user is None or user.bank != "directbank":
        raise BankSays("1101")
    if int(body.findtext("X509SerialNumber"), 16) != certificate.serial_number:
        raise BankSays("1101", "X509SerialNumber")
    _check_customer(world, customer, user)
    if customer == "0":
        raise BankSays("1003")
    check_dates(certificate, world.now())
    session = _start(world, user, "")
    session.method = "certificate"
    sealed = base64.b64encode(_seal(session.token, certificate)).decode()
    return E.LogonCertResponse(E.EncryptedSID(sealed))


def check_dates(certificate, now) -> None:
    validity = certificate["tbs_certificate"]["validity"]
    if now > validity["not_after"].native:
        raise BankSays("1104")
    if now < validity["not_before"].native:
        raise BankSays("1105")


def _seal(token: str, certificate) -> bytes:
    try:
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.hazmat.primitives.serialization.pkcs7 import (
            PKCS7EnvelopeBuilder,
            PKCS7Options,
        )
        from cryptography.x509 import load_der_x509_certificate

        builder = PKCS7EnvelopeBuilder().set_data(token.encode())
        builder = builder.add_recipient(load_der_x509_certificate(certificate.dump()))
        return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])
    except (ImportError, TypeError) as error:
        raise BankSays("1011", "only RSA certificates") from error


def session_of(world, request: Request) -> Session:
    """The session of a call, prolonged. BankSays 1002, 1003, 1006, 1007."""
    customer = header(request, "CustomerID")
    header(request, "APIVersion")
    session = world.state.sessions.get(header(request, "SID"))
    if session is None or session.bank != "directbank" or session.ended in ("otp", "used"):
        raise BankSays("1007")
    idle = (world.now() - session.used_at).total_seconds()
    if not session.ended and idle > world.settings.directbank_idle:
        session.ended = "idle"
    if session.ended:
        raise BankSays("1006")
    if customer not in ("0", profiles.public_id(world, session.client)):
        raise BankSays("1003")
    session.used_at = world.now()
    return session
