# SPDX-License-Identifier: LGPL-3.0-only
"""Our calls to the service: where they may not go, and what they prove there."""

import json
import socket
from datetime import date, datetime, timezone
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from servers import read_request, server

from protocol import errors
from protocol.access import signing_keys, tokens
from protocol.moedelo import notices, tax_events
from protocol.moedelo.outbound import Outbound
from protocol.wire.http import check_public

ISSUER = "https://odoo.example"
KEY = signing_keys.make_key("ES256")
KEYS = {KEY.kid: KEY.public}
NOW = datetime(2026, 3, 10, 10, 0, tzinfo=timezone.utc)


class Service:
    """Answers in turn; keeps what it was asked."""

    def __init__(self, *answers, token="secret-token"):
        self.answers = list(answers)
        self.token = token
        self.seen = []

    def __call__(self, connection):
        request = read_request(connection)
        head, _blank, body = request.partition(b"\r\n\r\n")
        self.seen.append((head.decode(), body))
        if b"/token " in head.split(b"\r\n")[0]:
            said = {"access_token": self.token, "token_type": "Bearer", "expires_in": 60}
            status, content, more = "200 OK", json.dumps(said).encode(), ""
        else:
            status, content, *more = self.answers.pop(0)
            more = more[0] if more else ""
        start = f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(content)}\r\n\r\n"
        connection.sendall(start.encode() + content)

    def calls(self, path):
        return [(head, body) for head, body in self.seen if f"{path}" in head.split("\r\n")[0]]


def outbound(port, timeout=20):
    return Outbound(f"http://127.0.0.1:{port}/api", ISSUER, KEY, timeout=timeout)


def rendered(notice_id="n-1", **change):
    said = {"document": "d-1", "number": 1, "inn": "7707083893", "code": "01", "state": "sent"}
    return notices.render(notice_id=notice_id, happened_at=NOW, **{**said, **change})


@pytest.mark.parametrize(
    "address", ["http://service.example/api", "ftp://service.example", "service.example", ""]
)
def test_an_address_that_is_not_https(address):
    with pytest.raises((errors.Invalid, errors.CertificateRefused)):
        Outbound(address, ISSUER, KEY)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "127.0.0.1", "0.0.0.0", "::1",
     "fe80::1", "fd00::1", "::ffff:10.0.0.1", "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_a_private_address(address):
    with pytest.raises(errors.Invalid) as caught:
        check_public(address, "service.example")
    assert caught.value.code == "private-address"
    check_public("93.184.216.34", "service.example")


def test_a_name_that_leads_into_the_private_network_gets_no_byte(monkeypatch):
    service = Service()
    with server(service) as port:
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: here)
        client = Outbound(f"https://service.example:{port}/api", ISSUER, KEY)
        with pytest.raises(errors.Invalid) as caught:
            client.deliver([rendered()], ["n-1"])
    assert caught.value.code == "private-address"
    assert not service.seen


def test_a_redirect_is_not_followed():
    moved = ("302 Found", b"", "Location: http://127.0.0.1:9/elsewhere\r\n")
    with server(Service(moved)) as port, pytest.raises(errors.BadAnswer):
        outbound(port).deliver([rendered()], ["n-1"])


def test_an_answer_without_end():
    large = ("200 OK", b" " * (4 * 1024 * 1024 + 1))
    with server(Service(large)) as port, pytest.raises(errors.BadAnswer, match="larger than 4 MB"):
        outbound(port).deliver([rendered()], ["n-1"])


def test_an_answer_that_does_not_come():
    def silent(connection):
        read_request(connection)
        connection.recv(1)

    with server(silent) as port, pytest.raises(errors.Timeout):
        outbound(port, timeout=0.3).deliver([rendered()], ["n-1"])


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"taken": 1}', b"<html/>", b'{"taken":[[]]}', b"[" * 100_000]
)
def test_an_answer_that_says_nothing(content):
    with pytest.raises(errors.BadAnswer):
        notices.parse_answer(content, ["n-1"])


def test_a_reason_that_no_database_can_hold():
    said = {"taken": [], "refused": [{"id": "n-1", "reason": "no\0 such \ud800 document"}]}
    taken = notices.parse_answer(json.dumps(said).encode(), ["n-1"])
    assert taken.refused == {"n-1": "no? such ? document"}


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "ключ"])
def test_a_token_that_cannot_be_used(token):
    with server(Service(token=token)) as port, pytest.raises(errors.BadAnswer):
        outbound(port).deliver([rendered()], ["n-1"])


@pytest.mark.parametrize("status", ["500 Oops", "503 Later", "404 No", "403 No", "401 No"])
def test_a_service_in_trouble(status):
    with server(Service((status, b""))) as port, pytest.raises(errors.BankError):
        outbound(port).deliver([rendered()], ["n-1"])


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("", 0), ("-1", 0), ("soon", 0), ("9" * 5000, 0), ("Wed, 21 Oct 2026", 0)],
)
def test_a_service_that_asks_for_time(said, seconds):
    answer = ("429 Later", b"", f"Retry-After: {said}\r\n")
    with server(Service(answer)) as port, pytest.raises(errors.Busy) as busy:
        outbound(port).deliver([rendered()], ["n-1"])
    assert busy.value.retry_after == seconds


def test_what_the_service_gets_and_can_verify():
    service = Service(("200 OK", b'{"taken": ["n-1", "stranger"], "refused": [{"id": "n-2"}]}'))
    with server(service) as port:
        address = f"http://127.0.0.1:{port}/api"
        taken = outbound(port).deliver([rendered(), rendered("n-2")], ["n-1", "n-2"])
    assert taken == notices.Taken(frozenset({"n-1"}), {"n-2": ""})
    ((_head, form),) = service.calls("/api/token")
    assertion = parse_qs(form.decode())["client_assertion"][0]
    claims = tokens.verify(
        assertion, KEYS, typ=tokens.ASSERTION, issuer=ISSUER, audience=f"{address}/token"
    )
    assert claims["sub"] == ISSUER
    ((head, body),) = service.calls("/api/notices")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert headers["Authorization"] == "Bearer secret-token"
    signed = tokens.verify(
        headers[notices.SIGNATURE], KEYS, typ=tokens.NOTICE, issuer=ISSUER, audience=address
    )
    assert signed["body_sha256"] == notices.hashlib.sha256(body).hexdigest()
    with pytest.raises(tokens.TokenRefused):  # a notice is no access token
        tokens.verify(headers[notices.SIGNATURE], KEYS, typ=tokens.ACCESS)
    assert [one["id"] for one in json.loads(body)["notices"]] == ["n-1", "n-2"]


def test_one_token_for_a_run_and_a_new_one_when_it_is_over():
    taken = ("200 OK", b'{"taken": ["n-1"]}')
    service = Service(taken, taken, ("401 Over", b""), taken)
    with server(service) as port:
        client = outbound(port)
        for _time in range(3):
            assert client.deliver([rendered()], ["n-1"]).ids == {"n-1"}
    assert len(service.calls("/api/token")) == 2


def test_pauses_grow_up_to_an_hour():
    minutes = [notices.pause_after(count).total_seconds() / 60 for count in range(1, 9)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]
    assert notices.pause_after(100_000) == notices.LONGEST_PAUSE


DEEP = b"[" * 100_000

EVENT = {
    "id": "e-1",
    "title": "НДФЛ",
    "kind": "payment",
    "period": "март",
    "due_on": "2026-04-28",
    "amount": "15000.00",
    "done": False,
    "url": "https://service.example/event/1",
    "payment": {"kbk": "18201061201010000510", "payee_inn": "7727406020"},
}


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", ""), ("id", 1), ("title", "x" * 301), ("kind", "holiday"), ("due_on", "28.04.2026"),
     ("due_on", None), ("amount", 15000.0), ("amount", "-1"), ("amount", "0"), ("amount", "NaN"),
     ("amount", "1.234"), ("amount", "1e30"), ("done", "no"), ("url", "javascript:alert(1)"),
     ("url", "http://elsewhere.example/"), ("payment", {"stranger": "1"}), ("payment", {"kbk": 1}),
     ("id", "a\0"), ("title", "\ud800"), ("period", "\0"), ("payment", {"purpose": "a\0b"})],
)  # fmt: skip
def test_a_calendar_with_a_wrong_event_is_refused_as_a_whole(field, value):
    listed = {"events": [EVENT, {**EVENT, "id": "e-2", field: value}]}
    with pytest.raises(errors.InvalidDocument, match=f"event 2, {field}"):
        tax_events.parse(json.dumps(listed).encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"events": {}}', b'{"events": [1]}', DEEP, b'{"events":' + DEEP],
)
def test_what_is_no_calendar(content):
    with pytest.raises(errors.InvalidDocument):
        tax_events.parse(content)


def test_two_events_under_one_id():
    with pytest.raises(errors.InvalidDocument, match="id"):
        tax_events.parse(json.dumps({"events": [EVENT, EVENT]}).encode())


def test_a_calendar():
    service = Service(("200 OK", json.dumps({"events": [EVENT]}).encode()))
    with server(service) as port:
        (event,) = outbound(port).tax_events("7707083893", date(2026, 1, 1), date(2027, 1, 1))
    assert (event.amount, event.due_on) == (Decimal("15000.00"), date(2026, 4, 28))
    assert event.payment["kbk"] == "18201061201010000510"
    ((head, _body),) = service.calls("/api/tax-events")
    assert "inn=7707083893&from=2026-01-01&to=2027-01-01" in head.split("\r\n")[0]
