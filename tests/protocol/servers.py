# SPDX-License-Identifier: LGPL-3.0-only
"""Servers of a few lines that misbehave, for tests; imported by tests, no test itself."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading


@contextlib.contextmanager
def server(talk, context: ssl.SSLContext | None = None):
    """A TCP server on a free port; `talk(connection)` serves each connection. Yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()
    thread = threading.Thread(target=_accept, args=(listener, talk, context, stop), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _accept(listener, talk, context, stop) -> None:
    while not stop.is_set():
        try:
            connection, _address = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            if context:
                with context.wrap_socket(connection, server_side=True) as secured:
                    talk(secured)
            else:
                talk(connection)


def read_request(connection) -> bytes:
    """Headers and body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _blank, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(body: bytes, status="200 OK", headers="Content-Type: text/xml\r\n", seen=None):
    """A `talk` that gives this answer to every request; requests are appended to `seen`."""

    def talk(connection):
        request = read_request(connection)
        if seen is not None:
            seen.append(request)
        head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    return talk


def envelope(body: str) -> bytes:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    return (
        f'<s:Envelope xmlns:s="{soap}" xmlns="urn:mbank:companyws:1">'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(code: str, message: str = "No.") -> bytes:
    detail = f"<Fault><Code>{code}</Code><Message>{message}</Message></Fault>" if code else ""
    return envelope(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>No.</faultstring>"
        f"<detail>{detail}</detail></s:Fault>"
    )
