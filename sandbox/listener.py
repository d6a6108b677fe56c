# SPDX-License-Identifier: LGPL-3.0-only
"""The TLS listener of the CDC banks: a handshake without the right certificate is refused there."""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
from pathlib import Path

from .cdc import authority
from .server import Server

LINGER = 5  # seconds for a refused client to read why


class Listener(Server):
    """Demands a certificate of the banks' authority that is valid today, for TLS clients."""

    banner = "cdc_banner"

    def __init__(self, world, host: str, port: int, routes):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_verify_locations(cadata=authority.ca_pem(world).decode())
        self.show(authority.server_pem(world))
        super().__init__(world, host, port, self.context, routes)

    def show(self, pem: bytes) -> None:
        """Appear with this key and certificate from the next connection on."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "server.pem")
            path.write_bytes(pem)
            self.context.load_cert_chain(path)

    def finish_request(self, request, client_address):
        try:
            request.do_handshake()
        except OSError:
            _let_it_read(request)
            return
        super().finish_request(request, client_address)


def _let_it_read(request: ssl.SSLSocket) -> None:
    """Close only when the other side has gone: a reset would take our alert away from it."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(request, socket.SHUT_WR)
        request.settimeout(LINGER)
        while socket.socket.recv(request, 65536):
            pass
