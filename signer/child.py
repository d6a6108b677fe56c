# SPDX-License-Identifier: LGPL-3.0-only
"""A driver's process, seen from the signer: asked with a time-out, started again after a crash."""

from __future__ import annotations

import contextlib
import json
import queue
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from .autostart import command
from .errors import Refusal

OWN_BITS = struct.calcsize("P") * 8
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class Child:
    """One module. Most cannot be called twice at once: calls wait for each other."""

    def __init__(self, path: str):
        self.path = path
        self.name = Path(path).name
        self._process: subprocess.Popen | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        self._lock = threading.Lock()

    def ask(self, do: str, seconds: float, **arguments: Any) -> Any:
        """What the operation gives. Refusal: its own, or one about the driver."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            answer = self._asked({"do": do, **arguments}, seconds)
        if "refusal" in answer:
            raise Refusal(answer["refusal"], **answer["parts"])
        return answer["given"]

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        its = bits_of(self.path)
        if its not in (None, OWN_BITS):
            raise Refusal("driver_bits", name=self.name, its=its, own=OWN_BITS)
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            [*command(), "--driver", self.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="ascii",
            creationflags=NO_WINDOW,
        )
        threading.Thread(
            target=_read, args=(self._process.stdout, self._lines), daemon=True
        ).start()

    def _asked(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            self.stop()
            raise Refusal("driver_slow", name=self.name) from None
        except OSError:
            line = ""
        if not line:
            self.stop()
            raise Refusal("driver_stopped", name=self.name)
        return json.loads(line)


def _read(stream: Any, lines: queue.Queue[str]) -> None:
    """Lines as they come; an empty one when the process has ended."""
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            lines.put(line)
    lines.put("")


def bits_of(path: str) -> int | None:
    """32 or 64: for which programs a library was made (ELF, PE); None where it cannot be told."""
    try:
        head = Path(path).read_bytes()[:4096]
    except OSError:
        return None
    if head[:4] == b"\x7fELF":
        return {1: 32, 2: 64}.get(head[4])
    if sys.platform == "win32" and head[:2] == b"MZ":
        at = int.from_bytes(head[0x3C:0x40], "little")
        machine = int.from_bytes(head[at + 4 : at + 6], "little")
        return {0x14C: 32, 0x8664: 64, 0xAA64: 64}.get(machine)
    return None
