# SPDX-License-Identifier: LGPL-3.0-only
"""DirectBank banks differ: each profile of the sandbox walks the thin line from log-in to entry.

Refusals first: without the bank's settings each of the strict ones sends back what it does not
want, by the standard's own code.
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pretend
import pytest
from orders_for_tests import Sent
from test_rouble_bank import ACCOUNT, PAYER, package, status

from protocol import errors, formats
from protocol.bank import Connection
from protocol.banks import BANKS
from protocol.banks.directbank import agreement as agreements
from protocol.banks.directbank.post import MEMORY, Memory
from protocol.formats.directbank.order import BOM, render
from protocol.records import Operator
from protocol.signatures.signers import Pkcs12Signer

DirectBank = BANKS["directbank"]
PROFILES = (
    "plain",
    "signs everything",
    "old version",
    "compressed",
    "unread only",
    "changes its customer id",
    "own statement log-in",
    "everything at once",
)
OPERATOR = Operator("demo-ru", "mobile", secret="demo-ru", statement_secret="demo-ru")


@pytest.fixture(scope="module")
def sandbox():
    with pretend.running("--execute-after", "manual") as started:
        yield started


@pytest.fixture
def be(sandbox):
    """Makes the sandbox a bank of that profile."""
    MEMORY.clear()
    sandbox.control("reset")
    yield lambda name: sandbox.control("settings", directbank_profile=name)
    sandbox.control("settings", directbank_profile="plain")


@pytest.fixture
def ivan(sandbox, be):
    return Pkcs12Signer(sandbox.bytes("/demo/demo-ru.p12"), "demo")


def bank_of(sandbox, **more):
    made = DirectBank(Connection(sandbox.addresses["directbank"], **more))
    made.patience = (0, 0)
    return made


def log_in(bank, sandbox):
    challenge = bank.log_in(OPERATOR, "RU000001")
    code = next(one["code"] for one in sandbox.waiting("demo-ru") if one["kind"] == "otp")
    return bank.completed(bank.confirm(challenge, code), OPERATOR)


def agreed(sandbox, ivan, older=""):
    """(the bank as it wants to be spoken to, a session)."""
    first = bank_of(sandbox, agreement=older)
    kept = first.agreement(log_in(first, sandbox), ACCOUNT)
    bank = bank_of(sandbox, agreement=kept, signer=ivan)
    return bank, log_in(bank, sandbox)


def as_agreed(bank, sent, ivan):
    """The package's order written anew as the bank wants it, and signed."""
    order = sent.orders[0]
    initiator = DirectBank.initiator(PAYER, bank.connection.agreement)
    content = render("M", sent.created_at, initiator, [order])
    signatures = (ivan.sign_document(content),)
    return dataclasses.replace(sent, content=content, signatures=signatures)


# Refusals


@pytest.mark.parametrize(
    ("profile", "code"),
    [("signs everything", "2013"), ("old version", "2006"), ("compressed", "2011"),
     ("own statement log-in", "1013")],
)  # fmt: skip
def test_without_its_settings_a_strict_bank_refuses(sandbox, be, profile, code):
    be(profile)
    bank = bank_of(sandbox)
    today = datetime.now(timezone.utc).date()
    with pytest.raises(errors.BankError) as caught:
        list(bank.history(log_in(bank, sandbox), ACCOUNT, today, today))
    assert caught.value.code == code


@pytest.mark.parametrize("inn", ["7802000022", "7813002014"])
def test_the_inn_of_somebody_else_gets_no_settings(sandbox, be, inn):
    bank = bank_of(sandbox)
    with pytest.raises(errors.Refused) as caught:
        bank.agreement(log_in(bank, sandbox), dataclasses.replace(ACCOUNT, owner_tax_id=inn))
    assert caught.value.code in ("1012", "1013")


def test_a_typed_id_that_is_wrong_stays_wrong(sandbox, be):
    be("changes its customer id")
    with pytest.raises(errors.LoginRefused) as caught:
        log_in(bank_of(sandbox), sandbox)
    assert caught.value.code == "1003"


@pytest.mark.parametrize(
    "data",
    [b"", b"no xml", b"<Settings/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Settings>&b;</Settings>"],
)  # fmt: skip
def test_what_is_no_settings_file(data):
    with pytest.raises(errors.BadAnswer):
        agreements.read(data)


def test_signed_requests_need_a_key_that_is_here(sandbox, be, ivan):
    be("signs everything")
    kept = bank_of(sandbox)
    kept = kept.agreement(log_in(kept, sandbox), ACCOUNT)
    bank = bank_of(sandbox, agreement=kept)
    with pytest.raises(errors.Invalid, match="certificate whose key is a file"):
        bank.balance(log_in(bank, sandbox), ACCOUNT)


def test_the_statement_log_in_needs_its_password(sandbox, be, ivan):
    be("own statement log-in")
    bank, session = agreed(sandbox, ivan)
    token = json.loads(session.token)
    del token["statement_sid"]
    session = dataclasses.replace(session, token=json.dumps(token))
    with pytest.raises(errors.Invalid, match="demo-ru-st"):
        bank.completed(session, dataclasses.replace(OPERATOR, statement_secret=""))
    with pytest.raises(errors.Invalid, match="demo-ru-st"):
        bank.balance(session, ACCOUNT)


def test_an_order_of_a_stranger_is_not_sent_under_our_name(sandbox, be, ivan):
    be("changes its customer id")
    kept = agreements.Agreement(client="RU000001-N", former=("RU000001",)).kept()
    bank = bank_of(sandbox, agreement=kept)
    session = log_in(bank, sandbox)
    party = dataclasses.replace(PAYER, details={**PAYER.details, "client_identifier": "RU000002"})
    sent = package(ivan)
    content = render("M", sent.created_at, party, sent.orders)
    with pytest.raises(errors.Invalid, match="another client identifier"):
        bank.send(session, dataclasses.replace(sent, content=content, signatures=()))


# The thin line


@pytest.mark.parametrize("profile", PROFILES)
def test_the_thin_line(sandbox, be, ivan, profile):
    # A bank that changes the id had another one when the settings were kept.
    older = agreements.Agreement(client="RU000001").kept()
    be(profile)
    bank, session = agreed(sandbox, ivan, older)
    assert bank.accounts(session, ACCOUNT) == [ACCOUNT]
    assert bank.probe(session, ACCOUNT).state == "accepted"
    before = bank.balance(session, ACCOUNT).booked
    sandbox.control("clock", working_day=True)
    session = log_in(bank, sandbox)
    sent = as_agreed(bank, package(ivan), ivan)
    assert bank.send(session, sent).state == "sent"
    assert status(bank, session, sent).orders[0].state == "accepted"
    sandbox.control("run")
    receipt = status(bank, session, sent)
    assert (receipt.state, receipt.code) == ("accepted", "02")
    assert bank.balance(session, ACCOUNT).booked == before - Decimal("1500.00")
    day = date.fromisoformat(sandbox.control("clock", seconds=0)["today"]["directbank"])
    (document,) = bank.history(session, ACCOUNT, day, day)
    (statement,) = formats.parse(document.content)
    own = [entry.our_reference for entry in formats.check(statement).entries]
    assert sent.orders[0].end_to_end_id in own
    recalled = as_agreed(bank, package(ivan, number="2"), ivan)
    bank.send(session, recalled)
    told = bank.recall(session, ACCOUNT, recalled.orders[0].end_to_end_id, "Ошибка")
    assert told.state == "recalled"
    assert len(sandbox.read("/control/ledger?orders=1")) == 1


def test_an_order_signed_under_the_former_id_is_sent(sandbox, be, ivan):
    before, session = agreed(sandbox, ivan)
    sent = as_agreed(before, package(ivan), ivan)
    be("changes its customer id")
    bank, session = agreed(sandbox, ivan, before.connection.agreement)
    assert bank.agreed.former == ("RU000001",)
    bank.send(session, sent)
    assert status(bank, session, sent).orders[0].state == "accepted"


# The mail goes to its owner


def test_a_statement_that_a_status_question_fetched_is_not_lost(sandbox, be, ivan):
    be("unread only")
    bank, session = agreed(sandbox, ivan)
    bank.patience = ()
    today = datetime.now(timezone.utc).date()
    with pytest.raises(errors.Later) as caught:
        list(bank.history(session, ACCOUNT, today, today))
    bank.patience = (0,)
    assert bank.probe(session, ACCOUNT).state == "accepted"  # it fetches all that is new
    resumed = bank.history(session, ACCOUNT, today, today, resume=caught.value.state)
    assert len(list(resumed)) == 1


def test_a_refusal_that_a_statement_question_fetched_is_not_lost(sandbox, be, ivan):
    be("unread only")
    bank, session = agreed(sandbox, ivan)
    payee = dataclasses.replace(package(ivan).orders[0].payee, bank_code="044030654")
    sent = as_agreed(bank, package(ivan, payee=payee), ivan)
    bank.send(session, sent)
    bank.balance(session, ACCOUNT)
    receipt = status(bank, session, sent)
    assert (receipt.orders[0].state, receipt.code) == ("rejected", "2205")


def test_the_memory_forgets_the_oldest(monkeypatch):
    from protocol.banks.directbank.post import Letter

    memory = Memory()
    monkeypatch.setattr(memory, "LONGEST", 2)
    for packet in ("1", "2", "2", "3"):
        memory.keep("C", packet, [Letter(packet, "02", b"", ("A",))])
    assert [letter.packet for letter in memory.about("C", "A")] == ["2", "3"]
    assert memory.known("C", ["1", "2", "3"]) == {"2", "3"}
    assert memory.about("other", "A") == []


# What is said and sent


def test_what_the_settings_say_in_words(sandbox, be, ivan):
    be("own statement log-in")
    bank, _session = agreed(sandbox, ivan)
    words = " ".join(DirectBank.read_agreement(bank.connection.agreement.encode()).words)
    for part in ("RU000001", "7701000019", "770101001", "2.3.2", "demo-ru-st", "group 1"):
        assert part in words
    both = dataclasses.replace(bank.agreed, rules={"10": "(110)||(011)", "14": "(0)"})
    words = " ".join(both.words())
    assert "groups 1, 2, or a signature each of the groups 2, 3" in words
    assert [kind for kind in ("04", "10", "14") if both.signs(kind)] == ["10"]
    for algorithm, told in (("GOST R 34.10-2012-256", True), ("SHA256withRSA", False)):
        words = " ".join(dataclasses.replace(both, algorithm=algorithm).words())
        assert ("with GOST keys" in words) is told


def test_a_packet_says_from_where_it_comes_in_the_newest_version_only(sandbox, be, ivan):
    for version, said in (("2.3.2", True), ("2.2.2", False)):
        kept = agreements.Agreement(client="C", version=version)
        from protocol.banks.directbank import packet as packets

        sent = packets.Outgoing(str(uuid.uuid4()), "10", b"x")
        body = packets.packet("1", datetime.now(timezone.utc), kept, ACCOUNT, sent, {"IP": "::1"})
        assert body.startswith(BOM)
        assert (b"<SenderFootprint><IP>::1</IP></SenderFootprint>" in body) is said


def test_documents_have_guids_and_boms(sandbox, be, ivan):
    sent = package(ivan)
    assert isinstance(sent, Sent)
    assert sent.content.startswith(BOM)
    assert uuid.UUID(sent.orders[0].end_to_end_id)
    assert json.loads(agreements.Agreement(client="C").kept())["version"] == "2.3.2"
    assert sent.created_at <= datetime.now(timezone.utc) + timedelta(seconds=1)
