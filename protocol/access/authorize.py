# SPDX-License-Identifier: LGPL-3.0-only
"""Reading an authorization request, and where its answer goes (RFC 6749 §4.1, RFC 9207)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from ..errors import Invalid
from . import dpop, scopes
from .grants import check_challenge
from .metadata import is_loopback
from .oauth_errors import (
    InvalidRequest,
    InvalidScope,
    OAuthError,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)

MAX_STATE = 1_000  # characters

REFERENCE = "urn:ietf:params:oauth:request_uri:"
PUSHED_LIFE = timedelta(minutes=10)  # the person may have to log in, and reads before deciding
PARAMETERS = (
    *("response_type", "redirect_uri", "scope", "state", "code_challenge"),
    *("code_challenge_method", "dpop_jkt", "request"),
)

REDIRECT_WRONG = "A redirect address must be https (http only to this machine), without a fragment."


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request that may be shown to a person."""

    client_id: str
    redirect_uri: str
    scope: frozenset[str]
    state: str
    challenge: str
    key: str = ""  # thumbprint of the key that the code will be for (RFC 9449 §10)

    @property
    def is_jump(self) -> bool:
        """It asks only who is there: the quick jump, not the connection of a company."""
        return self.scope == scopes.JUMP


def check_redirect_uri(uri: str) -> str:
    """An address that may be registered."""
    try:
        parts = urlsplit(uri.strip())
        secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
        usable = secure and parts.hostname and "#" not in uri and not parts.username
    except ValueError as error:
        raise Invalid(REDIRECT_WRONG) from error
    if not usable or any(character.isspace() for character in uri.strip()):
        raise Invalid(REDIRECT_WRONG)
    return uri.strip()


def pick_redirect(form: dict[str, str], registered: Sequence[str]) -> str:
    """The redirect address of the request when it is, to the letter, one of the registered ones.

    Until this has passed, no answer may be sent to any address that the request names.
    """
    asked = form.get("redirect_uri")
    if asked not in registered:
        raise InvalidRequest("redirect_uri is not registered.")
    return asked


def parse(form: dict[str, str], redirect_uri: str, allowed: frozenset[str]) -> AuthorizationRequest:
    """The request, once client and redirect address are known to be right."""
    # A client that asks by a signed object must not be taken at the word of what stands beside it.
    if "request" in form:
        raise RequestNotSupported()
    if "request_uri" in form:
        raise RequestUriNotSupported()
    if form.get("response_type") != "code":
        raise UnsupportedResponseType()
    if len(form.get("state", "")) > MAX_STATE:
        raise InvalidRequest("state is too long.")
    challenge = check_challenge(form.get("code_challenge"), form.get("code_challenge_method"))
    wanted = scopes.parse(form.get("scope"))
    if not wanted or not wanted <= allowed:
        raise InvalidScope()
    key = dpop.check_thumbprint(form.get("dpop_jkt", ""))
    return AuthorizationRequest(
        form["client_id"], redirect_uri, wanted, form.get("state", ""), challenge, key
    )


def pushed(form: dict[str, str], client_id: str, key: str) -> dict[str, str]:
    """What is kept of a pushed request (RFC 9126 §2): its parameters, never how the client has
    proved itself. `key`: of the proof that came with it, which its code will be for then."""
    if "request_uri" in form:
        raise InvalidRequest("A pushed request cannot name another one.")
    if key and form.get("dpop_jkt", key) != key:
        raise InvalidRequest("dpop_jkt is not the key of the proof.")
    kept = {name: form[name] for name in PARAMETERS if name in form}
    return {**kept, "client_id": client_id, **({"dpop_jkt": key} if key else {})}


def reference_of(form: dict[str, str]) -> str:
    """The name of the pushed request that this one refers to, empty where it refers to none of
    ours."""
    uri = form.get("request_uri", "")
    return uri.removeprefix(REFERENCE) if uri.startswith(REFERENCE) else ""


def answer_uri(redirect_uri: str, issuer: str, state: str, **answer: str) -> str:
    """The address the browser is sent back to: the answer, the state, and who answers (`iss`)."""
    said = {**answer, **({"state": state} if state else {}), "iss": issuer}
    return f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{urlencode(said)}"


def refusal_uri(redirect_uri: str, issuer: str, state: str, error: OAuthError) -> str:
    """The same for a refusal."""
    return answer_uri(
        redirect_uri, issuer, state, error=error.error, error_description=error.description
    )
