# SPDX-License-Identifier: LGPL-3.0-only
"""Signatures by a real (software) card: what OpenSSL says of them, and what the card refuses."""

import base64

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from signer_samples import challenge, elixir, packet, pain001, pay_doc_ru
from signer_world import Authority, Card, Page, Program, openssl_verify, rsa_key

DOCUMENTS = {
    "pain.001.001.03": pain001(),
    "pain.001.001.09": pain001(version="09"),
    "Elixir-O": elixir(),
    "payment order": pay_doc_ru(),
    "packet": packet(("10", pay_doc_ru())),
}


@pytest.fixture(scope="module")
def page(wallet, tmp_path_factory):
    """One program for all tests of this file: none of them changes it."""
    program = Program(tmp_path_factory.mktemp("home"), wallet.card.environment)
    yield Page(program.url).pair()
    program.stop()


def only_signature(answer) -> bytes:
    assert answer.status_code == 200, answer.text
    (entry,) = answer.json()["signatures"]
    return base64.b64decode(entry["signature"])


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    return answer.json()["message"]


def test_an_expired_certificate(page, wallet):
    refused(page.sign(wallet.expired, pain001()), 409, "certificate_expired")


def test_the_certificate_of_another_person(page):
    stranger = Authority().issue("Someone else", rsa_key())
    refused(page.sign(stranger, pain001()), 409, "wrong_card")


def test_one_bad_document_among_good_ones_stops_them_all(page, wallet):
    refused(page.sign(wallet.rsa, pain001(), b"<x/>"), 422, "document_refused")


def test_a_payment_as_a_log_in_and_a_log_in_as_a_payment(page, wallet):
    refused(page.log_in(wallet.rsa, pain001()), 422, "challenge_refused")
    refused(page.sign(wallet.rsa, challenge()), 422, "document_refused")


def test_a_digest_instead_of_a_document(page, wallet):
    for route in ("sign", "log_in"):
        answer = getattr(page, route)(wallet.rsa, bytes(32))
        assert answer.json()["error"] in ("document_refused", "challenge_refused")
    answer = page.sign(wallet.rsa, pain001(), form="raw")
    refused(answer, 400, "bad_request")


def test_a_replayed_challenge(page, wallet):
    payload = challenge(nonce="replayed-0123456789abcdef")
    assert page.log_in(wallet.rsa, payload).status_code == 200
    refused(page.log_in(wallet.rsa, payload), 422, "challenge_replayed")


def test_a_wrong_pin_is_not_tried_twice(wallet, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "pin").write_text("999999")
    program = Program(home, wallet.card.environment)
    try:
        message = refused(Page(program.url).pair().sign(wallet.rsa, pain001()), 403, "wrong_pin")
        assert "tries left" in message
    finally:
        program.stop()


def test_no_card_in_the_reader(tmp_path):
    card = Card(tmp_path / "empty")
    for token in card.tokens.iterdir():
        for file in token.iterdir():
            file.unlink()
        token.rmdir()
    program = Program(tmp_path / "home", card.environment)
    try:
        refused(Page(program.url).pair().post("/v2/certificates"), 409, "no_card")
    finally:
        program.stop()


def test_a_card_without_certificates(tmp_path):
    program = Program(tmp_path / "home", Card(tmp_path / "blank").environment)
    try:
        refused(Page(program.url).pair().post("/v2/certificates"), 409, "no_certificate")
    finally:
        program.stop()


def test_a_driver_that_is_none(tmp_path):
    empty = Card(tmp_path / "empty")
    empty.pull_out()
    program = Program(tmp_path / "home", empty.environment, "--module", "/no/driver.so")
    try:
        refused(Page(program.url).pair().post("/v2/certificates"), 502, "card_failed")
    finally:
        program.stop()


def test_a_driver_that_fails_does_not_hide_the_card_of_another_one(wallet, tmp_path):
    program = Program(tmp_path / "home", wallet.card.environment, "--module", "/no/driver.so")
    try:
        assert only_signature(Page(program.url).pair().sign(wallet.rsa, pain001()))
    finally:
        program.stop()


def test_keys_that_cannot_sign_are_refused_before_the_card_is_used(tmp_path):
    keys = {"ed25519": ed25519.Ed25519PrivateKey.generate()}
    keys["koblitz"] = ec.generate_private_key(ec.SECP256K1())
    authority, card = Authority(), Card(tmp_path / "card")
    certificates = {name: authority.issue(name, key) for name, key in keys.items()}
    for number, certificate in enumerate(certificates.values(), 1):
        card.put_certificate(certificate, f"{number:02}")
    program = Program(tmp_path / "home", card.environment)
    try:
        page = Page(program.url).pair()
        for name, form in (("ed25519", "cms"), ("ed25519", "xades"), ("koblitz", "xades")):
            answer = page.sign(certificates[name], pain001(), form=form)
            refused(answer, 409, "key_not_supported")
    finally:
        program.stop()


@pytest.mark.parametrize("key", ["rsa", "ec"])
@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_openssl_accepts_the_signature_of(page, wallet, tmp_path, key, content):
    certificate = getattr(wallet, key)
    signature = only_signature(page.sign(certificate, content))
    authority = wallet.authority.pem()
    assert openssl_verify(tmp_path, signature, content, authority) == ""
    assert openssl_verify(tmp_path, signature, content + b" ", authority) != ""
    assert openssl_verify(tmp_path, signature, content, Authority("Self-made").pem()) != ""


def test_a_changed_digest_does_not_verify(page, wallet, tmp_path):
    content = pain001()
    signature = only_signature(page.sign(wallet.rsa, content))
    info = cms.ContentInfo.load(signature)
    attributes = info["content"]["signer_infos"][0]["signed_attrs"]
    digest = next(a for a in attributes if a["type"].native == "message_digest")["values"][0].native
    changed = signature.replace(digest, bytes(32))
    assert openssl_verify(tmp_path, changed, content, wallet.authority.pem()) != ""


def test_several_documents_one_question_one_signature_each(page, wallet, tmp_path):
    contents = [pay_doc_ru(), pay_doc_ru(total="20.00"), pay_doc_ru(total="30.00")]
    answer = page.sign(wallet.ec, *contents)
    signatures = [base64.b64decode(e["signature"]) for e in answer.json()["signatures"]]
    for content, signature in zip(contents, signatures, strict=True):
        assert openssl_verify(tmp_path, signature, content, wallet.authority.pem()) == ""


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_openssl_accepts_a_log_in_which_is_of_its_own_type(page, wallet, tmp_path, key):
    payload = challenge(nonce=f"nonce-of-the-{key}-key")
    signature = only_signature(page.log_in(getattr(wallet, key), payload))
    assert openssl_verify(tmp_path, signature, payload, wallet.authority.pem()) == ""
    signed = cms.ContentInfo.load(signature)["content"]
    kind = signed["encap_content_info"]["content_type"].dotted
    assert kind.startswith("2.25.")
    attributes = signed["signer_infos"][0]["signed_attrs"]
    types = {a["type"].dotted: a["values"][0] for a in attributes}
    assert types["1.2.840.113549.1.9.3"].dotted == kind
    assert set(types) == {
        "1.2.840.113549.1.9.3",  # content type
        "1.2.840.113549.1.9.4",  # message digest
        "1.2.840.113549.1.9.5",  # signing time
        "1.2.840.113549.1.9.16.2.47",  # signing certificate, version 2
    }
