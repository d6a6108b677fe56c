# SPDX-License-Identifier: LGPL-3.0-only
"""Runs a command that must not outlive its parent: `leash.py COMMAND ...`.

The parent holds our standard input. When that closes, by whatever death, the command's whole
process group is ended. The first line on standard output is the command's process id; standard
output closes when the command has ended. Nobody's child: Odoo's test classes end all children of
the test process.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

PATIENCE = 20  # seconds between asking and killing


def main(command):
    if os.fork():
        os._exit(0)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # only the parent's end of the pipe counts
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
        start_new_session=True,
        preexec_fn=_default_signals,
    )
    print(child.pid, flush=True)
    watcher = threading.Thread(target=_end_with_parent, args=(child,), daemon=True)
    watcher.start()
    code = child.wait()
    _signal(child, signal.SIGKILL)  # workers that it left behind
    os._exit(code if code >= 0 else 128 - code)


def _default_signals():
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)


def _end_with_parent(child):
    while os.read(0, 1024):
        pass
    _signal(child, signal.SIGTERM)
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGKILL)


def _signal(child, number):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    main(sys.argv[1:])
