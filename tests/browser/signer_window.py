# SPDX-License-Identifier: LGPL-3.0-only
"""The signer's own window, on a screen that nobody sees: for the pictures of the documentation.

Needs Xvfb and ImageMagick, and is used with PICTURES=1 only.
"""

import contextlib
import os
import socket
import subprocess
import time

from signer_world import ROOT, signer_command


@contextlib.contextmanager
def hidden_screen():
    """An X display (":7") that ends with the context."""
    ours, its = os.pipe()
    words = ["Xvfb", "-displayfd", str(its), "-screen", "0", "1000x700x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[its], stderr=subprocess.DEVNULL)
    os.close(its)
    try:
        with os.fdopen(ours) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def asking_signer(program, environment, display):
    """The signer of `program` (stopped, and already paired) with windows instead of a robot."""
    command = signer_command(program.home, "--port", str(program.port))
    process = subprocess.Popen(command, cwd=ROOT, env={**environment, "DISPLAY": display})
    try:
        _until(lambda: _listens(program.port))
        yield process
    finally:
        process.terminate()
        process.wait()


def picture(display, title, path):
    """The window with this title as a PNG file, once it is there."""
    command = ["import", "-display", display, "-window", title, str(path)]
    _until(lambda: subprocess.run(command, capture_output=True, check=False).returncode == 0)


def _listens(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    return False


def _until(happened, seconds=30):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.3)
