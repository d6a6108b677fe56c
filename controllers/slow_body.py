# SPDX-License-Identifier: LGPL-3.0-only
"""Reading a request's body with one limit of time for all of it.

Servers limit the time of each piece at best, so that a byte every second goes on for hours.
"""

import contextlib
import time

from werkzeug.serving import DechunkedInput

PIECE = 65_536  # bytes


def limit(environ, seconds, late):
    """Puts a `Timed` where the body of this request is read from; once: Odoo may run it again.

    A body in chunks goes on reading until a piece is whole, so what it reads from is limited.
    """
    stream = environ["wsgi.input"]
    if isinstance(stream, DechunkedInput):
        if not isinstance(stream._rfile, Timed):
            stream._rfile = Timed(stream._rfile, seconds, late)
    elif not isinstance(stream, Timed):
        environ["wsgi.input"] = Timed(stream, seconds, late)


class Timed:
    """In place of `wsgi.input`: everything has to be there within `seconds` from the first read.

    `late()` makes the error of a body that is not.
    """

    def __init__(self, stream, seconds, late):
        self.stream = stream
        self.seconds = seconds
        self.late = late
        self.deadline = None

    def read(self, size=-1):
        """`size` bytes (negative: to the end), or fewer where the stream ends before."""
        return b"".join(self._pieces(size))

    def readline(self, size=-1):
        """To the end of the line, `size` bytes (negative: any number) at most."""
        line = b""
        for byte in self._pieces(size, 1):
            line += byte
            if byte == b"\n":
                break
        return line

    def _pieces(self, missing, most=PIECE):
        if self.deadline is None:
            self.deadline = time.monotonic() + self.seconds
        with self._patience() as wait:
            while missing:
                piece = self._piece(most if missing < 0 else min(missing, most), wait)
                if not piece:
                    break
                yield piece
                missing -= len(piece) if missing > 0 else 0

    def _piece(self, most, wait):
        """What has come by now, not all that was asked for."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self.late()
        wait(left)
        read = getattr(self.stream, "read1", None) or self.stream.read
        try:
            return read(most)
        except TimeoutError:
            raise self.late() from None

    @contextlib.contextmanager
    def _patience(self):
        """`wait(seconds)`: no longer for the next piece; the connection's own limit comes back."""
        connection = getattr(getattr(self.stream, "raw", None), "_sock", None)
        if connection is None:
            yield lambda seconds: None
            return
        before = connection.gettimeout()
        try:
            yield lambda seconds: connection.settimeout(
                seconds if before is None else min(seconds, before)
            )
        finally:
            with contextlib.suppress(OSError):
                connection.settimeout(before)
