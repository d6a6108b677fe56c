# SPDX-License-Identifier: LGPL-3.0-only
"""Mutual TLS with real handshakes: who is refused, by whom, and what lies on the disk meanwhile."""

import contextlib
import ipaddress
import select
import socket
import ssl
import threading
from pathlib import Path

import keys
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from OpenSSL import SSL
from servers import answering, server

from protocol import errors
from protocol.bank import Connection
from protocol.records import KeyFile
from protocol.signatures import certificates
from protocol.wire import tls
from protocol.wire.http import Http

OWN, BANK, OTHER = (keys.key("ec", name) for name in ("company", "bank's CA", "somebody's CA"))
AUTHORITY = keys.certificate("Bank CA", BANK, ca=True)
FOREIGN = keys.certificate("Foreign CA", OTHER, ca=True)
PASSWORD = "a secret"
NO_RESUMPTION_ON_RENEGOTIATION = 0x10000  # OpenSSL's; pyOpenSSL has no name for it


def key_file(*, issuer=(AUTHORITY, BANK), days=(-1, 300), own=OWN, use="digital_signature"):
    cert = keys.certificate("company", own, *issuer, days=days, use=use)
    return KeyFile(keys.key_file(own, cert, PASSWORD), PASSWORD)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A function: name of an authority's key -> (chain and key of a server, file with its CA)."""
    folder = tmp_path_factory.mktemp("tls")

    def make(name, authority, authority_key):
        own = keys.key("ec", f"server {name}")
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        cert = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(authority.subject)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(keys.NOW - keys.DAY)
            .not_valid_after(keys.NOW + keys.DAY)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        private = own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        chain, ca = folder / f"{name}.pem", folder / f"{name}-ca.pem"
        chain.write_bytes(private + keys.pem(cert))
        ca.write_bytes(keys.pem(authority))
        return str(chain), str(ca)

    return make


@pytest.fixture
def bank(files):
    """The bank's TLS context and its CA file: a certificate of the bank's authority is demanded."""
    chain, ca = files("bank", AUTHORITY, BANK)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context, ca


@contextlib.contextmanager
def refusing(context):
    """The port of a server that hands out its alert before it closes, as a server should."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _address = listener.accept()
        with connection, contextlib.suppress(OSError):
            secured = context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
            try:
                secured.do_handshake()
            except ssl.SSLError:
                socket.socket.shutdown(secured, socket.SHUT_WR)
                secured.settimeout(10)
                while socket.socket.recv(secured, 65536):
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(10)
        listener.close()


def call(port, ca, identity):
    address = f"https://127.0.0.1:{port}/"
    return Http(Connection(address, ca, 20, identity)).post(address, b"<x/>", {})


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    "identity",
    [
        None,
        key_file(issuer=(FOREIGN, OTHER)),
        key_file(issuer=()),
        key_file(use="data_encipherment"),
    ],
    ids=["none", "foreign", "self-signed", "for another use"],
)
def test_the_bank_refuses_another_certificate_and_that_settles_a_payment(bank, identity, version):
    context, ca = bank
    context.minimum_version = context.maximum_version = version
    with refusing(context) as port, pytest.raises(errors.CertificateRefused) as caught:
        call(port, ca, identity)
    assert caught.value.settles_sending
    assert not caught.value.retry


@pytest.mark.parametrize(("days", "code"), [((-9, -1), "expired"), ((1, 9), "early")])
def test_a_certificate_that_is_not_valid_today_is_not_even_shown(bank, days, code):
    context, ca = bank
    seen = []
    talk = answering(b"", seen=seen)
    with server(talk, context) as port, pytest.raises(errors.BadCertificate) as caught:
        call(port, ca, key_file(days=days))
    assert caught.value.code == code
    assert caught.value.settles_sending
    assert not seen


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        (KeyFile(b"no file", PASSWORD), "pkcs12"),
        (KeyFile(key_file().data, "another"), "pkcs12"),
        (key_file(own=keys.key("rsa1024", "weak")), "key-kind"),
    ],
)
def test_a_key_file_that_cannot_be_used(identity, code):
    with pytest.raises(errors.BadCertificate) as caught:
        tls.context_of(identity, "")
    assert caught.value.code == code


def test_a_bank_whose_certificate_another_authority_issued_is_not_talked_to(bank, files):
    context, ca = bank
    with server(answering(b"fine"), context) as port:
        assert call(port, ca, key_file()).content == b"fine"
        context.load_cert_chain(files("changed", FOREIGN, OTHER)[0])
        with pytest.raises(errors.CertificateRefused) as caught:
            call(port, ca, key_file())
        assert caught.value.settles_sending
        context.load_cert_chain(files("renewed", AUTHORITY, BANK)[0])
        assert call(port, ca, key_file()).content == b"fine"


def test_what_one_bank_trusts_is_not_trusted_for_another(bank, files):
    context, ca = bank
    identity = key_file()
    with server(answering(b"fine"), context) as port:
        assert call(port, ca, identity).content == b"fine"
        with pytest.raises(errors.CertificateRefused):
            call(port, files("other", FOREIGN, OTHER)[1], identity)


def test_the_bank_sees_the_company_with_its_issuers(bank):
    context, ca = bank
    middle_key = keys.key("ec", "issuing CA")
    middle = keys.certificate("Issuing CA", middle_key, AUTHORITY, BANK, ca=True)
    cert = keys.certificate("company", OWN, middle, middle_key, use="digital_signature")
    identity = KeyFile(keys.key_file(OWN, cert, PASSWORD, [middle]), PASSWORD)
    shown = []

    def talk(connection):
        shown.append(connection.getpeercert(binary_form=True))
        answering(b"fine")(connection)

    with server(talk, context) as port:
        assert call(port, ca, identity).content == b"fine"
    assert shown == [certificates.der(cert)]


def test_the_key_is_never_on_a_disk_in_clear_and_is_loaded_once(monkeypatch):
    written, used = [], []

    class Spy(type(Path())):
        def unlink(self, **more):
            written.append(self.read_bytes())
            used.append(self)
            super().unlink(**more)

    monkeypatch.setattr(tls, "Path", Spy)
    identity = key_file(days=(-2, 10))
    assert tls.context_of(identity, "") is tls.context_of(identity, "")
    (content,) = written
    assert content.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert b"BEGIN PRIVATE" not in content
    assert PASSWORD.encode() not in content
    assert not used[0].exists()
    assert PASSWORD not in repr(identity)
    assert PASSWORD not in repr(Connection("https://x", identity=identity))


def test_a_bank_that_asks_for_the_certificate_only_after_the_first_handshake(files, bank):
    """As some servers do: TLS 1.2, and renegotiation once they have seen the path."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    chain = files("late", AUTHORITY, BANK)[0]
    context.use_privatekey_file(chain)
    context.use_certificate_file(chain)
    context.load_verify_locations(bank[1])
    context.set_session_id(b"bank")
    context.set_options(NO_RESUMPTION_ON_RENEGOTIATION)
    seen = []

    def talk(plain):
        connection = SSL.Connection(context, plain)
        connection.set_accept_state()
        connection.do_handshake()
        seen.append(connection.get_peer_certificate())
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        while not connection.recv(65536).endswith(b"<x/>"):
            pass
        connection.renegotiate()
        connection.do_handshake()  # asks for it
        plain.setblocking(False)
        while connection.renegotiate_pending() or not connection.get_peer_certificate():
            select.select([plain], [], [], 10)
            with contextlib.suppress(SSL.WantReadError):
                connection.recv(65536)
        plain.setblocking(True)
        seen.append(connection.get_peer_certificate().get_subject().CN)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")
        connection.shutdown()

    with server(talk) as port:
        assert call(port, bank[1], key_file()).content == b"fine"
    assert seen == [None, "company"]
