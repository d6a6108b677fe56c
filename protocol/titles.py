"""Titles of ordinary transfers: whole parts, as many as fit, and never a part in two."""

from __future__ import annotations

from collections.abc import Sequence

LIMIT = 140  # characters: 4 lines of 35


def fitted(parts: Sequence[str], lead: str = "", limit: int = LIMIT) -> str:
    """`lead` and the parts. Where they are too long, the last ones leave and are counted: “+3”.

    `lead` always stays; so does a single part, even where it is too long: a check says so.
    """
    parts = [part for part in parts if part]
    whole = _joined(lead, parts)
    if len(whole) <= limit or (len(parts) < 2 and not lead):
        return whole
    for kept in range(len(parts) - 1, 0, -1):
        title = f"{_joined(lead, parts[:kept])} +{len(parts) - kept}"
        if len(title) <= limit:
            return title
    return lead or whole


def _joined(lead: str, parts: Sequence[str]) -> str:
    return " ".join(filter(None, (lead, ", ".join(parts))))
