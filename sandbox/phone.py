# SPDX-License-Identifier: LGPL-3.0-only
"""The phone of the bank's users: what waits for their yes or no, as a page and as JSON.

The page is one file of HTML with a little script that asks every second. Tests use the JSON.
"""

from __future__ import annotations

from pathlib import Path

from .directbank import orders
from .http import BadRequest, NotFound, Request, Response, json_response
from .mbank import release as releasing

PAGE = Path(__file__).with_name("phone.html").read_bytes()


def page(world, request: Request) -> Response:
    return Response(200, "text/html; charset=utf-8", PAGE)


def users(world, request: Request) -> Response:
    """Who has a phone: mobile users, and those who get one-time codes."""
    with world.lock:
        rows = [
            {"login": user.login, "name": user.name, "bank": user.bank,
             "waiting": len(_pending(world, user.login))}
            for user in world.state.users.values()
        ]  # fmt: skip
    return json_response({"users": rows})


def _pending(world, login: str) -> list:
    """Challenges that this person's phone shows now."""
    return [
        challenge
        for challenge in world.state.challenges.values()
        if challenge.login == login
        and challenge.method in ("mobile", "otp")
        and world.expire(challenge).state == "pending"
    ]


def waiting(world, request: Request) -> Response:
    """{"challenges": [...], "packages": [...]}: to confirm, and to release at the bank."""
    login = request.args["login"]
    with world.lock:
        if login not in world.state.users:
            raise NotFound("There is no such user.")
        now = world.now()
        challenges = [
            {"id": c.id, "kind": c.kind, "code": c.code, "text": c.text, "client": c.client,
             "message_id": c.message_id,
             "seconds_left": max(0, int((c.expires_at - now).total_seconds()))}
            for c in _pending(world, login)
        ]  # fmt: skip
        packages = [
            {"message_id": p.message_id, "count": len(p.orders), "client": p.client,
             "total": ", ".join(f"{v:.2f} {k}" for k, v in releasing.totals(p.orders).items())}
            for p in world.state.packages.values()
            if p.waits_for == "signature"
            and login in [user.login for user in releasing.may_release(world, p)]
        ]  # fmt: skip
    return json_response({"challenges": challenges, "packages": packages})


def answer(world, request: Request) -> Response:
    """Confirm or refuse one challenge."""
    with world.lock:
        challenge = world.state.challenges.get(request.args["id"])
        if challenge is None or challenge.method != "mobile":
            raise NotFound("There is no such confirmation.")
        if world.expire(challenge).state != "pending":
            raise BadRequest(f"This confirmation is {challenge.state}.")
        challenge.state = "confirmed" if request.args["answer"] == "confirm" else "refused"
        if challenge.kind == "package" and challenge.bank == "directbank":
            package = world.state.packages[challenge.message_id]
            orders.settle(world, package, confirmed=challenge.state == "confirmed")
        elif challenge.kind == "package":
            releasing.settle_challenge(world, challenge)
        world.dirty = True
    return json_response({"state": challenge.state})


def release(world, request: Request) -> Response:
    """Sign a waiting package at the bank itself."""
    with world.lock:
        package = world.state.packages.get(request.args["message_id"])
        login = request.args["login"]
        if package is None or not package.waits_for:
            raise NotFound("This package does not wait.")
        if login not in [user.login for user in releasing.may_release(world, package)]:
            raise BadRequest("This user may not release the package.")
        released = releasing.release(world, package, login)
        world.dirty = True
    return json_response({"released": released})


ROUTES = (
    ("GET", "/phone", page),
    ("GET", "/phone/api/users", users),
    ("GET", r"/phone/api/users/(?P<login>[\w.@-]+)", waiting),
    ("POST", r"/phone/api/challenges/(?P<id>\w+)/(?P<answer>confirm|refuse)", answer),
    ("POST", r"/phone/api/users/(?P<login>[\w.@-]+)/release/(?P<message_id>[^/]+)", release),
)
