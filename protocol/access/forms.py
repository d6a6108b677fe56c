# SPDX-License-Identifier: LGPL-3.0-only
"""Reading a request of the token endpoint: the form, and how the client authenticates.

RFC 6749 §2.3.1, §3.2 and appendix B, RFC 7523 §2.2. Nothing here knows a web framework: body and
headers come in as bytes and text.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from .oauth_errors import InvalidClient, InvalidRequest

FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_BODY = 65_536  # bytes; a refresh with private_key_jwt has about 1,500
MAX_FIELDS = 50


@dataclass(frozen=True)
class ClientProof:
    """How the client proves who it is. `method`: basic, post, assertion."""

    method: str
    client_id: str
    secret: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)


def parse_form(body: bytes, content_type: str, query: str = "") -> dict[str, str]:
    """`{name: value}` of a POST form. An empty value is left out, a name twice is an error."""
    if (content_type or "").split(";")[0].strip().lower() != FORM:
        raise InvalidRequest("The body must be application/x-www-form-urlencoded.")
    if query:
        # a query string ends up in logs: whatever stands there, this is not the place for it
        raise InvalidRequest("Parameters belong in the body, not in the address.")
    if len(body) > MAX_BODY:
        raise InvalidRequest("The body is too large.")
    return once(_pairs(body))


def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The pairs as a dict; RFC 6749 3.1: no parameter more than once, an empty one is none."""
    if any("\0" in name + value for name, value in pairs):
        raise InvalidRequest("A parameter contains a character that no parameter may.")
    if len({name for name, _value in pairs}) != len(pairs):
        raise InvalidRequest("A parameter is repeated.")
    return {name: value for name, value in pairs if value}


def read_client(form: Mapping[str, str], authorization: str | None) -> ClientProof:
    """Exactly one way to authenticate, else `invalid_request`; none at all is `invalid_client`."""
    basic = _basic(authorization)
    asserts = "client_assertion" in form or "client_assertion_type" in form
    ways = [bool(basic), "client_secret" in form, asserts]
    if sum(ways) > 1:
        raise InvalidRequest("More than one way of client authentication.")
    if basic:
        _same_id(form, basic.client_id)
        return basic
    if "client_secret" in form:
        return ClientProof("post", _needed(form, "client_id"), secret=form["client_secret"])
    if asserts:
        return _assertion(form)
    raise InvalidClient("Client authentication is required.")


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("utf-8")
        return parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise InvalidRequest("The body cannot be read.") from error


def _basic(authorization: str | None) -> ClientProof | None:
    if not authorization:
        return None
    scheme, _blank, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidRequest("The Authorization header must be Basic here.")
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except ValueError as error:  # no base64, not even ASCII, no UTF-8
        raise InvalidClient() from error
    name, colon, secret = text.partition(":")
    if not colon or not name:
        raise InvalidClient()
    # RFC 6749 2.3.1: both parts are form-encoded before they are put together
    return ClientProof("basic", unquote_plus(name), secret=unquote_plus(secret))


def _assertion(form: Mapping[str, str]) -> ClientProof:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidRequest("client_assertion_type is not supported.")
    # who it is says the assertion itself; client_id beside it must only not contradict
    assertion = _needed(form, "client_assertion")
    return ClientProof("assertion", form.get("client_id", ""), assertion=assertion)


def _same_id(form: Mapping[str, str], client_id: str) -> None:
    if form.get("client_id", client_id) != client_id:
        raise InvalidRequest("client_id differs from the Authorization header.")


def _needed(form: Mapping[str, str], name: str) -> str:
    if name not in form:
        raise InvalidRequest(f"{name} is missing.")
    return form[name]
