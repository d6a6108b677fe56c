# SPDX-License-Identifier: LGPL-3.0-only
"""Statements are asked for and fetched by us alone: nobody clicks anywhere."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime, timedelta, timezone

from . import bank_client

MOSCOW = timezone(timedelta(hours=3))
PATH = "/moedelo/v1/statement-requests"
NAMES = ("external_id", "account", "kind", "from", "to", "format")


def ask(office, account: str, since: str, until: str, kind="interim", format="json") -> dict:
    """A new request; days as YYYY-MM-DD. Gives our row of it."""
    values = (str(uuid.uuid4()), account, kind, since, until, format)
    row = dict(zip(NAMES, values, strict=True))
    said = bank_client.call(office, "POST", PATH, row)
    _take(row, said)
    with office.lock:
        office.dirty = True
        office.state["requests"].append(row)
    return row


def ask_for_today(office) -> None:
    """After an executed order: the last days of every account, today as far as it goes."""
    today = datetime.now(MOSCOW).date()
    since = (today - timedelta(days=6)).isoformat()
    for account in office.state["accounts"]:
        ask(office, account["number"], since, today.isoformat())


def look_after_them(office) -> None:
    """Fetch those that are pending; and ask for new ones when orders were executed."""
    for row in list(office.state["requests"]):
        if row["state"] == "pending":
            _take(row, bank_client.call(office, "GET", f"{PATH}/{row['external_id']}"))
            office.dirty = True
    executed = sum(notice["code"] == "02" for notice in office.state["notices"])
    if executed > office.state.get("executed", 0):
        office.state["executed"] = executed
        ask_for_today(office)


def _take(row: dict, said) -> None:
    """A state of the request, a problem, or the statement itself (in JSON or as a 1C file)."""
    body = said.body if isinstance(said.body, dict) else {}
    row["status"] = said.status
    row["reason"] = body.get("reason") or body.get("detail") or ""
    if said.status >= 400:
        row["state"] = "failed"
    elif "statement" in body or "balance" in body or not body:
        row["state"] = "received"
        row["size"] = len(said.content)
        row["entries"] = len((body.get("statement") or {}).get("entries", []))
        row["content"] = base64.b64encode(said.content).decode()
    elif body.get("state") == "failed":
        row["state"] = "failed"
    else:  # ready is fetched at the next look, like what is not ready
        row["state"] = "pending"
