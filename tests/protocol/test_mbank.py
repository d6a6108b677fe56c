# SPDX-License-Identifier: LGPL-3.0-only
"""mBank's channel against the pretend bank, over HTTP."""

import re
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import keys
import pretend
import pytest
from orders_for_tests import Sent

from protocol import challenges, errors
from protocol.bank import Bank, Connection
from protocol.banks import BANKS
from protocol.formats import pain001
from protocol.formats import parse as parse_statement
from protocol.records import (
    Account,
    Challenge,
    Operator,
    Order,
    Package,
    Party,
    Session,
)
from protocol.signatures.signers import Pkcs12Signer, RemoteSigner

CLIENT, SECOND = "10000001", "10000002"
OWN = "PL22114010100000100000010001"
OTHER = "PL70114010100000100000020001"
ACCOUNT = Account(OWN, "PLN")
# The bank's day: the last Wednesday, since banks move money on working days.
TODAY = date.today() - timedelta(days=(date.today().weekday() - 2) % 7 or 7)


@pytest.fixture(scope="module")
def sandbox():
    with pretend.running("--execute-after", "manual") as started:
        yield started


@pytest.fixture
def bank(sandbox):
    sandbox.control("reset", now=f"{TODAY}T10:00:00Z")
    return BANKS["mbank"](Connection(sandbox.addresses["mbank"]))


def signer(sandbox, login):
    return Pkcs12Signer(sandbox.bytes(f"/demo/{login}.p12"), "demo")


def on_phone(bank, sandbox, login="anna", client=CLIENT) -> Session:
    challenge = bank.log_in(Operator(login, "mobile"), client)
    sandbox.answer(login, "confirm")
    return bank.confirm(challenge)


def package(*amounts, signed_by=(), message_id=None, end_to_end_id=None, **more):
    message_id = message_id or uuid.uuid4().hex
    payer = Party("Demo Handel Sp. z o.o.", OWN[2:], bic="BREXPLPWXXX")
    payee = Party("Demo Serwis S.A.", OTHER[2:])
    orders = tuple(
        Order(
            end_to_end_id or f"E{message_id[:20]}{number}",
            str(number),
            "domestic",
            Decimal(amount),
            "PLN",
            TODAY,
            payer,
            payee,
            f"Faktura {number}",
        )
        for number, amount in enumerate(amounts, 1)
    )
    now = datetime.now(timezone.utc)
    content = pain001.render(message_id, now, payer, orders)
    return Sent(
        message_id,
        "pain.001.001.03",
        content,
        now,
        tuple(one.sign_document(content) for one in signed_by),
        orders=orders,
        **more,
    )


# Log-in


@pytest.mark.parametrize(
    ("login", "client"),
    [("nobody", CLIENT), ("anna", "99999999"), ("anna", SECOND), ("piotr", CLIENT)],
)
def test_wrong_login_or_client_identifier(bank, login, client):
    with pytest.raises(errors.LoginRefused):
        bank.log_in(Operator(login, "mobile"), client)


def test_a_method_that_the_user_does_not_have(bank):
    with pytest.raises(errors.LoginRefused) as caught:
        bank.log_in(Operator("anna", "certificate"), CLIENT)
    assert caught.value.code == "METHOD_NOT_ALLOWED"


def test_refused_on_the_phone(bank, sandbox):
    challenge = bank.log_in(Operator("anna", "mobile"), CLIENT)
    sandbox.answer("anna", "refuse")
    with pytest.raises(errors.ConfirmationRefused) as caught:
        bank.confirm(challenge)
    assert caught.value.code == "CHALLENGE_REFUSED"


def test_nobody_confirms_in_time(bank, sandbox):
    challenge = bank.log_in(Operator("anna", "mobile"), CLIENT)
    sandbox.control("clock", seconds=600)
    with pytest.raises(errors.ConfirmationExpired):
        bank.confirm(challenge)


def test_a_challenge_is_used_once(bank, sandbox):
    challenge = bank.log_in(Operator("anna", "mobile"), CLIENT)
    sandbox.answer("anna", "confirm")
    assert isinstance(bank.confirm(challenge), Session)
    with pytest.raises(errors.ConfirmationExpired):
        bank.confirm(challenge)


def test_the_certificate_of_another_user(bank, sandbox):
    with pytest.raises(errors.LoginRefused) as caught:
        bank.log_in(Operator("jan", "certificate", signer(sandbox, "ewa")), CLIENT)
    assert caught.value.code == "CERTIFICATE_NOT_ACCEPTED"


def test_a_self_made_certificate(bank):
    own = keys.key("ec", "eve")
    eve = Pkcs12Signer(keys.key_file(own, keys.certificate("Jan Kowalski", own)), "1234")
    with pytest.raises(errors.LoginRefused):
        bank.log_in(Operator("jan", "certificate", eve), CLIENT)


def test_another_worker_goes_on_with_a_stored_challenge(bank, sandbox):
    challenge = bank.log_in(Operator("anna", "mobile"), CLIENT)
    assert isinstance(challenge, Challenge)
    assert challenge.code
    stored = challenges.from_dict(challenges.as_dict(challenge))
    assert stored == challenge
    worker = BANKS["mbank"](bank.connection)
    still = worker.confirm(stored)
    assert isinstance(still, Challenge)
    assert still.code == challenge.code
    assert sandbox.answer("anna", "confirm")["code"] == challenge.code
    session = worker.confirm(still)
    assert session.token not in repr(session)
    assert session.idle_seconds == 600
    assert session.expires_at.date() == TODAY


def test_log_in_that_was_given_up_leaves_the_phone(bank, sandbox):
    challenge = bank.log_in(Operator("anna", "mobile"), CLIENT)
    bank.withdraw(challenge)
    with pytest.raises(errors.ConfirmationExpired):
        bank.confirm(challenge)


def test_a_certificate_here_asks_nobody(bank, sandbox):
    session = bank.log_in(Operator("jan", "certificate", signer(sandbox, "jan")), CLIENT)
    assert isinstance(session, Session)
    assert bank.balance(session, ACCOUNT).currency == "PLN"


def test_a_card_elsewhere_answers_the_challenge(bank, sandbox):
    card = signer(sandbox, "jan")
    challenge = bank.log_in(Operator("jan", "certificate", RemoteSigner(card.certificate)), CLIENT)
    assert b'"log-in"' in challenge.payload
    with pytest.raises(errors.LoginRefused):
        bank.confirm(challenge, card.sign_challenge(b'{"purpose":"log-in"}'))
    challenge = bank.log_in(Operator("jan", "certificate"), CLIENT)
    assert isinstance(bank.confirm(challenge, card.sign_challenge(challenge.payload)), Session)


# Session


def test_sessions_end(bank, sandbox):
    session = on_phone(bank, sandbox)
    bank.log_out(session)
    bank.log_out(session)  # again: it is out already
    with pytest.raises(errors.SessionEnded):
        bank.accounts(session)
    session = on_phone(bank, sandbox)
    sandbox.control("clock", seconds=700)
    with pytest.raises(errors.SessionEnded):
        bank.balance(session, ACCOUNT)
    with pytest.raises(errors.SessionEnded):
        bank.accounts(Session("made up"))


def test_two_companies_are_never_mixed(bank, sandbox):
    first, second = (on_phone(bank, sandbox, "ewa", client) for client in (CLIENT, SECOND))
    assert {a.number for a in bank.accounts(first)}.isdisjoint(
        a.number for a in bank.accounts(second)
    )
    with pytest.raises(errors.AccountRefused):
        bank.balance(second, ACCOUNT)


# Reading


@pytest.mark.parametrize("number", [OTHER, "PL00114010100000100000010001"])
def test_an_account_outside_the_agreement(bank, sandbox, number):
    session = on_phone(bank, sandbox)
    with pytest.raises(errors.AccountRefused):
        bank.balance(session, Account(number, "PLN"))
    with pytest.raises(errors.AccountRefused):
        list(bank.statements(session, Account(number, "PLN"), TODAY, TODAY))


def test_a_period_that_cannot_be(bank, sandbox):
    session, today = on_phone(bank, sandbox), TODAY
    with pytest.raises(errors.Refused) as caught:
        list(bank.statements(session, ACCOUNT, today, today - timedelta(days=5)))
    assert caught.value.code == "PERIOD_NOT_VALID"


def test_a_day_without_a_statement_gives_none(bank, sandbox):
    session = on_phone(bank, sandbox)
    future = TODAY + timedelta(days=1)
    assert list(bank.statements(session, ACCOUNT, future, future)) == []


@pytest.mark.parametrize("format", ["mt940", "camt.053"])
def test_statements_add_up(bank, sandbox, format):
    session, today = on_phone(bank, sandbox), TODAY
    since = today - timedelta(days=20)
    documents = list(bank.statements(session, ACCOUNT, since, today, format))
    assert documents
    assert {d.format for d in documents} == {format}
    for document in documents:
        assert document.account_number == OWN
        assert since <= document.day <= today
        for statement in parse_statement(document.content):
            entries = sum(entry.amount for entry in statement.entries)
            assert statement.opening_balance + entries == statement.closing_balance


def test_more_ways_to_read(bank, sandbox):
    session, today = on_phone(bank, sandbox), TODAY
    sandbox.control("incoming", account=OWN, amount="12.34", title="Dzisiaj")
    (intraday,) = bank.history(session, ACCOUNT, today, today)
    assert intraday.format == "mt942"
    assert b"Dzisiaj" in intraday.content
    since = list(bank.statements_since(session, ACCOUNT, 1, None))
    assert since == list(bank.statements_since(session, ACCOUNT, 1, today.year))
    names = [account.number for account in bank.accounts(session)]
    assert OWN in names
    assert len(names) == len(set(names)) > 2
    balance = bank.balance(session, ACCOUNT)
    assert balance.booked == Decimal("250012.34") or balance.booked > 0
    assert balance.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("kind", ["garbage", "truncated", "entity_bomb", "http_500", "drop_after"])
def test_a_spoiled_answer_is_noticed(bank, sandbox, kind):
    session = on_phone(bank, sandbox)
    sandbox.control("faults", kind=kind, operation="GetBalance")
    with pytest.raises(errors.OutcomeUnknown):
        bank.balance(session, ACCOUNT)
    assert bank.balance(session, ACCOUNT).currency == "PLN"


# Sending


def test_content_with_another_message_id(bank, sandbox):
    session, sent = on_phone(bank, sandbox), package("1.00")
    other = Package("another-id", sent.format, sent.content, sent.created_at)
    with pytest.raises(errors.Refused) as caught:
        bank.send(session, other)
    assert caught.value.code == "CONTENT_NOT_VALID"
    assert caught.value.settles_sending


def test_a_signature_over_other_bytes(bank, sandbox):
    jan = signer(sandbox, "jan")
    session = bank.log_in(Operator("jan", "certificate", jan), CLIENT)
    sent, other = package("1.00"), package("900.00", signed_by=[jan])
    forged = Package(sent.message_id, sent.format, sent.content, sent.created_at, other.signatures)
    with pytest.raises(errors.Refused) as caught:
        bank.send(session, forged)
    assert caught.value.code == "SIGNATURE_NOT_VALID"
    assert bank.status(session, sent.message_id).state == "unknown_to_bank"


def test_the_same_message_twice(bank, sandbox):
    session, sent = on_phone(bank, sandbox), package("1.00")
    bank.send(session, sent)
    with pytest.raises(errors.Duplicate) as caught:
        bank.send(session, sent)
    assert caught.value.outcome_unknown
    assert not caught.value.settles_sending


@pytest.mark.parametrize(
    ("kind", "taken"),
    [("drop_before", False), ("drop_after", True), ("garbage", True), ("session_lost", False),
     ("other_message_id", True), ("busy", False)],
)  # fmt: skip
def test_a_lost_answer_is_settled_by_asking(bank, sandbox, kind, taken):
    session, sent = on_phone(bank, sandbox), package("1.00")
    sandbox.control("faults", kind=kind, operation="SendPackage")
    with pytest.raises(errors.BankError) as caught:
        bank.send(session, sent)
    assert not caught.value.settles_sending
    if kind == "session_lost":
        session = on_phone(bank, sandbox)
    state = bank.status(session, sent.message_id).state
    assert (state != "unknown_to_bank") is taken


def test_a_bank_that_drips_its_answer_is_not_waited_for(bank, sandbox):
    session, sent = on_phone(bank, sandbox), package("1.00")
    sandbox.control("faults", kind="delay", operation="SendPackage", seconds=3)
    hasty = BANKS["mbank"](Connection(bank.connection.address, timeout=0.5))
    with pytest.raises(errors.Timeout):
        hasty.send(session, sent)


def test_signed_payments_move_money(bank, sandbox):
    jan = signer(sandbox, "jan")
    session = bank.log_in(Operator("jan", "certificate", jan), CLIENT)
    before = bank.balance(session, ACCOUNT).booked
    sent = package("100.00", "20.50", "3.00", signed_by=[jan])
    receipt = bank.send(session, sent)
    assert (receipt.message_id, receipt.challenge) == (sent.message_id, None)
    assert receipt.state in ("sent", "accepted")
    assert len(receipt.orders) == 3
    sandbox.control("run")
    status = bank.status(session, sent.message_id)
    assert (status.state, status.bank_status, status.format) == ("accepted", "ACSC", "pain.002")
    assert {o.end_to_end_id for o in status.orders} == {o.end_to_end_id for o in sent.orders}
    assert bank.balance(session, ACCOUNT).booked == before - Decimal("123.50")
    paper = bank.confirmation(session, sent.orders[0].end_to_end_id)
    assert paper.format == "pdf"
    assert paper.content.startswith(b"%PDF")


def test_an_unsigned_package_is_released_on_the_phone(bank, sandbox):
    session, sent = on_phone(bank, sandbox), package("55.00")
    receipt = bank.send(session, sent)
    assert (receipt.state, receipt.bank_status) == ("waiting", "PDNG")
    (pending,) = bank.pending(session)
    assert (pending.message_id, pending.count, pending.total) == (
        sent.message_id, 1, Decimal("55.00"),
    )  # fmt: skip
    shown = sandbox.answer("anna", "confirm")
    assert shown["code"] == receipt.challenge.code
    assert re.search("55[.,]00", shown["text"])
    assert bank.status(session, sent.message_id).state != "waiting"
    assert bank.pending(session) == []


def test_without_the_phone_somebody_at_the_bank_releases_it(bank, sandbox):
    session = on_phone(bank, sandbox)
    receipt = bank.send(session, package("55.00", confirm_on_phone=False))
    assert receipt.challenge is None
    assert receipt.state == "waiting"
    assert receipt.release_by


def test_one_wrong_order_does_not_stop_the_others(bank, sandbox):
    jan = signer(sandbox, "jan")
    session = bank.log_in(Operator("jan", "certificate", jan), CLIENT)
    sandbox.control("refuse", code="NARR", text="Odmowa banku.")
    receipt = bank.send(session, package("1.00", "2.00", signed_by=[jan]))
    states = sorted(order.state for order in receipt.orders)
    assert "rejected" in states
    assert len(set(states)) == 2
    (refused,) = [order for order in receipt.orders if order.state == "rejected"]
    assert (refused.code, refused.reason) == ("NARR", "Odmowa banku.")


def test_every_bank_fills_the_whole_seam():
    for kind in BANKS.values():
        assert issubclass(kind, Bank)
        assert not kind.__abstractmethods__
