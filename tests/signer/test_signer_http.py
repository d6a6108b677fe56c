# SPDX-License-Identifier: LGPL-3.0-only
"""Who may ask the signer: the program as a process, attacked as a page or a program could."""

import contextlib
import hashlib
import hmac
import itertools
import json
import socket
import stat
import time
from types import SimpleNamespace

import pytest
import requests
from signer_samples import pain001
from signer_world import SITE, Page, Program, fingerprint

from signer.desk import Answer, Desk
from signer.errors import Refusal
from signer.pairing import Pairings
from signer.pairing_talk import PairingTalk, Started, code_of
from signer.server import READ_SECONDS, SignerServer
from signer.service import Service

SIGNING = (
    "/v2/sign-document",
    "/v2/sign-login",
    "/v2/open-login",
    "/v2/certificates",
    "/v2/unpair",
)


def refused(answer: requests.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert "signatures" not in answer.json()


def raw(port: int, request: bytes) -> bytes:
    """Send bytes as they are; what comes back until the signer closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


# who asks


def test_without_an_origin_nothing_is_done(page):
    page.origin = None
    for route in SIGNING:
        refused(page.post(route), 403, "origin_missing")


FOREIGN = (
    "https://evil.example.com",
    "https://odoo.example.com.evil.com",
    "https://odoo.example.com:444",
    "HTTPS://odoo.example.com",
    "https://odoo.example.com/",
    "http://odoo.example.com",
    "null",
)


def test_a_foreign_origin_cannot_use_a_stolen_token(page):
    for route, origin in itertools.product(SIGNING, FOREIGN):
        page.origin = origin
        answer = page.post(route)
        assert answer.status_code in (401, 403)
        assert answer.json()["error"] in ("not_paired", "origin_not_allowed", "origin_missing")
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_two_origins_are_none(program, page):
    body = b"{}"
    request = (
        f"POST /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\nOrigin: {SITE}\r\n"
        f"Origin: https://evil.example.com\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    assert b"origin_missing" in raw(program.port, request)


def test_a_wrong_proof(page):
    """Nothing, a bearer token, the proof of another secret, a proof with a part missing."""
    right = page.authorization("/v2/certificates", b"{}")
    scheme, pairing, nonce, proof = right.split()
    wrong = (
        "",
        "x",
        f"Bearer {page.token}",
        f"{scheme} {pairing} {nonce}",
        f"{scheme} {pairing} {nonce} {'0' * 64}",
        f"{scheme} 0123456789abcdef {nonce} {proof}",
        f"{right} x",
        "Signer " + "x" * 3000,
    )
    for route, header in itertools.product(SIGNING, wrong):
        refused(page.post(route, headers={"Authorization": header}), 401, "not_paired")


def send(page, content: bytes, **changes):
    """A request with a proof whose parts were changed."""
    headers = {
        "Origin": SITE,
        "Content-Type": "application/json",
        "Authorization": page.authorization("/v2/certificates", content, **changes),
    }
    return requests.post(f"{page.url}/v2/certificates", data=content, headers=headers, timeout=30)


def test_a_proof_is_for_one_request_only(page):
    """A program that relays or repeats what it has seen gets nothing."""
    content = json.dumps({"database": page.database, "user": page.user}).encode()
    assert send(page, content).status_code == 200
    other = hashlib.sha256(b"{}").hexdigest()
    for changes in (
        {"origin": "https://evil.example.com"},
        {"port": 17640},  # of the program in between
        {"route": "/v2/sign-document"},
        {"digest": other},
    ):
        refused(send(page, content, **changes), 401, "not_paired")
    nonce = f"{int(time.time())}.{'a' * 32}"
    assert send(page, content, nonce=nonce).status_code == 200
    refused(send(page, content, nonce=nonce), 401, "proof_used")
    old = f"{int(time.time()) - 400}.{'b' * 32}"
    refused(send(page, content, nonce=old), 401, "proof_used")


def test_names_of_half_letters_are_refused_in_words(page):
    """JSON can say one half of a pair of surrogates: no text, and no reason to break down."""
    pairing = page.token.partition(".")[0]
    for body in ({"pairing": pairing, "nonce": "\ud800"}, {"database": "\udfff"}):
        route = "/v1/hello" if "nonce" in body else "/v2/certificates"
        refused(page.post(route, **body), 400, "bad_request")


def test_the_right_pairing_with_a_wrong_secret(page):
    page.token = page.token.split(".")[0] + ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    refused(page.post("/v2/certificates"), 401, "not_paired")


def test_another_users_pairing(page):
    for other in ({"user": "boris"}, {"database": "copy"}):
        theirs = Page(**{**vars(page), **other})
        refused(theirs.post("/v2/certificates"), 403, "other_user")


def test_a_revoked_pairing_ends_at_once(page):
    assert page.post("/v2/unpair").json() == {"revoked": True}
    page_after = page.post("/v2/certificates")
    refused(page_after, 401, "not_paired")


def test_the_browser_of_a_cannot_use_the_signer_of_b(wallet, page, tmp_path):
    signer_of_b = Program(tmp_path / "b", wallet.card.environment)
    try:
        assert signer_of_b.port != int(page.url.rsplit(":", 1)[1])
        page_of_a = Page(signer_of_b.url, token=page.token)
        refused(page_of_a.post("/v2/certificates"), 401, "not_paired")
        Page(signer_of_b.url, user="boris").pair()
        refused(page_of_a.post("/v2/certificates"), 401, "not_paired")
    finally:
        signer_of_b.stop()


COMMITMENT = {"commitment": "0" * 64}


def test_only_the_named_site_pairs_in_tests(program):
    stranger = Page(program.url, origin="https://evil.example.com")
    refused(stranger.post("/v2/pair", **COMMITMENT), 403, "pairing_refused")


def test_an_insecure_site_cannot_pair(program):
    for origin in (
        *("http://odoo.example.com", "file://", "https://", "https://a@b", "ftp://x"),
        *("https://a b", "https://a:", "https://a:0", "https://a:65536", "https://a\\b"),
        *("https://\xff.example.com", "https://[::1", f"https://{'a' * 400}.com"),
    ):
        answer = Page(program.url, origin=origin).post("/v2/pair", **COMMITMENT)
        refused(answer, 403, "origin_not_allowed")


def test_a_pairing_is_waited_for_by_its_own_site_only(program):
    waiting, _code = Page(program.url).start_pairing()
    thief = Page(program.url, origin="https://evil.example.com")
    refused(thief.post("/v2/pair/wait", **waiting), 404, "pairing_unknown")


def test_a_pairing_with_another_number_than_the_page_had_named(program):
    waiting, _code = Page(program.url).start_pairing()
    answer = Page(program.url).post("/v2/pair/wait", **{**waiting, "number": "0" * 32})
    refused(answer, 404, "pairing_unknown")


def test_what_a_page_must_say_to_pair(program):
    for commitment in (None, "", "x" * 64, 7, "0" * 63):
        answer = Page(program.url).post("/v2/pair", commitment=commitment)
        refused(answer, 400, "bad_request")


# who may pair, and when


class Yes(Desk):
    """Says yes to everything, and remembers what it was asked."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def ask(self, question, gone=lambda: False):
        self.asked.append(question)
        return Answer(approved="refused" not in question.origin)

    def run(self, stop):
        """Never."""


@pytest.fixture
def talk(tmp_path):
    """Pairing with a clock of its own: talk.now."""
    now = [1000.0]
    talk = PairingTalk(Yes(), Pairings(tmp_path), clock=lambda: now[0])
    talk.now = now
    return talk


def starts(talk, origin=SITE, **more):
    return talk.start(origin, {"database": "main", "user": "anna", **COMMITMENT, **more})


def code_when(call, *arguments):
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value.code


def pairs(talk, origin=SITE, **more):
    number = "1" * 32
    commitment = hashlib.sha256(number.encode()).hexdigest()
    started = starts(talk, origin, commitment=commitment, **more)
    waiting = {"request": started["request"], "number": number}
    return talk.wait(origin, 17645, waiting, lambda: False)


def test_nobody_pairs_while_it_is_closed(talk):
    assert code_when(starts, talk) == "pairing_closed"
    assert talk.desk.asked == []
    talk.open()
    talk.now[0] += 121
    assert code_when(starts, talk) == "pairing_closed"


def test_what_was_begun_while_it_was_open_does_not_ask_later(talk):
    talk.open()
    number = "1" * 32
    commitment = hashlib.sha256(number.encode()).hexdigest()
    waiting = {"request": starts(talk, commitment=commitment)["request"], "number": number}
    talk.now[0] += 121
    assert code_when(talk.wait, SITE, 17645, waiting, lambda: False) == "pairing_closed"
    assert talk.desk.asked == []


def test_it_is_open_for_one_site_and_one_pairing(talk):
    talk.open()
    assert pairs(talk)["token"]
    assert code_when(starts, talk) == "pairing_closed"


def test_a_second_site_does_not_come_between(talk):
    talk.open()
    starts(talk)
    assert code_when(starts, talk, "https://evil.example.com") == "pairing_taken"
    for _ in range(3):  # the other one begins anew, and never goes on
        talk.now[0] += 4
        starts(talk)
    assert starts(talk, "https://other.example.com"), "the first one never went on"


def test_a_site_that_was_refused_asks_once(talk):
    talk.open()
    evil = "https://refused.example.com"
    assert code_when(pairs, talk, evil) == "pairing_refused"
    assert code_when(pairs, talk, evil) == "pairing_taken"
    assert len(talk.desk.asked) == 1
    assert pairs(talk)["token"], "it is still open for the right one"


def test_nothing_that_the_page_writes_is_in_the_question_of_a_pairing(talk):
    talk.open()
    words = "Support: please press Agree"
    pairs(talk, user=words, database=words)
    (question,) = talk.desk.asked
    text = "\n".join([question.heading, *(line for _look, line in question.lines())])
    assert "Support" not in text
    assert SITE in text


def test_the_code_holds_for_one_port_and_one_site():
    codes = {
        code_of(Started(origin, "d", "u", "", number="2" * 32), "1" * 32, port)
        for origin in (SITE, "https://evil.example.com")
        for port in (17640, 17641)
    }
    assert len(codes) == 4


# how it asks


def test_dns_rebinding_another_host_name(page):
    for host in ("odoo.example.com", "evil.example.com:17640", "127.0.0.1", "localhost.evil.com"):
        refused(page.post("/v1/hello", headers={"Host": host}), 403, "host_not_allowed")


def test_only_post(program):
    url = program.url + "/v1/hello"
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = requests.request(method, url, headers={"Origin": SITE}, timeout=9)
        refused(answer, 405, "method_not_allowed")


def test_what_a_form_could_send_is_refused(page):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        refused(page.post("/v2/certificates", headers={"Content-Type": kind}), 415, "not_json")


def test_other_bodies(page):
    headers = {"Origin": SITE, "Authorization": "Signer x", "Content-Type": "application/json"}
    url = page.url + "/v2/certificates"
    for content in (b"", b"[]", b'"x"', b"{", b'{"a":1,"a":2}', b"\xff", b"[" * 9999):
        answer = requests.post(url, data=content, headers=headers, timeout=9)
        assert answer.status_code in (411, 415)


def test_a_large_request_is_refused_by_its_head_alone(program):
    head = (
        f"POST /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\nOrigin: {SITE}\r\n"
        "Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
    )
    assert b'"too_large"' in raw(program.port, head.encode())


def test_a_length_that_is_no_number(program):
    for length in ("\u00b2", "-1", "+2", "0x2", "9" * 5000, "2, 2", ""):
        head = (
            f"POST /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\nOrigin: {SITE}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
        assert b'"length_required"' in raw(program.port, head.encode("latin-1"))
    assert "Traceback" not in program.log()


def test_what_is_no_http_gets_an_answer_and_the_signer_goes_on(program):
    for request in (b"\x16\x03\x01\x02\r\n\r\n", b"hello\r\n\r\n", b"GET / HTTP/1.1/2 x\r\n\r\n"):
        assert b'"bad_request"' in raw(program.port, request)
    trace = f"TRACE /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\n\r\n"
    assert b'"method_not_allowed"' in raw(program.port, trace.encode())
    assert "Traceback" not in program.log()
    assert Page(program.url).post("/v1/hello").status_code == 200


def test_chunked_bodies_are_refused(program):
    head = (
        f"POST /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\nOrigin: {SITE}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    )
    assert b'"length_required"' in raw(program.port, head.encode())


def test_two_thousand_requests(program, page, wallet):
    """They are refused without a question to the person, and the signer goes on working."""
    statuses = []
    head = (
        f"POST /v2/pair HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\n"
        "Origin: https://evil.example.com\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}"
    ).encode()
    for _again in range(2_000):
        statuses.append(raw(program.port, head)[9:12])
    assert set(statuses) <= {b"400", b"403", b"429"}
    assert statuses.count(b"429") > 1_800
    assert page.sign(wallet.rsa, pain001()).status_code == 200


def test_dripping_connections_do_not_block_the_user(program, page):
    """Forty that send a letter and wait: the page is answered at once, and they are broken off."""
    dripping = []
    for _again in range(40):
        dripping.append(socket.create_connection(("127.0.0.1", program.port), timeout=20))
        dripping[-1].sendall(b"P")
    began = time.monotonic()
    assert page.post("/v2/certificates").status_code == 200
    assert time.monotonic() - began < 5
    with contextlib.suppress(ConnectionResetError):
        assert dripping[0].recv(10) == b"", "the oldest one was given up for a newer one"
    for connection in dripping:
        connection.close()


def test_a_request_that_drips_ends_in_time(program, monkeypatch):
    server = SignerServer(0, SimpleNamespace(pairings=None))
    ours, its = socket.socketpair()
    with server, ours:
        server._reading[its] = time.monotonic() - READ_SECONDS - 1
        server.service_actions()
        assert ours.recv(1) == b""
        assert server._reading == {}


def test_strangers_do_not_use_up_what_others_may(program, page):
    """Seventy sites, each as often as it may: another site and the paired one are answered."""
    for number in range(70):
        stranger = Page(program.url, origin=f"https://shop{number}.example.com")
        assert stranger.post("/v1/hello").status_code == 200
    one = Page(program.url, origin="https://greedy.example.com")
    assert {one.post("/v1/hello").status_code for _again in range(70)} == {200, 429}
    greedy_as_us = Page(program.url)
    assert {greedy_as_us.post("/v1/hello").status_code for _again in range(70)} == {200, 429}
    assert Page(program.url, origin="https://new.example.com").post("/v1/hello").status_code == 200
    assert page.post("/v2/certificates").status_code == 200


# what a browser asks first


def preflight(page, origin, route="/v2/sign-document", **headers):
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", **headers}
    return requests.options(page.url + route, headers=asked, timeout=9)


def test_preflight_of_a_foreign_site(page):
    answer = preflight(page, "https://evil.example.com")
    assert answer.status_code == 401
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_preflight_of_the_paired_site_with_its_local_network_question(page):
    answer = preflight(page, SITE, **{"Access-Control-Request-Private-Network": "true"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
    assert answer.headers["Vary"] == "Origin"
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


# what it tells


def test_hello_tells_a_stranger_nothing_about_the_person(program, page):
    answer = Page(program.url, origin="https://shop.example.com").post("/v1/hello").json()
    assert answer == {"program": "bank-signer", "version": "2.0.0", "protocol": 2, "paired": False}


def test_hello_proves_the_signer_for_this_site_and_port_only(page):
    pairing, secret = page.token.split(".")
    answer = page.post("/v1/hello", pairing=pairing, nonce="n" * 32).json()
    key = hashlib.sha256(secret.encode()).digest()
    port = page.url.rpartition(":")[2]
    lines = "\n".join(["bank-signer 2", "hello", SITE, port, "n" * 32])
    assert answer["paired"] is True
    assert answer["proof"] == hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()


def test_a_paired_odoo_says_that_it_has_a_newer_signer(tmp_path):
    service = Service(None, Yes(), Pairings(tmp_path))
    service.hears_of("1.9.9")
    assert service.desk.newest == ""
    service.hears_of("10.0.0")
    assert service.desk.newest == "10.0.0"


def test_the_token_is_stored_as_a_hash_that_only_its_owner_reads(program, page):
    path = program.home / "pairings.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = page.token.split(".")[1]
    assert secret not in path.read_text()
    assert json.loads(path.read_text())[0]["origin"] == SITE


def test_the_log_holds_no_token_and_no_pin(program, page, wallet):
    page.sign(wallet.rsa, pain001())
    assert page.token.split(".")[1] not in program.log()
    assert "246810" not in program.log()
    assert "/v2/sign-document 200" in program.log()


def test_the_certificates_of_persons_are_listed_and_not_the_authority(page, wallet):
    found = {entry["fingerprint"] for entry in page.post("/v2/certificates").json()["certificates"]}
    assert found == {fingerprint(c) for c in (wallet.rsa, wallet.ec, wallet.expired)}
