"""The white list against a real HTTP server: what is no answer, then answers."""

import json
import threading
from datetime import date, datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from protocol.errors import (
    BadAnswer,
    BankError,
    Busy,
    Invalid,
    Refused,
    Timeout,
    Unreachable,
)
from protocol.whitelist import WhiteList

NIP = "5260001246"
ACCOUNT = "16114010100000111122223333"
DAY = date(2026, 11, 23)
LISTED = {
    "result": {
        "accountAssigned": "TAK",
        "requestDateTime": "23-11-2026 10:15:00",
        "requestId": "d2n10-84df1a1",
    }
}


class Service(ThreadingHTTPServer):
    """Answers with what the test puts into `answer`: (status, body) or a callable."""

    daemon_threads = True
    answer = (200, LISTED)

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.paths = []
        self.released = threading.Event()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/whitelist/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.paths.append(self.path)
        status, body = self.server.answer
        if body is None:  # say nothing until the test is over
            self.server.released.wait(10)
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def service():
    server = Service()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


def without(name):
    return {"result": {key: value for key, value in LISTED["result"].items() if key != name}}


def with_value(name, value):
    return {"result": {**LISTED["result"], name: value}}


@pytest.mark.parametrize(
    ("nip", "account"), [("5260001247", ACCOUNT), ("../5260001246", ACCOUNT), (NIP, "1"), (NIP, "")]
)
def test_wrong_numbers_are_not_asked_for(service, nip, account):
    with pytest.raises(Invalid):
        WhiteList(service.address).check(nip, account, DAY)
    assert service.paths == []


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>maintenance</html>"),
        (200, b"[]"),
        (200, {"result": None}),
        (200, without("accountAssigned")),
        (200, with_value("accountAssigned", "MOŻE")),
        (200, without("requestId")),
        (200, with_value("requestDateTime", "yesterday")),
        (302, b""),
        (404, b"not here"),
    ],
)
def test_what_cannot_be_understood_is_never_taken_for_not_listed(service, answer):
    service.answer = answer
    with pytest.raises(BadAnswer):
        WhiteList(service.address).check(NIP, ACCOUNT, DAY)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_service_that_is_down_says_so(service, status):
    service.answer = (status, b"")
    with pytest.raises(Busy):
        WhiteList(service.address).check(NIP, ACCOUNT, DAY)


def test_refusal_has_the_code_and_words_of_the_service(service):
    service.answer = (400, {"code": "WL-118", "message": "Data nie może być z przyszłości."})
    with pytest.raises(Refused, match="przyszłości") as caught:
        WhiteList(service.address).check(NIP, ACCOUNT, DAY)
    assert caught.value.code == "WL-118"


def test_silent_service_is_not_waited_for(service):
    service.answer = (200, None)
    with pytest.raises(Timeout):
        WhiteList(service.address, timeout=0.2).check(NIP, ACCOUNT, DAY)


def test_unreachable_service(service):
    address = service.address
    service.shutdown()
    service.server_close()
    with pytest.raises(Unreachable):
        WhiteList(address, timeout=2).check(NIP, ACCOUNT, DAY)


@pytest.mark.parametrize("address", ["no address", "https://", "ftp://127.0.0.1"])
def test_address_that_is_none_is_still_only_our_error(address):
    with pytest.raises(BankError):
        WhiteList(address).check(NIP, ACCOUNT, DAY)


def test_flood_is_cut_off(service):
    service.answer = (200, b" " * (5 * 1024 * 1024))
    with pytest.raises(BadAnswer):
        WhiteList(service.address).check(NIP, ACCOUNT, DAY)


def test_listed_account_with_the_proof_of_the_question(service):
    listing = WhiteList(service.address).check(f"PL{NIP}", f"PL{ACCOUNT}", DAY)
    assert service.paths == [
        f"/whitelist/api/check/nip/{NIP}/bank-account/{ACCOUNT}?date=2026-11-23"
    ]
    assert (listing.listed, listing.request_id) == (True, "d2n10-84df1a1")
    assert listing.checked_at == datetime(2026, 11, 23, 9, 15, tzinfo=timezone.utc)


def test_account_that_is_not_listed(service):
    service.answer = (200, with_value("accountAssigned", "NIE"))
    assert WhiteList(service.address).check(NIP, ACCOUNT, DAY).listed is False


def test_taxpayer_has_the_vat_status(service):
    subject = {"name": "ABC", "statusVat": "Czynny", "accountNumbers": [ACCOUNT]}
    service.answer = (200, {"result": {**LISTED["result"], "subject": subject}})
    taxpayer = WhiteList(service.address).taxpayer(NIP, DAY)
    assert (taxpayer.name, taxpayer.status_vat) == ("ABC", "Czynny")
    assert taxpayer.accounts == (ACCOUNT,)


def test_unknown_taxpayer_is_none(service):
    service.answer = (200, {"result": {**LISTED["result"], "subject": None}})
    assert WhiteList(service.address).taxpayer(NIP, DAY) is None
