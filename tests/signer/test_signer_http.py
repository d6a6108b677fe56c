"""Who may ask the signer: the program as a process, attacked as a page or a program could."""

import itertools
import json
import socket
import stat

import requests
from signer_samples import pain001
from signer_world import SITE, Page, Program, fingerprint

SIGNING = (
    "/v1/sign-document",
    "/v1/sign-login",
    "/v1/open-login",
    "/v1/certificates",
    "/v1/unpair",
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


def test_a_wrong_token(page):
    tokens = ("", "x", "0.0", "0123456789abcdef.", "x" * 300)
    for route, token in itertools.product(SIGNING, tokens):
        page.token = token
        refused(page.post(route), 401, "not_paired")


def test_the_right_pairing_with_a_wrong_secret(page):
    page.token = page.token.split(".")[0] + ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    refused(page.post("/v1/certificates"), 401, "not_paired")


def test_another_users_pairing(page):
    for other in ({"user": "boris"}, {"database": "copy"}):
        theirs = Page(**{**vars(page), **other})
        refused(theirs.post("/v1/certificates"), 403, "other_user")


def test_a_revoked_pairing_ends_at_once(page):
    assert page.post("/v1/unpair").json() == {"revoked": True}
    page_after = page.post("/v1/certificates")
    refused(page_after, 401, "not_paired")


def test_the_browser_of_a_cannot_use_the_signer_of_b(wallet, page, tmp_path):
    signer_of_b = Program(tmp_path / "b", wallet.card.environment)
    try:
        assert signer_of_b.port != int(page.url.rsplit(":", 1)[1])
        page_of_a = Page(signer_of_b.url, token=page.token)
        refused(page_of_a.post("/v1/certificates"), 401, "not_paired")
        Page(signer_of_b.url, user="boris").pair()
        refused(page_of_a.post("/v1/certificates"), 401, "not_paired")
    finally:
        signer_of_b.stop()


def test_only_the_named_site_pairs_in_tests(program):
    stranger = Page(program.url, origin="https://evil.example.com")
    refused(stranger.post("/v1/pair"), 403, "pairing_refused")


def test_an_insecure_site_cannot_pair(program):
    for origin in ("http://odoo.example.com", "file://", "https://", "https://a@b", "ftp://x"):
        answer = Page(program.url, origin=origin).post("/v1/pair")
        refused(answer, 403, "origin_not_allowed")


def test_a_pairing_is_waited_for_by_its_own_site_only(program):
    started = Page(program.url).post("/v1/pair").json()
    thief = Page(program.url, origin="https://evil.example.com")
    refused(thief.post("/v1/pair/wait", request=started["request"]), 404, "pairing_unknown")


def test_pairing_is_limited(program):
    answers = [Page(program.url).post("/v1/pair").status_code for _again in range(7)]
    assert answers.count(200) == 5
    assert answers[-1] == 429


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
        refused(page.post("/v1/certificates", headers={"Content-Type": kind}), 415, "not_json")


def test_other_bodies(page):
    headers = {
        "Origin": SITE,
        "Authorization": f"Bearer {page.token}",
        "Content-Type": "application/json",
    }
    url = page.url + "/v1/certificates"
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


def test_ten_thousand_requests(program, page, wallet):
    """They are refused without a question to the person, and the signer goes on working."""
    statuses = []
    head = (
        f"POST /v1/pair HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\n"
        "Origin: https://evil.example.com\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}"
    ).encode()
    for _again in range(10_000):
        statuses.append(raw(program.port, head)[9:12])
    assert set(statuses) <= {b"400", b"403", b"429"}
    assert statuses.count(b"429") > 9_000
    assert page.sign(wallet.rsa, pain001()).status_code == 200


# what a browser asks first


def preflight(page, origin, route="/v1/sign-document", **headers):
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
    assert answer == {"program": "bank-signer", "version": "1.0.0", "protocol": 1, "paired": False}


def test_hello_proves_the_signer_before_the_page_shows_its_token(page):
    import hashlib
    import hmac

    pairing, secret = page.token.split(".")
    answer = page.post("/v1/hello", pairing=pairing, nonce="n" * 32).json()
    key = hashlib.sha256(secret.encode()).digest()
    assert answer["paired"] is True
    assert answer["proof"] == hmac.new(key, b"n" * 32, hashlib.sha256).hexdigest()


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
    assert "/v1/sign-document 200" in program.log()


def test_the_certificates_of_persons_are_listed_and_not_the_authority(page, wallet):
    found = {entry["fingerprint"] for entry in page.post("/v1/certificates").json()["certificates"]}
    assert found == {fingerprint(c) for c in (wallet.rsa, wallet.ec, wallet.expired)}
