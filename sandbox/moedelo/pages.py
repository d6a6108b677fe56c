# SPDX-License-Identifier: LGPL-3.0-only
"""What people see: the first page (what happened so far) and the cabinet (who has jumped in)."""

from __future__ import annotations

from html import escape as text

from ..http import Request, Response
from .office import visitor_of

STYLE = """body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
header{background:#0b7a75;color:#fff;padding:.8rem 1.2rem;border-radius:8px;margin-bottom:1.5rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .8rem .3rem 0;
border-bottom:1px solid #ddd}.button{display:inline-block;background:#0b7a75;color:#fff;border:0;
padding:.5rem 1rem;border-radius:6px;text-decoration:none;font:inherit}"""


def page(title: str, body: str, status: int = 200) -> Response:
    whole = f"""<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{text(title)}</title>
<style>{STYLE}</style><header><b>Моё дело</b> (pretend) · {text(title)}</header>{body}"""
    return Response(status, "text/html; charset=utf-8", whole.encode())


def home(office, request: Request) -> Response:
    """What has happened, and the one button: connect."""
    with office.lock:
        state = office.state
        organisation = state["organisation"]
        rows = {
            "Orders handed over": _table(state["orders"], ("number", "payee", "amount", "answer")),
            "What became of them": _table(
                state["notices"][-50:], ("document", "number", "code", "state", "reason")
            ),
            "Statements": _table(
                state["requests"], ("account", "from", "to", "state", "reason", "entries")
            ),
            "Who jumped in": _table(state["visitors"], ("user", "company", "inn")),
            "Turned away": "".join(f"<p>{text(reason)}</p>" for reason in state["forged"]),
        }
    if not office.bank.get("issuer"):
        head = "<p>The bank's system is not known yet: POST /control/bank.</p>"
    elif not organisation:
        head = "<p><a class='button' id='connect' href='/connect'>Connect the bank</a></p>"
    else:
        head = (
            f"<p id='connected'>Connected: <b>{text(organisation['name'])}</b>, "
            f"{text(organisation['inn'])}. <a href='/connect'>Connect anew</a></p>"
            "<form method='post' action='/push'><button class='button'>"
            "Hand over three orders</button></form>"
        )
    parts = "".join(f"<h2>{title}</h2>{body or '<p>None.</p>'}" for title, body in rows.items())
    return page("Back office", head + parts)


def _table(rows, columns) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{text(str(row.get(name, '')))}</td>" for name in columns) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def cabinet(office, request: Request) -> Response:
    """Where a jump lands: says who has come, and for which company."""
    visitor = visitor_of(office, request)
    if not visitor:
        return page("Cabinet", "<p id='stranger'>Nobody is logged in.</p>", 401)
    event = request.args.get("event", "")
    with office.lock:
        known = {one["id"]: one for one in office.state["events"] if one["inn"] == visitor["inn"]}
    shown = f"<h2 id='event'>{text(known[event]['title'])}</h2>" if event in known else ""
    who = (
        f"<p>You are logged in as <b id='user'>{text(visitor['user'])}</b> for "
        f"<b id='company'>{text(visitor['company'])}</b> "
        f"(<span id='inn'>{text(visitor['inn'])}</span>).</p>"
    )
    listed = "".join(
        f"<li>{text(one['due_on'])}: <a href='/cabinet/event/{text(one['id'])}'>"
        f"{text(one['title'])}</a></li>"
        for one in known.values()
    )
    return page("Cabinet", f"{who}{shown}<ul>{listed}</ul>")


ROUTES = (
    ("GET", "/", home),
    ("GET", "/cabinet", cabinet),
    ("GET", r"/cabinet/event/(?P<event>[\w-]+)", cabinet),
)
