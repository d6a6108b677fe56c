# SPDX-License-Identifier: LGPL-3.0-only
"""The white list: does this account belong to this taxpayer, on the day of the order?

Client of the public API of the Polish Ministry of Finance (register of VAT taxpayers, API 1.6):

- ``GET /api/check/nip/{nip}/bank-account/{26 digits}?date=YYYY-MM-DD`` -> accountAssigned TAK/NIE
- ``GET /api/search/nip/{nip}?date=YYYY-MM-DD`` -> the taxpayer, with the VAT status
- ``GET /api/search/nips/{nip,nip}?date=YYYY-MM-DD`` -> up to 30 of them

Each answer has a requestId, which proves the question later, and its time in Warsaw. A refusal has
a code (WL-…) and a text; WL-195 means that the register was just brought up to date: ask again;
WL-191 that today's questions are used up, WL-196 that it is being brought up to date: ask later.
Above 15,000 PLN a payment to an account that is not listed has tax consequences for the payer. The
service being down is an error here, never "not listed".
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

import requests
from stdnum.pl import nip as nip_rule

from . import accounts, rules_pl
from .errors import (
    BadAnswer,
    Busy,
    CertificateRefused,
    Invalid,
    Refused,
    Timeout,
    Unreachable,
)
from .patience import IN_THIS_PROCESS, Pauses, patience
from .wording import _

ADDRESS = "https://wl-api.mf.gov.pl"
#: gross amount of a transaction in PLN above which the account has to be on the list
THRESHOLD = rules_pl.value_of("white-list-limit")
BATCH = rules_pl.value_of("white-list-batch")
ACTIVE = "Czynny"  # what the register calls an active VAT payer

NOT_A_NIP = _("{nip} is not a valid Polish tax id (NIP)")
NOT_AN_ACCOUNT = _("{account} is not a Polish account number (26 digits)")
UNREACHABLE = _("the white list service cannot be reached")
NOT_SECURE = _("the connection to the white list service is not secure")
TOO_SLOW = _("the white list service did not answer in time")
BUSY = _("the white list service is busy, or today's number of questions is used up")
NOT_UNDERSTOOD = _("the white list service's answer cannot be understood")
REFUSED = _("the white list service refused: {reason}")

_WARSAW = ZoneInfo("Europe/Warsaw")
_LARGEST = 4 * 1024 * 1024  # bytes of an answer
_AGAIN, _ATTEMPTS = "WL-195", 3  # a question that is to be asked again, and how often it is
_LATER = ("WL-191", "WL-196")
_BESIDE = 20  # questions at one moment
_ASSIGNED = {"TAK": True, "NIE": False}


@dataclass(frozen=True)
class Listing:
    """One answer. `status_vat`: Czynny, Zwolniony, or empty where it was not asked for."""

    nip: str
    account: str
    day: date
    listed: bool
    request_id: str
    checked_at: datetime  # aware UTC, by the service's clock
    status_vat: str = ""


@dataclass(frozen=True)
class Taxpayer:
    """A taxpayer as registered on a day. `accounts`: settlement accounts, 26 digits each."""

    nip: str
    name: str
    status_vat: str
    accounts: tuple[str, ...]
    request_id: str
    checked_at: datetime
    has_virtual: bool = False  # accounts that only `check` knows, by the banks' masks


class WhiteList:
    """Asks the service, all questions over one connection.

    Every call has a timeout (seconds) and raises only BankError.
    """

    def __init__(
        self,
        address: str = ADDRESS,
        timeout: float = 10.0,
        ca_file: str = "",
        pauses: Pauses = IN_THIS_PROCESS,
    ):
        self.address = address.rstrip("/")
        self.timeout = timeout
        self.ca_file = ca_file
        self.pauses = pauses
        self._session = requests.Session()
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=_BESIDE)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def check(self, nip: str, account: str, day: date) -> Listing:
        """Whether the account is the taxpayer's on that day; masks of virtual accounts count.

        `day`: today in Poland, or before it; the service refuses to look ahead.
        """
        nip, account = _nip(nip), _account(account)
        with self._patience():
            return self._check(nip, account, day)

    def _check(self, nip: str, account: str, day: date) -> Listing:
        result = self._result(f"/api/check/nip/{nip}/bank-account/{account}", day)
        listed = _ASSIGNED.get(result.get("accountAssigned"))
        if listed is None:
            raise BadAnswer(NOT_UNDERSTOOD, detail="accountAssigned")
        return Listing(nip, account, day, listed, *_proof(result))

    def taxpayer(self, nip: str, day: date) -> Taxpayer | None:
        """Who is registered under the tax id on that day, or None. The service allows few of
        these a day: `check` is for the mass of orders."""
        nip = _nip(nip)
        with self._patience():
            result = self._result(f"/api/search/nip/{nip}", day)
        subject = result.get("subject")
        if subject is None:
            return None
        return _taxpayer(nip, subject, _proof(result))

    def check_many(self, pairs: Iterable[tuple[str, str]], day: date) -> Iterator[Listing]:
        """Listings of (tax id, account), in batches of as many payees as the service allows.

        An account abroad (IBAN) is not listed, since the register has those in Poland alone.
        There is no listing of a wrong number, and none of one that the service refuses. Raises at
        the first failure of the service; what was answered before it has been given out by then.
        """
        by_nip: dict[str, list[str]] = {}
        for nip, account in pairs:
            try:
                number = account if accounts.is_abroad(account) else _account(account)
                by_nip.setdefault(_nip(nip), []).append(number)
            except Invalid:
                continue
        if by_nip:
            with self._patience():
                yield from self._listings(by_nip, day)

    def _patience(self):
        """Around all questions of one call: they may be asked in threads."""
        return patience(self.address, self.pauses, _busy)

    def _listings(self, by_nip: Mapping[str, list[str]], day: date) -> Iterator[Listing]:
        nips, alone = list(by_nip), {}
        for first in range(0, len(nips), BATCH):
            batch = nips[first : first + BATCH]
            for nip, taxpayer, proof in self._taxpayers(batch, day):
                status = taxpayer.status_vat if taxpayer else ""
                for account in by_nip[nip]:
                    listed = bool(taxpayer) and account in taxpayer.accounts
                    is_here = not accounts.is_abroad(account)
                    if taxpayer and not listed and taxpayer.has_virtual and is_here:
                        alone[nip, account] = status
                    else:
                        yield Listing(nip, account, day, listed, *proof, status)
        yield from self._checked(alone, day)

    def _checked(self, asked: Mapping[tuple[str, str], str], day: date) -> Iterator[Listing]:
        """Of {(tax id, account): status}: what only a question of its own tells. They are asked
        beside each other, since each takes as long as a whole batch."""
        pool = ThreadPoolExecutor(_BESIDE)
        try:
            answers = {pair: pool.submit(self._check, *pair, day) for pair in asked}
            for pair, answer in answers.items():
                try:
                    yield replace(answer.result(), status_vat=asked[pair])
                except Refused:
                    continue  # that number alone: it says nothing of the others
        finally:
            pool.shutdown(cancel_futures=True)  # a service that is down is not asked by the rest

    def _taxpayers(self, nips: list[str], day: date):
        """(tax id, taxpayer or None, proof) of each."""
        result = self._result(f"/api/search/nips/{','.join(nips)}", day)
        proof, entries = _proof(result), result.get("entries")
        if not isinstance(entries, list):
            raise BadAnswer(NOT_UNDERSTOOD, detail="entries")
        found = {}
        for entry in entries:
            subjects = entry.get("subjects") if isinstance(entry, Mapping) else None
            if isinstance(subjects, list):
                subject = subjects[0] if subjects else None
                found[str(entry.get("identifier"))] = subject
        for nip in nips:
            # An entry that is missing, or an error in its place, is no answer.
            if nip in found:
                yield nip, found[nip] and _taxpayer(nip, found[nip], proof), proof

    def _result(self, path: str, day: date) -> Mapping:
        for _attempt in range(_ATTEMPTS):
            try:
                return self._result_once(path, day)
            except Refused as error:
                if error.code != _AGAIN:
                    raise
        raise Busy(BUSY, code=_AGAIN)

    def _result_once(self, path: str, day: date) -> Mapping:
        return self._understood(*self._get(path, {"date": day.isoformat()}))

    def _understood(self, status: int, content: bytes, asked: str) -> Mapping:
        if status == 429 or status >= 500:
            raise _busy(str(status), asked)
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise BadAnswer(NOT_UNDERSTOOD, detail=f"HTTP {status}, no JSON") from error
        if not isinstance(answer, Mapping):
            raise BadAnswer(NOT_UNDERSTOOD, detail=f"HTTP {status}, no object")
        if answer.get("code") in _LATER:
            raise _busy(answer["code"], asked)
        if status != 200:
            reason = str(answer.get("message") or f"HTTP {status}")[:200]
            raise Refused(REFUSED.format(reason=reason), code=str(answer.get("code") or status))
        result = answer.get("result")
        if not isinstance(result, Mapping):
            raise BadAnswer(NOT_UNDERSTOOD, detail="no result")
        return result

    def _get(self, path: str, query: dict[str, str]) -> tuple[int, bytes, str]:
        """(status, content, the time that it asks for).

        The one place where the library's errors become ours.
        """
        try:
            with self._session.get(
                self.address + path,
                params=query,
                headers={"Accept": "application/json"},
                timeout=self.timeout,
                verify=self.ca_file or True,
                allow_redirects=False,
                stream=True,
            ) as answer:
                asked = answer.headers.get("Retry-After", "")
                return answer.status_code, self._read(answer), asked
        except requests.exceptions.SSLError as error:
            raise CertificateRefused(NOT_SECURE, detail=str(error)) from error
        except requests.exceptions.Timeout as error:
            raise Timeout(TOO_SLOW, detail=str(error)) from error
        except requests.exceptions.ConnectionError as error:
            raise Unreachable(UNREACHABLE, detail=str(error)) from error
        except (requests.exceptions.RequestException, OSError) as error:
            raise BadAnswer(NOT_UNDERSTOOD, detail=str(error)) from error

    def _read(self, answer: requests.Response) -> bytes:
        """The whole content; a server that drips or floods is not waited for."""
        ends_at, content = time.monotonic() + self.timeout, b""
        for piece in answer.iter_content(65536):
            content += piece
            if len(content) > _LARGEST:
                raise BadAnswer(NOT_UNDERSTOOD, detail="too big")
            if time.monotonic() > ends_at:
                raise Timeout(TOO_SLOW, detail="the answer came too slowly")
        return content


def _busy(code: str, asked: str) -> Busy:
    return Busy(BUSY, code=code, asked=asked)


def _taxpayer(nip: str, subject: object, proof: tuple[str, datetime]) -> Taxpayer:
    if not isinstance(subject, Mapping):
        raise BadAnswer(NOT_UNDERSTOOD, detail="subject")
    return Taxpayer(
        nip,
        str(subject.get("name") or ""),
        str(subject.get("statusVat") or ""),
        tuple(map(str, subject.get("accountNumbers") or ())),
        *proof,
        has_virtual=bool(subject.get("hasVirtualAccounts")),
    )


def _proof(result: Mapping) -> tuple[str, datetime]:
    """(requestId, time of the answer). Without them the answer proves nothing."""
    request_id, at = result.get("requestId"), result.get("requestDateTime")
    try:
        local = datetime.strptime(str(at), "%d-%m-%Y %H:%M:%S").replace(tzinfo=_WARSAW)
    except ValueError as error:
        raise BadAnswer(NOT_UNDERSTOOD, detail="requestDateTime") from error
    if not request_id:
        raise BadAnswer(NOT_UNDERSTOOD, detail="requestId")
    return str(request_id), local.astimezone(timezone.utc)


def _nip(nip: str) -> str:
    digits = nip_rule.compact(nip).removeprefix("PL")
    if not nip_rule.is_valid(digits):
        raise Invalid(NOT_A_NIP.format(nip=nip))
    return digits


def _account(account: str) -> str:
    digits = account.replace(" ", "").removeprefix("PL")
    if len(digits) != 26 or not (digits.isascii() and digits.isdigit()):
        raise Invalid(NOT_AN_ACCOUNT.format(account=account))
    return digits
