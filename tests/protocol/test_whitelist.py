# SPDX-License-Identifier: LGPL-3.0-only
"""The white list against a real HTTP server: what is no answer, then answers."""

import json
import threading
import time
from datetime import date, datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from protocol import patience
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
    asked = ""  # the header Retry-After

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.paths = []
        self.clients = set()
        self.released = threading.Event()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/whitelist/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept

    def do_GET(self):
        self.server.paths.append(self.path)
        self.server.clients.add(self.client_address)
        answer = self.server.answer
        status, body = answer(self.path) if callable(answer) else answer
        if body is None:  # say nothing until the test is over
            self.server.released.wait(10)
            return
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        if self.server.asked:
            self.send_header("Retry-After", self.server.asked)
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


@pytest.mark.parametrize(
    "answer",
    [(429, b""), (500, b""), (503, b""), (400, {"code": "WL-191"}), (400, {"code": "WL-196"})],
)
def test_service_that_is_down_or_has_had_enough_for_today_says_so(service, answer):
    service.answer = answer
    with pytest.raises(Busy):
        WhiteList(service.address).check(NIP, ACCOUNT, DAY)


@pytest.mark.parametrize("answer", [(429, b""), (503, b""), (400, {"code": "WL-196"})])
def test_service_that_asks_for_time_is_not_asked_before_it_is_over(service, answer, monkeypatch):
    service.answer, service.asked = answer, "60"
    for _time in range(2):
        with pytest.raises(Busy) as caught:
            WhiteList(service.address).check(NIP, ACCOUNT, DAY)
        assert caught.value.retry_after == 60
    assert len(service.paths) == 1
    service.answer, service.asked = (200, LISTED), ""
    later = time.time() + 61
    monkeypatch.setattr(patience.time, "time", lambda: later)
    assert WhiteList(service.address).check(NIP, ACCOUNT, DAY).listed


@pytest.mark.parametrize("asked", ["soon", "-5", "0", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_time_that_is_none_silences_nobody(service, asked):
    service.answer, service.asked = (503, b""), asked
    for _time in range(2):
        with pytest.raises(Busy):
            WhiteList(service.address).check(NIP, ACCOUNT, DAY)
    assert len(service.paths) == 2


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


# -----------------------------------------------------------------------------
# MANY PAYEES
# -----------------------------------------------------------------------------

PROOF = {"requestDateTime": "23-11-2026 10:15:00", "requestId": "d2n10-84df1a1"}
OTHER_ACCOUNT = "61109010140000071219812874"


def nips(count):
    """Valid tax ids that differ."""
    made, number = [], 526000000
    while len(made) < count:
        number += 1
        digits = [int(digit) for digit in str(number)]
        control = sum(a * b for a, b in zip((6, 5, 7, 2, 3, 4, 5, 6, 7), digits, strict=True)) % 11
        if control < 10:
            made.append(f"{number}{control}")
    return made


def entries(*subjects, **more):
    found = [
        {"identifier": nip, "subjects": [subject] if subject else []} for nip, subject in subjects
    ]
    return {"result": {"entries": found, **PROOF, **more}}


def subject(*accounts, status="Czynny", virtual=False):
    return {"statusVat": status, "accountNumbers": list(accounts), "hasVirtualAccounts": virtual}


def answer_all(path):
    """A batch in which everybody has ACCOUNT."""
    asked = path.partition("?")[0].rpartition("/")[2].split(",")
    return 200, entries(*((nip, subject(ACCOUNT)) for nip in asked))


def test_payee_that_is_left_out_of_the_answer_has_none(service):
    one, two, three = nips(3)
    service.answer = (
        200,
        {
            "result": {
                "entries": [
                    {"identifier": one, "subjects": []},
                    {"identifier": two, "error": {"code": "WL-115", "message": "no"}},
                ],
                **PROOF,
            }
        },
    )
    pairs = [(one, ACCOUNT), (two, ACCOUNT), (three, ACCOUNT), ("5260001247", ACCOUNT)]
    (listing,) = WhiteList(service.address).check_many(pairs, DAY)
    assert (listing.nip, listing.listed, listing.status_vat) == (one, False, "")


@pytest.mark.parametrize("broken", [{}, {"entries": None}, {"entries": [], "requestId": ""}])
def test_batch_that_proves_nothing(service, broken):
    service.answer = (200, {"result": {**PROOF, **broken}})
    with pytest.raises(BadAnswer):
        list(WhiteList(service.address).check_many([(NIP, ACCOUNT)], DAY))


def test_question_that_is_to_be_asked_again_is_asked_again(service):
    answers = [(400, {"code": "WL-195", "message": "again"})] * 2 + [(200, LISTED)]
    service.answer = lambda path: answers[len(service.paths) - 1]
    assert WhiteList(service.address).check(NIP, ACCOUNT, DAY).listed


def test_it_is_not_asked_for_ever(service):
    service.answer = (400, {"code": "WL-195", "message": "again"})
    with pytest.raises(Busy):
        WhiteList(service.address).check(NIP, ACCOUNT, DAY)
    assert len(service.paths) == 3


def test_hundred_payees_are_four_questions_over_one_connection(service):
    service.answer = answer_all
    pairs = [(nip, ACCOUNT) for nip in nips(100)]
    listings = list(WhiteList(service.address).check_many(pairs, DAY))
    assert len(listings) == 100
    assert all(listing.listed and listing.status_vat == "Czynny" for listing in listings)
    assert len(service.paths) == 4
    assert len(service.clients) == 1


def test_accounts_of_a_payee_are_told_apart(service):
    service.answer = (200, entries((NIP, subject(ACCOUNT, status="Zwolniony"))))
    pairs = [(NIP, ACCOUNT), (f"PL {NIP}", OTHER_ACCOUNT)]
    listings = list(WhiteList(service.address).check_many(pairs, DAY))
    assert [listing.listed for listing in listings] == [True, False]
    assert {listing.status_vat for listing in listings} == {"Zwolniony"}


def test_account_abroad_is_on_no_list_and_is_not_asked_for(service):
    service.answer = (200, entries((NIP, subject(ACCOUNT, virtual=True))))
    pairs = [(NIP, "DE89370400440532013000"), (NIP, "DE89370400440532013001")]
    (listing,) = WhiteList(service.address).check_many(pairs, DAY)
    assert (listing.listed, listing.status_vat) == (False, "Czynny")
    assert len(service.paths) == 1


def test_virtual_account_is_asked_for_by_itself(service):
    def answer(path):
        batch = "/nips/" in path
        return (200, entries((NIP, subject(virtual=True)))) if batch else (200, LISTED)

    service.answer = answer
    (listing,) = WhiteList(service.address).check_many([(NIP, ACCOUNT)], DAY)
    assert (listing.listed, listing.status_vat) == (True, "Czynny")


def test_account_that_the_register_refuses_does_not_silence_the_others(service):
    refused = (400, {"code": "WL-111", "message": "Nieprawidłowy numer konta bankowego."})
    asked = nips(40)

    def answer(path):
        if OTHER_ACCOUNT in path:
            return refused
        if "/bank-account/" in path:
            return 200, LISTED
        batch = path.partition("?")[0].rpartition("/")[2].split(",")
        return 200, entries(*((nip, subject(virtual=True)) for nip in batch))

    service.answer = answer
    pairs = [(asked[0], OTHER_ACCOUNT), *((nip, ACCOUNT) for nip in asked)]
    listings = list(WhiteList(service.address).check_many(pairs, DAY))
    assert [listing.nip for listing in listings] == asked
    assert all(listing.listed for listing in listings)


def test_virtual_accounts_of_a_hundred_payees_are_asked_for_beside_each_other(service):
    """Each takes as long as a batch: in a row they took a minute and a half of an API's seconds."""
    at_once = threading.Barrier(20, timeout=5)

    def answer(path):
        if "/bank-account/" in path:
            at_once.wait()
            return 200, LISTED
        batch = path.partition("?")[0].rpartition("/")[2].split(",")
        return 200, entries(*((nip, subject(virtual=True)) for nip in batch))

    service.answer = answer
    listings = list(WhiteList(service.address).check_many([(n, ACCOUNT) for n in nips(20)], DAY))
    assert [listing.nip for listing in listings] == nips(20)
    assert all(listing.listed and listing.status_vat == "Czynny" for listing in listings)


def test_service_that_goes_down_meanwhile_is_not_asked_by_the_rest(service):
    def answer(path):
        if "/bank-account/" in path:
            return 503, {}
        batch = path.partition("?")[0].rpartition("/")[2].split(",")
        return 200, entries(*((nip, subject(virtual=True)) for nip in batch))

    service.answer = answer
    accounts = [f"{number:026}" for number in range(500)]
    with pytest.raises(Busy):
        list(WhiteList(service.address).check_many([(NIP, one) for one in accounts], DAY))
    assert len(service.paths) < 400
