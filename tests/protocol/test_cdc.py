# SPDX-License-Identifier: LGPL-3.0-only
"""Comarch Data Connect without a bank: what must not pass, and the bytes that leave."""

import base64
import copy
import itertools
import logging
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from importlib.resources import files

import cdc_answers as bank_says
import keys
import pytest
import zeep
from lxml import etree
from orders_for_tests import ALL_KINDS
from servers import answering, read_request, server

from protocol import errors, ids
from protocol.bank import Connection
from protocol.banks import BANKS
from protocol.banks.cdc import FAULTS, SETTLED, envelope, questions, transfers
from protocol.formats import pain001, parse
from protocol.records import Account, KeyFile, Operator, Package, Party
from protocol.signatures import xades

NUMBER = "PL61109010140000071219812874"
ACCOUNT = Account(NUMBER, "PLN")
DAY = date(2026, 11, 20)
OWN = keys.key("ec", "company")
IDENTITY = KeyFile(
    keys.key_file(OWN, keys.certificate("company", OWN, use="digital_signature")), "1234"
)
VALUES = {"pass": "ERP01", "not_known": "E404"}
XMLDSIG = "{http://www.w3.org/2000/09/xmldsig#}"
TRANSFERS = (transfers.DOMESTIC, transfers.INTERNAL, transfers.FOREIGN, transfers.SEPA)


def bank_at(port, name="ing", identity=IDENTITY, **values):
    address = f"http://127.0.0.1:{port}/cdc"
    return BANKS[name](Connection(address, "", 20, identity, {**VALUES, **values}))


def asking(body, call, status="200 OK", name="ing", seen=None, **values):
    """The result of `call(bank, session)` at a bank that answers with `body`."""
    with server(answering(body, status, seen=seen)) as port:
        bank = bank_at(port, name, **values)
        return call(bank, bank.log_in(Operator("", ""), "10500001"))


def balance(body, status="200 OK", **more):
    return asking(body, lambda bank, s: bank.balance(s, ACCOUNT), status, **more)


def package(*orders, message_id="M1", initiator="Firma", signatures=()):
    now = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
    orders = orders or (ALL_KINDS["domestic"],)
    content = pain001.render(message_id, now, Party(initiator, ""), orders)
    return Package(message_id, "pain.001.001.03", content, now, signatures=tuple(signatures))


def sending(body, status="200 OK", sent=None, **more):
    return asking(body, lambda bank, s: bank.send(s, sent or package()), status, **more)


# What does not leave


def test_a_company_without_its_certificate_asks_nothing():
    with pytest.raises(errors.Invalid, match="communication certificate"):
        bank_at(1, identity=None)


@pytest.mark.parametrize(
    ("values", "client", "code"),
    [
        ({"pass": ""}, "10500001", "pass"),
        ({"pass": "p\x00"}, "10500001", "pass"),
        ({"pass": " "}, "10500001", "pass"),
        ({"pass": "p" * 36}, "10500001", "pass"),
        ({"institution": "i" * 36}, "10500001", "institution"),
        ({}, "", "partner"),
        ({}, "1" * 36, "partner"),
    ],
)
def test_a_header_that_the_contract_does_not_allow_never_leaves(values, client, code):
    seen = []
    with server(answering(bank_says.balance(), seen=seen)) as port:
        bank = bank_at(port, **values)
        with pytest.raises(errors.Invalid) as caught:
            bank.balance(bank.log_in(Operator("", ""), client), ACCOUNT)
    assert caught.value.code == code
    assert not seen


@pytest.mark.parametrize("number", ["", "61", "PL61 1090\x00", "PL61<IBAN>", "PLN61109010140000"])
def test_a_number_that_is_none_never_leaves(number):
    seen = []
    with server(answering(bank_says.balance(), seen=seen)) as port:
        bank = bank_at(port)
        with pytest.raises(errors.Invalid):
            bank.balance(bank.log_in(Operator("", ""), "1"), Account(number, "PLN"))
    assert not seen


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (package(ALL_KINDS["domestic"], ALL_KINDS["sepa"]), "mixed"),
        (package(ALL_KINDS["own"], ALL_KINDS["foreign"]), "mixed"),
        (package(signatures=(b"<a/>", b"<b/>")), "signatures"),
        (package(initiator="Firma-Handel"), "initiator"),
    ],
)
def test_a_package_that_the_bank_would_not_take_never_leaves(sent, code):
    seen = []
    with pytest.raises(errors.Invalid) as caught:
        sending(b"", sent=sent, name="bnp", seen=seen)
    assert caught.value.code == code
    assert caught.value.settles_sending
    assert not seen


# Answers that must not pass

BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "12">]>' + bank_says.balance("&a;")[38:]
WRAPPED = bank_says.balance()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"<html><body>Welcome</body></html>",
        BOMB,
        WRAPPED[:-20],
        WRAPPED[:400],
        WRAPPED.replace(b"</RtrAcct>", b""),
        WRAPPED.replace(b"</soap:Body>", WRAPPED[WRAPPED.index(b"<c:") :], 1),
        WRAPPED.replace(b"</Document>", b"</Document><Document>2</Document>"),
        WRAPPED.replace(b"<Document", b"<!--<Document").replace(b"/Document>", b"/Document>-->"),
        bank_says.answer("GetStatement", bank_says.statement("053")),
        bank_says.envelope(""),
        bank_says.answer("GetAccountBalance", ""),
        bank_says.balance("many"),
        bank_says.balance("-1.00"),
        bank_says.balance(""),
        bank_says.balance(mark="UP"),
        bank_says.balance(kind="XPCD"),
        WRAPPED.replace(b"2026-11-20T10", b"soon"),
        WRAPPED.decode().encode("utf-16"),
    ],
    ids=range(20),
)
def test_an_answer_that_breaks_the_contract_is_refused(body):
    with pytest.raises(errors.BadAnswer) as caught:
        balance(body)
    assert caught.value.outcome_unknown


def test_a_balance_of_another_account_is_refused():
    with pytest.raises(errors.BadAnswer, match="another account"):
        balance(bank_says.balance(number="PL32102010264010200000012345"))


@pytest.mark.parametrize("status", ["404 Not Found", "503 Busy", "502 Bad Gateway", "500 Oops"])
def test_a_page_of_a_proxy_is_no_answer(status):
    with pytest.raises((errors.NotSent, errors.BadAnswer)) as caught:
        balance(b"<html>Proxy</html>", status)
    assert status[:3] in caught.value.message
    with pytest.raises(errors.BankError) as caught:
        sending(b"<html>Proxy</html>", status)
    assert not caught.value.settles_sending


def test_a_good_answer_with_a_bad_status_is_no_answer():
    with pytest.raises(errors.BadAnswer):
        balance(bank_says.balance(), "500 Internal Server Error")


# Error reports


@pytest.mark.parametrize(("code", "kind"), FAULTS.items())
def test_the_codes_that_are_known_have_their_errors(code, kind):
    for body in (bank_says.fault(code, "Słowa banku."), bank_says.operational_error(code)):
        with pytest.raises(errors.BankError) as caught:
            balance(body, "500 Oops" if b"Fault" in body else "200 OK")
        assert type(caught.value) is kind
        assert caught.value.code == code
    assert "Brak." in caught.value.message


def test_a_code_that_nobody_knows_is_a_refusal_in_the_banks_words():
    with pytest.raises(errors.Refused) as caught:
        balance(bank_says.fault("E777", "Słowa banku."), "500 Oops")
    assert caught.value.message == "E777: Słowa banku."
    assert caught.value.detail == "/a/b"


def test_a_fault_without_a_report_proves_nothing():
    with pytest.raises(errors.OutcomeUnknown):
        balance(bank_says.fault(""), "500 Oops")


@pytest.mark.parametrize("code", ["", "E502", "E777", *SETTLED])
def test_only_codes_that_prove_it_settle_a_payment(code):
    with pytest.raises(errors.BankError) as caught:
        sending(bank_says.fault(code, "Nie.", "M1"), "500 Oops")
    assert caught.value.settles_sending == (code in SETTLED)
    assert caught.value.outcome_unknown == (code not in SETTLED)


def test_an_error_report_about_another_message_settles_nothing():
    with pytest.raises(errors.BadAnswer, match="another message"):
        sending(bank_says.fault("E201", about="M2"), "500 Oops")


@pytest.mark.parametrize(
    "document",
    [
        bank_says.status("M2"),
        bank_says.status("M1").replace("OrgnlMsgId", "MsgId"),
        bank_says.status("M1").replace("pain.002", "pain.008"),
        bank_says.status("M1")[:200] + "</Document>",
    ],
)
def test_a_receipt_that_is_none_of_this_message_leaves_the_outcome_unknown(document):
    with pytest.raises(errors.BadAnswer):
        sending(bank_says.answer("DomesticTransfer", document))


def test_a_message_that_the_bank_does_not_have_is_told_by_the_code_that_is_set():
    def ask(bank, session):
        return bank.status(session, "M1")

    said = bank_says.fault("E404", "Nie ma.")
    receipt = asking(said, ask, "500 Oops")
    assert (receipt.state, receipt.code) == ("unknown_to_bank", "E404")
    with pytest.raises(errors.Refused) as caught:
        asking(said, ask, "500 Oops", not_known="")
    assert caught.value.message == "E404: Nie ma."
    with pytest.raises(errors.OutcomeUnknown):
        asking(bank_says.fault(""), ask, "500 Oops", not_known="")


# What is said


def test_a_bank_without_log_in():
    for name in ("ing", "bnp"):
        bank = bank_at(1, name)
        assert (bank.methods, bank.has_session, bank.shows_certificate) == ((), False, True)
        session = bank.log_in(Operator("", ""), "10500001")
        assert session.token == "10500001"
        assert bank.log_out(session) is None
        assert bank.accounts(session) == []


def test_the_balance():
    found = balance(bank_says.balance("17.01", "DBIT"))
    assert (found.booked, found.available) == (Decimal("-17.01"), Decimal("1000.00"))
    assert (found.currency, found.account_number) == ("PLN", NUMBER)
    assert found.at == datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
    spaced = balance(bank_says.balance().replace(b"><", b">\n  <"))
    assert spaced.booked == Decimal("1234.50")


def test_an_account_is_proved_by_its_balance():
    (account,) = asking(bank_says.balance(), lambda bank, s: bank.accounts(s, ACCOUNT))
    assert account == Account(NUMBER, "PLN")


def test_statements_are_asked_for_day_by_day_and_kept_as_they_came():
    seen, document = [], bank_says.statement("053", bank_says.entry())
    body = bank_says.answer("GetStatement", document)

    def ask(bank, session):
        return list(bank.statements(session, ACCOUNT, DAY, DAY + timedelta(days=2)))

    found = asking(body, ask, seen=seen)
    assert [d.content for d in found] == [document.encode()] * 3
    assert [d.day for d in found] == [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    assert [request.count(b"<Dt>2026-11-2") for request in seen] == [1, 1, 1]
    assert {d.format for d in found} == {"camt.053"}
    (statement,) = parse(found[0].content)
    assert statement.account_number == NUMBER
    assert asking(bank_says.fault("E502"), ask, "500 Oops") == []
    with pytest.raises(errors.AccountRefused):
        asking(bank_says.fault("E201"), ask, "500 Oops")


def test_two_messages_in_one_answer_are_none():
    document = bank_says.statement("053", bank_says.entry())
    with pytest.raises(errors.BadAnswer):
        asking(
            bank_says.answer("GetStatement", document * 2),
            lambda bank, s: list(bank.statements(s, ACCOUNT, DAY, DAY)),
        )


def test_namespaces_from_the_envelope_stay_with_the_message():
    """Some servers declare every prefix at the top."""
    document = bank_says.statement("053", bank_says.entry())
    moved = document.replace("<", "<n6:").replace("<n6:/", "</n6:")
    moved = moved.replace(f' xmlns="{bank_says.ISO}camt.053.001.02"', "")
    body = f'<c:GetStatementResponse xmlns:c="{bank_says.CDC}">{moved}</c:GetStatementResponse>'
    top = f' xmlns:n6="{bank_says.ISO}camt.053.001.02" xmlns:n7="urn:unused"'

    def ask(bank, session):
        return list(bank.statements(session, ACCOUNT, DAY, DAY))

    (found,) = asking(bank_says.envelope(body, top), ask)
    assert b"n7" not in found.content
    declared = f'<n6:Document xmlns:n6="{bank_says.ISO}camt.053.001.02"'
    assert found.content.decode() == moved.replace("<n6:Document", declared, 1)
    (statement,) = parse(found.content)
    assert [entry.title for entry in statement.entries] == ["Faktura 1"]


def test_a_statement_on_paper():
    data = base64.b64encode(b"%PDF-1.4 wyciag").decode()

    def ask(bank, session):
        return list(bank.statements(session, ACCOUNT, DAY, DAY, "pdf"))

    seen = []
    body = bank_says.answer("GetStatement", bank_says.file(data[:8] + "\n" + data[8:]))
    (found,) = asking(body, ask, seen=seen)
    assert (found.format, found.name) == ("pdf", "wyciag.pdf")
    assert found.content == b"%PDF-1.4 wyciag"
    assert b"<StmtFrmt>PDF</StmtFrmt>" in seen[0]
    for broken in ("", "%%%", "AAA"):
        with pytest.raises(errors.BadAnswer):
            asking(bank_says.answer("GetStatement", bank_says.file(broken)), ask)


PAPER = bank_says.file(base64.b64encode(b"%PDF-1.4 potwierdzenie").decode(), "przelew.pdf")


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (bank_says.fault("E405", "Nie ma."), "500 Oops", errors.Refused),
        (bank_says.fault(""), "500 Oops", errors.Refused),
        (bank_says.answer("GetTransferConfirmation", PAPER), "200 OK", errors.BadAnswer),
        (bank_says.answer("GetStatement", PAPER, bank_says.ING), "200 OK", errors.BadAnswer),
        (b"<html>Proxy</html>", "502 Bad Gateway", errors.BadAnswer),
    ],
)
def test_a_confirmation_that_is_none(body, status, kind):
    with pytest.raises(kind) as caught:
        asking(body, lambda bank, s: bank.confirmation(s, "E1"), status)
    assert type(caught.value) is kind


def test_a_confirmation_is_a_paper():
    seen, body = [], bank_says.answer("GetTransferConfirmation", PAPER, bank_says.ING)
    paper = asking(body, lambda bank, s: bank.confirmation(s, "E1"), seen=seen)
    assert (paper.format, paper.name) == ("pdf", "przelew.pdf")
    assert paper.content == b"%PDF-1.4 potwierdzenie"
    assert b"<UsrRef><EQ>E1</EQ></UsrRef>" in seen[0]
    with pytest.raises(errors.Invalid):
        asking(body, lambda bank, s: bank.confirmation(s, "E" * 36))
    with pytest.raises(errors.Refused):
        asking(body, lambda bank, s: bank.confirmation(s, "E1"), name="bnp")


def test_statements_since_a_number_end_where_the_bank_has_no_more():
    numbers, document = [], bank_says.statement("053")

    def talk(connection):
        request = asked_number(connection, numbers)
        body = (
            bank_says.fault("E502") if request > 9 else bank_says.answer("GetStatement", document)
        )
        reply(connection, body, "500 Oops" if request > 9 else "200 OK")

    with server(talk) as port:
        bank = bank_at(port)
        session = bank.log_in(Operator("", ""), "1")
        found = list(bank.statements_since(session, ACCOUNT, 7, 2026))
    assert numbers == [8, 9, 10]
    assert len(found) == 2


def asked_number(connection, numbers):
    root = etree.fromstring(read_request(connection).partition(b"\r\n\r\n")[2])
    assert root.findtext(".//{*}Year") == "2026"
    numbers.append(int(root.findtext(".//{*}StmtId/{*}EQ")))
    return numbers[-1]


def reply(connection, body, status):
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


@pytest.mark.parametrize(("name", "pieces"), [("ing", 1), ("bnp", 3)])
def test_a_long_report_is_asked_for_in_pieces(name, pieces):
    seen = []

    def ask(bank, session):
        return list(bank.history(session, ACCOUNT, DAY, DAY + timedelta(days=15)))

    body = bank_says.answer("GetAccountReport", bank_says.statement("052"))
    assert len(asking(body, ask, name=name, seen=seen)) == pieces
    periods = [
        (
            request.partition(b"<FrDt>")[2][:10].decode(),
            request.partition(b"<ToDt>")[2][:10].decode(),
        )
        for request in seen
    ]
    assert periods[0][0] == "2026-11-20"
    assert periods[-1][1] == "2026-12-05"
    for (_since, until), (following, _until) in itertools.pairwise(periods):
        assert date.fromisoformat(following) - date.fromisoformat(until) == timedelta(days=1)


# Increments: the numbers of a day begin again on the next one


def increments(cursor, entries, today=DAY, **more):
    seen = []
    one = bank_says.answer("GetIncrementalAccountReport", bank_says.statement("052", entries))
    rest = bank_says.answer("GetAccountReport", bank_says.statement("052", bank_says.entry("99")))

    def talk(connection):
        request = read_request(connection)
        seen.append(request)
        reply(connection, one if b"/GetIncremental" in request else rest, "200 OK")

    with server(talk) as port:
        bank = bank_at(port, **more)
        bank._today = lambda: today
        return *bank.history_since(bank.log_in(Operator("", ""), "1"), ACCOUNT, cursor), seen


def test_a_place_to_go_on_from_that_is_none():
    for cursor in ("soon", "2026-11-20", "2026-11-20 x", "2026-13-01 1"):
        with pytest.raises(errors.Invalid):
            increments(cursor, "")


def test_the_first_look_is_at_the_whole_day():
    cursor, documents, (request,) = increments("", bank_says.entry("3") + bank_says.entry("12"))
    assert b"<GT>0</GT>" in request
    assert cursor == "2026-11-20 12"
    assert documents[0].format == "camt.052"


def test_a_later_look_goes_on_where_the_last_one_ended():
    cursor, _documents, (request,) = increments("2026-11-20 12", "")
    assert b"<GT>12</GT>" in request
    assert cursor == "2026-11-20 12"
    cursor, _documents, _seen = increments("2026-11-20 12", bank_says.entry(message="13"))
    assert cursor == "2026-11-20 13"


def test_on_the_next_day_the_numbers_begin_again_and_nothing_of_the_old_day_is_lost():
    cursor, documents, seen = increments("2026-11-18 40", bank_says.entry("2"))
    assert b"<FrDt>2026-11-18</FrDt><ToDt>2026-11-19</ToDt>" in seen[0]
    assert b"<GT>0</GT>" in seen[1]
    assert cursor == "2026-11-20 2"
    assert len(documents) == 2


# Sending


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("domestic", transfers.DOMESTIC),
        ("mpp", transfers.DOMESTIC),
        ("tax", transfers.DOMESTIC),
        ("zus", transfers.DOMESTIC),
        ("express", transfers.DOMESTIC),
        ("sepa", transfers.SEPA),
        ("foreign", transfers.FOREIGN),
    ],
)
def test_each_kind_has_its_operation_before_and_after_it_is_written(kind, operation):
    order = ALL_KINDS[kind]
    assert bank_at(1).apart(order) == operation
    assert transfers.of_content(package(order).content) == operation


def test_an_own_account_at_another_bank_is_reached_like_anybodys():
    order = ALL_KINDS["own"]
    payer = order.payer.account.removeprefix("PL")
    here = replace(order, payee=replace(order.payee, account="12" + payer[2:25] + "9"))
    there = replace(order, payee=replace(order.payee, account="12" + "9999" + payer[6:]))
    for one, operation in ((here, transfers.INTERNAL), (there, transfers.DOMESTIC)):
        assert transfers.of_order(one) == operation
        assert transfers.of_content(package(one).content) == operation


def test_the_name_of_who_hands_it_over():
    assert bank_at(1, "ing").initiator_name("Żółw-Handel Sp. z o.o.") == "Żółw-Handel Sp. z o.o."
    assert bank_at(1, "bnp").initiator_name("Żółw-Handel Sp. z o.o.") == "ZolwHandelSpzoo"


def test_the_receipt_is_kept_as_it_came():
    document = bank_says.status("M1", "ACSP")
    receipt = sending(bank_says.answer("DomesticTransfer", document))
    assert (receipt.state, receipt.bank_status) == ("accepted", "ACSP")
    assert (receipt.content, receipt.format) == (document.encode(), "pain.002")


def test_a_status_of_a_whole_group_reaches_its_orders():
    sent = package()
    (group,) = pain001.payments_of(sent.content)
    part = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{group}</OrgnlPmtInfId>"
        "<PmtInfSts>PDNG</PmtInfSts></OrgnlPmtInfAndSts>"
    )
    receipt = sending(
        bank_says.answer("DomesticTransfer", bank_says.status("M1", "PDNG", part)), sent=sent
    )
    assert receipt.state == "waiting"
    (order,) = receipt.orders
    assert (order.end_to_end_id, order.state) == (ALL_KINDS["domestic"].end_to_end_id, "waiting")


@pytest.mark.parametrize("name", ["ing", "bnp"])
def test_nothing_of_a_payment_is_logged(name, caplog):
    caplog.set_level(logging.DEBUG)
    sending(bank_says.answer("DomesticTransfer", bank_says.status("M1")), name=name)
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "DomesticTransfer" in said
    for secret in ("Envelope", "ERP01", "10500001", ALL_KINDS["domestic"].payee.account):
        assert secret not in said


# The bytes that leave


@pytest.fixture
def fixed(monkeypatch):
    monkeypatch.setattr(ids, "message_id", lambda: "0123456789abcdef0123456789abcdef")

    class Clock(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime(2026, 11, 20, 9, tzinfo=timezone.utc).astimezone(zone)

    monkeypatch.setattr(questions, "datetime", Clock)


CALLS = {
    "GetAccountBalance": lambda bank, s: bank.balance(s, ACCOUNT),
    "GetAccountReport": lambda bank, s: list(bank.history(s, ACCOUNT, DAY, DAY)),
    "GetIncrementalAccountReport": lambda bank, s: bank.history_since(s, ACCOUNT),
    "GetStatement": lambda bank, s: list(bank.statements(s, ACCOUNT, DAY, DAY)),
    "GetStatement.number": lambda bank, s: list(bank.statements_since(s, ACCOUNT, 16, 2026)),
    "GetPaymentStatusReport": lambda bank, s: bank.status(s, "M1"),
    "GetTransferConfirmation": lambda bank, s: bank.confirmation(s, "E1"),
    "DomesticTransfer": lambda bank, s: bank.send(s, package()),
    "InternalTransfer": lambda bank, s: bank.send(s, package(INTERNAL)),
    "ForeignTransfer": lambda bank, s: bank.send(s, package(ALL_KINDS["foreign"])),
    "SEPATransfer": lambda bank, s: bank.send(s, package(ALL_KINDS["sepa"])),
}
INTERNAL = replace(
    ALL_KINDS["own"],
    payee=replace(
        ALL_KINDS["own"].payee,
        account="12" + ALL_KINDS["own"].payer.account.removeprefix("PL")[2:],
    ),
)


def request_of(call, name):
    """The HTTP request that a call makes; the answer is of no use to it."""
    seen = []
    with pytest.raises(errors.BankError):
        asking(b"", call, name=name, seen=seen)
    head, _blank, body = seen[0].partition(b"\r\n\r\n")
    return head.decode(), body


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (operation, name)
        for operation in CALLS
        for name in ("ing", "bnp")
        if operation != "GetTransferConfirmation" or BANKS[name].has_confirmation
    ],
)
def test_golden_envelopes(operation, name, fixed, golden):
    head, body = request_of(CALLS[operation], name)
    bare = operation.partition(".")[0]
    space = "ing.cdc" if bare == "GetTransferConfirmation" else "cdc.ws"
    assert f'SOAPAction: "urn:ca:std:cdc:tech:wsdl:{space}.001.01/{bare}"' in head
    assert "Content-Type: text/xml; charset=utf-8" in head
    golden(f"cdc/{operation}.{name}.xml", body)


def canonical(element):
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    return etree.canonicalize(text, rewrite_prefixes=True)


@pytest.mark.parametrize("operation", CALLS)
def test_what_leaves_is_valid_to_readers_that_we_did_not_write(operation, fixed):
    """zeep reads our contract and writes the same call; ISO's schema judges the payments."""
    _head, body = request_of(CALLS[operation], "ing")
    root = etree.fromstring(body)
    sent = root.find(f"{{{envelope.SOAP}}}Body")[0]
    if sent.tag.endswith("Transfer"):
        path = files("sepaxml") / "schemas" / "pain.001.001.03.xsd"
        etree.XMLSchema(etree.parse(str(path))).assertValid(copy.deepcopy(sent[0]))
        return
    client = zeep.Client(str(envelope.WSDL))
    values = zeep.helpers.serialize_object(
        client.get_element(sent.tag).parse(sent, client.wsdl.types), dict
    )
    made = client.create_message(client.service, etree.QName(sent).localname, **values)
    again = made.find(f"{{{envelope.SOAP}}}Body")[0]
    assert canonical(again) == canonical(sent)


@pytest.mark.parametrize("kind", ["rsa2048", "ec"])
def test_a_signature_holds_in_the_envelope_as_it_does_alone(kind):
    own = keys.key(kind, "anna")
    certificate = keys.certificate("anna", own)
    sent = package()
    signature = xades.sign(sent.content, own, certificate)
    signed = replace(sent, signatures=(signature,))
    _head, body = request_of(lambda bank, s: bank.send(s, signed), "ing")
    assert sent.content.partition(b"?>\n")[2].strip() in body
    assert signature in body
    in_place = etree.fromstring(body).find(f".//{XMLDSIG}Signature")
    document = in_place.getprevious()
    # Inclusive canonical forms know of every namespace around an element: there is none to know of.
    assert document.nsmap == etree.fromstring(sent.content).nsmap
    assert in_place.nsmap == etree.fromstring(signature).nsmap
    xades.verify(
        etree.tostring(document, with_tail=False),
        etree.tostring(in_place, with_tail=False),
        certificate,
    )


def test_ids_of_messages_are_letters_and_digits():
    assert uuid.UUID(ids.message_id())
    assert ids.message_id().isalnum()


# Statements as these banks write them


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Faktura 1|z dnia 5", "Faktura 1 z dnia 5"),
        (
            "Zapłata za fakturę FV/2026/11/00012|34 z dnia 5",
            "Zapłata za fakturę FV/2026/11/0001234 z dnia 5",
        ),
        ("|Faktura||2|", "Faktura 2"),
        ("x" * 35 + "|" + "y" * 35 + "|z", "x" * 35 + "y" * 35 + "z"),
        ("x" * 35, "x" * 35),
    ],
)
def test_lines_of_a_title(written, read):
    document = bank_says.statement("053", bank_says.entry(title=written))
    (statement,) = parse(document.encode())
    assert [entry.title for entry in statement.entries] == [read]


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Jan Żółw", "Jan Żółw", None),
        ("Jan Żółw|ul. Zielona 4|60-001 Poznań", "Jan Żółw", "ul. Zielona 4, 60-001 Poznań"),
        (
            "Przedsiębiorstwo Handlowo-Usługowe Ż|ółw Sp. z o.o.|Poznań"[1:],
            "rzedsiębiorstwo Handlowo-Usługowe Żółw Sp. z o.o.",
            "Poznań",
        ),
        ("Jan||", "Jan", None),
    ],
)
def test_name_and_address_in_one_element(written, name, address):
    document = bank_says.statement("053", bank_says.entry(name=written))
    (statement,) = parse(document.encode())
    (entry,) = statement.entries
    assert (entry.counterparty_name, entry.details.get("payer_address")) == (name, address)
    assert entry.counterparty_account == "PL32102010264010200000012345"
