# SPDX-License-Identifier: LGPL-3.0-only
"""The HTTP server: routes by path, one thread a connection, and answers that can go wrong."""

from __future__ import annotations

import logging
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import control, control_faults, ksef, phone, start_page, whitelist
from .cdc import service as cdc
from .directbank import service as directbank
from .http import BadRequest, Drop, Request, Response, Truncate, json_response
from .mbank import service

LARGEST_BODY = 64 * 1024 * 1024
log = logging.getLogger("sandbox")


def compiled(*routes):
    """(method, pattern of the path, function(world, request) -> Response) for each route."""
    return [(method, re.compile(pattern), function) for method, pattern, function in routes]


ROUTES = compiled(
    ("GET", "/", start_page.show),
    ("GET", r"/demo/(?P<login>[\w-]+)\.p12", start_page.pkcs12),
    ("GET", r"/demo/ca\.pem", start_page.authority),
    ("POST", "/mbank/ws", service.call),
    ("GET", "/mbank/ws", service.wsdl),
    ("GET", "/control/addresses", start_page.addresses_as_json),
    *phone.ROUTES,
    *control.ROUTES,
    *control_faults.ROUTES,
    *whitelist.ROUTES,
    *ksef.ROUTES,
    *directbank.ROUTES,
    *cdc.CONTROL,
)


def dispatch(world, request: Request, routes=None) -> Response:
    """Find the route and call it. BadRequest becomes JSON with one sentence."""
    allowed = set()
    for method, pattern, function in routes or ROUTES:
        match = pattern.fullmatch(request.path)
        if match and method == request.method:
            named = Request(**{**vars(request), "args": match.groupdict()})
            try:
                return function(world, named)
            except BadRequest as error:
                return json_response({"error": str(error)}, error.status)
        if match:
            allowed.add(method)
    if allowed:
        return json_response({"error": f"Use {', '.join(sorted(allowed))}."}, 405)
    return json_response({"error": "There is nothing at this address."}, 404)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, writes an answer; knows nothing of banks."""

    protocol_version = "HTTP/1.1"
    server_version = "Sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 120

    def do_GET(self):
        self._serve()

    def do_POST(self):
        self._serve()

    def do_DELETE(self):
        self._serve()

    def _serve(self):
        try:
            response = self._respond()
        except Drop:
            self.close_connection = True
            return
        except Truncate as cut:
            self._write(cut.response, half=True)
            self.close_connection = True
            return
        self._write(response)

    def _respond(self) -> Response:
        length = self.headers.get("Content-Length", "0")
        if (
            not length.isdigit()
            or int(length) > LARGEST_BODY
            or "chunked" in self.headers.get("Transfer-Encoding", "")
        ):
            self.close_connection = True
            return json_response({"error": "The request needs a length, and not too great."}, 413)
        body = self.rfile.read(int(length))
        path, _, query = self.path.partition("?")
        shown = getattr(self.connection, "getpeercert", lambda **_: None)(binary_form=True)
        request = Request(self.command, path, query, self.headers, body, peer=shown or b"")
        try:
            return dispatch(self.server.world, request, self.server.routes)
        except (Drop, Truncate):
            raise
        except Exception:
            log.exception("the sandbox failed at %s", path)
            return json_response({"error": "The sandbox itself failed; see its output."}, 500)

    def _write(self, response: Response, *, half: bool = False) -> None:
        body = response.body[: len(response.body) // 2] if half else response.body
        lines = [
            f"HTTP/1.1 {response.status} Sandbox",
            f"Content-Type: {response.content_type}",
            f"Content-Length: {len(response.body)}",
            f"Date: {self.date_time_string()}",
            *(f"{name}: {value}" for name, value in response.headers),
        ]
        if self.close_connection or half:
            lines.append("Connection: close")
        try:
            self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        except OSError:
            self.close_connection = True  # the caller went away, as callers do after a time-out

    def log_message(self, *args):
        log.debug(*args)


class Server(ThreadingHTTPServer):
    """The server with its world; `tls` = (certificate file, key file), a context, or None.

    `routes`: as `compiled` gives them; the pretend banks' unless named.
    """

    banner = "banner"  # the setting that says where it is reached
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world, host: str, port: int, tls=None, routes=None):
        super().__init__((host, port), Handler)
        self.world = world
        self.routes = routes or ROUTES
        scheme = "http"
        if tls:
            context = tls
            if not isinstance(tls, ssl.SSLContext):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
            scheme = "https"
        setattr(world.settings, self.banner, f"{scheme}://{host}:{self.server_address[1]}")

    def handle_error(self, request, client_address):
        log.debug("a connection from %s failed", client_address, exc_info=True)


def keep_time(world, stop: threading.Event, step: float = 0.5) -> None:
    """Execute orders by themselves and keep the state on disk, until `stop`."""
    rest = 0.0  # a great state takes long to write, so it is written less often
    while not stop.wait(step):
        with world.lock:
            by_itself = world.settings.execute_after is not None
            if by_itself and control.run_banks(world, everything=False):
                world.dirty = True
        if rest <= 0:
            started = time.monotonic()
            world.save()
            rest = 10 * (time.monotonic() - started)
        rest -= step
