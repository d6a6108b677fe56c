"""Statements are asked for and fetched by us alone: nobody clicks anywhere."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime, timedelta, timezone

from . import bank_client

MOSCOW = timezone(timedelta(hours=3))
READY = ("ready", "done")
OVER = (*READY, "failed", "refused")


def ask(office, account: str, since: str, until: str, **more: str) -> dict:
    """A new request; days as YYYY-MM-DD. Gives our row of it."""
    row = {"id": str(uuid.uuid4()), "account": account, "from": since, "to": until, **more}
    said = bank_client.call(office, "POST", "/moedelo/v1/statement-requests", row)
    _take(row, said)
    with office.lock:
        office.dirty = True
        office.state["requests"].append(row)
    return row


def ask_for_today(office) -> None:
    """After an executed order: today's movements of every account."""
    today = datetime.now(MOSCOW).date()
    since = (today - timedelta(days=6)).isoformat()
    for account in office.state["accounts"]:
        ask(office, account["number"], since, today.isoformat(), kind="interim", format="json")


def look_after_them(office) -> None:
    """Ask again for those that are not ready; and for new ones when orders were executed."""
    for row in list(office.state["requests"]):
        if row["state"] not in OVER:
            path = f"/moedelo/v1/statement-requests/{row['id']}"
            _take(row, bank_client.call(office, "GET", path))
            office.dirty = True
    executed = sum(notice["code"] == "02" for notice in office.state["notices"])
    if executed > office.state.get("executed", 0):
        office.state["executed"] = executed
        ask_for_today(office)


def _take(row: dict, said) -> None:
    """What the bank's system answers: JSON of the request, and inside it or alone the statement."""
    body = said.body if isinstance(said.body, dict) else {}
    row["status"] = said.status
    row["state"] = body.get("state") or ("failed" if said.status >= 400 else "pending")
    row["reason"] = body.get("reason") or body.get("detail") or ""
    row["size"] = len(said.content)
    row["content"] = base64.b64encode(said.content).decode()
