# SPDX-License-Identifier: LGPL-3.0-only
"""Signatures: every way in which one may not hold, then OpenSSL's own word on ours."""

import subprocess
from datetime import datetime, timedelta, timezone

import keys
import pytest
from asn1crypto import cms as asn1_cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from protocol.errors import BadCertificate, BadSignature, Invalid
from protocol.signatures import signers as signing
from protocol.signatures.signers import Pkcs12Signer, RemoteSigner, verify

CONTENT = b"<Document>1 payment, 100.00 PLN</Document>\r\n"
LOGIN = b'{"client":"1","login":"anna","nonce":"0","purpose":"log-in"}'
ROOT = keys.certificate("Root", keys.key("ec", "root"), ca=True)


def signer(kind, name="anna", **more):
    own = keys.key(kind, name)
    cert = keys.certificate(name, own, ROOT, keys.key("ec", "root"), **more)
    return Pkcs12Signer(keys.key_file(own, cert), "1234")


@pytest.fixture(scope="module", params=["rsa2048", "ec"])
def anna(request):
    return signer(request.param)


def test_another_content_is_refused(anna):
    signature = anna.sign_document(CONTENT)
    with pytest.raises(BadSignature, match="another content"):
        verify(CONTENT + b" ", signature, anna.certificate)


def test_another_persons_signature_is_refused(anna):
    signature = signer("ec", "eve").sign_document(CONTENT)
    with pytest.raises(BadSignature, match="another certificate"):
        verify(CONTENT, signature, anna.certificate)


def test_a_new_certificate_of_the_same_key_is_another_certificate():
    first, renewed = signer("ec"), signer("ec")
    with pytest.raises(BadSignature, match="another certificate"):
        verify(CONTENT, first.sign_document(CONTENT), renewed.certificate)


def test_a_challenge_never_passes_for_a_payment_nor_the_reverse(anna):
    login, payment = anna.sign_challenge(LOGIN), anna.sign_document(LOGIN)
    with pytest.raises(BadSignature, match="another purpose"):
        verify(LOGIN, login, anna.certificate)
    with pytest.raises(BadSignature, match="another purpose"):
        verify(LOGIN, payment, anna.certificate, purpose="challenge")


@pytest.mark.parametrize(
    "payload",
    [CONTENT, b"", b"[]", b'"log-in"', b'{"purpose":"payment"}', b"\xff", b"1" * 5000, b"[" * 5000],
)
def test_a_payment_is_not_signed_as_a_challenge(anna, payload):
    with pytest.raises(BadSignature, match="no log-in"):
        anna.sign_challenge(payload)


def test_every_changed_byte_is_noticed_without_a_crash(anna):
    signature = bytearray(anna.sign_document(CONTENT))
    for index in range(len(signature)):
        broken = bytearray(signature)
        broken[index] ^= 0x21
        try:
            info = verify(CONTENT, bytes(broken), anna.certificate)
        except BadSignature:
            continue
        # Only what no signature covers may differ, and it must not change what we learn.
        assert info == verify(CONTENT, bytes(signature), anna.certificate), index


@pytest.mark.parametrize("data", [b"", b"\x30", b"0\x80" * 2000, b"{}", bytes(range(256))])
def test_garbage_is_refused_in_words(anna, data):
    with pytest.raises(BadSignature):
        verify(CONTENT, data, anna.certificate)
    with pytest.raises(BadSignature):
        verify(CONTENT, anna.sign_document(CONTENT) + b"more", anna.certificate)


def changed(signature, change):
    outer = asn1_cms.ContentInfo.load(signature)
    change(outer["content"])
    return outer.dump(force=True)


def test_two_signers_are_refused(anna):
    def twice(signed):
        signed["signer_infos"].append(signed["signer_infos"][0].copy())

    with pytest.raises(BadSignature):
        verify(CONTENT, changed(anna.sign_document(CONTENT), twice), anna.certificate)


def test_a_signature_without_signed_attributes_is_refused(anna):
    def bare(signed):
        del signed["signer_infos"][0]["signed_attrs"]

    with pytest.raises(BadSignature):
        verify(CONTENT, changed(anna.sign_document(CONTENT), bare), anna.certificate)


def test_an_attribute_twice_is_refused(anna):
    def twice(signed):
        attributes = signed["signer_infos"][0]["signed_attrs"]
        attributes.append(attributes[0].copy())

    with pytest.raises(BadSignature):
        verify(CONTENT, changed(anna.sign_document(CONTENT), twice), anna.certificate)


def test_enclosed_content_is_refused_even_when_it_is_the_same():
    own = keys.key("rsa2048", "anna")
    cert = keys.certificate("anna", own, ROOT, keys.key("ec", "root"))
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT)
    builder = builder.add_signer(cert, own, hashes.SHA256())
    enclosed = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    with pytest.raises(BadSignature, match="detached"):
        verify(CONTENT, enclosed, cert)
    detached = builder.sign(
        Encoding.DER, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature]
    )
    assert verify(CONTENT, detached, cert).subject == "CN=anna"


@pytest.mark.parametrize("weak", ["sha1", "md5"])
def test_weak_digests_are_refused(anna, weak):
    def weaken(signed):
        signed["signer_infos"][0]["digest_algorithm"]["algorithm"] = weak

    with pytest.raises(BadSignature, match="too weak"):
        verify(CONTENT, changed(anna.sign_document(CONTENT), weaken), anna.certificate)


def test_expired_and_untrusted_certificates_are_refused():
    old = signer("ec", "old", days=(-20, -2))
    with pytest.raises(BadCertificate, match="ended on"):
        old.sign_document(CONTENT)
    other_root = keys.certificate("Root", keys.key("ec", "other"), ca=True)
    anna = signer("ec")
    with pytest.raises(BadCertificate, match="not trusted"):
        verify(CONTENT, anna.sign_document(CONTENT), anna.certificate, keys.pem(other_root))


def test_a_signature_from_the_future_is_refused(anna):
    signature = anna.sign_document(CONTENT)
    with pytest.raises(BadSignature, match="future"):
        verify(CONTENT, signature, anna.certificate, at=keys.NOW - timedelta(hours=1))


@pytest.mark.parametrize("password", ["", "not-it", "żółć"])
def test_key_file_with_a_wrong_password(password):
    own = keys.key("ec", "anna")
    data = keys.key_file(own, keys.certificate("anna", own))
    with pytest.raises(BadCertificate, match="wrong password") as caught:
        Pkcs12Signer(data, password)
    assert not password or password not in caught.value.message


def test_key_files_that_cannot_sign():
    cert = keys.certificate("anna", keys.key("ec", "anna"))
    with pytest.raises(BadCertificate, match="wrong password, or not"):
        Pkcs12Signer(b"no key file", "1234")
    with pytest.raises(BadCertificate, match="no private key"):
        Pkcs12Signer(keys.key_file(None, None, others=[cert]), "1234")
    short = keys.key("rsa1024")
    with pytest.raises(BadCertificate, match="RSA 1024"):
        Pkcs12Signer(keys.key_file(short, keys.certificate("short", short)), "1234")


def test_a_key_elsewhere_is_asked_and_its_answer_is_checked(anna):
    remote = RemoteSigner(anna.certificate)
    assert not remote.here
    with pytest.raises(Invalid, match="the person who has it"):
        remote.sign_document(CONTENT)
    request = remote.prepare("document", CONTENT)
    assert request.content == CONTENT
    assert len(request.digest) == 64
    with pytest.raises(BadSignature):
        remote.assemble(request, anna.sign_challenge(LOGIN))
    with pytest.raises(BadSignature):
        remote.assemble(request, anna.sign_document(b"another"))
    answer = anna.sign_document(CONTENT)
    assert remote.assemble(request, answer) == answer


def test_what_a_good_signature_tells(anna):
    info = verify(CONTENT, anna.sign_document(CONTENT), anna.certificate, keys.pem(ROOT))
    facts = signing.describe(anna.certificate)
    assert (info.subject, info.issuer, info.serial) == ("CN=anna", "CN=Root", facts.serial)
    # Against the clock now: the keys were made when the tests were collected, long ago.
    assert abs(info.signed_at - datetime.now(timezone.utc)) < timedelta(minutes=1)


@pytest.mark.parametrize("purpose", ["document", "challenge"])
def test_openssl_accepts_it_and_refuses_another_content(anna, tmp_path, purpose):
    sign = anna.sign_document if purpose == "document" else anna.sign_challenge
    (tmp_path / "s.der").write_bytes(sign(LOGIN))
    (tmp_path / "root.pem").write_bytes(keys.pem(ROOT))
    results = []
    for name, content in (("good", LOGIN), ("bad", LOGIN + b" ")):
        (tmp_path / name).write_bytes(content)
        command = "openssl cms -verify -binary -inform DER -in s.der -CAfile root.pem -purpose any"
        results.append(
            subprocess.run(
                [*command.split(), "-content", name, "-out", "out"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=30,
            )
        )
    assert results[0].returncode == 0, results[0].stderr
    assert results[1].returncode != 0
