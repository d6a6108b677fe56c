# SPDX-License-Identifier: LGPL-3.0-only
"""What you see is what you sign, tried with documents that nobody thought of: pieces are changed,
moved, doubled and put in. Where the window stays as it was, the document means what it meant.
"""

import base64
import random
from decimal import Decimal

import pytest
from lxml import etree
from signer_samples import elixir, elixir_line, packet, pain001, pay_doc_ru
from test_signer_whole import KINDS, SAMPLES, window

TIMES = 400  # mutations of each document
PIECES = (
    *("\u00a0", "\u200b", "\u2028", "\ufeff", "&#13;", "&#0;", "&#xD800;", "&amp;", "&#49;"),
    *("<![CDATA[1]]>", "<!-- -->", "<?x?>", "<x/>", "</Nm>", "<Nm>", "<Sum>1</Sum>"),
    *(' xmlns="urn:x"', ' xml:lang="pl"', ' Ccy="EUR"', ' compressed="1"', '"', "|", ",", "\r"),
    *("\n", " ", "0", "9", ".", "-", "1e3", "\u0661", "\u0430", '"",', "110,", "=", "\x00", "\x85"),
)
#: a mark of a message, and what the signer itself counts: they decide nothing
SAY_NOTHING = {"PmtInfId", "NbOfTxs", "CtrlSum"}
DOCUMENTS = {
    **{
        f"{kind}.{version}": (SAMPLES / f"{kind}.{version}.xml").read_bytes()
        for kind in KINDS
        for version in ("03", "09")
    },
    "three payments": pain001(),
    "payment order": pay_doc_ru(),
    "packet": packet(("10", pay_doc_ru())),
    "elixir": elixir(elixir_line(), elixir_line(grosz="250", kind_of="53")),
}


def mutated(content: bytes, dice: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        at = dice.randrange(len(made))
        end = min(len(made), at + dice.randrange(1, 60))
        how = dice.randrange(4)
        if how == 0:
            made[at : at + dice.choice((0, 0, 1))] = dice.choice(PIECES).encode()
        elif how == 1:
            del made[at : min(end, at + 20)]
        elif how == 2:
            to = dice.randrange(len(made))
            made[to:to] = made[at:end]
        else:
            made[at] = dice.choice(b'0123456789ABCDEFabcdef <>"/=')
    return bytes(made)


def meaning(content: bytes) -> list:
    """What a bank's program takes from a document: without white space between its parts."""
    if not content.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
        return [
            [field.strip(b'"').replace(b"|", b"") for field in line.split(b",")]
            for line in content.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
        ]
    found = []
    for node in etree.fromstring(content).iter():
        name = etree.QName(node)
        text = " ".join((node.text or "").split())
        if name.localname in SAY_NOTHING:
            continue
        if name.localname in ("InstdAmt", "Sum") or (name.localname == "Amt" and text):
            text = str(Decimal(text).normalize())
        elif name.localname == "Data" and not len(node):
            text = meaning(base64.b64decode("".join(text.split())))
        inner = "id" if name.localname == "Document" else ""  # a packet's own number of it
        attributes = {
            key: value.strip()
            for key, value in node.attrib.items()
            if key not in ("formatVersion", inner)
        }
        found.append((name.namespace, name.localname, sorted(attributes.items()), text))
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_where_the_window_stays_as_it_was_the_document_means_the_same(name):
    content = DOCUMENTS[name]
    before, meant = window(content), meaning(content)
    assert before
    dice = random.Random(name)
    for number in range(TIMES):
        made = mutated(content, dice)
        if made != content and window(made) == before:
            assert meaning(made) == meant, (number, made)
