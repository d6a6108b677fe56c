# SPDX-License-Identifier: LGPL-3.0-only
"""Control routes: what no bank would offer. Clock, money from nowhere, faults, the books.

All take and give JSON; see README.md for each of them. They stand apart from the imitated routes,
so that nothing under /mbank, /directbank or /whitelist is the sandbox's own invention.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from . import certificates
from .clock import ZONES
from .directbank import orders
from .http import BadRequest, NotFound, locked, truth, whole
from .mbank import execution, pain002
from .mbank import release as releasing
from .mbank.rules import CLEARING
from .numbers import as_iban, plain
from .world import Settings, checked_setting


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _clock(world) -> dict:
    """`today`: the day of each bank where it is."""
    return {"now": world.now(), "today": {bank: world.clock.today(bank) for bank in ZONES},
            "frozen": world.clock.frozen_at is not None}  # fmt: skip


@locked
def clock(world, request):
    return _clock(world)


@locked
def set_clock(world, request):
    """{"now": instant, "frozen": bool}, {"days": n, "seconds": n}, or {"working_day": true} (to the
    next one, unless it is one): only forward."""
    body = request.json()
    if "now" in body:
        world.clock.set(_instant(body["now"]), frozen=truth(body, "frozen", False))
    elif body.get("working_day"):
        world.clock.advance_to_working_day()
    else:
        world.clock.advance(timedelta(days=body.get("days", 0), seconds=body.get("seconds", 0)))
    return _clock(world)


@locked
def reset(world, request):
    """{"now": instant}: back to the seed, the clock standing still there; or at the real time."""
    now = request.json().get("now")
    world.reset(_instant(now) if now else None)
    return {"now": world.now()}


def run_banks(world, *, everything: bool) -> int:
    """Let both banks work on what is due; how many orders were booked."""
    done = execution.run(world, everything=everything)
    return done + orders.run(world, everything=everything)


@locked
def run(world, request):
    """Process the queue: everything that is due today is executed now."""
    return {"executed": run_banks(world, everything=True)}


@locked
def incoming(world, request):
    """A payment from nowhere: {account, amount, title, name, party_account, code, ...}."""
    body = request.json()
    account = _account(world, body["account"])
    amount = Decimal(str(body["amount"]))
    if not amount.is_finite() or not amount or amount != amount.quantize(Decimal("0.01")):
        raise BadRequest(f"An amount of {amount} cannot be booked.")
    allowed = ("title", "party_address", "party_account", "end_to_end_id", "details", "code")
    more = {key: body[key] for key in allowed if key in body}
    if not all(isinstance(more[key], dict if key == "details" else str) for key in more):
        raise BadRequest("details is an object, all else is text.")
    movement = world.ledger.book(
        account, amount, world.now(), world.clock.today(account.bank),
        **{"code": "770", "party_name": body.get("name", "Jan Wpłacający"), **more},
    )  # fmt: skip
    return {"tnr": movement.tnr, "balance": str(account.balance())}


def _account(world, number: str):
    account = world.ledger.accounts.get(plain(number))
    if account is None:
        raise NotFound(f"There is no account {number}.")
    return account


@locked
def close_account(world, request):
    """{account}: close one of the bank's accounts, or one elsewhere: its money comes back."""
    number = plain(request.json()["account"])
    if number in world.ledger.accounts:
        world.ledger.accounts[number].closed = True
    else:
        world.state.closed_elsewhere.add(number)
    return {"closed": number}


@locked
def ledger(world, request):
    """Every booked movement; ?end_to_end_id=, ?message_id=, ?account=, ?orders=1 (no history)."""
    query = request.query
    rows = []
    for account in world.ledger.accounts.values():
        for movement in account.movements:
            row = {
                "account": as_iban(account.number), "amount": str(movement.amount),
                "currency": movement.currency, "booked_on": movement.booked_on,
                "tnr": movement.tnr, "code": movement.code, "title": movement.title,
                "party_account": movement.party_account, "party_name": movement.party_name,
                "end_to_end_id": movement.end_to_end_id, "message_id": movement.message_id,
                "returned": bool(movement.reversal_reason),
            }  # fmt: skip
            if "orders" in query and not movement.message_id:
                continue
            if all(plain(str(row[k])) == plain(v) for k, v in query.items() if k in row):
                rows.append(row)
    return {"movements": rows}


@locked
def accounts(world, request):
    return {"accounts": [
        {"number": as_iban(a.number), "currency": a.currency, "client": a.client, "bank": a.bank,
         "name": a.name, "owner": a.owner, "balance": str(a.balance()), "closed": a.closed}
        for a in world.ledger.accounts.values()
    ]}  # fmt: skip


@locked
def packages(world, request):
    """All packages with their orders; ?message_id=."""
    wanted = request.query.get("message_id")
    return {"packages": [
        _package(package) for package in world.state.packages.values()
        if wanted in (None, package.message_id)
    ], "late": [late.message_id for late in world.late]}  # fmt: skip


def _package(package) -> dict:
    return {
        "message_id": package.message_id, "client": package.client, "login": package.login,
        "format": package.format, "received_at": package.received_at, "bank": package.bank,
        "status": pain002.group_status(package) if package.bank in CLEARING else "",
        "signers": package.signers, "waits_for": package.waits_for, "code": package.code,
        "orders": [
            {"end_to_end_id": o.end_to_end_id, "amount": str(o.amount), "currency": o.currency,
             "kind": o.kind, "status": o.status, "code": o.code, "reason": o.reason,
             "tnr": o.tnr, "executed_on": o.executed_on, "payee_account": o.payee_account}
            for o in package.orders
        ],
    }  # fmt: skip


@locked
def release(world, request):
    """{message_id, login}: a person signs at the bank itself."""
    body = request.json()
    package = world.state.packages.get(body["message_id"])
    if package is None:
        raise NotFound("There is no such package.")
    if body["login"] not in [user.login for user in releasing.may_release(world, package)]:
        raise BadRequest("This user may not release the package.")
    return {"released": releasing.release(world, package, body["login"])}


@locked
def end_sessions(world, request):
    """{login?, client?}: the bank ends sessions."""
    body = request.json()
    ended = 0
    for session in world.state.sessions.values():
        if not session.ended and all(getattr(session, key) == body[key] for key in body):
            session.ended = "control"
            ended += 1
    return {"ended": ended}


@locked
def sessions(world, request):
    """Sessions without their tokens."""
    return {"sessions": [
        {"client": s.client, "login": s.login, "method": s.method, "bank": s.bank,
         "started_at": s.started_at, "used_at": s.used_at, "ended": s.ended}
        for s in world.state.sessions.values()
    ]}  # fmt: skip


@locked
def register_certificate(world, request):
    """{login, pem}."""
    body = request.json()
    return {"fingerprint": certificates.register(world, body["login"], body["pem"].encode())
            .fingerprint}  # fmt: skip


@locked
def settings(world, request):
    """Change settings of the run by name; answers all of them. A bad value changes none of them."""
    body, known = request.json(), {field.name for field in fields(Settings)}
    for key in body:
        if key not in known:
            raise BadRequest(f"No such setting: {key}.")
    # All of them or none.
    for key, value in [(key, checked_setting(key, value)) for key, value in body.items()]:
        setattr(world.settings, key, value)
    return vars(world.settings)


@locked
def client_rule(world, request):
    """{identifier, signatures_required?, phone_release?}: change the agreement."""
    body = request.json()
    client = world.state.clients[body["identifier"]]
    required = whole(body, "signatures_required", client.signatures_required, least=0, most=9)
    phone_release = truth(body, "phone_release", client.phone_release)
    client.signatures_required, client.phone_release = required, phone_release
    return vars(client)


@locked
def white_list_add(world, request):
    """{nip, name, accounts, status, virtual}: put a payer on the list, or replace it."""
    body = request.json()
    rows = [row for row in world.state.white_list if row["nip"] != body["nip"]]
    accounts = [plain(number) for number in body["accounts"]]
    row = {"nip": body["nip"], "name": body.get("name", ""), "accounts": accounts}
    row |= {"status": body.get("status", "Czynny"), "virtual": body.get("virtual", False)}
    world.state.white_list = [*rows, row]
    return {"rows": len(world.state.white_list)}


ROUTES = (
    ("GET", "/control/clock", clock),
    ("POST", "/control/clock", set_clock),
    ("POST", "/control/reset", reset),
    ("POST", "/control/run", run),
    ("POST", "/control/incoming", incoming),
    ("POST", "/control/close-account", close_account),
    ("GET", "/control/ledger", ledger),
    ("GET", "/control/accounts", accounts),
    ("GET", "/control/packages", packages),
    ("POST", "/control/release", release),
    ("GET", "/control/sessions", sessions),
    ("POST", "/control/end-sessions", end_sessions),
    ("POST", "/control/certificates", register_certificate),
    ("POST", "/control/settings", settings),
    ("POST", "/control/client", client_rule),
    ("POST", "/control/whitelist", white_list_add),
)
