# SPDX-License-Identifier: LGPL-3.0-only
"""Control routes: what no accounting service would offer. All take and give JSON."""

from __future__ import annotations

from ..http import Request, Response, json_response, locked
from . import bank_client, calendar, orders, statements
from .office import Mood


@locked
def bank(office, request):
    """{issuer, client_id, client_secret, database, jwks}: the system that we are connected to."""
    allowed = ("issuer", "client_id", "client_secret", "database", "jwks")
    office.bank.update({name: value for name, value in request.json().items() if name in allowed})
    return {"api": office.api, "back": office.back}


@locked
def mood(office, request):
    """{kind, operation, count, seconds}: see `office.Mood`."""
    office.mood = Mood(**request.json())
    return vars(office.mood)


@locked
def show(office, request):
    """Everything that we know, without secrets."""
    hidden = ("tokens", "bank")
    return {name: value for name, value in office.state.items() if name not in hidden}


@locked
def events(office, request):
    """{events: [...]}: the tax calendar; {example: true, inn}: a month of one."""
    body = request.json()
    office.state["events"] = (
        calendar.example(office, body["inn"]) if body.get("example") else body["events"]
    )
    return {"events": office.state["events"]}


def push(office, request: Request) -> Response:
    """{orders: [...]} as they are, or nothing: three examples (good, wrong, to the budget)."""
    listed = request.json().get("orders") if request.body else None
    return json_response(orders.push(office, listed or orders.examples(office)))


def push_from_page(office, request: Request) -> Response:
    orders.push(office, orders.examples(office))
    return Response(303, "text/plain", b"", (("Location", "/"),))


def statement(office, request: Request) -> Response:
    """{account, from, to, kind, format}: ask for a statement now."""
    body = request.json()
    more = {name: body[name] for name in ("kind", "format") if name in body}
    return json_response(statements.ask(office, body["account"], body["from"], body["to"], **more))


def ask(office, request: Request) -> Response:
    """{method, path, body}: any call of the bank's API, with our token."""
    body = request.json()
    said = bank_client.call(office, body.get("method", "GET"), body["path"], body.get("body"))
    return json_response({"status": said.status, "body": said.body})


@locked
def empty(office, request):
    """Forget everything but the bank's system and the connection."""
    office.empty()
    return {}


@locked
def forget_access(office, request):
    """As if the access token had just ended."""
    office.state["tokens"]["expires_at"] = 0
    return {}


ROUTES = (
    ("POST", "/control/bank", bank),
    ("POST", "/control/mood", mood),
    ("GET", "/control/state", show),
    ("POST", "/control/events", events),
    ("POST", "/control/push", push),
    ("POST", "/push", push_from_page),
    ("POST", "/control/statement", statement),
    ("POST", "/control/ask", ask),
    ("POST", "/control/empty", empty),
    ("POST", "/control/forget", forget_access),
)
