# SPDX-License-Identifier: LGPL-3.0-only
"""KSeF, in the manner of the Ministry of Finance's API 2: log-in by token, collective identifiers.

Any token is a company's whose name begins with its tax id (“5251000017-token”); one that ends with
“-powerless” has no right to see invoices. The invoices are not kept: every number of the right form
is one, unless the control API takes it out. Two keys for tokens are there, as while one takes the
place of the other: the newer one is not valid yet.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .http import Request, Response, json_response

_NUMBER = re.compile(r"(\d{10})-\d{8}-[0-9A-F]{6}-?[0-9A-F]{6}-([0-9A-F]{2})")
_RIGHTS = ["InvoiceRead", "InvoiceWrite", "CollectiveIdentifierManage"]
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
TEN_MINUTES = timedelta(minutes=10)
_YEARS = (2020, 2090)  # in which the keys for tokens begin to be valid
_MOST = 500  # invoices of a collective identifier


class Office:
    """What is known of log-ins, and of invoices that belong to no collective identifier."""

    def __init__(self):
        self.challenges: dict[str, int] = {}
        # token: reference, status, is asked, has rights
        self.begun: dict[str, tuple[str, int, bool, bool]] = {}
        self.access: dict[str, bool] = {}  # token: has rights
        self.missing: set[str] = set()


@lru_cache
def _key(year: int):
    """The private key of the certificate that begins in that year."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "KSeF sandbox")])
    start = datetime(year, 1, 1, tzinfo=timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(year)
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=36500))
    return key, builder.sign(key, hashes.SHA256())


def _key_id(year: int) -> str:
    key = _key(year)[0].public_key()
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(encoded).digest()).decode()


def _refusal(request: Request, code: int, words: str, *details: str) -> Response:
    if request.headers.get("X-Error-Format") == "problem-details":
        error = {"code": code, "description": words, "details": details}
        problem = {"title": "Bad Request", "status": 400, "detail": "Żądanie jest nieprawidłowe."}
        return json_response({**problem, "errors": [error]}, 400)
    detail = {"exceptionCode": code, "exceptionDescription": words, "details": details}
    return json_response({"exception": {"exceptionDetailList": [detail]}}, 400)


_NOT_BEGUN = ("", 0, False, False)


def _bearer(request: Request) -> str:
    return (request.headers.get("Authorization") or "").removeprefix("Bearer ")


def _token(world, text: str) -> dict:
    return {"token": text, "validUntil": (world.now() + TEN_MINUTES).isoformat()}


def keys(world, request: Request) -> Response:
    rows = [
        {
            "certificate": base64.b64encode(_key(year)[1].public_bytes(Encoding.DER)).decode(),
            "publicKeyId": _key_id(year),
            "validFrom": _key(year)[1].not_valid_before_utc.isoformat(),
            "validTo": _key(year)[1].not_valid_after_utc.isoformat(),
            "usage": [usage],
        }
        for year in _YEARS
        for usage in ("KsefTokenEncryption", "SymmetricKeyEncryption")
    ]
    return json_response(rows)


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
        return _refusal(request, 21111, "Nieprawidłowe wyzwanie autoryzacyjne.")
    key_id = said.get("publicKeyId")
    if key_id not in (None, _key_id(_YEARS[0])):
        words = "Przesłany identyfikator klucza jest nieznany lub wskazuje na wycofany klucz."
        return _refusal(request, 21470, words, f"Klucz {key_id} nie jest wspierany.")
    try:
        encrypted = base64.b64decode(said["encryptedToken"], validate=True)
        text = _key(_YEARS[0])[0].decrypt(encrypted, _OAEP).decode()
    except (KeyError, ValueError):
        return _refusal(request, 21405, "Błąd walidacji danych wejściowych.", "encryptedToken")
    right = text.endswith(f"|{moment}") and text.startswith(f"{context.get('value')}-")
    reference, token = f"20261128-AU-{secrets.token_hex(5).upper()}", secrets.token_urlsafe(24)
    has_rights = not text.removesuffix(f"|{moment}").endswith("-powerless")
    world.ksef.begun[token] = (reference, 200 if right else 450, False, has_rights)
    answer = {"referenceNumber": reference, "authenticationToken": _token(world, token)}
    return json_response(answer, 202)


def status(world, request: Request) -> Response:
    reference, code, asked, has_rights = world.ksef.begun.get(_bearer(request), _NOT_BEGUN)
    if reference != request.args["reference"]:
        return json_response({"title": "Unauthorized", "status": 401}, 401)
    world.ksef.begun[_bearer(request)] = (reference, code, True, has_rights)
    words = {
        100: "Uwierzytelnianie w toku",
        200: "Uwierzytelnianie zakończone sukcesem",
        450: "Uwierzytelnianie zakończone niepowodzeniem z powodu błędnego tokenu",
    }
    now = code if asked else 100  # the first question comes too early
    details = ["Nieprawidłowy token"] if now == 450 else []
    return json_response({"status": {"code": now, "description": words[now], "details": details}})


def redeem(world, request: Request) -> Response:
    _ref, code, asked, has_rights = world.ksef.begun.pop(_bearer(request), _NOT_BEGUN)
    if code != 200 or not asked:
        return json_response({"title": "Unauthorized", "status": 401}, 401)
    access = secrets.token_urlsafe(24)
    world.ksef.access[access] = has_rights
    refresh = _token(world, secrets.token_urlsafe(24))
    return json_response({"accessToken": _token(world, access), "refreshToken": refresh})


def collective(world, request: Request) -> Response:
    if _bearer(request) not in world.ksef.access:
        return json_response({"title": "Unauthorized", "status": 401}, 401)
    if not world.ksef.access[_bearer(request)]:
        words = "Brak wymaganych uprawnień do wykonania operacji w bieżącym kontekście."
        problem = {"title": "Forbidden", "detail": words, "reasonCode": "missing-permissions"}
        security = {"requiredAnyOfPermissions": _RIGHTS, "presentPermissions": []}
        return json_response({**problem, "status": 403, "security": security}, 403)
    invoices = request.json().get("invoices") or []
    numbers = [str(one.get("ksefNumber")) for one in invoices]
    matches = [_NUMBER.fullmatch(number) for number in numbers]
    if not 2 <= len(numbers) <= _MOST or not all(matches) or not all(map(_is_paid, invoices)):
        return _refusal(request, 21405, "Błąd walidacji danych wejściowych.", "invoices")
    if len(set(numbers)) < len(numbers):
        return _refusal(request, 71005, "Numer KSeF został powtórzony w żądaniu.")
    sellers = {match[1] for match in matches}
    if len(sellers) > 1:
        return _refusal(request, 71004, "Faktury różnych sprzedawców.", *sorted(sellers))
    if unknown := set(numbers) & world.ksef.missing:
        words = "Faktura nie może zostać przypisana do Identyfikatora Zbiorczego."
        return _refusal(request, 71001, words, *sorted(unknown))
    today = world.clock.today()
    head = f"{sellers.pop()}-IZ{today:%Y%m}-{secrets.token_hex(6).upper()}"
    number = f"{head}-{_checksum(head)}"
    return json_response({"collectiveIdentifierNumber": number}, 201)


def _is_paid(invoice: dict) -> bool:
    """A payment is told with amount and currency, or not at all."""
    payment = invoice.get("payment")
    return payment is None or (
        isinstance(payment.get("amount"), int | float)
        and bool(re.fullmatch("[A-Z]{3}", str(payment.get("currency"))))
    )


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
