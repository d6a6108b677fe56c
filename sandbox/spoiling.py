# SPDX-License-Identifier: LGPL-3.0-only
"""What an ordered fault does to a call and to its answer, the same for every bank."""

from __future__ import annotations

import time
from collections.abc import Callable

from .faults import Fault
from .http import Drop, Response, Truncate

GARBAGE = b"\x00\xffOK 200 thank you<<<"


def spoiled(
    world, fault: Fault | None, answer: Callable[[], Response], media_type: str, bomb: bytes
) -> Response:
    """The bank's answer as it arrives. `bomb`: an answer of this bank that expands."""
    started = time.monotonic()
    kind = fault.kind if fault else ""
    if kind == "drop_before":
        raise Drop()
    if kind == "http_500" and not fault.after:
        return broken()
    if kind == "delay" and fault.before:
        time.sleep(fault.seconds)
    with world.lock:
        if kind == "repeated":
            answer()
        said = answer()
        world.dirty = True
    if kind == "delay" and not fault.before:
        time.sleep(max(0, fault.seconds - (time.monotonic() - started)))
    if kind in ("drop_after", "take_late"):
        raise Drop()
    if kind == "http_500":
        return broken()
    if kind in ("garbage", "entity_bomb"):
        return Response(200, media_type, bomb if kind == "entity_bomb" else GARBAGE)
    if kind == "truncated":
        raise Truncate(said)
    return said


def broken() -> Response:
    """What a web server says when the program behind it has failed."""
    return Response(500, "text/html", b"<html><body><h1>Internal Server Error</h1></body></html>")
