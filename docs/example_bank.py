# SPDX-License-Identifier: LGPL-3.0-only
"""A whole bank in one file: the example of docs/integrators.md, which a test runs.

The bank is invented. Its service is JSON over HTTPS, as many are:

    POST /login        {"client", "login", "password"}         -> {"challenge", "code"}
    POST /confirm      {"challenge", "answer"}                 -> {"token", "idle_seconds"} | {}
    POST /logout                                               -> {}
    GET  /accounts                                             -> [{"number", "currency", "name"}]
    GET  /balance/<number>                                     -> {"booked", "available", "at"}
    GET  /statements/<number>?since=&until=                    -> [{"day", "camt": base64}]
    POST /payments     {"id", "pain": base64, "signatures": []} -> {"status"}
    GET  /payments/<id>                                        -> {"status", "reason"}

Errors: {"error": "..."} with an HTTP status. In protocol/banks/ imports begin with `..`.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from protocol import errors, records
from protocol.bank import Bank
from protocol.wire.http import Http, check_status

# What the bank's own words mean: the only place where its vocabulary appears.
FAULTS = {
    "wrong-login": errors.LoginRefused,
    "expired": errors.ConfirmationExpired,
    "no-session": errors.SessionEnded,
    "not-your-account": errors.AccountRefused,
    "duplicate": errors.Duplicate,
    "not-known": errors.NotKnown,
    "invalid": errors.Refused,
    "busy": errors.Busy,
}
STATES = {
    "received": "sent",
    "to-confirm": "waiting",
    "accepted": "accepted",
    "booked": "executed",
    "refused": "rejected",
}
SAID = (400, 401, 404, 409, 503)  # statuses that come with {"error": ...}


class ExampleBank(Bank):
    title = "Example bank"
    wants_password = True
    methods = ("mobile",)
    package_formats = ("pain.001.001.09",)
    statement_formats = ("camt.053",)
    time_zone = "Europe/Warsaw"
    longest_delay_minutes = 30

    def __init__(self, connection):
        super().__init__(connection)
        self._http = Http(connection)

    def log_in(self, operator, client_identifier):
        asked = self._ask("POST", "/login", client=client_identifier, login=operator.login,
                          password=operator.secret)  # fmt: skip
        return records.Challenge(
            id=_text(asked, "challenge"), method="mobile", code=_text(asked, "code"),
            text=f"Log-in of {operator.login}")  # fmt: skip

    def confirm(self, challenge, answer=None):
        given = self._ask("POST", "/confirm", challenge=challenge.id, answer=answer or "")
        if "token" not in given:
            return challenge  # not confirmed yet
        return records.Session(_text(given, "token"), idle_seconds=given.get("idle_seconds"))

    def log_out(self, session):
        self._ask("POST", "/logout", session)

    def accounts(self, session, wanted=None):
        rows = self._ask("GET", "/accounts", session)
        return [
            records.Account(_text(row, "number"), _text(row, "currency"), row.get("name", ""))
            for row in rows
        ]

    def balance(self, session, account, resume=None):
        row = self._ask("GET", f"/balance/{account.number}", session)
        return records.Balance(
            account.number, account.currency, _amount(row, "booked"), _amount(row, "available"),
            datetime.fromisoformat(_text(row, "at")),
        )  # fmt: skip

    def statements(self, session, account, since, until, format="", resume=None):
        path = f"/statements/{account.number}?since={since}&until={until}"
        for row in self._ask("GET", path, session):
            day = date.fromisoformat(_text(row, "day"))
            content = base64.b64decode(_text(row, "camt"))
            yield records.Document(content, "camt.053", f"{day}.xml", account.number, day)

    def send(self, session, package):
        """Once. A lost answer leaves `_ask` as OutcomeUnknown: its state is asked for then."""
        answer = self._ask(
            "POST", "/payments", session, id=package.message_id,
            pain=base64.b64encode(package.content).decode(),
            signatures=[base64.b64encode(one).decode() for one in package.signatures],
        )  # fmt: skip
        return self._receipt(package.message_id, answer)

    def status(self, session, message_id, end_to_end_ids=(), since=None, account=None):
        try:
            answer = self._ask("GET", f"/payments/{message_id}", session)
        except errors.NotKnown:
            return records.Receipt(message_id, "unknown_to_bank")
        return self._receipt(message_id, answer)

    def _receipt(self, message_id, answer):
        status = _text(answer, "status")
        if status not in STATES:
            raise errors.BadAnswer(f"The bank named a state that is not known: {status}")
        return records.Receipt(message_id, STATES[status], status, reason=answer.get("reason", ""))

    def _ask(self, method, path, session=None, **body):
        url = self.connection.address + path
        headers = {"Authorization": f"Bearer {session.token}"} if session else {}
        if method == "GET":
            answer = self._http.get(url, headers, path)
        else:
            headers["Content-Type"] = "application/json"
            answer = self._http.post(url, json.dumps(body).encode(), headers, path)
        check_status(answer, url, usable=(200, *SAID))
        try:
            values = json.loads(answer.content)
        except ValueError:
            raise errors.BadAnswer("The bank's answer is no JSON.") from None
        if answer.status != 200:
            word = values.get("error", "") if isinstance(values, dict) else ""
            raise FAULTS.get(word, errors.BadAnswer)(word, code=str(answer.status))
        return values


def _text(row, name):
    if not isinstance(row, dict) or not isinstance(row.get(name), str):
        raise errors.BadAnswer(f"The bank's answer has no {name}.")
    return row[name]


def _amount(row, name):
    try:
        return Decimal(_text(row, name))
    except InvalidOperation:
        raise errors.BadAnswer(f"{name} is no amount.") from None
