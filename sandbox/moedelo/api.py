# SPDX-License-Identifier: LGPL-3.0-only
"""Our own addresses, which the bank's system calls: token, notices, tax calendar."""

from __future__ import annotations

import hashlib
import secrets
import time
from urllib.parse import parse_qs

from ..http import Drop, Response, json_response
from . import bank_client, jws

TOKEN_LIFE = 300  # seconds
ASSERTION_LIFE = 3600
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def in_its_mood(operation: str):
    """The route behaves as the control routes have told us to."""

    def decorate(function):
        def route(office, request):
            with office.lock:
                mood = office.mood.take(operation)
                seconds = office.mood.seconds
            if mood == "down":
                raise Drop
            if mood == "error":
                return Response(500, "text/html", b"<h1>Internal error</h1>")
            if mood == "busy":
                asked = ("Retry-After", str(int(seconds)))
                return Response(429, "text/plain", b"Later.", (asked,))
            if mood == "slow":
                time.sleep(seconds)
            answer = function(office, request, mood)
            if mood == "lose":
                raise Drop
            return answer

        return route

    return decorate


@in_its_mood("token")
def token(office, request, _mood) -> Response:
    """RFC 7523: the bank's system proves with its key who it is."""
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    try:
        if form.get("grant_type") != "client_credentials":
            raise jws.Forged("Another grant.")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise jws.Forged("No assertion.")
        claims = _verify(office, form.get("client_assertion", ""), "JWT", f"{office.api}/token")
        if claims.get("sub") != claims["iss"] or claims["exp"] > time.time() + ASSERTION_LIFE:
            raise jws.Forged("The assertion is about somebody else, or too long.")
        with office.lock:
            if not claims.get("jti") or claims["jti"] in office.seen:
                raise jws.Forged("The assertion was used before.")
            office.seen.add(claims["jti"])
    except jws.Forged as error:
        return _turned_away(office, error, {"error": "invalid_client"})
    given = secrets.token_urlsafe(32)
    with office.lock:
        office.forget_old()
        office.given[given] = time.time() + TOKEN_LIFE
    said = {"access_token": given, "token_type": "Bearer", "expires_in": TOKEN_LIFE}
    return json_response(said)


@in_its_mood("notices")
def notices(office, request, mood) -> Response:
    """Facts of processing. Verified, then kept once; repeats are counted and answered alike."""
    try:
        _check_bearer(office, request)
        signed = request.headers.get("Notice-Signature", "")
        claims = _verify(office, signed, "notice+jwt", office.api)
        if claims.get("body_sha256") != hashlib.sha256(request.body).hexdigest():
            raise jws.Forged("The signature belongs to another body.")
    except jws.Forged as error:
        return _turned_away(office, error, {"error": "invalid_token"})
    said = request.json()["notices"]
    if mood == "refuse":
        reasons = [{"id": one["id"], "reason": "We do not know this document."} for one in said]
        return json_response({"taken": [], "refused": reasons})
    with office.lock:
        office.dirty = True
        for notice in said:
            _keep(office, notice)
    return json_response({"taken": [notice["id"] for notice in said], "refused": []})


def _keep(office, notice: dict) -> None:
    state = office.state
    if notice["id"] in office.known:
        state["repeats"] += 1
        return
    last = office.numbers.get(notice["document"], 0)
    state["late"] += notice["number"] < last
    state["notices"].append(notice)
    office.remember(notice)


@in_its_mood("tax-events")
def tax_events(office, request, _mood) -> Response:
    try:
        _check_bearer(office, request)
    except jws.Forged as error:
        return _turned_away(office, error, {"error": "invalid_token"})
    query = request.query
    with office.lock:
        found = [
            {name: value for name, value in event.items() if name != "inn"}
            for event in office.state["events"]
            if event["inn"] == query.get("inn")
            and query.get("from", "") <= event["due_on"] <= query.get("to", "9")
        ]
    return json_response({"events": found})


def _check_bearer(office, request) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    with office.lock:
        if office.given.get(given, 0) < time.time():
            raise jws.Forged("The access token is not ours, or over.")


def _verify(office, signed: str, typ: str, audience: str) -> dict:
    jwks = office.bank.get("jwks") or {}
    if jws.kid(signed) not in {key.get("kid") for key in jwks.get("keys", [])}:
        try:
            jwks = bank_client.ask(office, "GET", "/moedelo/jwks.json").body or {}
        except OSError as error:
            raise jws.Forged("The keys of the bank's system cannot be read.") from error
        with office.lock:
            office.bank["jwks"] = jwks
    issuer = office.bank.get("issuer", "")
    return jws.verify(signed, jwks, typ=typ, issuer=issuer, audience=audience)


def _turned_away(office, error: jws.Forged, said: dict) -> Response:
    with office.lock:
        office.state["forged"] = [*office.state["forged"][-99:], str(error)]
    return json_response({**said, "error_description": str(error)}, 401)


ROUTES = (
    ("POST", "/api/token", token),
    ("POST", "/api/notices", notices),
    ("GET", "/api/tax-events", tax_events),
)
