# SPDX-License-Identifier: LGPL-3.0-only
"""One HTTP call to a bank, with everything that can go wrong mapped once to the `BankError` tree.

Every call has one limit of time for the whole of it (also for an answer that drips byte by byte)
and one of size; TLS is verified; redirects are not followed; nothing is tried twice. The mapping
knows whether the connection stood already: before that the bank cannot have taken anything
(`Unreachable`, `CertificateRefused`), after that the outcome is unknown.

One log line a call: method, address, duration, outcome; never a body or a header.
"""

from __future__ import annotations

import ipaddress
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies
from urllib3 import exceptions as urllib3_errors

from ..bank import Connection
from ..errors import (
    BadAnswer,
    BankError,
    Busy,
    CertificateRefused,
    Invalid,
    NotSent,
    OutcomeUnknown,
    Timeout,
    Unreachable,
)
from ..wording import _
from .deadline import Deadline, DeadlineAdapter
from .tls import context_of

_logger = logging.getLogger(__name__)

CHUNK = 64 * 1024
LARGEST_ANSWER = 64 * 1024 * 1024  # bytes; a year's statement of a busy account fits ten times

NOT_AN_ADDRESS = _("This is not an https address: {address}")
PLAIN_HTTP = _("The bank's address must begin with https:// ({address}).")
NO_CA_FILE = _("The file with the bank's certificate authority cannot be read: {path}")
NO_CONNECTION = _("The bank's address cannot be reached: {host}")
TLS_REFUSED = _("No secure connection with {host}: its certificate, or ours, was not accepted.")
TOO_LATE = _("{host} did not answer within {seconds:.0f} seconds.")
CUT_OFF = _("The connection with {host} broke before the answer came.")
TOO_LARGE = _("The answer of {host} is larger than {megabytes} MB.")
NOT_SERVED = _("{host} answers, but there is no bank service at this address (HTTP {status}).")
BUSY = _("The bank is busy (HTTP {status}). Try again later.")
PRIVATE = _("{host} leads to an address inside a private network, which is not called.")
NOT_USABLE = _("{host} gave no usable answer (HTTP {status}).")


@dataclass(frozen=True)
class Answer:
    """What came back. Header names in lower case."""

    status: int
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Http:
    """Calls to one bank. Holds no connection between them: workers share nothing.

    `public_only`: private addresses are refused, except this very computer named as such.
    `plain`: http will do, since what comes is signed by itself and holds no secret.
    """

    def __init__(
        self,
        connection: Connection,
        largest: int = LARGEST_ANSWER,
        *,
        public_only: bool = False,
        plain: bool = False,
    ):
        self.connection = connection
        self.largest = largest
        self.public_only = public_only
        self.plain = plain
        check_address(connection.address, plain)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], name: str = "") -> Answer:
        """POST; an answer of any status. `name`: the bank's operation, for the log."""
        return self._call("POST", url, body, headers, name)

    def get(self, url: str, headers: Mapping[str, str], name: str = "") -> Answer:
        return self._call("GET", url, None, headers, name)

    def _call(self, method, url, body, headers, name) -> Answer:
        check_address(url, self.plain)
        started, outcome = time.monotonic(), "failed"
        try:
            answer = self._exchange(method, url, body, headers)
            outcome = f"HTTP {answer.status}"
            return answer
        except BankError as error:
            outcome = type(error).__name__
            raise
        finally:
            took = int((time.monotonic() - started) * 1000)
            _logger.info("%s %s %s: %d ms, %s", method, _shown(url), name, took, outcome)

    def _exchange(self, method, url, body, headers) -> Answer:
        host, limit = urlsplit(url).hostname or "", self.connection.timeout
        with Deadline(limit, self._peer_check(url)) as deadline:
            try:
                return self._transfer(deadline, method, url, body, headers)
            except BankError:
                raise
            except Exception as error:
                raise map_error(error, host, limit, deadline) from None

    def _peer_check(self, url):
        """What is asked of the address that was reached, or None. A proxy judges for itself."""
        host = urlsplit(url).hostname or ""
        if not self.public_only or _is_loopback(url):
            return None
        if get_environ_proxies(url):
            check_public(host, host)
            return None
        return lambda peer: check_public(peer, host)

    def _transfer(self, deadline: Deadline, method, url, body, headers) -> Answer:
        with requests.Session() as session:
            session.trust_env = False  # no .netrc, no CA from the environment
            context = context_of(self.connection.identity, self.connection.ca_file)
            session.mount("https://", DeadlineAdapter(context))
            session.mount("http://", DeadlineAdapter())
            response = session.request(
                method,
                url,
                data=body,
                headers={"Accept-Encoding": "identity", **headers},
                timeout=deadline.seconds,  # one number: Odoo compares it in its tests
                verify=self.connection.ca_file or True,
                allow_redirects=False,
                stream=True,
                proxies={} if _is_loopback(url) else get_environ_proxies(url),
            )
            with response:
                content = self._read(response, urlsplit(url).hostname)
            deadline.check()
            if response.headers.get("Content-Length", str(len(content))) != str(len(content)):
                raise ConnectionError("the answer is shorter than announced")
            names = {key.lower(): value for key, value in response.headers.items()}
            return Answer(response.status_code, content, names)

    def _read(self, response: requests.Response, host: str | None) -> bytes:
        content = bytearray()
        for chunk in response.iter_content(CHUNK):
            content += chunk
            if len(content) > self.largest:
                raise BadAnswer(TOO_LARGE.format(host=host, megabytes=self.largest >> 20))
        return bytes(content)


def check_address(address: str, plain: bool = False) -> None:
    """Refuse what is no https address; http is for this very computer, unless `plain`."""
    try:
        parts = urlsplit(address)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise Invalid(NOT_AN_ADDRESS.format(address=address), code="address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise Invalid(NOT_AN_ADDRESS.format(address=address), code="address")
    if parts.scheme == "http" and not plain and not _is_loopback(address):
        raise CertificateRefused(PLAIN_HTTP.format(address=_shown(address)), code="plain-http")


def check_public(address: str, host: str) -> None:
    """Refuse an IP address that is not on the public Internet; a name says nothing yet."""
    try:
        reached = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return
    reached = getattr(reached, "ipv4_mapped", None) or reached
    if not reached.is_global or reached.is_multicast:
        raise Invalid(PRIVATE.format(host=host), code="private-address")


def check_status(answer: Answer, address: str, usable: tuple[int, ...] = (200,)) -> Answer:
    """The answer when its status is usable, else the error that its status means."""
    host = urlsplit(address).hostname
    if answer.status in usable:
        return answer
    code = str(answer.status)
    if answer.status in (401, 403, 404, 405, 410):
        raise NotSent(NOT_SERVED.format(host=host, status=answer.status), code=code)
    if answer.status in (429, 503):
        asked = answer.headers.get("retry-after", "")
        raise Busy(BUSY.format(status=answer.status), code=code, asked=asked)
    raise BadAnswer(NOT_USABLE.format(host=host, status=answer.status), code=code)


# Foreign errors by what they say of a call whose connection stood. Anything else: cut off.
_LATE = (requests.Timeout, urllib3_errors.TimeoutError, TimeoutError)
_TLS = (requests.exceptions.SSLError, urllib3_errors.SSLError, ssl.SSLError)
_GARBAGE = (
    requests.exceptions.ContentDecodingError,
    requests.exceptions.InvalidHeader,
    requests.exceptions.JSONDecodeError,
    urllib3_errors.DecodeError,
    urllib3_errors.HeaderParsingError,
)
_CERTIFICATE_ALERTS = ("CERTIFICATE", "UNKNOWN_CA")


def map_error(error: Exception, host: str, limit: float, deadline: Deadline) -> BankError:
    """Our error for one of requests, urllib3, ssl or the socket. Never a foreign one."""
    detail = f"{type(error).__name__}"
    if deadline.passed and deadline.connected:
        return Timeout(TOO_LATE.format(host=host, seconds=limit), detail=detail)
    if isinstance(error, _TLS):
        if not deadline.connected or any(word in str(error) for word in _CERTIFICATE_ALERTS):
            return CertificateRefused(TLS_REFUSED.format(host=host), detail=str(error)[:300])
        return OutcomeUnknown(CUT_OFF.format(host=host), detail=detail)
    if not deadline.connected:
        if isinstance(error, OSError) and "CA certificate bundle" in str(error):
            path = getattr(error, "filename", None) or ""
            return CertificateRefused(NO_CA_FILE.format(path=path), detail=detail)
        return Unreachable(NO_CONNECTION.format(host=host), detail=detail)
    if isinstance(error, _LATE):
        return Timeout(TOO_LATE.format(host=host, seconds=limit), detail=detail)
    if isinstance(error, _GARBAGE):
        return BadAnswer(NOT_USABLE.format(host=host, status="?"), detail=detail)
    return OutcomeUnknown(CUT_OFF.format(host=host), detail=detail)


def _is_loopback(url: str) -> bool:
    """This very computer, by its name or as an address: 127.example.com is a name of others."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(url: str) -> str:
    """The address for a log or a message: without user, password and query."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
