# SPDX-License-Identifier: LGPL-3.0-only
"""The signer's HTTP side: 127.0.0.1 only, JSON POST only, for paired sites only.

Order of the checks: host, path, method, origin, rate, length, type, JSON; then the proof of this
request, database and user. Nothing of the request is believed, shown or logged before they hold.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import select
import socket
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .errors import Refusal
from .limits import Limit
from .pairing import Presented, check_name, check_site
from .service import Service

_logger = logging.getLogger(__name__)

SMALL = 64 * 1024  # bytes of a request that carries no documents
LARGE = 20 * 1024 * 1024
READ_SECONDS = 15  # for a whole request, however it drips
MOST_CONNECTIONS = 32
LONGEST_ORIGIN = 300  # characters; strangers' ones are remembered, to be counted
VERSION = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){2}")

#: the one route that never changes: pages of every version find signers of every version by it
HELLO = "/v1/hello"
#: routes that a site may call before it is paired
OPEN = (HELLO, "/v2/pair", "/v2/pair/wait")
SIGN_DOCUMENT = "/v2/sign-document"
PAIRED = (
    "/v2/unpair",
    "/v2/certificates",
    SIGN_DOCUMENT,
    "/v2/sign-login",
    "/v2/open-login",
)


class SignerServer(ThreadingHTTPServer):
    """Listens for one user's browser. `port` 0 takes any free one (tests)."""

    daemon_threads = True
    # SO_REUSEADDR lets another program take the port over on Windows
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, port: int, service: Service):
        self.service = service
        self.strangers = Limit(burst=60, per_minute=60)  # of each origin
        self.paired = Limit(burst=120, per_minute=240)  # of each pairing
        self._reading: dict[socket.socket, float] = {}  # since when; the oldest first
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self) -> int:
        return self.server_address[1]

    def process_request(self, request, client_address) -> None:
        """Takes every connection; where there are many, the one that has dripped longest goes."""
        with self._lock:
            if len(self._reading) >= MOST_CONNECTIONS:
                self._break_off(next(iter(self._reading)))
            self._reading[request] = time.monotonic()
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Every half second: requests that were not read in time are broken off."""
        with self._lock:
            late = time.monotonic() - READ_SECONDS
            for request in [one for one, since in self._reading.items() if since < late]:
                self._break_off(request)

    def is_read(self, request: socket.socket) -> None:
        """The whole request is here: it may now wait for the person."""
        with self._lock:
            self._reading.pop(request, None)

    def _break_off(self, request: socket.socket) -> None:
        self._reading.pop(request, None)
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_RDWR)  # its thread reads the end, and closes it

    def shutdown_request(self, request) -> None:
        self.is_read(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address) -> None:
        _logger.debug("connection broke off", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """One request a connection."""

    server: SignerServer
    protocol_version = "HTTP/1.1"
    server_version = "bank-signer"
    sys_version = ""
    timeout = READ_SECONDS
    path = ""  # of a request that could not be read

    def do_POST(self) -> None:
        self._answer(self._serve)

    def do_OPTIONS(self) -> None:
        self._answer(self._preflight)

    def _other(self) -> None:
        def refuse():
            self._check_host()
            raise Refusal("method_not_allowed")

        self._answer(refuse)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = _other

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself is answered in JSON too."""

        def refuse():
            if code == HTTPStatus.NOT_IMPLEMENTED:
                raise Refusal("method_not_allowed")
            raise Refusal("bad_request", what="it is not HTTP as browsers send it")

        self._answer(refuse)

    def _answer(self, serve) -> None:
        """Send what `serve` returns: (status, JSON or None)."""
        self.close_connection = True
        self.readable_by: str | None = None  # the origin that may read the answer
        try:
            status, answer = serve()
        except Refusal as refusal:
            status, answer = refusal.status, {"error": refusal.code, "message": refusal.message}
        except Exception:
            _logger.exception("the signer failed")
            failed = Refusal("internal")
            status, answer = failed.status, {"error": failed.code, "message": failed.message}
        self._send(status, answer)

    def _send(self, status: int, answer: dict[str, Any] | None) -> None:
        content = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Connection", "close")
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Vary", "Origin")
        if self.readable_by:
            self.send_header("Access-Control-Allow-Origin", self.readable_by)
        if status == 204 and self.readable_by:
            self._send_preflight_headers()
        else:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send_preflight_headers(self) -> None:
        self.send_header("Access-Control-Allow-Methods", "POST")
        self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
        self.send_header("Access-Control-Max-Age", "600")
        for network in ("Private", "Local"):  # the older and the newer name of the same question
            if self.headers.get(f"Access-Control-Request-{network}-Network") == "true":
                self.send_header(f"Access-Control-Allow-{network}-Network", "true")

    # the checks

    def _preflight(self):
        self._check_host()
        self._check_path()
        self._check_origin()
        return 204, None

    def _serve(self):
        self._check_host()
        path = self._check_path()
        origin = self._check_origin()
        content = self._content(LARGE if path == SIGN_DOCUMENT else SMALL)
        body = _json_object(content)
        service, port = self.server.service, self.server.port
        if path == HELLO:
            return 200, service.hello(origin, port, body)
        if path == "/v2/pair":
            return 200, service.talk.start(origin, body)
        if path == "/v2/pair/wait":
            return 200, service.talk.wait(origin, port, body, self._gone)
        return 200, self._paired(path, origin, content, body)

    def _paired(
        self, path: str, origin: str, content: bytes, body: dict[str, Any]
    ) -> dict[str, Any]:
        service = self.server.service
        database = check_name("database", body.get("database"))
        user = check_name("user", body.get("user"))
        digest = hashlib.sha256(content).hexdigest()
        shown = self.headers.get("Authorization", "")
        presented = Presented(shown, origin, self.server.port, path, digest)
        pairing = service.pairings.check(presented, database, user)
        if not self.server.paired.allow(pairing.id):
            raise Refusal("too_many_requests")
        newest = body.get("newest")
        if isinstance(newest, str) and VERSION.fullmatch(newest):
            service.hears_of(newest)
        if path == "/v2/unpair":
            return service.unpair(pairing)
        if path == "/v2/certificates":
            return service.certificates(pairing)
        if path == "/v2/sign-login":
            return service.sign_login(pairing, body, self._gone)
        if path == "/v2/open-login":
            return service.open_login(pairing, body, self._gone)
        return service.sign_document(pairing, body, self._gone)

    def _check_host(self) -> None:
        """A name that resolves here (DNS rebinding) is not our name."""
        own = {f"{name}:{self.server.port}" for name in ("127.0.0.1", "localhost")}
        if self.headers.get_all("Host", []) not in [[name] for name in own]:
            raise Refusal("host_not_allowed")

    def _check_path(self) -> str:
        if self.path not in OPEN + PAIRED:
            raise Refusal("not_found")
        return self.path

    def _check_origin(self) -> str:
        """The one Origin; answers are readable by it only where it may use the route."""
        origins = self.headers.get_all("Origin", [])
        if len(origins) != 1 or origins[0] in ("", "null"):
            raise Refusal("origin_missing")
        if len(origins[0]) > LONGEST_ORIGIN:
            raise Refusal("origin_not_allowed")
        origin = origins[0]
        known = bool(self.server.service.pairings.of_origin(origin))
        # who shows a proof is counted by it, so that nobody else can use up what it may
        proves = known and (self.command == "OPTIONS" or "Authorization" in self.headers)
        if not proves and not self.server.strangers.allow(origin):
            raise Refusal("too_many_requests")
        if not known:
            check_site(origin)
            if self.path not in OPEN:
                raise Refusal("not_paired")
        self.readable_by = origin
        return origin

    def _content(self, limit: int) -> bytes:
        lengths = self.headers.get_all("Content-Length", [])
        if len(lengths) != 1 or "Transfer-Encoding" in self.headers or not _is_number(lengths[0]):
            raise Refusal("length_required")
        length = int(lengths[0])
        if length > limit:
            raise Refusal("too_large")
        kind = self.headers.get("Content-Type", "").replace(" ", "").lower()
        if kind not in ("application/json", "application/json;charset=utf-8"):
            raise Refusal("not_json")
        content = self.rfile.read(length)
        self.server.is_read(self.connection)
        return content

    def _gone(self) -> bool:
        """True once the browser has closed the connection on which it waits."""
        try:
            readable, _writable, _broken = select.select([self.connection], [], [], 0)
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True

    def log_message(self, format: str, *args: object) -> None:
        """Only the method, the known path and the status; never a header or a body."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        path = self.path if self.path in OPEN + PAIRED else "(unknown path)"
        _logger.info("%s %s %s", self.command, path, code)


def _is_number(text: str) -> bool:
    """Of a length that any request can have; str.isdigit() alone takes more than int() does."""
    return text.isascii() and text.isdigit() and len(text) < 16


def _json_object(content: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = dict(pairs)
        if len(keys) != len(pairs):
            raise ValueError("a key twice")
        return keys

    try:
        body = json.loads(content.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise Refusal("not_json") from None
    if not isinstance(body, dict):
        raise Refusal("not_json")
    return body
