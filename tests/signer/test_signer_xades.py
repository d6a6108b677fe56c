# SPDX-License-Identifier: LGPL-3.0-only
"""XAdES from the card: accepted by signxml, and by the rules of the add-on's own verifier."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from lxml import etree
from signer_samples import elixir, pain001, pay_doc_ru
from signer_world import Authority, Page, Program, rsa_key
from signxml.xades import XAdESVerifier

from protocol.errors import BadSignature
from protocol.signatures import xades

DOCUMENTS = {
    "pain.001.001.03": pain001(),
    "pain.001.001.09": pain001(version="09"),
    "payment order": pay_doc_ru(),
    "with a prefix": pain001()
    .replace(b"<", b"<p:")
    .replace(b"<p:/", b"</p:")
    .replace(b"<p:?", b"<?")
    .replace(b"xmlns=", b"xmlns:p="),
}
DS = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture(scope="module")
def page(wallet, tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("home"), wallet.card.environment)
    yield Page(program.url).pair()
    program.stop()


def sign(page, certificate, content):
    answer = page.sign(certificate, content, form="xades")
    assert answer.status_code == 200, answer.text
    return base64.b64decode(answer.json()["signatures"][0]["signature"])


def test_what_is_not_xml_has_no_xml_signature(page, wallet):
    answer = page.sign(wallet.rsa, elixir(), form="xades")
    assert answer.json()["error"] == "document_refused"


def test_changed_document(page, wallet):
    signature = sign(page, wallet.rsa, pain001())
    changed = pain001().replace(b"250.50", b"950.50")
    with pytest.raises(BadSignature):
        xades.verify(changed, signature, wallet.rsa)


def test_another_certificate(page, wallet):
    signature = sign(page, wallet.rsa, pain001())
    with pytest.raises(BadSignature):
        xades.verify(pain001(), signature, Authority().issue("Other", rsa_key()))


def test_wrapping_the_signed_document_in_another_one(page, wallet):
    """The signed payments hide inside; what a careless bank would read is the outer document."""
    content = pain001()
    signature = sign(page, wallet.rsa, content)
    inner = content.split(b"?>", 1)[1]
    outer = pain001(amounts=("9999.00",)).replace(b"</Document>", inner + b"</Document>")
    with pytest.raises(BadSignature):
        xades.verify(outer, signature, wallet.rsa)


def test_a_further_reference(page, wallet):
    element = etree.fromstring(sign(page, wallet.rsa, pain001()))
    info = element.find(f"{DS}SignedInfo")
    info.append(etree.fromstring(etree.tostring(info.find(f"{DS}Reference"))))
    with pytest.raises(BadSignature):
        xades.verify(pain001(), etree.tostring(element), wallet.rsa)


@pytest.mark.parametrize("key", ["rsa", "ec"])
@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_signxml_accepts_it(page, wallet, key, content):
    certificate = getattr(wallet, key)
    signature = sign(page, certificate, content)
    facts = xades.verify(content, signature, certificate)
    assert facts.signed_at is not None
    root = etree.fromstring(content)
    root.append(etree.fromstring(signature))
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    XAdESVerifier().verify(root, x509_cert=pem, expect_references=2)
