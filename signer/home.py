# SPDX-License-Identifier: LGPL-3.0-only
"""The signer's own folder, and the port that belongs to this user of the computer.

On a terminal server several people run a signer each, so the port comes from the user's name and,
where that one is taken, is the next free one of the range. It is remembered.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import sys
import zlib
from pathlib import Path

FIRST_PORT = 17640
PORTS = 20  # the page looks through all of them; README.md names the range


def folder() -> Path:
    """The folder of this user's pairings and settings."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", Path.home()))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "bank-signer"


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    beside.replace(path)


def ports(home: Path) -> list[int]:
    """Ports to try, in order: the remembered one, then from this user's own one round."""
    start = zlib.crc32(getpass.getuser().encode()) % PORTS
    round_trip = [FIRST_PORT + (start + step) % PORTS for step in range(PORTS)]
    remembered = _remembered(home)
    return [remembered, *round_trip] if remembered in round_trip else round_trip


def remember_port(home: Path, port: int) -> None:
    if port != _remembered(home) and FIRST_PORT <= port < FIRST_PORT + PORTS:
        write_private(home / "settings.json", json.dumps({"port": port}))


def _remembered(home: Path) -> int | None:
    try:
        return json.loads((home / "settings.json").read_text(encoding="utf-8"))["port"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
