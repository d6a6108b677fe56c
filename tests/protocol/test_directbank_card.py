# SPDX-License-Identifier: LGPL-3.0-only
"""LogonCert with the key on a card: what an answer must be before it counts as a session."""

import dataclasses
import json
from datetime import datetime, timedelta, timezone

import keys
import pytest
import rouble_bank
from rouble_bank import encrypted, error

from protocol import challenges, errors
from protocol.bank import Connection
from protocol.banks.directbank import DirectBank
from protocol.records import Operator
from protocol.signatures.cms_decrypt import decrypt
from protocol.signatures.signers import RemoteSigner

KEY = keys.key("rsa2048", "ivan")
CARD = keys.certificate("Иван", KEY)
OPERATOR = Operator("ivan", "certificate", RemoteSigner(keys.der(CARD)), bank_name="ПАО Банк")


@pytest.fixture
def service():
    with rouble_bank.running() as started:
        yield started


@pytest.fixture
def pretend(service):
    return service[0]


@pytest.fixture
def bank(service):
    return DirectBank(Connection(service[1]))


@pytest.fixture
def challenge(bank, pretend):
    """As another worker finds it: kept as JSON in between."""
    pretend.answers["LogonCert"] = encrypted(b"session", CARD)
    made = bank.log_in(OPERATOR, "C-1")
    return challenges.from_dict(json.loads(json.dumps(challenges.as_dict(made))))


def answer(challenge, **changes):
    nonce = json.loads(challenge.payload)["nonce"]
    sid = decrypt(challenge.encrypted, KEY, CARD).decode()
    return json.dumps({"nonce": nonce, "session_id": sid, **changes})


@pytest.mark.parametrize(
    "said",
    [b"", "", "session", "[]", "{}", "null", '{"nonce": "1"}', "[" * 100_000, b"\xff\xfe"],
    ids=range(9),
)
def test_an_answer_that_is_none(bank, challenge, pretend, said):
    with pytest.raises(errors.Invalid):
        bank.confirm(challenge, said)
    assert [method for method, *_ in pretend.requests] == ["LogonCert"]


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "0" * 32},
        {"nonce": ""},
        {"nonce": "\ud800"},
        {"nonce": None},
        {"session_id": ""},
        {"session_id": "a b"},
        {"session_id": "x\r\nSID: y"},
        {"session_id": "жжж"},
        {"session_id": "x" * 201},
        {"session_id": ["session"]},
    ],
    ids=str,
)
def test_an_answer_of_another_log_in_or_with_no_session_id(bank, challenge, pretend, changes):
    with pytest.raises(errors.Invalid):
        bank.confirm(challenge, answer(challenge, **changes))
    assert [method for method, *_ in pretend.requests] == ["LogonCert"]


def test_a_late_answer(bank, challenge, pretend):
    over = datetime.now(timezone.utc) - timedelta(seconds=1)
    with pytest.raises(errors.ConfirmationExpired):
        bank.confirm(dataclasses.replace(challenge, expires_at=over), answer(challenge))


@pytest.mark.parametrize("code", ["1003", "1006", "1007"])
def test_a_session_that_the_bank_does_not_know(bank, challenge, pretend, code):
    pretend.answers["GetPackList"] = error(code)
    with pytest.raises(errors.LoginRefused):
        bank.confirm(challenge, answer(challenge))


def test_the_password_and_the_encrypted_id_stay_out_of_what_is_shown(challenge):
    shown = json.loads(challenge.payload)
    assert set(shown) == {
        "bank", "client", "envelope", "expires", "issuer", "login", "nonce", "purpose", "time",
    }  # fmt: skip
    assert shown["bank"] == "ПАО Банк"
    assert shown["issuer"].startswith("127.0.0.1:")


def test_what_the_card_opened_is_the_session(bank, challenge, pretend):
    assert bank.confirm(challenge) == challenge  # nobody has answered yet
    session = bank.confirm(challenge, answer(challenge))
    assert json.loads(session.token) == {"version": 1, "sid": "session", "client": "C-1"}
    method, headers, _body = pretend.requests[-1]
    assert (method, headers["SID"], headers["CustomerID"]) == ("GetPackList", "session", "C-1")
