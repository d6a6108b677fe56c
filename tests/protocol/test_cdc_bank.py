# SPDX-License-Identifier: LGPL-3.0-only
"""ING's and BNP Paribas' channels against the pretend banks: real handshakes, real HTTP."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import keys
import pretend
import pytest
from asn1crypto import x509 as asn1_x509
from cdc_answers import CDC, SOAP
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from orders_for_tests import ALL_KINDS
from servers import read_request, server

from protocol import errors, ids
from protocol.bank import Connection
from protocol.banks import BANKS
from protocol.formats import check, pain001, parse
from protocol.records import Account, KeyFile, Operator, Order, Package, Party
from protocol.signatures.signers import Pkcs12Signer
from signer.xades import XadesDraft
from tools.bench.programs import large_documents

ING, ING_SECOND, ING_OTHER, BNP = (
    "PL16105010121000009000010001", "PL86105010121000009000010002",
    "PL64105010121000009000020001", "PL85160011271850000010010001",
)  # fmt: skip
ING_EURO = "PL59105010121000009000010003"
SUPPLIER = "PL32102010264010200000012345"
VALUES = {"pass": "ERP01", "not_known": "E404"}
# The bank's day: the last Wednesday, since banks move money on working days.
TODAY = date.today() - timedelta(days=(date.today().weekday() - 2) % 7 or 7)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with pretend.running("--execute-after", "manual", "--statements", "day-end") as started:
        started.ca = str(tmp_path_factory.mktemp("ca") / "ca.pem")
        Path(started.ca).write_bytes(started.bytes("/demo/cdc/ca.pem"))
        yield started


@pytest.fixture(autouse=True)
def fresh(sandbox):
    sandbox.control("reset", now=f"{TODAY}T10:00:00Z")


def key_file(sandbox, client="10500001", use="communication"):
    return KeyFile(sandbox.bytes(f"/demo/cdc/{client}/{use}.p12"), "demo")


def connect(sandbox, name="ing", client="10500001", identity=None, **more):
    identity = identity or key_file(sandbox, client)
    values = {**VALUES, **more.pop("values", {})}
    bank = BANKS[name](
        Connection(sandbox.addresses[name], sandbox.ca, more.pop("timeout", 20), identity, values)
    )
    return bank, bank.log_in(Operator("", ""), client)


@pytest.fixture
def ing(sandbox):
    return connect(sandbox)


@pytest.fixture
def bnp(sandbox):
    return connect(sandbox, "bnp", "16000001")


@pytest.fixture
def anna(sandbox):
    return Pkcs12Signer(key_file(sandbox, use="authorisation").data, "demo")


def order(amount, payee=SUPPLIER, payer=ING, kind="domestic", number=1, **more):
    values = {
        "end_to_end_id": uuid.uuid4().hex, "number": str(number), "kind": kind,
        "amount": Decimal(amount), "currency": "PLN", "execute_on": TODAY,
        "payer": Party("Demo Handel Sp. z o.o.", payer),
        "payee": Party("Papier i Biuro Sp. z o.o.", payee), "title": f"Faktura {number}",
    }  # fmt: skip
    return Order(**{**values, **more})


def package(bank, *orders, signed_by=(), message_id=None):
    message_id, now = message_id or ids.message_id(), datetime.now(timezone.utc)
    initiator = Party(bank.initiator_name("Demo Handel Sp. z o.o."), "", tax_id="5251000017")
    content = pain001.render(message_id, now, initiator, orders)
    signatures = tuple(one.sign_document(content, bank.signature_form) for one in signed_by)
    return Package(message_id, "pain.001.001.03", content, now, signatures=signatures)


# Who is let in


def test_certificates_that_the_bank_refuses(sandbox, ing):
    own = keys.key("ec", "company")
    foreign = keys.certificate("10500001", own, use="digital_signature")
    for identity in (
        KeyFile(keys.key_file(own, foreign), "1234"),
        key_file(sandbox, use="authorisation"),
    ):
        bank, session = connect(sandbox, identity=identity)
        with pytest.raises(errors.CertificateRefused) as caught:
            bank.send(session, package(bank, order("1.00")))
        assert caught.value.settles_sending
    assert sandbox.read("/control/packages")["packages"] == []


def certified(sandbox, days):
    """A key file that the bank's portal made, for so many days from now."""
    own = keys.key("ec", f"for {days} days")
    csr = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .sign(own, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    answer = sandbox.control(
        "cdc/certificate", client="10500001", use="communication", csr=csr.decode(), days=days
    )
    cert = x509.load_pem_x509_certificate(answer["pem"].encode())
    return KeyFile(keys.key_file(own, cert), "1234")


def test_a_certificate_that_has_ended_stays_at_home(sandbox):
    bank, session = connect(sandbox, identity=certified(sandbox, -1))
    with pytest.raises(errors.BadCertificate) as caught:
        bank.balance(session, Account(ING, "PLN"))
    assert caught.value.code == "expired"
    bank, session = connect(sandbox, identity=certified(sandbox, 1))
    assert bank.balance(session, Account(ING, "PLN")).currency == "PLN"


def test_a_certificate_of_a_client_of_the_other_bank_settles_nothing(sandbox):
    bank, session = connect(sandbox, "bnp", identity=key_file(sandbox))
    with pytest.raises(errors.NotSent) as caught:
        bank.send(session, package(bank, order("1.00")))
    assert not caught.value.settles_sending


def test_the_bank_shows_another_certificate(sandbox, ing):
    bank, session = ing
    sandbox.control("cdc/server-certificate", authority="foreign")
    try:
        with pytest.raises(errors.CertificateRefused) as caught:
            bank.send(session, package(bank, order("1.00")))
        assert caught.value.settles_sending
    finally:
        sandbox.control("cdc/server-certificate", authority="own")
    assert bank.balance(session, Account(ING, "PLN")).currency == "PLN"


@pytest.mark.parametrize(
    "values", [{"institution": "BNP"}, {"pass": "ERP02"}], ids=["institution", "pass"]
)
def test_wrong_parts_of_the_header_are_refused_in_the_banks_words(sandbox, values):
    bank, session = connect(sandbox, values=values)
    with pytest.raises(errors.Refused, match="nagłówek") as caught:
        bank.balance(session, Account(ING, "PLN"))
    assert caught.value.code == "E101"
    with pytest.raises(errors.OutcomeUnknown, match="nagłówek"):
        bank.send(session, package(bank, order("1.00")))


def test_another_companys_client_identifier(sandbox):
    bank, _session = connect(sandbox)
    with pytest.raises(errors.Refused):
        bank.balance(bank.log_in(Operator("", ""), "10500002"), Account(ING, "PLN"))


# Reading


def test_one_refused_account_says_so_and_does_not_stop_the_others(ing):
    bank, session = ing
    for number in (ING_OTHER, BNP, "PL17105010121000009000010001"):
        account = Account(number, "PLN")
        for call in (
            lambda account=account: bank.balance(session, account),
            lambda account=account: list(bank.statements(session, account, TODAY, TODAY)),
            lambda account=account: list(bank.history(session, account, TODAY, TODAY)),
            lambda account=account: bank.accounts(session, account),
        ):
            with pytest.raises(errors.AccountRefused):
                call()
    assert bank.accounts(session, Account(ING, "")) == [Account(ING, "PLN")]


def test_days_that_are_not_over_and_days_without_movements_have_no_statement(ing):
    bank, session = ing
    assert list(bank.statements(session, Account(ING, "PLN"), TODAY, TODAY)) == []


@pytest.mark.parametrize(("name", "number"), [("ing", ING), ("bnp", BNP)])
def test_a_month_of_statements_adds_up(sandbox, name, number):
    bank, session = connect(sandbox, name, "10500001" if name == "ing" else "16000001")
    account = Account(number, "PLN")
    found = list(bank.statements(session, account, TODAY - timedelta(days=30), TODAY))
    assert len(found) > 5
    closing = None
    for document in found:
        (statement,) = map(check, parse(document.content, document.format))
        assert document.day == statement.closed_on
        entries = list(statement.entries)
        assert closing in (None, statement.opening_balance)
        closing = statement.closing_balance
        assert statement.opening_balance + sum(e.amount for e in entries) == closing
        assert not any("|" in e.title + e.counterparty_name for e in entries)
    balance = bank.balance(session, account)
    assert balance.booked == closing
    # Numbers begin anew each year: the last statement may be of the one that has just ended.
    number, year = int(statement.number) - 1, statement.closed_on.year
    (numbered, *_rest) = bank.statements_since(session, account, number, year)
    assert numbered.content == found[-1].content


def test_the_archive_of_papers(ing):
    bank, session = ing
    account = Account(ING, "PLN")
    papers = list(bank.statements(session, account, TODAY - timedelta(days=9), TODAY, "pdf"))
    assert papers
    assert {paper.format for paper in papers} == {"pdf"}
    assert all(paper.content.startswith(b"%PDF") for paper in papers)
    assert all(paper.name.endswith(".pdf") for paper in papers)


def test_a_report_over_a_month_comes_in_pieces(bnp, ing):
    since = TODAY - timedelta(days=20)
    for (bank, session), number, pieces in ((bnp, BNP, 3), (ing, ING, 1)):
        found = list(bank.history(session, Account(number, "PLN"), since, TODAY))
        assert len(found) == pieces


def titles(documents):
    return [
        entry.title
        for document in documents
        for statement in parse(document.content, document.format)
        for entry in statement.entries
    ]


def test_increments_over_midnight(sandbox, ing):
    bank, session = ing
    account, day = Account(ING, "PLN"), [TODAY]
    bank._today = lambda: day[0]

    def pay(title):
        sandbox.control("incoming", account=ING, amount="1.00", title=title)

    pay("one")
    cursor, found = bank.history_since(session, account)
    assert (cursor, titles(found)) == (f"{TODAY} 1", ["one"])
    pay("two")
    cursor, found = bank.history_since(session, account, cursor)
    assert (cursor, titles(found)) == (f"{TODAY} 2", ["two"])
    assert titles(bank.history_since(session, account, cursor)[1]) == []
    pay("late")
    sandbox.control("clock", days=1)
    day[0] = TODAY + timedelta(days=1)
    pay("tomorrow")
    cursor, found = bank.history_since(session, account, cursor)
    assert cursor == f"{day[0]} 1"
    assert set(titles(found)) == {"one", "two", "late", "tomorrow"}


@pytest.mark.parametrize("kind", ["garbage", "truncated", "entity_bomb", "http_500", "drop_after"])
def test_a_spoiled_answer_is_noticed(sandbox, ing, kind):
    bank, session = ing
    for operation, call in (
        ("GetAccountBalance", lambda: bank.balance(session, Account(ING, "PLN"))),
        (
            "GetAccountReport",
            lambda: list(bank.history(session, Account(ING, "PLN"), TODAY, TODAY)),
        ),
    ):
        sandbox.control("faults", kind=kind, operation=operation)
        with pytest.raises(errors.OutcomeUnknown):
            call()
    assert bank.balance(session, Account(ING, "PLN")).currency == "PLN"


@pytest.mark.parametrize("kind", ["wrong_account_statement", "bad_balance", "wrong_currency"])
def test_a_statement_that_is_not_right_is_kept_as_it_came(sandbox, ing, kind):
    bank, session = ing
    sandbox.control("incoming", account=ING, amount="1.00", title="Wpłata")
    sandbox.control("clock", days=1)
    sandbox.control("faults", kind=kind, operation="GetStatement")
    (document,) = bank.statements(session, Account(ING, "PLN"), TODAY, TODAY)
    assert b"BkToCstmrStmt" in document.content


# Sending


def test_a_signature_over_other_bytes_is_not_taken(sandbox, ing, anna):
    bank, session = ing
    sent, other = (package(bank, order(amount), signed_by=[anna]) for amount in ("1.00", "9.00"))
    forged = replace(sent, signatures=other.signatures)
    with pytest.raises(errors.OutcomeUnknown, match="Podpis"):
        bank.send(session, forged)
    assert bank.status(session, sent.message_id).state == "unknown_to_bank"


def test_paying_from_somebody_elses_account_is_settled_at_once(ing, anna):
    bank, session = ing
    with pytest.raises(errors.AccountRefused) as caught:
        bank.send(session, package(bank, order("1.00", payer=ING_OTHER), signed_by=[anna]))
    assert caught.value.settles_sending


def test_the_same_message_twice_is_unknown_and_asked(ing, anna):
    bank, session = ing
    sent = package(bank, order("1.00"), signed_by=[anna])
    assert bank.send(session, sent).state == "accepted"
    with pytest.raises(errors.OutcomeUnknown):
        bank.send(session, sent)
    assert bank.status(session, sent.message_id).state == "accepted"


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("drop_before", False), ("drop_after", True), ("garbage", True), ("truncated", True),
        ("other_message_id", True), ("busy", False), ("http_500", False), ("repeated", True),
    ],
)  # fmt: skip
def test_a_lost_answer_is_settled_by_asking(sandbox, ing, anna, kind, taken):
    bank, session = ing
    sent = package(bank, order("1.00"), signed_by=[anna])
    sandbox.control("faults", kind=kind, operation="DomesticTransfer")
    with pytest.raises(errors.BankError) as caught:
        bank.send(session, sent)
    assert not caught.value.settles_sending
    assert (bank.status(session, sent.message_id).state != "unknown_to_bank") is taken
    if not taken:
        assert bank.send(session, sent).state == "accepted"
    sandbox.control("run")
    assert len(booked(sandbox, sent)) == 1


def booked(sandbox, sent):
    ((identifier,),) = pain001.payments_of(sent.content).values()
    return sandbox.read(f"/control/ledger?end_to_end_id={identifier}")["movements"]


def test_a_message_that_is_taken_after_the_bank_said_that_it_has_none(sandbox, ing, anna):
    bank, session = ing
    sent = package(bank, order("1.00"), signed_by=[anna])
    sandbox.control("faults", kind="take_late", operation="DomesticTransfer", questions=1)
    with pytest.raises(errors.OutcomeUnknown):
        bank.send(session, sent)
    assert bank.status(session, sent.message_id).state == "unknown_to_bank"
    sandbox.control("late")
    with pytest.raises(errors.OutcomeUnknown):
        bank.send(session, sent)
    assert bank.status(session, sent.message_id).state == "accepted"
    sandbox.control("run")
    assert len(booked(sandbox, sent)) == 1


def test_a_bank_that_drips_its_answer_is_not_waited_for(sandbox, anna):
    bank, session = connect(sandbox, timeout=0.5)
    sandbox.control("faults", kind="delay", operation="DomesticTransfer", seconds=3)
    with pytest.raises(errors.Timeout):
        bank.send(session, package(bank, order("1.00"), signed_by=[anna]))


class Card:
    """The program on a user's computer: its own XAdES, the key that never leaves the card."""

    def __init__(self, file):
        self.key, certificate, _more = pkcs12.load_key_and_certificates(file.data, b"demo")
        self.certificate = certificate.public_bytes(Encoding.DER)

    def sign_document(self, content, _form):
        draft = XadesDraft(content, self.certificate, datetime.now(timezone.utc))
        assert asn1_x509.Certificate.load(self.certificate).public_key.algorithm == "rsa"
        value = self.key.sign(draft.to_be_signed, padding.PKCS1v15(), hashes.SHA256())
        return draft.finish(value)


def euro(kind, **more):
    payee = ALL_KINDS[kind].payee
    made = order("3.00", payee.account, ING_EURO, kind, currency="EUR", **more)
    return replace(made, payee=payee)


def test_every_kind_signed_by_a_key_file_and_by_a_card_moves_money(sandbox, ing, anna):
    bank, session = ing
    card = Card(key_file(sandbox, use="authorisation"))
    before = bank.balance(session, Account(ING, "PLN")).booked
    vat = "/VAT/23,00/IDC/7781001014/INV/FV 1/TXT/oplata"
    sent, paid = [], set()
    for person in (anna, card):
        for orders in (
            [order("100.00"), order("20.50", number=2)],
            [order("123.00", kind="mpp", title=vat)],
            [order("7.00", ING_SECOND, kind="own")],
            [euro("sepa")],
            [euro("foreign")],
        ):
            assert len({bank.apart(one) for one in orders}) == 1
            one = package(bank, *orders, signed_by=[person])
            receipt = bank.send(session, one)
            assert (receipt.state, receipt.format) == ("accepted", "pain.002"), receipt
            assert {o.end_to_end_id for o in receipt.orders} == {o.end_to_end_id for o in orders}
            sent.append(one)
            paid |= {o.end_to_end_id for o in orders if o.currency == "PLN"}
    sandbox.control("run")
    for one in sent:
        assert bank.status(session, one.message_id).bank_status == "ACSC"
    assert bank.balance(session, Account(ING, "PLN")).booked == before - 2 * Decimal("250.50")
    sandbox.control("clock", days=1)
    paper = bank.confirmation(session, min(paid))
    assert (paper.format, paper.content[:4], paper.name[-4:]) == ("pdf", b"%PDF", ".pdf")
    (document,) = bank.statements(session, Account(ING, "PLN"), TODAY, TODAY)
    (statement,) = parse(document.content)
    known = {entry.our_reference for entry in statement.entries}
    assert len(paid) == 8
    assert paid <= known


def test_only_an_executed_transfer_of_ones_own_is_confirmed(sandbox, ing, anna):
    bank, session = ing
    sent = package(bank, order("1.00"), signed_by=[anna])
    bank.send(session, sent)
    ((identifier,),) = pain001.payments_of(sent.content).values()
    with pytest.raises(errors.Refused, match="zrealizowanego"):
        bank.confirmation(session, identifier)
    sandbox.control("run")
    assert bank.confirmation(session, identifier).format == "pdf"
    other, theirs = connect(sandbox, client="10500002", values={"pass": "ERP02"})
    assert other.balance(theirs, Account(ING_OTHER, "PLN")).currency == "PLN"
    with pytest.raises(errors.Refused, match="zrealizowanego"):
        other.confirmation(theirs, identifier)


def test_an_unsigned_package_waits_for_a_person_at_the_bank(sandbox, bnp):
    bank, session = bnp
    sent = package(bank, order("55.00", payer=BNP))
    receipt = bank.send(session, sent)
    assert (receipt.state, receipt.bank_status, receipt.challenge) == ("waiting", "PDNG", None)
    sandbox.control("cdc/release", message_id=sent.message_id)
    assert bank.status(session, sent.message_id).state == "accepted"


def test_one_wrong_order_does_not_stop_the_others(sandbox, ing, anna):
    bank, session = ing
    sandbox.control("refuse", code="NARR", text="Odmowa banku.")
    receipt = bank.send(session, package(bank, order("1.00"), order("2.00"), signed_by=[anna]))
    assert sorted(one.state for one in receipt.orders) == ["accepted", "rejected"]


# All of it breaking at once

BREAKING = (
    "drop_before", "drop_after", "take_late", "http_500", "delay", "garbage", "truncated",
    "entity_bomb", "other_message_id", "repeated", "busy",
)  # fmt: skip
PAYMENTS = int(os.environ.get("CDC_PAYMENTS", "44"))


def settled(bank, session, sent):
    """What became of it, by asking; handed over again once the bank said twice: not known."""
    unknown = 0
    for _question in range(50):
        try:
            state = bank.status(session, sent.message_id).state
        except errors.BankError:
            continue
        if state != "unknown_to_bank":
            return state
        unknown += 1
        if unknown % 2 == 0:
            with contextlib.suppress(errors.BankError):
                bank.send(session, sent)
    raise AssertionError("never settled")


def test_no_payment_is_lost_and_none_is_made_twice(sandbox, anna):
    bank, session = connect(sandbox, timeout=1)
    payments = [package(bank, order("1.00"), signed_by=[anna]) for _number in range(PAYMENTS)]
    for seed, operation in ((19, "DomesticTransfer"), (20, "GetPaymentStatusReport")):
        kinds = [kind for kind in BREAKING if seed == 19 or kind != "take_late"]
        plan = {"seed": seed, "operation": operation, "kinds": kinds, "rate": 0.7, "seconds": 1.5}
        sandbox.control("faults/plan", **plan, limit=PAYMENTS)
        for sent in payments if seed == 19 else []:
            with contextlib.suppress(errors.BankError):
                bank.send(session, sent)
    states = [settled(bank, session, sent) for sent in payments]
    assert set(states) == {"accepted"}
    sandbox.control("late")
    sandbox.control("run")
    assert [len(booked(sandbox, sent)) for sent in payments] == [1] * PAYMENTS
    assert set(sandbox.read("/control/faults")["applied"]) == set(BREAKING)


# A big answer

ENTRIES, BOUND = 100_000, 3  # times the size of the answer, for answer, document and reader
PROGRAM = """
import json, sys
from pathlib import Path
from protocol.banks import BANKS
from protocol.bank import Connection
from protocol.formats import check, parse
from protocol.formats.camt import stream
from protocol.records import Account, KeyFile, Operator
from datetime import date
def highest():
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("VmHWM:"))
identity = KeyFile(Path(sys.argv[3]).read_bytes(), "1234")
bank = BANKS["bnp"](Connection(sys.argv[1], "", 120, identity))
before, count = highest(), 0
day = date(2026, 3, 12)
account = Account(sys.argv[2], "PLN")
for document in bank.statements(bank.log_in(Operator("", ""), "1"), account, day, day):
    for statement in parse(document.content, document.format):
        for entry in check(statement).entries:
            count += 1
print(json.dumps({"count": count, "kilobytes": highest() - before}))
"""


def test_a_hundred_thousand_entries_in_bounded_memory(tmp_path):
    path = tmp_path / "large.xml"
    large_documents.write_camt(path, ENTRIES)
    document = path.read_bytes().partition(b"?>")[2]
    body = (
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body><c:GetStatementResponse xmlns:c="{CDC}">'.encode()
        + document
        + b"</c:GetStatementResponse></e:Body></e:Envelope>"
    )

    def talk(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    own, file = keys.key("ec", "company"), tmp_path / "company.p12"
    file.write_bytes(keys.key_file(own, keys.certificate("company", own)))
    with server(talk) as port:
        address = f"http://127.0.0.1:{port}/"
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, address, large_documents.ACCOUNT, str(file)],
            cwd=pretend.ROOT, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["count"] == ENTRIES
    print(f"{found['kilobytes'] / 1024:.0f} MB for {len(body) / 2**20:.0f} MB")
    assert found["kilobytes"] * 1024 < BOUND * len(body)


def test_many_workers_share_one_key_file(sandbox, ing):
    """The certificate is loaded once; calls beside each other each have a connection."""
    bank, session = ing
    found, problems = [], []

    def ask():
        try:
            worker, own = connect(sandbox)
            found.append(worker.balance(own, Account(ING, "PLN")).booked)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert found == [bank.balance(session, Account(ING, "PLN")).booked] * 8
