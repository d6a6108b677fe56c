# SPDX-License-Identifier: LGPL-3.0-only
"""The signer shows what the add-on means: the packages that it renders, read by other code."""

from pathlib import Path

import pytest
from lxml import etree

from protocol.banks.directbank import card as directbank_card
from protocol.records import Operator
from signer import challenge, documents

SAMPLES = Path(__file__).resolve().parents[1] / "protocol" / "samples"
PAIN001 = sorted((SAMPLES / "pain001").glob("*.xml"))
ELIXIR = sorted((SAMPLES / "elixir").glob("*.txt"))


@pytest.mark.parametrize("path", PAIN001, ids=lambda path: path.name)
def test_every_kind_of_pain001(path):
    content = path.read_bytes()
    summary = documents.read(content)
    tree = etree.fromstring(content)

    def all_of(name):
        return [node.text for node in tree.iter(f"{{{tree.nsmap[None]}}}{name}")]

    amounts = [node.text for node in tree.iter() if node.get("Ccy")]
    assert [str(payment.amount) for payment in summary.payments] == amounts
    assert summary.id == all_of("MsgId")[0]
    assert all(payment.payee and payment.account for payment in summary.payments)


@pytest.mark.parametrize("path", ELIXIR, ids=lambda path: path.name)
def test_every_kind_of_elixir(path):
    lines = path.read_bytes().splitlines()
    summary = documents.read(path.read_bytes())
    assert [int(payment.amount * 100) for payment in summary.payments] == [
        int(line.split(b",")[2]) for line in lines
    ]


@pytest.mark.parametrize(
    ("login", "client", "bank"),
    [
        ("ivan", "RU000001", "ПАО Пример Банк"),
        ("Ы" * 200, "Ы" * 200, "Ы" * 200),
        ('a"b\\c', "{1}<2>&[3]", 'АО "Банк"\r\nBank: other'),
        ("ivan", "RU000001", ""),
    ],
)
def test_every_log_in_that_a_card_opens(login, client, bank):
    operator = Operator(login, "certificate", bank_name=bank)
    made = directbank_card.challenge(operator, client, "bank.example.com:8443", b"x")
    read = challenge.read(made.payload, made.expires_at - directbank_card.LIFE, challenge.OPENING)
    assert read.issuer == "bank.example.com:8443"
    assert read.nonce == made.state["nonce"]
    assert read.bank in (bank, "Ы" * 60, "АО Банк Bank: other", "bank.example.com:8443")


def test_there_is_something_to_agree_on():
    assert PAIN001
    assert ELIXIR
