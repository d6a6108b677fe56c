# SPDX-License-Identifier: LGPL-3.0-only
"""Problem documents (RFC 9457): what an API method answers when it refuses.

`type` is a path on this server, one a kind of problem; texts are in Russian or English, as the
caller's Accept-Language wants. Beside the members of the RFC: `errors`, one for each wrong field,
and in answers about a token `error`, as RFC 6750 names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .problem_words import RUSSIAN, TITLES

MEDIA_TYPE = "application/problem+json"
TYPES = "/moedelo/v1/problems/"
LANGUAGES = ("en", "ru")


@dataclass(frozen=True)
class FieldError:
    """One field that is wrong. `pointer`: RFC 6901 in the document; `code`: for programs.

    `detail` is a template with named parts from `values`, or a text that is in the reader's
    language already (then `said` is True).
    """

    pointer: str
    code: str
    detail: str
    values: Mapping[str, object] = field(default_factory=dict, compare=False)
    said: bool = False

    def render(self, language: str) -> dict[str, str]:
        words = self.detail if self.said else say(self.detail, language, self.values)
        return {"pointer": f"#{self.pointer}", "code": self.code, "detail": words}


class Problem(Exception):
    """The request is refused. `kind` is a key of `TITLES`, which names status and title."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        errors: Iterable[FieldError] = (),
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
        **values,
    ):
        super().__init__(kind)
        self.kind, self.detail, self.values = kind, detail, values
        self.errors = tuple(errors)
        self.status = status or TITLES[kind][0]
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    def document(self, language: str = "en") -> dict:
        """The members of the problem document."""
        said = {
            "type": f"{TYPES}{self.kind}",
            "title": say(TITLES[self.kind][1], language),
            "status": self.status,
        }
        if self.detail:
            said["detail"] = say(self.detail, language, self.values)
        if self.errors:
            said["errors"] = [error.render(language) for error in self.errors]
        return {**said, **self.members}

    def body(self, language: str = "en") -> bytes:
        return json.dumps(self.document(language), ensure_ascii=False).encode()


def say(template: str, language: str, values: Mapping[str, object] | None = None) -> str:
    """The template in one of LANGUAGES, with its parts filled in."""
    words = RUSSIAN.get(template, template) if language == "ru" else template
    if not values:
        return words
    # a part may be one of our phrases itself: what was expected
    parts = {name: _part(value, language) for name, value in values.items()}
    return words.format(**parts)


def _part(value: object, language: str) -> object:
    return RUSSIAN.get(value, value) if language == "ru" and isinstance(value, str) else value


def of_status(status: int) -> Problem:
    """The problem behind an HTTP status that was decided before our own code."""
    for kind, (known, _title) in TITLES.items():
        if known == status:
            return Problem(kind)
    return Problem("failed" if status >= 500 else "refused", status=status)
