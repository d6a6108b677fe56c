# SPDX-License-Identifier: LGPL-3.0-only
"""The pretend banks as a process of their own, for tests; imported by tests, no test itself."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Pretend:
    """Addresses, the phone and the control routes of one running sandbox."""

    def __init__(self, addresses: dict):
        self.addresses = addresses
        self.base = addresses["base"]

    def control(self, route: str, **body) -> dict:
        """POST to a control route."""
        return self._json(f"/control/{route}", body)

    def read(self, route: str) -> dict:
        return self._json(route)

    def waiting(self, login: str) -> list[dict]:
        """What this person's phone shows."""
        return self._json(f"/phone/api/users/{login}")["challenges"]

    def answer(self, login: str, answer: str) -> dict:
        """Confirm or refuse the only thing that the phone shows; returns it."""
        (challenge,) = self.waiting(login)
        self._json(f"/phone/api/challenges/{challenge['id']}/{answer}", {})
        return challenge

    def bytes(self, path: str) -> bytes:
        with urllib.request.urlopen(self.base + path, timeout=20) as answer:
            return answer.read()

    def _json(self, path: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@contextlib.contextmanager
def running(*options: str):
    """A sandbox on a free port, ready to be called."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        lines = iter(process.stdout.readline, "")
        addresses = next(line for line in lines if line.startswith("{"))
        yield Pretend(json.loads(addresses))
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
