# SPDX-License-Identifier: LGPL-3.0-only
"""The white list's file of a day: what proves nothing, accounts, and banks' virtual accounts."""

import hashlib
import json
from datetime import date

import pytest

from protocol import flat_list
from protocol.errors import BadAnswer
from protocol.flat_list import FlatList

DAY = date(2026, 11, 23)
NIP, EXEMPT = "5260001246", "7740001454"
ACCOUNT, OTHER = "16114010100000111122223333", "61109010140000071219812874"
VIRTUAL = "42103000199109851234567890"
MASK = "XX10300019YYYYYYXXXXXXXXXX"
ROUNDS = 3


def digest(nip, account):
    """Written down from the ministry's description, apart from the code."""
    text = "20261123" + nip + account
    for _round in range(ROUNDS):
        text = hashlib.sha512(text.encode()).hexdigest()
    return text


@pytest.fixture
def folder(tmp_path):
    content = {
        "naglowek": {
            "dataGenerowaniaDanych": "20261123",
            "liczbaTransformacji": str(ROUNDS),
            "schemat": "RRRRMMDDNNNNNNNNNNBBBBBBBBBBBBBBBBBBBBBBBBBB",
        },
        "skrotyPodatnikowCzynnych": [
            digest(NIP, ACCOUNT),
            digest(NIP, "XX10300019910985XXXXXXXXXX"),
        ],
        "skrotyPodatnikowZwolnionych": [digest(EXEMPT, OTHER)],
        "maski": ["XX11402004YYYYYYYYXXXXXXXX", MASK],
    }
    (tmp_path / "20261123.json").write_text(json.dumps(content, indent=1))
    return tmp_path


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<html>",
        '{"naglowek": {"dataGenerowaniaDanych": "20261122", "liczbaTransformacji": "3"}}',
        '{"naglowek": {"dataGenerowaniaDanych": "20261123", "liczbaTransformacji": "0"}}',
        '{"naglowek": {"dataGenerowaniaDanych": "20261123", "liczbaTransformacji": "9999999"}}',
    ],
)
def test_file_that_is_none(tmp_path, content):
    with pytest.raises(BadAnswer, match="no file"):
        FlatList(str(tmp_path), DAY)
    (tmp_path / "20261123.json").write_text(content)
    with pytest.raises(BadAnswer, match="understood"):
        FlatList(str(tmp_path), DAY)


@pytest.mark.parametrize("piece", [7, 200, 4096])
def test_who_is_on_it_and_who_is_not(folder, monkeypatch, piece):
    monkeypatch.setattr(flat_list, "_PIECE", piece)
    pairs = [(NIP, ACCOUNT), (NIP, OTHER), (EXEMPT, OTHER), (EXEMPT, ACCOUNT), (NIP, VIRTUAL)]
    found = {(item.nip, item.account): item for item in FlatList(str(folder), DAY).listed(pairs)}
    assert found.keys() == {(NIP, ACCOUNT), (EXEMPT, OTHER), (NIP, VIRTUAL)}
    assert found[NIP, ACCOUNT].status_vat == "Czynny"
    assert found[EXEMPT, OTHER].status_vat == "Zwolniony"
    assert {item.request_id for item in found.values()} == {"20261123.json"}


def test_virtual_account_of_another_payer_or_bank_is_not_on_it(folder):
    wrong = [(EXEMPT, VIRTUAL), (NIP, VIRTUAL.replace("910985", "910986"))]
    wrong.append((NIP, VIRTUAL.replace("10300019", "10300018")))
    assert list(FlatList(str(folder), DAY).listed(wrong)) == []
