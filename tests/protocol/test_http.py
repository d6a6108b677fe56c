# SPDX-License-Identifier: LGPL-3.0-only
"""What may happen to one HTTP call, and what it proves about the bank."""

import inspect
import logging
import ssl
import time

import keys
import pytest
import requests
import urllib3
from cryptography.hazmat.primitives import serialization
from servers import answering, read_request, server

from protocol import errors
from protocol.bank import Connection
from protocol.wire.deadline import Deadline
from protocol.wire.http import Http, check_address, check_status, map_error


def call(port, *, timeout=20, scheme="http", largest=1 << 20, ca_file="", path="/"):
    address = f"{scheme}://127.0.0.1:{port}{path}"
    return Http(Connection(address, ca_file, timeout), largest).post(address, b"<x/>", {})


def closing(connection):
    read_request(connection)


def silent(connection):
    read_request(connection)
    connection.recv(1)


def dripping(start):
    def talk(connection):
        read_request(connection)
        connection.sendall(start)
        connection.settimeout(0.05)
        while True:
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                connection.sendall(b"x")

    return talk


def test_nobody_listens():
    with server(closing) as port:
        pass
    with pytest.raises(errors.Unreachable) as caught:
        call(port)
    assert caught.value.settles_sending


def test_a_name_that_does_not_exist():
    address = "https://bank.invalid/ws"
    with pytest.raises(errors.Unreachable, match=r"bank\.invalid"):
        Http(Connection(address)).post(address, b"", {})


@pytest.mark.parametrize(
    "talk",
    [
        silent,
        dripping(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
    ids=["silence", "headers drip", "body drips", "endless body"],
)
def test_the_limit_is_for_the_whole_call(talk):
    started = time.monotonic()
    with server(talk) as port, pytest.raises(errors.Timeout) as caught:
        call(port, timeout=0.4)
    assert caught.value.outcome_unknown
    assert time.monotonic() - started < 5


def test_a_dripping_handshake_ends_too_and_proves_that_nothing_was_sent():
    def talk(connection):
        connection.recv(1)
        connection.settimeout(0.05)
        for _ in range(100):
            connection.sendall(b"\x16" if _ == 0 else b"\x03")
            connection.settimeout(0.05)
            try:
                while connection.recv(4096):
                    pass
                return
            except TimeoutError:
                continue

    with server(talk) as port, pytest.raises((errors.Unreachable, errors.CertificateRefused)):
        call(port, timeout=0.4, scheme="https")


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"no http at all\r\n\r\n",
    ],
)
def test_a_broken_answer_leaves_the_outcome_unknown(start):
    def talk(connection):
        read_request(connection)
        connection.sendall(start)

    with server(talk) as port, pytest.raises(errors.OutcomeUnknown):
        call(port)


def test_an_answer_that_is_too_large_is_cut_off():
    with server(answering(b"x" * 5000)) as port, pytest.raises(errors.BadAnswer, match="larger"):
        call(port, largest=4000)


def test_redirects_are_not_followed():
    seen = []
    moved = answering(b"", "302 Found", "Location: http://127.0.0.1:1/other\r\n", seen)
    with server(moved) as port:
        answer = call(port)
    assert answer.status == 302
    assert len(seen) == 1
    with pytest.raises(errors.BadAnswer):
        check_status(answer, "https://bank.example/")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, errors.NotSent),
        (401, errors.NotSent),
        (429, errors.Busy),
        (503, errors.Busy),
        (500, errors.BadAnswer),
        (504, errors.BadAnswer),
        (204, errors.BadAnswer),
    ],
)
def test_statuses_never_prove_that_a_payment_was_not_taken(status, kind):
    with server(answering(b"", f"{status} Words")) as port:
        answer = call(port)
    with pytest.raises(kind) as caught:
        check_status(answer, "https://bank.example/")
    assert not caught.value.settles_sending


@pytest.mark.parametrize(
    "address", ["", "bank.example", "ftp://bank.example", "https://", "https://b:port/", "file:///"]
)
def test_what_is_no_address(address):
    with pytest.raises(errors.Invalid):
        check_address(address)


def test_plain_http_leaves_this_computer_never():
    for host in ("bank.example", "127.bank.example", "localhost.bank.example", "localhost@b.pl"):
        with pytest.raises(errors.CertificateRefused, match="begin with https"):
            check_address(f"http://{host}/ws")
    for host in ("localhost", "127.0.0.1", "[::1]"):
        check_address(f"http://{host}:8070/ws")


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """(TLS context of a self-signed server, file with its certificate)."""
    import ipaddress

    from cryptography import x509

    folder = tmp_path_factory.mktemp("tls")
    own = keys.key("ec", "server")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    cert = (
        x509.CertificateBuilder(name, name, own.public_key(), 5)
        .not_valid_before(keys.NOW - keys.DAY)
        .not_valid_after(keys.NOW + keys.DAY)
        .add_extension(names, critical=False)
        .sign(own, keys.hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(keys.pem(cert))
    (folder / "key.pem").write_bytes(own.private_bytes(serialization.Encoding.PEM, form, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, str(folder / "cert.pem")


def test_a_self_signed_server_is_refused_unless_its_file_is_trusted(secure, monkeypatch):
    context, ca_file = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_file)
    with server(answering(b"fine"), context) as port:
        with pytest.raises(errors.CertificateRefused) as caught:
            call(port, scheme="https")
        assert caught.value.settles_sending
        assert call(port, scheme="https", ca_file=ca_file).content == b"fine"


def test_a_missing_ca_file_is_named(secure):
    with server(answering(b""), secure[0]) as port, pytest.raises(errors.CertificateRefused):
        call(port, scheme="https", ca_file="/nowhere/ca.pem")


def test_plain_http_behind_an_https_address():
    def talk(connection):
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with server(talk) as port, pytest.raises(errors.CertificateRefused):
        call(port, scheme="https")


def test_one_log_line_without_secrets(caplog):
    caplog.set_level(logging.DEBUG)
    with server(answering(b"secret answer")) as port:
        address = f"http://user:secret@127.0.0.1:{port}/ws?token=secret"
        http = Http(Connection(address))
        http.post(address, b"secret body", {"SID": "secret"}, "Send")
    lines = [r.getMessage() for r in caplog.records if r.name == "protocol.wire.http"]
    assert len(lines) == 1
    assert f"POST http://127.0.0.1:{port}/ws Send" in lines[0]
    assert "HTTP 200" in lines[0]
    assert "secret" not in lines[0]


def foreign_errors():
    """One of every error class that requests and urllib3 know."""
    for module in (requests.exceptions, urllib3.exceptions):
        for _name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception) and not issubclass(kind, Warning):
                yield kind


@pytest.mark.parametrize("kind", sorted(set(foreign_errors()), key=str), ids=lambda k: k.__name__)
@pytest.mark.parametrize("connected", [True, False])
def test_every_foreign_error_is_mapped(kind, connected):
    deadline = Deadline(30)
    deadline.connected = connected
    mapped = map_error(kind.__new__(kind), "bank.example", 30, deadline)
    assert isinstance(mapped, errors.BankError)
    # Once the connection stood, nothing but the refusal of a certificate settles a payment.
    assert mapped.outcome_unknown == connected
    assert mapped.settles_sending == (not connected)
