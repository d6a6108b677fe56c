# SPDX-License-Identifier: LGPL-3.0-only
"""What other people's programs say of our signatures: OpenSSL with CAdES, pyHanko, and xmlsec1."""

import asyncio
import base64
import subprocess

import pytest
from asn1crypto import cms, pem, x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko_certvalidator import ValidationContext
from signer_samples import pain001, pay_doc_ru
from signer_world import Authority, Card, Page, Program

KEYS = {
    "RSA 2048": lambda: rsa.generate_private_key(65537, 2048),
    "RSA 4096": lambda: rsa.generate_private_key(65537, 4096),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
}
PROPERTIES = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"
DOCUMENTS = {"pain.001": pain001(), "payment order": pay_doc_ru()}


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """signed(kind of key, document, form) -> (signature, certificate as PEM, authority as PEM)."""
    folder = tmp_path_factory.mktemp("keys")
    authority, card = Authority(), Card(folder / "card")
    certificates = {}
    for number, (kind, make) in enumerate(KEYS.items(), 1):
        key = make()
        certificates[kind] = authority.issue(f"Anna {kind}", key)
        card.put(key, certificates[kind], f"{number:02}")
    program = Program(folder / "home", card.environment)
    page = Page(program.url).pair()

    def sign(kind, content, form):
        answer = page.sign(certificates[kind], content, form=form)
        assert answer.status_code == 200, answer.text
        signature = base64.b64decode(answer.json()["signatures"][0]["signature"])
        return signature, certificates[kind].public_bytes(Encoding.PEM), authority.pem()

    yield sign
    program.stop()


def ran(folder, command) -> int:
    return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False).returncode


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_openssl_verifies_it_as_cades(signed, tmp_path, kind, content):
    """`-cades` demands the signing certificate among the signed attributes, and compares it."""
    signature, _own, authority = signed(kind, content, "cms")
    (tmp_path / "sig.der").write_bytes(signature)
    (tmp_path / "ca.pem").write_bytes(authority)
    command = "openssl cms -verify -cades -binary -inform DER -in sig.der -CAfile ca.pem"
    command += " -purpose any -content content.bin -out out.bin"
    (tmp_path / "content.bin").write_bytes(content.replace(b"2026", b"2027"))
    assert ran(tmp_path, command) != 0
    (tmp_path / "content.bin").write_bytes(content)
    assert ran(tmp_path, command) == 0


@pytest.mark.parametrize("kind", KEYS)
def test_pyhanko_trusts_it(signed, kind):
    """It builds the chain to the authority, and holds the certificate against what was signed."""
    content = DOCUMENTS["pain.001"]
    signature, _own, authority = signed(kind, content, "cms")
    structure = cms.ContentInfo.load(signature)["content"]

    def said(content):
        _type, _headers, root = pem.unarmor(authority)
        trusts = ValidationContext(trust_roots=[x509.Certificate.load(root)])
        return asyncio.run(async_validate_detached_cms(content, structure, trusts))

    changed, right = said(content.replace(b"2026", b"2027")), said(content)
    assert (changed.bottom_line, changed.intact) == (False, False)
    assert (right.bottom_line, right.intact, right.trusted) == (True, True, True)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_xmlsec_verifies_it_inside_the_document(signed, tmp_path, kind, content):
    signature, own, _authority = signed(kind, content, "xades")
    (tmp_path / "own.pem").write_bytes(own)
    root = etree.fromstring(content)
    root.append(etree.fromstring(signature))
    command = f"xmlsec1 --verify --pubkey-cert-pem own.pem --id-attr:Id {PROPERTIES}"
    for changed, right in ((b"2027", False), (b"2026", True)):
        document = etree.tostring(root).replace(b"2026-11-2", changed + b"-11-2", 1)
        (tmp_path / "signed.xml").write_bytes(document)
        assert (ran(tmp_path, f"{command} signed.xml") == 0) is right
