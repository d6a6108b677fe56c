# SPDX-License-Identifier: LGPL-3.0-only
"""A limit of time for the WHOLE of an HTTP call.

The time-outs of requests count from one received byte to the next, so an answer that drips never
ends. A `Deadline` shuts the connection down when its time is over, whatever the call is doing then:
shaking hands, waiting for headers, or reading.
"""

from __future__ import annotations

import contextlib
import contextvars
import socket
import ssl
import threading
import time
from collections.abc import Callable

from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_current: contextvars.ContextVar[Deadline] = contextvars.ContextVar("deadline")


class Deadline:
    """Time for one call. `connected`: the connection stood, so the bank may have got something.

    `check_peer` is called with the address that was reached, before a byte is sent to it: whatever
    a name meant a moment ago, this is where it leads now.
    """

    def __init__(self, seconds: float, check_peer: Callable[[str], None] | None = None):
        self.seconds = seconds
        self._check_peer = check_peer
        self.connected = False
        self._ends_at = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._cut = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._token = _current.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_exception) -> None:
        self._timer.cancel()
        _current.reset(self._token)
        with self._lock:
            for copy in self._sockets:
                copy.close()
            self._sockets.clear()

    @property
    def passed(self) -> bool:
        return self._cut or time.monotonic() >= self._ends_at

    def check(self) -> None:
        """TimeoutError when the time is over: a cut answer must not look like a whole one."""
        if self._cut:
            raise TimeoutError

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection down when the time is over."""
        if self._check_peer:
            try:
                self._check_peer(connection.getpeername()[0])
            except BaseException:
                connection.close()
                raise
        # A copy of the descriptor: wrapping a socket in TLS takes the original one away.
        copy = connection.dup()
        with self._lock:
            self._sockets.append(copy)
        if self._cut:
            self._shut_down()

    def _shut_down(self) -> None:
        self._cut = True
        with self._lock:
            for copy in self._sockets:
                with contextlib.suppress(OSError):  # the other side was faster
                    copy.shutdown(socket.SHUT_RDWR)


class _Watched:
    """A connection that tells the call's deadline of its socket."""

    def _new_conn(self):
        made = super()._new_conn()
        _current.get().watch(made)
        return made

    def connect(self):
        super().connect()
        _current.get().connected = True


class _Http(_Watched, HTTPConnection):
    pass


class _Https(_Watched, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class DeadlineAdapter(HTTPAdapter):
    """requests over watched connections; never tries twice.

    `context`: for TLS with a certificate of ours.
    """

    def __init__(self, context: ssl.SSLContext | None = None):
        self._tls = {"ssl_context": context} if context else {}
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs, **self._tls)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy, **kwargs):
        if proxy.lower().startswith("socks"):
            # Its connections cannot be watched, so nobody could tell what a failure means.
            raise InvalidProxyURL("a SOCKS proxy cannot be used")
        return self._watch(super().proxy_manager_for(proxy, **kwargs, **self._tls))

    @staticmethod
    def _watch(manager):
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        return manager
