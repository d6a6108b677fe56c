# SPDX-License-Identifier: LGPL-3.0-only
"""The DirectBank channel: every answer that a bank may give, then the way of an order."""

import base64
import contextlib
import dataclasses
import io
import json
import os
import uuid
import zipfile
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import keys
import pytest
import rouble_bank
import roubles
from lxml import etree
from orders_for_tests import Sent
from rouble_bank import NS, encrypted, error, notice, result

from protocol import errors
from protocol.bank import Connection
from protocol.banks import directbank
from protocol.banks.directbank.codes import ERRORS
from protocol.banks.directbank.post import MEMORY
from protocol.formats import parse
from protocol.formats.directbank import order as directbank_order
from protocol.records import Account, Challenge, Operator, Session
from protocol.signatures.signers import Pkcs12Signer, RemoteSigner, verify

ACCOUNT = Account(roubles.OWN, "RUB", bank_code=roubles.BIK, owner_tax_id="7707083893")
SESSION = Session(json.dumps({"version": 1, "sid": "session", "client": "C-1"}))
OPERATOR = Operator("ivan", "mobile", secret="пароль")
NOW = datetime.now(timezone.utc)
DAY = date(2026, 11, 18)


@pytest.fixture
def service():
    MEMORY.clear()
    with rouble_bank.running() as started:
        yield started


@pytest.fixture
def pretend(service):
    return service[0]


@pytest.fixture
def bank(service):
    made = directbank.DirectBank(Connection(service[1]))
    made.patience = (0, 0)
    return made


def package(*signers, order=None):
    order = order or roubles.order()
    content = directbank_order.render("M", NOW, roubles.PAYER, [order])
    signatures = tuple(signer.sign_document(content) for signer in signers)
    return Sent(uuid.uuid4().hex, "directbank.order", content, NOW, signatures, orders=(order,))


def signer(kind="rsa2048"):
    own = keys.key(kind, "ivan")
    return Pkcs12Signer(keys.key_file(own, keys.certificate("Иван", own)), "1234")


def statement(request, kind="0", closing="90.00"):
    return "15", (
        f'<Statement xmlns="{NS}" id="S" formatVersion="2.3.2" '
        'creationDate="2026-11-18T10:00:00"><Sender bic="044525888"/><Recipient id="C-1"/><Data>'
        f"<StatementType>{kind}</StatementType><DateTo>2026-11-18T23:59:59</DateTo>"
        f"<Account>{roubles.OWN}</Account><Bank><BIC>044525888</BIC></Bank>"
        f"<ClosingBalance>{closing}</ClosingBalance></Data>"
        f"<ExtIDStatementRequest>{request}</ExtIDStatementRequest></Statement>"
    )


# Errors


@pytest.mark.parametrize(("code", "kind"), [(code, kind) for code, (kind, _) in ERRORS.items()])
def test_each_code_of_the_standard_has_a_class_and_words(bank, pretend, code, kind):
    pretend.answers["SendPack"] = error(code, "Описание.", "до 12 ч")
    with pytest.raises(errors.BankError) as caught:
        bank.send(SESSION, package())
    assert type(caught.value) is kind
    assert caught.value.message.endswith("Описание. до 12 ч")
    assert caught.value.message.startswith(ERRORS[code][1])


def test_only_proofs_settle_a_payment():
    settled = {code for code, (kind, _) in ERRORS.items() if kind("").settles_sending}
    assert not settled & {"1001", "1006", "1007", "1009", "1010", "2002", "2202"}
    assert {"2003", "2014", "2203", "1104"} <= settled


def test_an_unknown_code_proves_nothing(bank, pretend):
    pretend.answers["SendPack"] = error("7777")
    with pytest.raises(errors.OutcomeUnknown, match="7777"):
        bank.send(SESSION, package())


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no xml",
        "<html/>",
        f'<!DOCTYPE x [<!ENTITY a "b">]>{result("&a;")}',
        result(""),
        result("<LogonResponse><SID>x</SID></LogonResponse>"),
        result("<SendPacketResponse/>"),
        f'<ResultBank xmlns="{NS}"/>',
    ],
    ids=range(8),
)
def test_answers_that_are_none(bank, pretend, said):
    pretend.answers["SendPack"] = said
    with pytest.raises(errors.BadAnswer) as caught:
        bank.send(SESSION, package())
    assert caught.value.outcome_unknown


# Log-in


@pytest.mark.parametrize("code", ["1101", "1106", "1201", "1203", "1205"])
def test_a_refused_log_in(bank, pretend, code):
    pretend.answers["Logon"] = error(code)
    with pytest.raises(errors.LoginRefused):
        bank.log_in(OPERATOR, "C-1")


def test_the_third_wrong_code_ends_it(bank, pretend):
    challenge = bank.log_in(OPERATOR, "C-1")
    assert (challenge.method, challenge.code) == ("code", "half-ses")
    for left in ("2", "1"):
        challenge = bank.confirm(challenge, "222222")
        assert isinstance(challenge, Challenge)
        assert left in challenge.text
    with pytest.raises(errors.LoginRefused):
        bank.confirm(challenge, "222222")


def test_what_is_no_code_never_reaches_the_bank(bank, pretend):
    challenge = bank.log_in(OPERATOR, "C-1")
    still = bank.confirm(challenge, "11 11\r\nX: y")
    assert isinstance(still, Challenge)
    assert [method for method, *_ in pretend.requests] == ["Logon"]


def test_log_in_by_code(bank, pretend):
    challenge = bank.log_in(OPERATOR, "C-1")
    assert bank.confirm(challenge) == challenge
    session = bank.confirm(challenge, " 111111 ")
    assert json.loads(session.token)["sid"] == "session"
    method, headers, _body = pretend.requests[0]
    pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert (method, pair, headers["CustomerID"]) == ("Logon", "ivan:пароль", "C-1")
    assert pretend.requests[-1][1]["SID"] == "half-session"
    assert "пароль" not in repr(OPERATOR)


def test_log_in_with_a_password_alone(bank, pretend):
    pretend.answers["Logon"] = result("<LogonResponse><SID>s1</SID></LogonResponse>")
    assert json.loads(bank.log_in(OPERATOR, "C-1").token)["sid"] == "s1"


def test_log_in_by_certificate(bank, pretend):
    ivan = signer()
    pretend.answers["LogonCert"] = encrypted(b"decrypted-sid", ivan._certificate)
    session = bank.log_in(Operator("ivan", "certificate", ivan), "C-1")
    assert json.loads(session.token)["sid"] == "decrypted-sid"
    sent = etree.fromstring(pretend.requests[0][2])
    assert int(sent.findtext(f"{{{NS}}}X509SerialNumber"), 16) == ivan._certificate.serial_number
    assert base64.b64decode(sent.findtext(f"{{{NS}}}X509Certificate")) == ivan.certificate


def test_a_session_for_another_certificate(bank, pretend):
    other = keys.certificate("Пётр", keys.key("rsa2048", "petr"))
    pretend.answers["LogonCert"] = encrypted(b"sid", other)
    with pytest.raises(errors.BadAnswer):
        bank.log_in(Operator("ivan", "certificate", signer()), "C-1")


@pytest.mark.parametrize("who", [None, signer("ec"), RemoteSigner(signer("ec").certificate)])
def test_a_certificate_whose_key_cannot_decrypt_never_reaches_the_bank(bank, pretend, who):
    with pytest.raises(errors.Invalid):
        bank.log_in(Operator("ivan", "certificate", who), "C-1")
    assert pretend.requests == []


@pytest.mark.parametrize("client", ["C-1\r\nSID: x", "Иван"])
def test_a_client_identifier_that_is_no_header(bank, pretend, client):
    with pytest.raises(errors.Invalid, match="CustomerID"):
        bank.log_in(OPERATOR, client)
    assert pretend.requests == []


def test_a_session_that_is_none(bank):
    with pytest.raises(errors.SessionEnded):
        bank.balance(Session("garbage"), ACCOUNT)


@pytest.mark.parametrize("body", ["", "<html>Unauthorized</html>", error("9999")])
def test_http_401_in_the_middle_is_an_ended_session(bank, pretend, body):
    pretend.status, pretend.answers = 401, dict.fromkeys(("GetPackList", "Logon"), body)
    with pytest.raises(errors.SessionEnded):
        bank.balance(SESSION, ACCOUNT)
    with pytest.raises(errors.BankError) as caught:
        bank.log_in(OPERATOR, "C-1")
    assert not isinstance(caught.value, errors.SessionEnded)


# Reading


def test_the_account_must_be_in_the_agreement(bank, pretend):
    pretend.answers["GetSettings"] = error("1013")
    with pytest.raises(errors.AccountRefused):
        bank.accounts(SESSION, ACCOUNT)
    assert bank.accounts(SESSION, ACCOUNT) == [ACCOUNT]
    assert bank.accounts(SESSION) == []
    with pytest.raises(errors.Invalid, match="INN"):
        bank.accounts(SESSION, dataclasses.replace(ACCOUNT, owner_tax_id=""))


def test_a_statement_that_comes_later(bank, pretend):
    with pytest.raises(errors.Later) as caught:
        list(bank.statements(SESSION, ACCOUNT, DAY, DAY))
    state = json.loads(json.dumps(caught.value.state))
    pretend.deliver(statement("another request"), statement(state["request"].upper()))
    worker = directbank.DirectBank(bank.connection)
    worker.patience = (0,)
    (document,) = worker.statements(SESSION, ACCOUNT, DAY, DAY, resume=state)
    assert len(pretend.sent("14")) == 1  # it did not ask twice
    (read,) = parse(document.content)
    assert read.details["related_reference"] == state["request"].upper()


@pytest.mark.parametrize(("kind", "last"), [("0", DAY), ("1", date(2026, 11, 9))])
def test_it_says_until_when_its_days_are_final(bank, pretend, kind, last):
    """Asked until the 20th: the bank's answer ends on the 18th, or is not final at all."""
    pretend.on_document = lambda _kind, root: [statement(root.get("id"), kind)]
    (document,) = bank.statements(SESSION, ACCOUNT, date(2026, 11, 10), date(2026, 11, 20))
    assert document.final_until == last


def test_a_statement_at_once(bank, pretend):
    pretend.on_document = lambda kind, root: [statement(root.get("id"))]
    (document,) = bank.statements(SESSION, ACCOUNT, date(2026, 11, 1), DAY)
    assert document.format == "directbank.statement"
    (asked,) = pretend.sent("14")
    data = etree.fromstring(base64.b64decode(asked.findtext(f".//{{{NS}}}Data")))
    assert data.findtext(f".//{{{NS}}}DateFrom") == "2026-11-01T00:00:00"
    assert data.find(f"{{{NS}}}Recipient").get("bic") == roubles.BIK


def test_a_refused_statement_request(bank, pretend):
    pretend.on_document = lambda kind, root: [notice(root.get("id"), error_code="2206")]
    with pytest.raises(errors.Refused) as caught:
        list(bank.statements(SESSION, ACCOUNT, DAY, DAY))
    assert caught.value.code == "2206"


@pytest.mark.parametrize(
    ("closed", "asked"), [("2026-11-20", 4), ("2026-11-18", None)], ids=["weekend", "never"]
)
def test_a_weekend_that_is_not_closed_hides_nothing(bank, pretend, monkeypatch, closed, asked):
    monkeypatch.setattr(directbank, "_today", lambda: date(2026, 11, 23))  # a Monday morning
    ends = []

    def answer(_kind, root):
        ends.append(root.findtext(f".//{{{NS}}}DateTo")[:10])
        if ends[-1] > closed:
            return [notice(root.get("id"), error_code="2206")]
        return [statement(root.get("id"))]

    pretend.on_document = answer
    fetch = bank.statements(SESSION, ACCOUNT, date(2026, 11, 10), date(2026, 11, 23))
    if asked:
        assert len(list(fetch)) == 1
    else:
        with pytest.raises(errors.Refused):
            list(fetch)
    assert ends == [f"2026-11-{23 - ago}" for ago in range(asked or 5)]


def test_the_balance(bank, pretend):
    pretend.on_document = lambda kind, root: [statement(root.get("id"), "2", "-5.10")]
    balance = bank.balance(SESSION, ACCOUNT)
    assert (balance.booked, balance.available, balance.currency) == (Decimal("-5.10"), None, "RUB")
    assert balance.at <= datetime.now(timezone.utc)


def archive(*contents):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for number, content in enumerate(contents):
            file.writestr(f"{number}.xml", content)
    return data.getvalue()


def test_a_packed_document(bank, pretend):
    pretend.attributes = 'compressed="true"'
    pretend.on_document = lambda kind, root: [("15", archive(statement(root.get("id"))[1]))]
    (document,) = bank.statements(SESSION, ACCOUNT, DAY, DAY)
    assert document.content.startswith(b"<Statement")


@pytest.mark.parametrize(
    ("attributes", "content"),
    [
        ('compressed="true"', b"PK no archive"),
        ('compressed="true"', archive("a", "b")),
        ('compressed="true"', archive(b"\0" * (65 << 20))),
        ('encrypted="true"', b"x"),
        ("", b"no xml"),
    ],
    ids=["no archive", "two files", "bomb", "encrypted", "no xml"],
)
def test_documents_that_cannot_be_opened(bank, pretend, attributes, content):
    pretend.attributes = attributes
    pretend.on_document = lambda kind, root: [("15", content)]
    with pytest.raises(errors.BadAnswer):
        list(bank.statements(SESSION, ACCOUNT, DAY, DAY))


# Sending


def test_an_order_of_another_client_is_not_sent(bank, pretend):
    other = Session(json.dumps({"version": 1, "sid": "session", "client": "C-2"}))
    with pytest.raises(errors.Invalid):
        bank.send(other, package())
    broken = dataclasses.replace(package(), content=b"<x/>")
    with pytest.raises(errors.Invalid):
        bank.send(SESSION, broken)
    assert pretend.requests == []


@pytest.mark.parametrize("kind", ["rsa2048", "ec"])
def test_what_was_signed_is_what_is_sent(bank, pretend, kind):
    ivan, sent = signer(kind), None
    sent = package(ivan)
    receipt = bank.send(SESSION, sent)
    assert (receipt.state, receipt.message_id) == ("sent", sent.message_id)
    (packet,) = pretend.sent("10")
    assert packet.get("id") == str(uuid.UUID(sent.message_id))
    document = packet.find(f"{{{NS}}}Document")
    content = base64.b64decode(document.findtext(f"{{{NS}}}Data"))
    assert content == sent.content
    signature = document.find(f"{{{NS}}}Signature")
    assert int(signature.get("x509SerialNumber"), 16) == ivan._certificate.serial_number
    verify(content, base64.b64decode(signature[0].text), ivan.certificate)
    bank.send(SESSION, sent)
    first, second = (body for method, _headers, body in pretend.requests)
    assert first == second


def status(bank, sent):
    return bank.status(
        SESSION, sent.message_id, [sent.orders[0].end_to_end_id], NOW, account=ACCOUNT
    )


def test_nothing_is_known_yet(bank, pretend):
    with pytest.raises(errors.Later):
        status(bank, package())
    assert len(pretend.sent("03")) == 1


def test_the_bank_does_not_know_it(bank, pretend):
    pretend.on_document = lambda kind, root: [
        notice(root.findtext(f"{{{NS}}}ExtID"), answers=root.get("id"), error_code="2207")
    ]
    assert status(bank, package()).state == "unknown_to_bank"


@pytest.mark.parametrize(
    ("code", "state"),
    [("01", "accepted"), ("02", "accepted"), ("03", "rejected"), ("04", "paused"),
     ("05", "recalled"), ("06", "waiting"), ("99", "sent")],
)  # fmt: skip
def test_statuses(bank, pretend, code, state):
    sent = package()
    pretend.deliver(notice(sent.orders[0].end_to_end_id, code, name="По-банковски"))
    receipt = status(bank, sent)
    assert (receipt.state, receipt.bank_status) == (state, "По-банковски")
    assert receipt.orders[0].end_to_end_id == sent.orders[0].end_to_end_id
    assert receipt.content.startswith(b"<StatusDocNotice")


def test_notices_twice_late_and_out_of_order(bank, pretend):
    sent = package()
    about = sent.orders[0].end_to_end_id
    pretend.deliver(
        notice("somebody else's", "03"),
        notice(about, "03", "2026-11-18T12:00:00.1"),
        notice(about, "01", "2026-11-18T09:00:00"),
        notice(about, "04", "2026-11-18T08:30:00Z"),  # 11:30 in Moscow
        notice(about, "03", "2026-11-18T12:00:00.1"),
        notice(about, error_code="2202", at="2026-11-18T13:00:00"),
    )
    assert status(bank, sent).orders[0].state == "rejected"
    read = [m for m, *_ in pretend.requests].count("GetPack")
    assert status(bank, sent).orders[0].state == "rejected"
    assert [m for m, *_ in pretend.requests].count("GetPack") == read  # notices are remembered


BROKEN = (
    ("02", "no xml"),
    ("02", f'<!DOCTYPE a [<!ENTITY b "c">]><StatusDocNotice xmlns="{NS}">&b;</StatusDocNotice>'),
    ("02", f'<StatusDocNotice xmlns="{NS}"/>'),
    ("15", ""),
)


def test_what_cannot_be_read_hides_nothing_else(bank, pretend):
    sent = package()
    about = sent.orders[0].end_to_end_id
    pretend.deliver(*BROKEN, notice(about, "01"), *BROKEN)
    assert status(bank, sent).orders[0].state == "accepted"


def packet_notice(about):
    """A refusal of a packet that names it by the bank's id alone, as some banks do."""
    return "01", (
        f'<StatusPacketNotice xmlns="{NS}" creationDate="2026-11-18T10:00:00">'
        f"<IDResultSuccessResponse>{about}</IDResultSuccessResponse><Result><Error>"
        "<Code>2014</Code><Description>Нет</Description></Error></Result></StatusPacketNotice>"
    )


def test_a_refused_packet_that_is_named_by_the_banks_id_alone(bank, pretend):
    pretend.on_document = lambda _kind, _root: [packet_notice("of a stranger")]
    with pytest.raises(errors.Later):
        list(bank.statements(SESSION, ACCOUNT, DAY, DAY))
    pretend.on_document = lambda _kind, _root: [packet_notice("bank-packet")]
    with pytest.raises(errors.Refused) as caught:
        list(bank.statements(SESSION, ACCOUNT, DAY, DAY))
    assert caught.value.code == "2014"
    sent = package()
    bank.send(SESSION, sent)
    receipt = status(bank, sent)
    assert (receipt.state, receipt.code) == ("rejected", "2014")


def test_a_refused_packet(bank, pretend):
    sent = package()
    pretend.deliver((
        "01",
        f'<StatusPacketNotice xmlns="{NS}" creationDate="2026-11-18T10:00:00">'
        "<IDResultSuccessResponse>b</IDResultSuccessResponse><Result><Error><Code>2014</Code>"
        "<Description>Некорректная электронная подпись</Description></Error></Result>"
        f"<ExtIDPacket>{uuid.UUID(sent.message_id)}</ExtIDPacket></StatusPacketNotice>",
    ))  # fmt: skip
    receipt = status(bank, sent)
    assert (receipt.state, receipt.code) == ("rejected", "2014")
    assert "Некорректная" in receipt.reason


def test_recall(bank, pretend):
    pretend.on_document = lambda kind, root: [notice(root.findtext(f"{{{NS}}}ExtID"), "05")]
    assert bank.recall(SESSION, ACCOUNT, "BO1", "Ошибка").state == "recalled"
    pretend.on_document = lambda kind, root: []
    assert bank.recall(SESSION, ACCOUNT, "BO2", "").state == "sent"


def test_probe(bank, pretend):
    pretend.on_document = lambda kind, root: [notice(root.get("id"))]
    assert bank.probe(SESSION, ACCOUNT).state == "accepted"


if os.environ.get("DIRECTBANK_XSD"):

    @pytest.mark.parametrize("kind", ["03", "04", "05", "10", "14"])
    def test_what_we_send_against_the_schemas_of_the_standard(bank, pretend, kind):
        folder = Path(os.environ["DIRECTBANK_XSD"])
        actions = {
            "03": lambda: status(bank, package()),
            "04": lambda: bank.recall(SESSION, ACCOUNT, "BO1", "Ошибка"),
            "05": lambda: bank.probe(SESSION, ACCOUNT),
            "10": lambda: bank.send(SESSION, package(signer())),
            "14": lambda: list(bank.statements(SESSION, ACCOUNT, DAY, DAY)),
        }
        with contextlib.suppress(errors.Later):
            actions[kind]()
        (packet,) = pretend.sent(kind)
        document = etree.fromstring(base64.b64decode(packet.findtext(f".//{{{NS}}}Data")))
        for root in (packet, document):
            name = etree.QName(root).localname
            schema = etree.XMLSchema(etree.parse(str(folder / f"1C-Bank_{name}.xsd")))
            schema.assertValid(root)
