# SPDX-License-Identifier: LGPL-3.0-only
"""GOST R 34.10-2012: OpenSSL's signatures are read here, and OpenSSL reads those of a card."""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from gost_world import CURVES, World

from protocol.errors import BadCertificate, BadSignature
from protocol.signatures import certificates, cms_verify, gost, issuers
from protocol.signatures.signers import verify
from signer import child
from signer import gost as card_gost
from signer.card import Cards
from signer.cms import CmsDraft
from signer.errors import Refusal
from signer.xades import XadesDraft

CONTENT = "<PayDocRu>Платёж, 100.00</PayDocRu>".encode()
PIN = "246810"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("gost"))
    made.person("Anna", 256, "A")
    made.person("Boris", 512, "A")
    return made


@pytest.fixture
def cards(world, monkeypatch):
    """cards(**settings): the cards of a computer whose driver is `gost_token`."""
    script = Path(__file__).with_name("gost_token.py")
    monkeypatch.setattr(child, "command", lambda: [sys.executable, str(script), str(world.folder)])
    made = []

    def make(**settings):
        settings["names"] = ["Anna", "Boris"]
        (world.folder / "card.json").write_text(json.dumps(settings))
        made.append(Cards(["/usr/lib/gost-p11.so"]))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def signed(cards, name, pin=PIN):
    """CMS of the content by the card's key of this person."""
    found = next(one for one in cards.certificates() if one.subject == name)
    found.check_key()
    draft, answers = CmsDraft(CONTENT, found.der, datetime.now(timezone.utc)), []
    cards.sign(found, pin, [draft], lambda one, signature: answers.append(one.finish(signature)))
    return answers[0]


# what does not hold


def test_another_content_is_refused(world):
    signature = world.sign("Anna", 256, CONTENT)
    with pytest.raises(BadSignature, match="another content"):
        verify(CONTENT + b" ", signature, world.certificate("Anna"))


def test_another_persons_signature_is_refused(world):
    signature = world.sign("Boris", 512, CONTENT)
    with pytest.raises(BadSignature, match="another certificate"):
        verify(CONTENT, signature, world.certificate("Anna"))


@pytest.mark.parametrize("place", [0, 31, 32, 63])
def test_a_changed_signature_is_refused(world, place):
    signature = bytearray(world.sign("Anna", 256, CONTENT))
    signature[place - 64] ^= 1  # it stands at the end
    with pytest.raises(BadSignature, match="does not hold"):
        verify(CONTENT, bytes(signature), world.certificate("Anna"))


@pytest.mark.parametrize("size", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(world, size):
    outer = asn1_cms.ContentInfo.load(world.sign("Anna", 256, CONTENT))
    outer["content"]["signer_infos"][0]["signature"] = bytes(size)
    with pytest.raises(BadSignature, match="does not hold"):
        verify(CONTENT, outer.dump(), world.certificate("Anna"))


def test_a_digest_of_another_length_is_refused(world):
    """Streebog-512 under a key of 256 bits, and SHA-256 under any."""
    for digest in ("md_gost12_512", "sha256"):
        outer = asn1_cms.ContentInfo.load(world.sign("Anna", 256, CONTENT))
        name = {"sha256": "sha256"}.get(digest, "1.2.643.7.1.1.2.3")
        outer["content"]["signer_infos"][0]["digest_algorithm"]["algorithm"] = name
        with pytest.raises(BadSignature):
            verify(CONTENT, outer.dump(), world.certificate("Anna"))


def test_a_path_to_a_stranger_is_refused(world, tmp_path):
    stranger = World(tmp_path)
    with pytest.raises(BadCertificate, match="not trusted"):
        issuers.check_chain(world.certificate("Anna"), [stranger.certificate("authority")])


def test_without_the_library_the_words_say_what_is_missing(world, monkeypatch):
    signature = world.sign("Anna", 256, CONTENT)
    monkeypatch.setitem(sys.modules, "gostcrypto", None)
    gost._library.cache_clear()
    card_gost.library.cache_clear()
    with pytest.raises(BadCertificate, match="gostcrypto"):
        verify(CONTENT, signature, world.certificate("Anna"))
    with pytest.raises(BadCertificate, match="gostcrypto"):
        certificates.check_signing(world.certificate("Anna"))
    with pytest.raises(Refusal, match="gostcrypto"):
        CmsDraft(CONTENT, certificates.der(world.certificate("Anna")), datetime.now(timezone.utc))


def test_a_card_that_answers_with_something_else_is_refused(cards):
    with pytest.raises(Refusal) as caught:
        signed(cards(broken=True), "Anna")
    assert caught.value.code == "card_failed"


def test_a_wrong_pin_before_each_signature_is_refused(cards):
    with pytest.raises(Refusal) as caught:
        signed(cards(again=True), "Anna", pin="999999")
    assert caught.value.code == "wrong_pin"


def test_no_xades_with_such_a_key(world):
    der = certificates.der(world.certificate("Anna"))
    with pytest.raises(Refusal) as caught:
        XadesDraft(b"<a/>", der, datetime.now(timezone.utc))
    assert caught.value.code == "key_not_supported"


# what holds


@pytest.mark.parametrize(("bits", "curve"), CURVES)
def test_signatures_of_openssl_are_read_on_every_curve(world, bits, curve):
    name = f"Vera{bits}{curve}"
    certificate = world.person(name, bits, curve)
    facts = certificates.describe(certificate)
    assert facts.key_type == f"GOST {bits}"
    certificates.check_signing(certificate)
    signature = world.sign(name, bits, CONTENT)
    trusted = [world.certificate("authority")]
    assert cms_verify.verify(CONTENT, signature, certificate, trusted).subject == f"CN={name}"


@pytest.mark.parametrize("settings", [{}, {"r_first": True}, {"again": True}])
@pytest.mark.parametrize("name", ["Anna", "Boris"])
def test_openssl_and_odoo_accept_what_a_card_signs(world, cards, name, settings):
    signature = signed(cards(**settings), name)
    assert world.accepts(CONTENT, signature)
    assert not world.accepts(CONTENT + b" ", signature)
    trusted = [world.certificate("authority")]
    assert cms_verify.verify(CONTENT, signature, world.certificate(name), trusted)
