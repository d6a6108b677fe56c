# SPDX-License-Identifier: LGPL-3.0-only
"""Browsers: an administrator connects his company, and people of the bank's system jump in."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import urlencode

from ..http import BadRequest, Request, Response
from . import bank_client, pages
from .office import COOKIE, cookies

SCOPE = "payments statements accounts calendar client"


def connect(office, request: Request) -> Response:
    """Send the administrator's browser to the consent page."""
    return _to_authorize(office, "connect", SCOPE)


def log_in(office, request: Request) -> Response:
    """Log-in started by a third party (OpenID Connect): the bank system's button leads here."""
    query = request.query
    if query.get("iss") != office.bank.get("issuer"):
        return pages.page("Not here", "<p>This comes from a system that we do not know.</p>", 400)
    target = query.get("target_link_uri", "")
    if target and not office.is_ours(target):
        return pages.page("Not here", "<p>The target is not ours.</p>", 400)
    return _to_authorize(office, "jump", "client", target)


def _to_authorize(office, purpose: str, scope: str, target: str = "") -> Response:
    state, cookie, verifier = (secrets.token_urlsafe(32) for _number in range(3))
    digest = hashlib.sha256(verifier.encode()).digest()
    with office.lock:
        office.pending[state] = {
            "purpose": purpose, "verifier": verifier, "cookie": cookie, "target": target,
        }  # fmt: skip
    asked = {
        "response_type": "code",
        "client_id": office.bank.get("client_id", ""),
        "redirect_uri": office.back,
        "scope": scope,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if not office.bank.get("issuer"):
        raise BadRequest("The bank's system is not known yet: POST /control/bank.")
    address = f"{office.bank['issuer']}/moedelo/authorize?{urlencode(asked)}"
    return _send(address, _set_cookie(f"{COOKIE}_asks", cookie))


def back(office, request: Request) -> Response:
    """The browser comes back with a code, or with a refusal."""
    query = request.query
    with office.lock:
        asked = office.pending.pop(query.get("state", ""), None)
    if not asked or cookies(request).get(f"{COOKIE}_asks") != asked["cookie"]:
        return pages.page("Not asked for", "<p>Nobody has asked for this here.</p>", 400)
    if query.get("iss") != office.bank["issuer"]:
        return pages.page("Not here", "<p>Another system has answered.</p>", 400)
    if "code" not in query:
        said = pages.text(query.get("error", "?"))
        return pages.page("Refused", f"<p id='refused'>The bank's system said no: {said}.</p>", 403)
    said = bank_client.token(
        office, grant_type="authorization_code", code=query["code"],
        redirect_uri=office.back, code_verifier=asked["verifier"],
    )  # fmt: skip
    return _jumped(office, said, asked) if asked["purpose"] == "jump" else _connected(office, said)


def _connected(office, said: dict) -> Response:
    """Keep the tokens, read who our new client is, and report its registration."""
    bank_client.keep(office, said)
    organisation = bank_client.call(office, "GET", "/moedelo/v1/client").body
    accounts = bank_client.call(office, "GET", "/moedelo/v1/accounts").body
    with office.lock:
        office.dirty = True
        office.state["organisation"] = organisation
        office.state["accounts"] = accounts["accounts"]
    bank_client.call(office, "POST", "/moedelo/v1/client/status", {"status": "registered"})
    return _send("/")


def _jumped(office, said: dict, asked: dict) -> Response:
    """The code of a jump says who came, and opens nothing else."""
    headers = {"Authorization": f"Bearer {said['access_token']}"}
    who = bank_client.ask(office, "GET", "/moedelo/v1/client", **headers).body
    visitor = {"user": who["user"]["name"], "company": who["name"], "inn": who["inn"]}
    cookie = secrets.token_urlsafe(32)
    with office.lock:
        office.dirty = True
        office.sessions[cookie] = visitor
        office.state["visitors"] = [*office.state["visitors"][-99:], visitor]
    return _send(asked["target"] or "/cabinet", _set_cookie(COOKIE, cookie))


def _set_cookie(name: str, value: str) -> tuple[str, str]:
    return ("Set-Cookie", f"{name}={value}; Path=/; HttpOnly; SameSite=Lax")


def _send(address: str, *headers: tuple[str, str]) -> Response:
    return Response(303, "text/plain", b"", (("Location", address), *headers))


ROUTES = (
    ("GET", "/connect", connect),
    ("GET", "/login", log_in),
    ("GET", "/back", back),
)
