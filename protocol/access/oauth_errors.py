# SPDX-License-Identifier: LGPL-3.0-only
"""OAuth errors that are their own HTTP answer.

Each class is one `error` code of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1 or RFC 6585 §4, with the
HTTP status and the headers that belong to it. `description` is for the other side's developer:
plain ASCII English (RFC 6749 allows nothing else), without a word of ours that helps to guess.
"""

from __future__ import annotations

import json

from .signing_keys import CLIENT_ALGORITHMS

PROOF_ALGORITHMS = f'algs="{" ".join(CLIENT_ALGORITHMS)}"'


class OAuthError(Exception):
    """The request is refused."""

    error = "invalid_request"
    status = 400

    def __init__(self, description: str = "", *, headers: dict[str, str] | None = None):
        super().__init__(self.error)
        self.description = description or (type(self).__doc__ or "").strip()
        self._headers = headers or {}

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "Pragma": "no-cache",
            **self._headers,
        }

    @property
    def body(self) -> bytes:
        """The JSON of the answer."""
        said = {"error": self.error, "error_description": self.description}
        return json.dumps(said, ensure_ascii=True).encode("ascii")


class InvalidRequest(OAuthError):
    """The request is malformed."""


class RequestNotSupported(OAuthError):
    """Request objects are not supported."""

    error = "request_not_supported"


class RequestUriNotSupported(OAuthError):
    """Request objects by reference are not supported."""

    error = "request_uri_not_supported"


class InvalidRequestUri(OAuthError):
    """The pushed request is unknown, used or expired."""

    error = "invalid_request_uri"


class InvalidProof(OAuthError):
    """The DPoP proof is missing or not valid."""

    error = "invalid_dpop_proof"


class TooSlow(OAuthError):
    """The body did not come in time."""

    status = 408


class InvalidClient(OAuthError):
    """Client authentication failed."""

    error = "invalid_client"
    status = 401

    @property
    def headers(self) -> dict[str, str]:
        # RFC 9110: a 401 names a way to authenticate; RFC 6749 5.2: Basic when Basic was tried
        return {**super().headers, "WWW-Authenticate": 'Basic realm="moedelo"'}


class InvalidGrant(OAuthError):
    """The grant is invalid, expired or revoked."""

    error = "invalid_grant"
    family = ""  # of a token that is known here, for counting; never told


class UnauthorizedClient(OAuthError):
    """This client may not use this grant type."""

    error = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """The grant type is not supported."""

    error = "unsupported_grant_type"


class UnsupportedResponseType(OAuthError):
    """The response type is not supported."""

    error = "unsupported_response_type"


class InvalidScope(OAuthError):
    """The scope is unknown, or more than was granted."""

    error = "invalid_scope"


class AccessDenied(OAuthError):
    """The request was refused."""

    error = "access_denied"
    status = 403


class TemporarilyUnavailable(OAuthError):
    """The server cannot serve this now."""

    error = "temporarily_unavailable"
    status = 503


class TooManyFailures(OAuthError):
    """Too many failures. Try again later."""

    error = "temporarily_unavailable"
    status = 429

    def __init__(self, retry_after: int):
        super().__init__(headers={"Retry-After": str(max(1, retry_after))})


class BearerError(OAuthError):
    """An answer of the resource side (RFC 6750; RFC 9449, 7.1): the reason stands in
    WWW-Authenticate too, for the `scheme` that the caller has tried or should."""

    status = 401
    scheme = "Bearer"

    @property
    def headers(self) -> dict[str, str]:
        return {**super().headers, "WWW-Authenticate": f"{self.scheme} {self._challenge()}"}

    def _challenge(self) -> str:
        said = f'realm="moedelo", error="{self.error}", error_description="{self.description}"'
        return f"{said}, {PROOF_ALGORITHMS}" if self.scheme == "DPoP" else said


class NoCredentials(BearerError):
    """An access token is required."""

    # RFC 6750 3.1: who brought no credentials is told no error code
    def _challenge(self) -> str:
        return f'realm="moedelo", DPoP realm="moedelo", {PROOF_ALGORITHMS}'


class InvalidToken(BearerError):
    """The access token is expired, revoked or malformed."""

    error = "invalid_token"


class ProofRefused(BearerError):
    """The DPoP proof is missing or not valid."""

    error = "invalid_dpop_proof"
    scheme = "DPoP"


class InsufficientScope(BearerError):
    """The access token does not allow this."""

    error = "insufficient_scope"
    status = 403
