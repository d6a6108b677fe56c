# SPDX-License-Identifier: LGPL-3.0-only
"""The card opens the session id that a bank encrypted for it, and answers nothing else."""

import secrets
import subprocess
import sys
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from envelopes import OAEP, SESSION_ID, aes, envelope, oaep, padded, recipient, signed_data
from signer_samples import challenge, instant, opening, pain001
from signer_world import PIN, Authority, Card, Page, Program, rsa_key, softhsm_module, utc_now

from signer.envelope import read
from signer.errors import Refusal
from signer.unwrap import content_key


@pytest.fixture(scope="module")
def page(wallet, tmp_path_factory):
    """One program for all tests of this file: none of them changes it."""
    program = Program(tmp_path_factory.mktemp("home"), wallet.card.environment)
    yield Page(program.url).pair()
    program.stop()


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
    assert "session_id" not in answer.json()
    return answer.json()["message"]


# What is refused before anybody is asked for a PIN.


@pytest.mark.parametrize(
    "log_in",
    [
        b"",
        pain001(),
        challenge(),
        opening(expires=instant(utc_now())),
        opening(purpose="decrypt"),
        opening(nonce="1"),
        opening(bank=None),
        opening(amount="1.00"),
    ],
    ids=["empty", "payment", "to sign", "over", "purpose", "nonce", "no bank", "more"],
)
def test_what_does_not_say_what_it_is_for(page, wallet, log_in):
    answer = page.open(wallet.rsa, log_in, envelope(wallet.rsa))
    refused(answer, 422, "challenge_refused")


def test_what_is_to_be_opened_cannot_be_signed_instead(page, wallet):
    refused(page.log_in(wallet.rsa, opening()), 422, "challenge_refused")


def test_wrong_certificates(page, wallet):
    for certificate, status, code in (
        (wallet.expired, 409, "certificate_expired"),
        (Authority().issue("Someone else", rsa_key()), 409, "wrong_card"),
    ):
        refused(page.open(certificate, opening(), envelope(certificate)), status, code)


def test_an_ec_card_is_refused_in_words(page, wallet):
    answer = page.open(wallet.ec, opening(), envelope(wallet.rsa))
    assert "RSA key" in refused(answer, 409, "key_not_rsa")


def twice(first):
    return [first, first]


TDES = {"algorithm": "tripledes_3key", "parameters": bytes(8)}
WRONG = {
    "nothing": lambda own, _other: b"",
    "no structure": lambda own, _other: secrets.token_bytes(300),
    "cut off": lambda own, _other: envelope(own)[:-1],
    "something behind it": lambda own, _other: envelope(own) + b"\0",
    "a signature": lambda own, _other: signed_data(),
    "for another certificate": lambda _own, other: envelope(other),
    "two recipients": lambda own, _other: envelope(own, recipients=twice),
    "no recipient": lambda own, _other: envelope(own, recipients=lambda first: []),
    "another recipient before": lambda own, other: envelope(
        own, recipients=lambda first: [recipient(other, bytes(256)), first]
    ),
    "a key of another length": lambda own, _other: envelope(own, encrypted_key=bytes(128)),
    "another cipher": lambda own, _other: envelope(own, cipher=TDES),
    "a signed message inside": lambda own, _other: envelope(own, inner="signed_data"),
    "a long text": lambda own, _other: envelope(own, b"x" * 600),
    "a key with a label": lambda own, _other: envelope(own, algorithm=oaep(label=b"x")),
    "an old hash": lambda own, _other: envelope(own, algorithm=oaep("md5")),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_another_structure(page, wallet, make):
    data = make(wallet.rsa, wallet.expired)
    refused(page.open(wallet.rsa, opening(), data), 422, "envelope_refused")


def test_an_envelope_that_another_log_in_names(page, wallet):
    """What is shown (bank, address) belongs to one envelope: they cannot be put together anew."""
    log_in = opening(envelope="ab" * 32)
    refused(page.open(wallet.rsa, log_in, envelope(wallet.rsa)), 422, "envelope_refused")


def test_a_signer_without_its_library_says_which(wallet, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Refusal) as caught:
        read(b"", SimpleNamespace(key_type="rsa"))
    assert caught.value.code == "no_cryptography"


# After the PIN: one answer for everything.


def unreadable(certificate):
    """Envelopes that fail at every step after the card's own."""
    key, iv = secrets.token_bytes(32), secrets.token_bytes(16)
    number = certificate.public_key().public_numbers()
    yield envelope(certificate, encrypted_key=secrets.token_bytes(255).rjust(256, b"\0"))
    yield envelope(certificate, encrypted_key=(number.n - 1).to_bytes(256, "big"))
    yield envelope(certificate, key=key)  # another key than the content's
    yield envelope(certificate, key=key[:16])  # of another length
    yield envelope(certificate, key=b"")
    yield envelope(certificate, scheme=OAEP, algorithm={"algorithm": "rsaes_pkcs1v15"})
    yield envelope(certificate, algorithm=oaep())
    yield envelope(certificate, blocks=bytes(32))  # no padding
    yield envelope(certificate, blocks=aes(key, iv, bytes(32)))
    yield envelope(certificate, blocks=padded(b"")[:16])
    for content in NO_SESSION_IDS:
        yield envelope(certificate, content)


NO_SESSION_IDS = (
    b"",
    b"hunter2-hunter2",
    b"a" * 129,
    b"two words",
    b"Content-Type: text/plain\r\n\r\nThe offer is 12,000",
    b"<Document>100.00</Document>",
    b'{"password": "secret"}',
    "żółw-żółw-żółw".encode(),
    bytes(range(32)),
    b"0c0ffee0-1111\n2222-3333",
)


def test_every_failure_has_the_very_same_answer(page, wallet):
    answers = {
        (answer.status_code, answer.text)
        for data in unreadable(wallet.rsa)
        for answer in [page.open(wallet.rsa, opening(), data)]
    }
    ((status, text),) = answers
    assert status == 422
    assert '"not_opened"' in text


def test_a_log_in_is_for_one_try(page, wallet):
    right = envelope(wallet.rsa)
    for first in (right, envelope(wallet.rsa, b"")):
        log_in = opening()
        page.open(wallet.rsa, log_in, first)
        refused(page.open(wallet.rsa, log_in, right), 422, "challenge_replayed")


def test_a_wrong_pin_does_not_use_the_log_in_up(wallet, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "pin").write_text("999999")
    program = Program(home, wallet.card.environment)
    log_in = opening()
    try:
        page = Page(program.url).pair()
        for _ in range(2):
            refused(page.open(wallet.rsa, log_in, envelope(wallet.rsa)), 403, "wrong_pin")
    finally:
        program.stop()


ONLY_SIGNS = """
import sys, pkcs11
module, label, pin = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label=label).open(rw=True, user_pin=pin) as session:
    (key,) = session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY})
    key[pkcs11.Attribute.DECRYPT] = False
"""


def test_a_key_that_only_signs(tmp_path):
    card, key = Card(tmp_path / "card"), rsa_key()
    certificate = Authority().issue("Anna", key)
    card.put(key, certificate, "01")
    words = [sys.executable, "-c", ONLY_SIGNS, softhsm_module(), card.label, PIN]
    subprocess.run(words, env=card.environment, check=True)
    program = Program(tmp_path / "home", card.environment)
    try:
        answer = Page(program.url).pair().open(certificate, opening(), envelope(certificate))
        refused(answer, 409, "key_only_signs")
    finally:
        program.stop()


def test_a_card_that_is_pulled_out_says_so_and_nothing_else():
    import pkcs11

    def gone(*_data, **_more):
        raise pkcs11.exceptions.DeviceRemoved

    key = SimpleNamespace(decrypt=gone)
    sealed = SimpleNamespace(oaep=None, encrypted_key=b"", key_size=32)
    with pytest.raises(pkcs11.exceptions.DeviceRemoved):
        content_key(key, {pkcs11.Mechanism.RSA_PKCS}, sealed, {})


# What is opened.


def opened(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_session_id_that_another_library_encrypted(page, wallet):
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(SESSION_ID).add_recipient(wallet.rsa)
    log_in = opening(nonce="nonce-of-this-log-in")
    data = builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    answer = opened(page.open(wallet.rsa, log_in, data))
    assert answer == {"nonce": "nonce-of-this-log-in", "session_id": SESSION_ID.decode()}


@pytest.mark.parametrize("more", [[], ["-keyopt", "rsa_padding_mode:oaep"]], ids=["v15", "oaep"])
def test_a_session_id_that_openssl_encrypted(page, wallet, tmp_path, more):
    (tmp_path / "own.pem").write_bytes(wallet.rsa.public_bytes(Encoding.PEM))
    form = ("-binary", "-aes-128-cbc", "-outform", "DER", "-out", "sid.der")
    command = ["openssl", "cms", "-encrypt", *form, "-recip", "own.pem", *more]
    subprocess.run(command, cwd=tmp_path, input=SESSION_ID + b"\r\n", check=True)
    data = (tmp_path / "sid.der").read_bytes()
    answer = opened(page.open(wallet.rsa, opening(), data))
    assert answer["session_id"] == SESSION_ID.decode()
