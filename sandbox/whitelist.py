# SPDX-License-Identifier: LGPL-3.0-only
"""The register of VAT payers ("white list"), in the manner of the Ministry of Finance's public API.

search: the payer with its accounts. check: only whether the account is assigned, TAK or NIE. Both
give a `requestId` that an accountant keeps as proof. Errors are `{"code": "WL-1xx", "message"}`.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import date

from .clock import WARSAW
from .http import Request, Response, json_response
from .numbers import account_is_valid, plain

_NIP_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)


def _nip_is_valid(nip: str) -> bool:
    if not re.fullmatch(r"\d{10}", nip):
        return False
    total = sum(int(d) * w for d, w in zip(nip, _NIP_WEIGHTS, strict=False))
    return total % 11 == int(nip[9])


def _error(code: str, message: str) -> Response:
    return json_response({"code": code, "message": message}, 400)


def _guarded(function):
    """Answer an outage or a wrong question; else `function(world, request)` gives the result."""

    def wrapped(world, request: Request) -> Response:
        with world.lock:
            if world.white_list_down:
                asked = (("Retry-After", str(world.white_list_wait)),)
                silent = json_response({"code": "WL-196", "message": "Service unavailable"}, 500)
                return replace(silent, headers=asked if world.white_list_wait else ())
            world.white_list_questions += 1
            if world.white_list_again:
                world.white_list_again -= 1
                return _error("WL-195", "Baza została zaktualizowana. Wyślij zapytanie ponownie.")
            return _mistake(world, request) or json_response(
                {"result": {**function(world, request), **_proof(world)}}
            )

    return wrapped


def _mistake(world, request: Request) -> Response | None:
    account = plain(request.args.get("account", ""))
    try:
        wanted = date.fromisoformat(request.query.get("date", ""))
    except ValueError:
        return _error("WL-101", "Pole 'data' nie może być puste.")
    if wanted > world.clock.today():
        return _error("WL-103", "Data nie może być późniejsza niż dzisiaj.")
    nips = (request.args.get("nips") or request.args["nip"]).split(",")
    if len(nips) > 30:
        return _error("WL-130", "Przekroczono maksymalną liczbę parametrów.")
    if not all(map(_nip_is_valid, nips)):
        return _error("WL-115", "Nieprawidłowy NIP.")
    if "account" in request.args and not (
        re.fullmatch(r"\d{26}", account) and account_is_valid(account)
    ):
        return _error("WL-111", "Nieprawidłowy numer konta bankowego.")
    return None


def _proof(world) -> dict:
    """The proof of this question; the date and time are Warsaw's."""
    now = world.now().astimezone(WARSAW)
    return {
        "requestId": f"{secrets.token_hex(3)}-{secrets.token_hex(4)}",
        "requestDateTime": f"{now:%d-%m-%Y %H:%M:%S}",
    }


def _row(world, nip: str) -> dict | None:
    return next((row for row in world.state.white_list if row["nip"] == nip), None)


@_guarded
def check(world, request: Request) -> dict:
    row = _row(world, request.args["nip"])
    assigned = row is not None and plain(request.args["account"]) in row["accounts"]
    return {"accountAssigned": "TAK" if assigned else "NIE"}


@_guarded
def search(world, request: Request) -> dict:
    return {"subject": _subject(_row(world, request.args["nip"]))}


@_guarded
def search_many(world, request: Request) -> dict:
    nips = request.args["nips"].split(",")
    subjects = {nip: _subject(_row(world, nip)) for nip in nips}
    entries = [
        {"identifier": nip, "subjects": [subject] if subject else []}
        for nip, subject in subjects.items()
    ]
    return {"entries": entries}


def _subject(row: dict | None) -> dict | None:
    """A payer's virtual accounts are not shown: only `check` knows them."""
    return row and {
        "name": row["name"],
        "nip": row["nip"],
        "statusVat": row.get("status", "Czynny"),
        "accountNumbers": [] if row.get("virtual") else row["accounts"],
        "hasVirtualAccounts": bool(row.get("virtual")),
    }


_NIP = r"nip/(?P<nip>\w+)"
ROUTES = (
    ("GET", rf"/whitelist/api/(?:check|search)/{_NIP}/bank-account/(?P<account>\w+)", check),
    ("GET", f"/whitelist/api/search/{_NIP}", search),
    ("GET", r"/whitelist/api/search/nips/(?P<nips>[\d,]+)", search_many),
)
