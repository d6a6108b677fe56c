# SPDX-License-Identifier: LGPL-3.0-only
"""A confirmation that is still owed, as JSON: any worker can go on with it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime

from .records import Challenge

VERSION = 1


def as_dict(challenge: Challenge) -> dict:
    """The challenge as plain JSON values. Keep it as secret as a session."""
    ends = challenge.expires_at
    return {
        "version": VERSION,
        "id": challenge.id,
        "method": challenge.method,
        "code": challenge.code,
        "text": challenge.text,
        "expires_at": ends.isoformat() if ends else None,
        "payload": base64.b64encode(challenge.payload).decode(),
        "encrypted": base64.b64encode(challenge.encrypted).decode(),
        "state": dict(challenge.state),
    }


def from_dict(values: Mapping) -> Challenge:
    """The challenge that `as_dict` wrote; ValueError for one of another version."""
    if values.get("version") != VERSION:
        raise ValueError("a challenge of another version")
    ends = values["expires_at"]
    return Challenge(
        id=values["id"],
        method=values["method"],
        code=values["code"],
        text=values["text"],
        expires_at=datetime.fromisoformat(ends) if ends else None,
        payload=base64.b64decode(values["payload"]),
        encrypted=base64.b64decode(values.get("encrypted", "")),
        state=dict(values["state"]),
    )
