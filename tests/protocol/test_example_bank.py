# SPDX-License-Identifier: LGPL-3.0-only
"""The example of docs/integrators.md really is a bank: over HTTP, against a server of its own."""

import base64
import importlib.util
import json
import threading
from datetime import date, datetime, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from protocol import errors
from protocol.bank import Bank, Connection
from protocol.formats import parse
from protocol.records import Account, Operator, Package

HERE = Path(__file__).parent
FILE = HERE.parents[1] / "docs" / "example_bank.py"
CAMT = (HERE / "samples" / "camt" / "camt053_v02.xml").read_bytes()
NUMBER = "PL22114010100000100000010001"
ACCOUNT = Account(NUMBER, "PLN")


class Service(BaseHTTPRequestHandler):
    """The invented bank's side: a dict of payments, one client, one token."""

    def log_message(self, *words):
        pass

    def do_GET(self):
        self.answer({})

    def do_POST(self):
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, body):
        state = self.server.state
        path = self.path.partition("?")[0].strip("/").split("/")
        status, values = getattr(self, f"on_{path[0]}")(state, body, *path[1:])
        if path[0] not in ("login", "confirm") and self.headers["Authorization"] != "Bearer t1":
            status, values = 401, {"error": "no-session"}
        content = state.get("garbage") or json.dumps(values).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def on_login(self, state, body):
        if body["login"] != "anna":
            return 401, {"error": "wrong-login"}
        return 200, {"challenge": "c1", "code": "123456"}

    def on_confirm(self, state, body):
        return 200, {"token": "t1", "idle_seconds": 600} if state["confirmed"] else {}

    def on_logout(self, state, body):
        return 200, {}

    def on_accounts(self, state, body):
        return 200, [{"number": NUMBER, "currency": "PLN", "name": "Main"}]

    def on_balance(self, state, body, number):
        if number != NUMBER:
            return 404, {"error": "not-your-account"}
        return 200, {"booked": "10.50", "available": "9.00", "at": "2026-03-10T10:00:00+00:00"}

    def on_statements(self, state, body, number):
        return 200, [{"day": "2026-03-09", "camt": base64.b64encode(CAMT).decode()}]

    def on_payments(self, state, body, known=None):
        if known:
            return (200, state["sent"][known]) if known in state["sent"] else (
                404, {"error": "not-known"})  # fmt: skip
        if body["id"] in state["sent"]:
            return 409, {"error": "duplicate"}
        state["sent"][body["id"]] = {"status": state["status"], "reason": ""}
        return 200, state["sent"][body["id"]]


@pytest.fixture
def server():
    service = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    service.state = {"confirmed": True, "sent": {}, "status": "accepted"}
    thread = threading.Thread(target=service.serve_forever, daemon=True)
    thread.start()
    yield service
    service.shutdown()
    service.server_close()
    thread.join(5)


@pytest.fixture
def bank(server):
    spec = importlib.util.spec_from_file_location("example_bank", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ExampleBank(Connection(f"http://127.0.0.1:{server.server_port}"))


@pytest.fixture
def session(bank):
    return bank.confirm(bank.log_in(Operator("anna", "mobile"), "client"))


def package(message_id="m1"):
    return Package(message_id, "pain.001.001.09", b"<Document/>", datetime.now(timezone.utc))


def test_it_is_a_bank_of_150_lines(bank):
    assert isinstance(bank, Bank)
    _licence, *lines = FILE.read_text().splitlines()
    assert len(lines) <= 150


def test_wrong_login_is_refused(bank):
    with pytest.raises(errors.LoginRefused):
        bank.log_in(Operator("nobody", "mobile"), "client")


def test_challenge_stays_until_the_person_confirms(bank, server):
    server.state["confirmed"] = False
    challenge = bank.log_in(Operator("anna", "mobile"), "client")
    assert bank.confirm(challenge) == challenge
    server.state["confirmed"] = True
    assert bank.confirm(challenge).idle_seconds == 600


def test_another_account_is_refused(bank, session):
    with pytest.raises(errors.AccountRefused):
        bank.balance(session, Account("PL00", "PLN"))


def test_ended_session_is_told_apart(bank, session):
    other = type(session)("expired")
    with pytest.raises(errors.SessionEnded):
        bank.accounts(other)


@pytest.mark.parametrize("garbage", [b"<html/>", b"[]", b'{"status": 7}', b'{"status": "new"}'])
def test_garbage_after_sending_leaves_the_outcome_unknown(bank, session, server, garbage):
    server.state["garbage"] = garbage
    with pytest.raises(errors.OutcomeUnknown) as caught:
        bank.send(session, package())
    assert not caught.value.settles_sending


def test_same_message_is_never_taken_twice(bank, session):
    assert bank.send(session, package()).state == "accepted"
    with pytest.raises(errors.Duplicate):
        bank.send(session, package())


def test_message_that_never_arrived_is_not_known(bank, session):
    assert bank.status(session, "never").state == "unknown_to_bank"
    bank.send(session, package())
    assert bank.status(session, "m1").state == "accepted"


def test_accounts_balance_and_statements(bank, session):
    assert bank.accounts(session) == [Account(NUMBER, "PLN", "Main")]
    assert bank.balance(session, ACCOUNT).available == Decimal("9.00")
    days = date(2026, 3, 1), date(2026, 3, 10)
    (document,) = bank.statements(session, ACCOUNT, *days)
    statement = next(iter(parse(document.content, document.format)))
    assert list(statement.entries)
    bank.log_out(session)
