# SPDX-License-Identifier: LGPL-3.0-only
"""Scopes, and which of them a package contains."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .oauth_errors import InvalidScope

SCOPES = ("payments", "statements", "accounts", "calendar", "client")
PACKAGE_SCOPES = {
    "moedelo": frozenset(SCOPES),
    "integration": frozenset({"payments", "statements", "accounts", "client"}),
}
JUMP_PACKAGES = frozenset({"moedelo"})
JUMP = frozenset({"client"})  # all that a code from a jump may carry
SERVICE = frozenset({"statements"})  # all that the statement-only service may get

_TOKEN = re.compile(r"^[\x21\x23-\x5b\x5d-\x7e]+$")  # RFC 6749 3.3


def parse(text: str | None) -> frozenset[str]:
    """The scopes of a space-separated list; an unknown one is `InvalidScope`."""
    names = (text or "").split(" ") if text else []
    if any(not _TOKEN.match(name) for name in names) or not set(names) <= set(SCOPES):
        raise InvalidScope()
    return frozenset(names)


def render(scopes: Iterable[str]) -> str:
    """Space-separated, always in the same order."""
    wanted = set(scopes)
    return " ".join(name for name in SCOPES if name in wanted)


def narrow(asked: str | None, granted: Iterable[str]) -> frozenset[str]:
    """The asked scopes when they lie within the granted ones; nothing asked = all of these."""
    granted = frozenset(granted)
    wanted = parse(asked) or granted
    if not wanted <= granted:
        raise InvalidScope()
    return wanted


def of_package(package: str | None) -> frozenset[str]:
    """What a package contains; no package, nothing."""
    return PACKAGE_SCOPES.get(package or "", frozenset())
