# SPDX-License-Identifier: LGPL-3.0-only
"""Lines that hold each other: each carries the hash of the one before.

    hash = SHA-256, in hex, of the JSON of the line's members and of `previous`

JSON as `json.dumps(…, sort_keys=True, separators=(",", ":"))` writes it, in ASCII. Who changes,
takes out or slips in a line has to write all later ones anew, and an exported copy shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

START = "0" * 64  # what the very first line has before it


def link(previous: str, line: Mapping[str, object]) -> str:
    """The hash of a line; `line`: JSON values, without `previous` and `hash`."""
    said = json.dumps({**line, "previous": previous}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode("ascii")).hexdigest()


def first_broken(
    lines: Iterable[tuple[Mapping[str, object], str, str]], previous: str, position: int
) -> int | None:
    """The place of the first line that does not follow from those before it, or None.

    `lines`: (members with `position`, previous, hash) in the order of their places; `previous`,
    `position`: the hash before the first one, and its place.
    """
    for line, before, own in lines:
        follows = line["position"] == position and before == previous
        if not follows or link(previous, line) != own:
            return position
        previous, position = own, position + 1
    return None
