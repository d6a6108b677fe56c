# SPDX-License-Identifier: LGPL-3.0-only
"""XML signatures: attacks first."""

import sys

import keys
import pytest
from lxml import etree

from protocol.errors import BadSignature, MissingLibrary
from protocol.signatures import xades

DOCUMENT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<D xmlns="urn:x"><Sum id="s">100.00</Sum>\n</D>'
)


@pytest.fixture(scope="module", params=["rsa2048", "ec"])
def own(request):
    key = keys.key(request.param, "anna")
    return key, keys.certificate("anna", key)


def test_another_amount_is_refused(own):
    signature = xades.sign(DOCUMENT, *own)
    with pytest.raises(BadSignature):
        xades.verify(DOCUMENT.replace(b"100", b"900"), signature, own[1])


def test_another_persons_signature_is_refused(own):
    eve = keys.key("ec", "eve")
    signature = xades.sign(DOCUMENT, eve, keys.certificate("anna", eve))
    with pytest.raises(BadSignature):
        xades.verify(DOCUMENT, signature, own[1])


def test_signature_wrapping_is_refused(own):
    """The signed document hidden inside another one, whose amount would be read."""
    element = etree.fromstring(xades.sign(DOCUMENT, *own))
    hidden = etree.SubElement(element, f"{{{xades.DS}}}Object")
    hidden.append(etree.fromstring(DOCUMENT))
    with pytest.raises(BadSignature):
        xades.verify(DOCUMENT.replace(b"100", b"900"), etree.tostring(element), own[1])


@pytest.mark.parametrize(
    "change",
    [
        lambda uri, info: info[2].set("URI", "#s"),
        lambda uri, info: info.remove(info[3]),
        lambda uri, info: info[2][0].remove(info[2][0][0]),
        lambda uri, info: info[2][0][0].set(
            "Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116"
        ),
    ],
)
def test_other_references_or_transforms_are_refused(own, change):
    element = etree.fromstring(xades.sign(DOCUMENT, *own))
    change("", element[0])
    with pytest.raises(BadSignature) as caught:
        xades.verify(DOCUMENT, etree.tostring(element), own[1])
    assert caught.value.code in ("references", "transforms")


@pytest.mark.parametrize(
    "content",
    [
        b"no xml",
        b'<!DOCTYPE D [<!ENTITY a "b">]><D>&a;</D>',
        b"<D><!-- unsigned words --></D>",
    ],
)
def test_what_cannot_be_signed_as_a_whole_is_refused(own, content):
    with pytest.raises(BadSignature, match="plain XML"):
        xades.sign(content, *own)


def test_missing_library_says_what_to_install(own, monkeypatch):
    monkeypatch.setitem(sys.modules, "signxml", None)
    with pytest.raises(MissingLibrary, match="pip install signxml"):
        xades.sign(DOCUMENT, *own)


def test_a_good_signature_holds_and_stands_beside_the_document(own):
    signature = xades.sign(DOCUMENT, *own)
    assert b"100.00" not in signature
    assert xades.verify(DOCUMENT, signature, own[1]).subject == "CN=anna"
