# SPDX-License-Identifier: LGPL-3.0-only
"""KSeF, the ministry's system of invoices: the collective identifier of several invoices.

Client of the public KSeF API 2 (Ministry of Finance, OpenAPI at the service itself). A token that
somebody made in KSeF stands for the company; the log-in takes four steps:

- ``GET /security/public-key-certificates``: the keys that tokens are encrypted for; while one takes
  the place of another both are there, and ``publicKeyId`` says which was used
- ``POST /auth/challenge`` -> challenge, timestampMs
- ``POST /auth/ksef-token``: “token|timestampMs” by RSA-OAEP with SHA-256 -> referenceNumber, and a
  token for this log-in alone; ``GET /auth/{referenceNumber}`` until its status is not 100 any more
- ``POST /auth/token/redeem`` -> accessToken

``POST /collective-identifiers`` with the KSeF numbers and what is paid of each (API 2.7.0) answers
201 with the number. It orders no payment; an invoice may be in several, so that a question whose
answer was lost may be asked again. The token needs one of the rights CollectiveIdentifierManage,
InvoiceRead, InvoiceWrite. 71001, 71002, 71004 and 71005 are the refusals of such a question.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from . import rules_pl
from .bank import Connection
from .checks import ksef
from .errors import BadAnswer, Busy, Invalid, LoginRefused, Refused
from .patience import IN_THIS_PROCESS, Pauses, patience
from .wire.http import Http
from .wording import _

ADDRESS = "https://api.ksef.mf.gov.pl/v2"
LEAST = rules_pl.value_of("ksef-collective-size")
MOST = rules_pl.value_of("ksef-collective-most")

TOO_MANY = _("A collective identifier stands for {most} invoices at most, and these are {count}.")
TOO_FEW = _("A collective identifier stands for two invoices at least.")
NOT_A_NUMBER = _("{number} is not a KSeF number of an invoice.")
SEVERAL_SELLERS = _("A collective identifier stands for invoices of one seller: {sellers}.")
LOGIN_REFUSED = _("KSeF did not accept the token: {reason}")
REFUSED = _("KSeF refused: {reason}")
BUSY = _("KSeF is busy. Try again later.")
BUSY_FOR = _("KSeF is busy, and asked to be left alone for {seconds} seconds. Try again later.")
NOT_UNDERSTOOD = _("The answer of KSeF cannot be understood.")

_WAITING, _DONE = 100, 200  # status of a log-in
_LARGEST = 4 * 1024 * 1024  # bytes of an answer
_PATIENCE = 20  # questions whether a log-in is done


@dataclass(frozen=True)
class Paid:
    """What a payment pays of one invoice; of a credit note it pays nothing."""

    number: str  # KSeF number
    amount: Decimal | None
    currency: str = "PLN"


class Ksef:
    """Asks KSeF in the name of the company with `nip`. Raises only BankError."""

    def __init__(
        self,
        nip: str,
        token: str,
        address: str = ADDRESS,
        pause: float = 0.5,
        pauses: Pauses = IN_THIS_PROCESS,
        **options,
    ):
        self.nip, self.token, self.pause, self.pauses = nip, token, pause, pauses
        self.address = address.rstrip("/")
        self._http = Http(Connection(self.address, **options), _LARGEST)

    def collective_identifier(self, invoices: Sequence[Paid]) -> str:
        """The number that stands for these invoices of one seller."""
        _check(invoices)
        body = {"invoices": [_invoice(one) for one in invoices]}
        with patience(self.address, self.pauses, _busy):
            answer = self._post("/collective-identifiers", body, self._log_in())
        number = answer.get("collectiveIdentifierNumber")
        if (
            not isinstance(number, str)
            or not ksef.is_valid(number)
            or _sellers(invoices) != {number[:10]}
        ):
            raise BadAnswer(NOT_UNDERSTOOD, detail="collectiveIdentifierNumber")
        return number

    def _log_in(self) -> str:
        """A token for a few minutes."""
        (key, key_id), challenge = self._key(), self._post("/auth/challenge", {})
        try:
            secret = f"{self.token}|{challenge['timestampMs']}".encode()
            asked = {
                "challenge": challenge["challenge"],
                "contextIdentifier": {"type": "Nip", "value": self.nip},
                "encryptedToken": base64.b64encode(key.encrypt(secret, _OAEP)).decode(),
                "publicKeyId": key_id,
            }
            begun = self._post("/auth/ksef-token", asked)
            reference, own = begun["referenceNumber"], begun["authenticationToken"]["token"]
            self._wait(reference, own)
            return self._post("/auth/token/redeem", None, own)["accessToken"]["token"]
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswer(NOT_UNDERSTOOD, detail=str(error)) from None

    def _wait(self, reference: str, token: str) -> None:
        for _question in range(_PATIENCE):
            status = self._get(f"/auth/{reference}", token)["status"]
            if status["code"] == _DONE:
                return
            if status["code"] != _WAITING:
                said = "; ".join([status.get("description") or "", *(status.get("details") or ())])
                raise LoginRefused(LOGIN_REFUSED.format(reason=said), code=str(status["code"]))
            time.sleep(self.pause)
        raise Busy(BUSY)

    def _key(self) -> tuple[rsa.RSAPublicKey, str | None]:
        """(the newest key for tokens that is valid now, its id)."""
        rows = self._get("/security/public-key-certificates")
        try:
            mine = [row for row in rows if "KsefTokenEncryption" in row["usage"]]
            read = [(_certificate(row["certificate"]), row.get("publicKeyId")) for row in mine]
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswer(NOT_UNDERSTOOD, detail=str(error)) from None
        now = datetime.now(timezone.utc)
        valid = [one for one in read if _is_valid(one[0], now)]
        if not valid:
            raise BadAnswer(NOT_UNDERSTOOD, detail="no key for tokens is valid")
        certificate, key_id = max(valid, key=lambda one: one[0].not_valid_before_utc)
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise BadAnswer(NOT_UNDERSTOOD, detail="no RSA key")
        return key, key_id

    def _get(self, path: str, token: str = ""):
        return _read(self._http.get(self.address + path, _headers(token), path))

    def _post(self, path: str, body: dict | None, token: str = "") -> dict:
        content = b"" if body is None else json.dumps(body).encode()
        answer = _read(self._http.post(self.address + path, content, _headers(token), path))
        if not isinstance(answer, dict):
            raise BadAnswer(NOT_UNDERSTOOD, detail=path)
        return answer


_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def _headers(token: str) -> dict[str, str]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    headers["X-Error-Format"] = "problem-details"  # all that is wrong, not the first of it
    return {**headers, "Authorization": f"Bearer {token}"} if token else headers


def _read(answer):
    """The answer's JSON; a refusal in KSeF's own words."""
    try:
        said = json.loads(answer.content or b"{}")
    except ValueError:
        said = None
    if answer.status < 300 and said is not None:
        return said
    if answer.status == 429 or answer.status >= 500:
        raise _busy(str(answer.status), answer.headers.get("retry-after", ""))
    code, reason = _reason(said)
    reason = reason or f"HTTP {answer.status}"
    if answer.status in (401, 403):
        raise LoginRefused(LOGIN_REFUSED.format(reason=reason), code=code)
    if answer.status < 300:
        raise BadAnswer(NOT_UNDERSTOOD)
    raise Refused(REFUSED.format(reason=reason), code=code)


def _busy(code: str, asked: str) -> Busy:
    words = BUSY_FOR.format(seconds=asked) if asked.isdecimal() else BUSY
    return Busy(words, code=code, asked=asked)


def _reason(said) -> tuple[str, str]:
    """(code, words) of problem details, or of an `ExceptionResponse`."""
    try:
        if rows := said.get("errors"):
            return str(rows[0]["code"]), _listed(rows, "description")
        if said.get("exception"):
            rows = said["exception"]["exceptionDetailList"]
            return str(rows[0]["exceptionCode"]), _listed(rows, "exceptionDescription")
        words = [said.get("detail") or said.get("title") or ""]
        words += (said.get("security") or {}).get("requiredAnyOfPermissions") or ()
        return str(said.get("reasonCode") or ""), "; ".join(words)
    except (AttributeError, KeyError, TypeError, IndexError):
        return "", ""


def _listed(rows, name: str) -> str:
    words = [word for row in rows for word in (row[name], *(row.get("details") or ()))]
    return "; ".join(dict.fromkeys(words))


def _certificate(text: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(text))


def _is_valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc


def _invoice(paid: Paid) -> dict:
    if paid.amount is None:
        return {"ksefNumber": paid.number}
    payment = {"amount": float(paid.amount), "currency": paid.currency}
    return {"ksefNumber": paid.number, "payment": payment}


def _check(invoices: Sequence[Paid]) -> None:
    if len({one.number for one in invoices}) < LEAST:
        raise Invalid(TOO_FEW)
    if len(invoices) > MOST:
        raise Invalid(TOO_MANY.format(most=MOST, count=len(invoices)))
    for one in invoices:
        if not ksef.looks_like(one.number) or not ksef.is_valid(one.number):
            raise Invalid(NOT_A_NUMBER.format(number=one.number))
    sellers = _sellers(invoices)
    if len(sellers) > 1:
        raise Invalid(SEVERAL_SELLERS.format(sellers=", ".join(sorted(sellers))))


def _sellers(invoices: Sequence[Paid]) -> set[str]:
    return {one.number[:10] for one in invoices}
