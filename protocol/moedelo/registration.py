# SPDX-License-Identifier: LGPL-3.0-only
"""What a service says of the registration of an organisation with it."""

from __future__ import annotations

from dataclasses import dataclass

from . import problem_words as words
from .problems import Problem
from .shapes import Group, Text

STATUSES = ("registered", "in_progress", "refused")
SHAPE = Group(
    {
        "status": Text(20, "|".join(STATUSES), words.EXPECTED_STATUS, needed=True),
        "reference": Text(64),
        "message": Text(250),
    }
)


@dataclass(frozen=True)
class Registration:
    """`reference`: the organisation's id at the service; `message`: words for a person."""

    status: str
    reference: str = ""
    message: str = ""


def understand(value: object) -> Registration:
    """`Problem` (422) with every wrong field."""
    errors = list(SHAPE.errors(value, ""))
    if errors:
        raise Problem("invalid", errors=errors)
    return Registration(**value)
