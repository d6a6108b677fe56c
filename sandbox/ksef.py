# SPDX-License-Identifier: LGPL-3.0-only
"""KSeF, in the manner of the Ministry of Finance's API 2: log-in by token, collective identifiers.

Any token is a company's whose name begins with its tax id (“5251000017-token”). The invoices are
not kept: every number of the right form is one, unless the control API takes it out.
"""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from .http import Request, Response, json_response

_NUMBER = re.compile(r"(\d{10})-\d{8}-[0-9A-F]{12}-([0-9A-F]{2})")
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
TEN_MINUTES = timedelta(minutes=10)


class Office:
    """What is known of log-ins, and of invoices that belong to no collective identifier."""

    def __init__(self):
        self.challenges: dict[str, int] = {}
        self.begun: dict[str, tuple[str, int, bool]] = {}  # token: reference, status, is asked
        self.access: set[str] = set()
        self.missing: set[str] = set()


@lru_cache
def _key():
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "KSeF sandbox")])
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=3650))
    return key, builder.sign(key, hashes.SHA256())


def _refusal(code: int, words: str, status: int = 400) -> Response:
    detail = {"exceptionCode": code, "exceptionDescription": words, "details": []}
    return json_response({"exception": {"exceptionDetailList": [detail]}}, status)


def _bearer(request: Request) -> str:
    return (request.headers.get("Authorization") or "").removeprefix("Bearer ")


def _token(world, text: str) -> dict:
    return {"token": text, "validUntil": (world.now() + TEN_MINUTES).isoformat()}


def keys(world, request: Request) -> Response:
    encoded = base64.b64encode(_key()[1].public_bytes(Encoding.DER)).decode()
    row = {"validFrom": "2026-01-01T00:00:00Z", "validTo": "2035-12-30T00:00:00Z"}
    usages = (["KsefTokenEncryption"], ["SymmetricKeyEncryption"])
    return json_response([{"certificate": encoded, "usage": usage, **row} for usage in usages])


def challenge(world, request: Request) -> Response:
    text, moment = secrets.token_hex(18), int(world.now().timestamp() * 1000)
    world.ksef.challenges[text] = moment
    stamp = world.now().isoformat()
    return json_response({"challenge": text, "timestamp": stamp, "timestampMs": moment})


def log_in(world, request: Request) -> Response:
    said = request.json()
    moment = world.ksef.challenges.pop(said.get("challenge"), None)
    context = said.get("contextIdentifier") or {}
    if moment is None or context.get("type") != "Nip":
        return _refusal(21111, "Nieprawidłowe wyzwanie autoryzacyjne.")
    try:
        encrypted = base64.b64decode(said["encryptedToken"], validate=True)
        text = _key()[0].decrypt(encrypted, _OAEP).decode()
    except (KeyError, ValueError):
        return _refusal(21405, "Błąd walidacji danych wejściowych.")
    right = text.endswith(f"|{moment}") and text.startswith(f"{context.get('value')}-")
    reference, token = f"20261128-AU-{secrets.token_hex(5).upper()}", secrets.token_urlsafe(24)
    world.ksef.begun[token] = (reference, 200 if right else 450, False)
    answer = {"referenceNumber": reference, "authenticationToken": _token(world, token)}
    return json_response(answer, 202)


def status(world, request: Request) -> Response:
    reference, code, asked = world.ksef.begun.get(_bearer(request), ("", 0, False))
    if reference != request.args["reference"]:
        return json_response({"title": "Unauthorized", "status": 401}, 401)
    world.ksef.begun[_bearer(request)] = (reference, code, True)
    words = {100: "Uwierzytelnianie w toku", 200: "Uwierzytelnianie zakończone sukcesem",
             450: "Uwierzytelnianie zakończone niepowodzeniem (błędny token)"}  # fmt: skip
    now = code if asked else 100  # the first question comes too early
    return json_response({"status": {"code": now, "description": words[now], "details": []}})


def redeem(world, request: Request) -> Response:
    _reference, code, asked = world.ksef.begun.pop(_bearer(request), ("", 0, False))
    if code != 200 or not asked:
        return json_response({"title": "Unauthorized", "status": 401}, 401)
    access = secrets.token_urlsafe(24)
    world.ksef.access.add(access)
    refresh = _token(world, secrets.token_urlsafe(24))
    return json_response({"accessToken": _token(world, access), "refreshToken": refresh})


def collective(world, request: Request) -> Response:
    if _bearer(request) not in world.ksef.access:
        return json_response({"title": "Unauthorized", "status": 401}, 401)
    invoices = request.json().get("invoices") or []
    numbers = [str(one.get("ksefNumber")) for one in invoices]
    matches = [_NUMBER.fullmatch(number) for number in numbers]
    if len(set(numbers)) < 2 or not all(matches):
        return _refusal(21405, "Błąd walidacji danych wejściowych.")
    sellers = {match[1] for match in matches}
    unknown = set(numbers) & world.ksef.missing
    if len(sellers) > 1 or unknown:
        return _refusal(71001, "Faktura nie może zostać przypisana do Identyfikatora Zbiorczego.")
    today = world.clock.today()
    head = f"{sellers.pop()}-IZ{today:%Y%m}-{secrets.token_hex(6).upper()}"
    number = f"{head}-{_checksum(head)}"
    return json_response({"collectiveIdentifierNumber": number}, 201)


def _checksum(data: str) -> str:
    value = 0
    for byte in data.encode():
        value ^= byte
        for _bit in range(8):
            value = (value << 1) ^ (0x107 if value & 0x80 else 0)
    return f"{value:02X}"


def take_out(world, request: Request) -> Response:
    """Control: these invoices belong to no collective identifier."""
    world.ksef.missing = set(request.json().get("numbers") or ())
    return json_response({"numbers": sorted(world.ksef.missing)})


ROUTES = (
    ("GET", "/ksef/v2/security/public-key-certificates", keys),
    ("POST", "/ksef/v2/auth/challenge", challenge),
    ("POST", "/ksef/v2/auth/ksef-token", log_in),
    ("GET", r"/ksef/v2/auth/(?P<reference>[\w-]+)", status),
    ("POST", "/ksef/v2/auth/token/redeem", redeem),
    ("POST", "/ksef/v2/collective-identifiers", collective),
    ("POST", "/control/ksef", take_out),
)
