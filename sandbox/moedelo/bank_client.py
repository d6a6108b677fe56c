# SPDX-License-Identifier: LGPL-3.0-only
"""Our calls to the bank's system: tokens by the code flow and refresh, then its API."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlencode

from ..http import BadRequest

TIMEOUT = 60
EARLY = 5  # seconds before its end an access token is not used any more


@dataclass(frozen=True)
class Said:
    """An answer: `body` is its JSON, or None; `content` the bytes."""

    status: int
    content: bytes
    content_type: str

    @property
    def body(self):
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


_opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


def ask(office, method: str, path: str, body: bytes | None = None, **headers: str) -> Said:
    """One call of any kind; HTTP errors are answers."""
    if not office.bank.get("issuer"):
        raise BadRequest("The bank's system is not known yet: POST /control/bank.")
    address = path if "://" in path else office.bank["issuer"] + path
    if office.bank.get("database"):
        headers["X-Odoo-Database"] = office.bank["database"]
    request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310 - ours
    try:
        with _opener.open(request, timeout=TIMEOUT) as answer:
            return Said(answer.status, answer.read(), answer.headers.get("Content-Type", ""))
    except urllib.error.HTTPError as error:
        return Said(error.code, error.read(), error.headers.get("Content-Type", ""))


def token(office, **form: str) -> dict:
    """The token endpoint's answer. BadRequest with its error otherwise."""
    pair = f"{office.bank['client_id']}:{office.bank['client_secret']}"
    basic = base64.b64encode(pair.encode()).decode()
    said = ask(
        office, "POST", "/moedelo/token", urlencode(form).encode(),
        **{"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    if said.status != 200:
        raise BadRequest(f"No token: {said.status} {said.content.decode(errors='replace')[:300]}")
    return said.body


def keep(office, said: dict) -> None:
    """Keep the tokens of the connection."""
    with office.lock:
        office.dirty = True
        office.state["tokens"] = {
            "access_token": said["access_token"],
            "refresh_token": said.get("refresh_token")
            or office.state["tokens"].get("refresh_token"),
            "expires_at": time.time() + said["expires_in"],
            "scope": said.get("scope", office.state["tokens"].get("scope", "")),
        }


def call(office, method: str, path: str, body=None, **headers: str) -> Said:
    """One call of the API. Refreshes by itself, before the token ends and when it was refused."""
    data = None
    if body is not None:
        data = json.dumps(body, ensure_ascii=False).encode()
        headers["Content-Type"] = "application/json"
    said = ask(office, method, path, data, **headers, **_bearer(office))
    if said.status == 401:
        _refresh(office, office.state["tokens"].get("access_token"))
        said = ask(office, method, path, data, **headers, **_bearer(office))
    return said


def _bearer(office) -> dict[str, str]:
    tokens = office.state["tokens"]
    if not tokens:
        raise BadRequest("Not connected yet: open /connect as an administrator of the bank.")
    if tokens["expires_at"] - EARLY < time.time():
        _refresh(office, tokens["access_token"])
    return {"Authorization": f"Bearer {office.state['tokens']['access_token']}"}


def _refresh(office, old: str) -> None:
    """One at a time: a refresh token is good once."""
    with office.lock:
        tokens = office.state["tokens"]
        if tokens.get("access_token") != old:
            return  # somebody else has just done it
        keep(office, token(office, grant_type="refresh_token",
                           refresh_token=tokens["refresh_token"]))  # fmt: skip
