# SPDX-License-Identifier: LGPL-3.0-only
"""A request, an answer, and the ways in which an answer can fail to arrive."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Request:
    """What came in. `args`: named parts of the path; `query`: last value of each parameter."""

    method: str
    path: str
    query_string: str
    headers: object  # mapping without regard to case
    body: bytes
    args: dict = field(default_factory=dict)
    peer: bytes = b""  # the certificate (DER) that the caller showed, over mutual TLS

    @property
    def query(self) -> dict[str, str]:
        return {key: values[-1] for key, values in parse_qs(self.query_string).items()}

    def json(self) -> dict:
        """The body as a JSON object. BadRequest otherwise."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError as error:
            raise BadRequest("The body is not JSON.") from error
        if not isinstance(value, dict):
            raise BadRequest("The body must be a JSON object.")
        return value


@dataclass(frozen=True)
class Response:
    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def json_response(value, status: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False, default=str).encode()
    return Response(status, "application/json; charset=utf-8", body)


class BadRequest(Exception):
    """Answered as HTTP 400 with a sentence."""

    status = 400


class NotFound(BadRequest):
    """Answered as HTTP 404."""

    status = 404


class Drop(Exception):
    """Close the connection without an answer."""


class Truncate(Exception):
    """Send the headers of an answer and half of its body, then close."""

    def __init__(self, response: Response):
        super().__init__()
        self.response = response


def whole(body: dict, key: str, default: int, *, least: int, most: int = 10**6) -> int:
    """A whole number from `least` to `most` out of a JSON object. BadRequest otherwise."""
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRequest(f"{key} must be a whole number from {least} to {most}, not {value!r}.")
    return value


def truth(body: dict, key: str, default: bool) -> bool:
    """true or false out of a JSON object. BadRequest otherwise."""
    value = body.get(key, default)
    if not isinstance(value, bool):
        raise BadRequest(f"{key} must be true or false, not {value!r}.")
    return value


def locked(function):
    """A control route: run under the world's lock, mark the state as changed, answer JSON."""

    def wrapped(world, request: Request) -> Response:
        with world.lock:
            world.dirty = True
            try:
                return json_response(function(world, request))
            except (ValueError, TypeError, KeyError, ArithmeticError) as error:
                raise BadRequest(f"{type(error).__name__}: {error}") from error

    return wrapped
