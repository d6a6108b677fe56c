# SPDX-License-Identifier: LGPL-3.0-only
"""The DirectBank channel and the pretend bank, over HTTP: an order from signing to its entry."""

import dataclasses
import json
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import keys
import pretend
import pytest
from orders_for_tests import Sent

from protocol import errors, formats
from protocol.bank import Connection
from protocol.banks import BANKS
from protocol.banks.directbank.post import MEMORY
from protocol.checks import Context, run
from protocol.formats.directbank.order import render
from protocol.formats.values import MOSCOW
from protocol.records import Account, Challenge, Operator, Order, Party, Session
from protocol.signatures.signers import Pkcs12Signer

BIK = "044525901"
OWN = "40702810700000000001"
PAYER = Party(
    "ООО Демо Торговля",
    OWN,
    bank_code=BIK,
    bank_name="ПАО ПРИМЕР БАНК",
    tax_id="7701000019",
    details={
        "kpp": "770101001",
        "corr_account": "30101810545250000901",
        "client_identifier": "RU000001",
    },
)
PAYEE = Party(
    "ООО Бумага и Офис",
    "40702810655000000101",
    bank_code="044030653",
    tax_id="7813002014",
    details={"corr_account": "30101810500000000653"},
)
ACCOUNT = Account(OWN, "RUB", bank_code=BIK, owner_tax_id="7701000019")


@pytest.fixture(scope="module")
def sandbox():
    with pretend.running("--execute-after", "manual") as started:
        yield started


@pytest.fixture
def bank(sandbox):
    MEMORY.clear()
    sandbox.control("reset")
    made = BANKS["directbank"](Connection(sandbox.addresses["directbank"]))
    made.patience = (0, 0)
    return made


@pytest.fixture
def session(bank, sandbox):
    challenge = bank.log_in(Operator("demo-ru", "mobile", secret="demo-ru"), "RU000001")
    (shown,) = sandbox.waiting("demo-ru")
    return bank.confirm(challenge, shown["code"])


@pytest.fixture
def ivan(sandbox):
    return Pkcs12Signer(sandbox.bytes("/demo/demo-ru.p12"), "demo")


def today():
    return datetime.now(timezone.utc).astimezone(MOSCOW).date()


def package(*signers, number="1", **changes):
    order = Order(
        str(uuid.uuid4()),
        number,
        "rouble",
        Decimal("1500.00"),
        "RUB",
        today(),
        PAYER,
        PAYEE,
        "Оплата по счёту № 15. НДС не облагается",
        details={"priority": "5", "operation_kind": "01"},
    )
    order = dataclasses.replace(order, **changes)
    now = datetime.now(timezone.utc)
    assert run([order], Context(now.astimezone(MOSCOW))) == [] or changes
    content = render("M", now, PAYER, [order])
    signatures = tuple(one.sign_document(content) for one in signers)
    return Sent(uuid.uuid4().hex, "directbank.order", content, now, signatures, orders=(order,))


def status(bank, session, sent):
    ids = [order.end_to_end_id for order in sent.orders]
    return bank.status(session, sent.message_id, ids, sent.created_at, ACCOUNT)


@pytest.mark.parametrize(
    ("login", "password", "client"),
    [
        ("demo-ru", "wrong", "RU000001"),
        ("nobody", "x", "RU000001"),
        ("demo-ru", "demo-ru", "RU000002"),
    ],
)
def test_wrong_log_ins(bank, login, password, client):
    with pytest.raises(errors.LoginRefused):
        bank.log_in(Operator(login, "mobile", secret=password), client)


def test_three_wrong_codes_lock_the_log_in(bank):
    operator = Operator("demo-ru", "mobile", secret="demo-ru")
    challenge = bank.log_in(operator, "RU000001")
    for _ in range(2):
        challenge = bank.confirm(challenge, "0000000")
        assert isinstance(challenge, Challenge)
    with pytest.raises(errors.LoginRefused):
        bank.confirm(challenge, "0000000")
    with pytest.raises(errors.LoginRefused) as caught:
        bank.log_in(operator, "RU000001")
    assert caught.value.code == "1203"


def test_sessions_end(bank, sandbox, session):
    sandbox.control("clock", seconds=400)
    with pytest.raises(errors.SessionEnded):
        bank.accounts(session, ACCOUNT)
    unknown = Session(json.dumps({"version": 1, "sid": "none", "client": "RU000001"}))
    with pytest.raises(errors.SessionEnded):
        bank.accounts(unknown, ACCOUNT)


def test_log_in_by_certificate(bank, ivan):
    session = bank.log_in(Operator("demo-ru", "certificate", ivan), "RU000001")
    assert bank.accounts(session, ACCOUNT) == [ACCOUNT]
    own = keys.key("rsa2048", "eve")
    eve = Pkcs12Signer(keys.key_file(own, keys.certificate("Ева", own)), "1234")
    with pytest.raises(errors.LoginRefused):
        bank.log_in(Operator("demo-ru", "certificate", eve), "RU000001")


def test_an_account_of_somebody_else(bank, session):
    other = dataclasses.replace(ACCOUNT, number="40702810300000000003")
    with pytest.raises(errors.AccountRefused):
        bank.accounts(session, other)
    with pytest.raises(errors.AccountRefused):
        list(bank.statements(session, other, date(2026, 1, 1), date(2026, 1, 2)))


def test_balance_and_probe(bank, session):
    balance = bank.balance(session, ACCOUNT)
    assert (balance.account_number, balance.currency) == (OWN, "RUB")
    assert balance.booked > 0
    assert bank.probe(session, ACCOUNT).state == "accepted"


def test_another_signature_is_refused(bank, session, ivan):
    sent, other = package(ivan), package(ivan, number="2")
    forged = dataclasses.replace(sent, signatures=other.signatures)
    with pytest.raises(errors.Refused) as caught:
        bank.send(session, forged)
    assert caught.value.code in ("2014", "2015")
    assert caught.value.settles_sending


def test_the_same_packet_twice(bank, session, ivan):
    sent = package(ivan)
    bank.send(session, sent)
    with pytest.raises(errors.Duplicate):
        bank.send(session, sent)


def test_the_same_number_and_date_twice(bank, session, ivan):
    bank.send(session, package(ivan, number="7"))
    second = package(ivan, number="7")
    bank.send(session, second)
    receipt = status(bank, session, second)
    assert (receipt.state, receipt.code) == ("rejected", "2203")


def test_wrong_fields_are_named(bank, session, ivan):
    payee = dataclasses.replace(PAYEE, bank_code="044030654")
    sent = package(ivan, payee=payee)
    bank.send(session, sent)
    receipt = status(bank, session, sent)
    assert (receipt.orders[0].state, receipt.code) == ("rejected", "2205")
    assert len(receipt.reason) > 20


@pytest.mark.parametrize(
    ("kind", "taken"), [("drop_before", False), ("drop_after", True), ("garbage", True)]
)
def test_a_lost_answer_is_settled_by_asking(bank, sandbox, session, ivan, kind, taken):
    sent = package(ivan)
    sandbox.control("faults", kind=kind, operation="SendPack")
    with pytest.raises(errors.BankError) as caught:
        bank.send(session, sent)
    assert not caught.value.settles_sending
    assert (status(bank, session, sent).state != "unknown_to_bank") is taken


def test_an_order_from_signing_to_the_entry(bank, sandbox, session, ivan):
    before = bank.balance(session, ACCOUNT).booked
    sent = package(ivan, number="77")
    assert bank.send(session, sent).state == "sent"
    assert status(bank, session, sent).orders[0].state == "accepted"
    day = sandbox.control("clock", working_day=True)["today"]["directbank"]
    fresh = bank.log_in(Operator("servis-ru", "mobile", secret="servis-ru"), "RU000002")
    assert isinstance(fresh, Session)  # the first session has ended with the clock
    challenge = bank.log_in(Operator("demo-ru", "mobile", secret="demo-ru"), "RU000001")
    session = bank.confirm(challenge, sandbox.waiting("demo-ru")[0]["code"])
    sandbox.control("run")
    receipt = status(bank, session, sent)
    assert (receipt.state, receipt.code) == ("accepted", "02")
    assert bank.balance(session, ACCOUNT).booked == before - Decimal("1500.00")
    day = date.fromisoformat(day)
    (document,) = bank.history(session, ACCOUNT, day, day)
    (statement,) = formats.parse(document.content)
    (entry,) = [e for e in formats.check(statement).entries if e.our_reference]
    assert (entry.our_reference, entry.amount) == (
        sent.orders[0].end_to_end_id,
        Decimal("-1500.00"),
    )


def test_an_order_is_recalled(bank, session, ivan):
    sent = package(ivan)
    bank.send(session, sent)
    assert bank.recall(session, ACCOUNT, sent.orders[0].end_to_end_id, "Ошибка").state == "recalled"
    assert status(bank, session, sent).state == "recalled"


def test_an_unsigned_order_waits_for_the_phone(bank, sandbox, session):
    sent = package()
    bank.send(session, sent)
    assert status(bank, session, sent).state == "waiting"
    sandbox.answer("demo-ru", "confirm")
    MEMORY.clear()
    assert status(bank, session, sent).state == "accepted"


def test_notices_of_strangers_twice_and_out_of_order(bank, sandbox, session, ivan):
    sent = package(ivan)
    bank.send(session, sent)
    about = sent.orders[0].end_to_end_id
    for document, code in (("never-sent", "02"), (about, "03"), (about, "03")):
        sandbox.control("directbank/notice", client="RU000001", document=document, status=code)
    assert status(bank, session, sent).state == "rejected"


def test_a_final_statement_of_a_past_week(bank, session):
    until = today() - timedelta(days=1)
    (document,) = bank.statements(session, ACCOUNT, until - timedelta(days=6), until)
    (statement,) = formats.parse(document.content)
    assert (statement.account_number, statement.final) == (OWN, True)
    entries = sum(entry.amount for entry in formats.check(statement).entries)
    assert statement.opening_balance + entries == statement.closing_balance


@pytest.fixture
def day_end(sandbox):
    """A day's statement is there when the day is over, as in life."""
    before = sandbox.control("settings", statements="day-end")["statements"]
    yield
    sandbox.control("settings", statements=before)


@pytest.mark.parametrize("days", [(400, 390), (400, 0), (-1, -1)], ids=str)
def test_a_period_that_the_bank_never_has_stays_refused(bank, session, day_end, days):
    since, until = (today() - timedelta(days=ago) for ago in days)
    with pytest.raises(errors.Refused) as caught:
        list(bank.statements(session, ACCOUNT, since, until))
    assert caught.value.code == "2206"


def test_an_open_day_does_not_hide_the_days_before_it(bank, session, day_end):
    (document,) = bank.statements(session, ACCOUNT, today() - timedelta(days=6), today())
    (statement,) = formats.parse(document.content)
    assert (statement.final, statement.closed_on) == (True, today() - timedelta(days=1))
    assert list(bank.statements(session, ACCOUNT, today(), today())) == []


def test_it_also_comes_later(bank, session, day_end):
    """Each question that is answered later is taken up by its own state."""
    since, found, resume = today() - timedelta(days=6), [], None
    bank.patience = ()
    while not found:
        try:
            found = list(bank.statements(session, ACCOUNT, since, today(), resume=resume))
        except errors.Later as later:
            assert resume is None, "asked twice at most"
            resume, bank.patience = later.state, (0,)
    (statement,) = formats.parse(found[0].content)
    assert statement.final
