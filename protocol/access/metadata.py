# SPDX-License-Identifier: LGPL-3.0-only
"""What the server says of itself: RFC 8414 metadata, and what an issuer may look like."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from ..errors import Invalid
from .scopes import SCOPES
from .signing_keys import CLIENT_ALGORITHMS

METADATA_PATH = "/.well-known/oauth-authorization-server"
TOKEN_PATH = "/moedelo/token"  # noqa: S105 - an address
REFRESH_PATH = "/moedelo/refresh"
PUSH_PATH = "/moedelo/par"
AUTH_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]

ISSUER_WRONG = "The issuer must be an https address without path, query or fragment."


@lru_cache(maxsize=1000)
def is_loopback(host: str | None) -> bool:
    """True for this machine itself."""
    if (host or "").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


def check_issuer(text: str) -> str:
    """The issuer without a trailing slash: https, or http on loopback; nothing but a host."""
    issuer = (text or "").strip().rstrip("/")
    try:
        parts = urlsplit(issuer)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError as error:
        raise Invalid(ISSUER_WRONG) from error
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if not (secure and bare and parts.hostname and port_is_number):
        raise Invalid(ISSUER_WRONG)
    return issuer


def metadata(issuer: str, only_pushed: bool = False) -> dict[str, object]:
    """The RFC 8414 document. `only_pushed`: no service may ask without a pushed request."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/moedelo/authorize",
        "token_endpoint": f"{issuer}{TOKEN_PATH}",
        "revocation_endpoint": f"{issuer}/moedelo/revoke",
        "introspection_endpoint": f"{issuer}/moedelo/introspect",
        "jwks_uri": f"{issuer}/moedelo/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "token_endpoint_auth_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "introspection_endpoint_auth_methods_supported": AUTH_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "pushed_authorization_request_endpoint": f"{issuer}{PUSH_PATH}",
        "require_pushed_authorization_requests": only_pushed,
        "dpop_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
    }


def database_audience(database_uuid: str) -> str:
    """The `aud` of our access tokens: this database and no other."""
    return f"urn:uuid:{database_uuid}"


def assertion_audiences(issuer: str) -> tuple[str, ...]:
    """What a client may name as `aud` in its assertion: us, or the address that it calls (RFC 7523
    §3, RFC 9126 §2)."""
    return (issuer, *(f"{issuer}{path}" for path in (TOKEN_PATH, REFRESH_PATH, PUSH_PATH)))
