# SPDX-License-Identifier: LGPL-3.0-only
"""SOAP calls: answers that must not pass, faults, and that nothing is said aloud."""

import base64
import inspect
import logging

import keys
import pytest
import zeep
from lxml import etree
from servers import answering, envelope, fault, server

from protocol import errors
from protocol.bank import Connection
from protocol.banks import mbank
from protocol.records import Account, Challenge, Operator, Package, Session
from protocol.signatures.signers import Pkcs12Signer
from protocol.wire import soap

SESSION = Session("secret-token")
ACCOUNT = Account("PL61114010100000123456789012", "PLN")
BALANCE = (
    "<GetBalanceResponse><AccountNumber>PL61114010100000123456789012</AccountNumber>"
    "<Currency>PLN</Currency><Booked>{}</Booked><Available>1.00</Available>"
    "<At>2026-11-22T10:00:00Z</At></GetBalanceResponse>"
)
GOOD = envelope(BALANCE.format("1234.50"))
PACKAGE = Package("M1", "pain.001.001.03", b"secret payments", None)


def balance(body, status="200 OK", seen=None):
    with server(answering(body, status, seen=seen)) as port:
        bank = mbank.MBank(Connection(f"http://127.0.0.1:{port}/ws"))
        return bank.balance(SESSION, ACCOUNT)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>""" + GOOD.replace(b"1234.50", b"&c;")
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + GOOD.replace(b"PLN", b"&a;")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"<html><body>Welcome</body></html>",
        BOMB,
        FILE,
        b"<!DOCTYPE x>" + GOOD,
        GOOD[:-20],
        envelope(""),
        envelope("<GetAccountsResponse/>"),
        envelope(BALANCE.format("many")),
        envelope(BALANCE.format("1.234")),
        envelope(BALANCE.format("")),
        envelope(BALANCE.format("NaN")),
        envelope(BALANCE.format("1</Booked><Booked>2")),
        envelope(BALANCE.format("1").replace("<Currency>PLN</Currency>", "")),
        envelope(BALANCE.format("1").replace("</At>", "</At><More/>")),
        envelope(BALANCE.format("1") * 2),
        envelope(BALANCE.format("1").replace("2026-11-22T10:00:00Z", "yesterday")),
    ],
    ids=range(18),
)
def test_an_answer_that_breaks_the_contract_is_refused(body):
    with pytest.raises(errors.BadAnswer) as caught:
        balance(body)
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("status", ["404 Not Found", "503 Busy", "502 Bad Gateway", "500 Oops"])
def test_a_page_of_a_proxy_is_no_soap_answer(status):
    with pytest.raises((errors.NotSent, errors.BadAnswer)) as caught:
        balance(b"<html>Proxy</html>", status)
    assert status[:3] in caught.value.message


def test_a_good_answer_with_a_bad_status_is_no_answer():
    with pytest.raises(errors.BadAnswer):
        balance(GOOD, "500 Internal Server Error")


@pytest.mark.parametrize(("code", "kind"), mbank.FAULTS.items())
def test_faults_are_mapped_by_their_code(code, kind):
    with pytest.raises(errors.BankError) as caught:
        balance(fault(code, "Słowa banku."), "500 Internal Server Error")
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.message) == (code, "Słowa banku.")


@pytest.mark.parametrize("code", ["", "SOMETHING_NEW"])
def test_a_fault_outside_the_contract_proves_nothing(code):
    with pytest.raises(errors.OutcomeUnknown, match="does not know") as caught:
        balance(fault(code), "500 Internal Server Error")
    assert not caught.value.settles_sending


def test_only_refusals_of_the_contract_settle_a_payment():
    settled = {code for code, kind in mbank.FAULTS.items() if kind("").settles_sending}
    assert not settled & {"SESSION_ENDED", "SESSION_UNKNOWN", "BUSY", "INTERNAL"}
    assert "MESSAGE_DUPLICATE" not in settled
    assert "SIGNATURE_NOT_VALID" in settled


def made(kind):
    """An instance, whatever arguments the class wants."""
    for arguments in (("x",), ("x", 1, 2, 3)):  # the second one for errors of syntax
        try:
            return kind(*arguments)
        except TypeError:
            continue
    return kind.__new__(kind)


def test_every_error_of_zeep_and_lxml_is_mapped():
    for module in (zeep.exceptions, etree):
        for _name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception):
                error = made(kind)
                assert isinstance(soap.map_error(error, left=True), errors.BadAnswer)
                assert isinstance(soap.map_error(error, left=False), errors.Invalid)


def test_what_the_contract_cannot_say_never_leaves():
    seen = []
    with server(answering(GOOD, seen=seen)) as port:
        bank = mbank.MBank(Connection(f"http://127.0.0.1:{port}/ws"))
        with pytest.raises(errors.Invalid):
            bank.log_in(Operator(login=None, method="mobile"), "10000001")
        with pytest.raises(errors.Invalid):
            bank.balance(SESSION, Account(None, "PLN"))
    assert not seen


def receipt(message_id, about):
    report = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{about}</OrgnlMsgId><GrpSts>ACCP</GrpSts>"
        "</OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
    )
    content = base64.b64encode(report.encode()).decode()
    return (
        f"<SendPackageResponse><Receipt><MessageId>{message_id}</MessageId><Status>ACCP</Status>"
        f"<Content>{content}</Content></Receipt></SendPackageResponse>"
    )


@pytest.mark.parametrize(("message_id", "about"), [("M2", "M1"), ("M1", "M2"), ("M2", "M2")])
def test_a_receipt_for_another_message_leaves_the_outcome_unknown(message_id, about):
    with server(answering(envelope(receipt(message_id, about)))) as port:
        bank = mbank.MBank(Connection(f"http://127.0.0.1:{port}/ws"))
        with pytest.raises(errors.BadAnswer, match="another message"):
            bank.send(SESSION, PACKAGE)


def test_a_receipt_that_cannot_be_read_leaves_the_outcome_unknown():
    broken = receipt("M1", "M1").replace("<Content>", "<Content>AAAA")
    with server(answering(envelope(broken))) as port:
        bank = mbank.MBank(Connection(f"http://127.0.0.1:{port}/ws"))
        with pytest.raises(errors.BadAnswer):
            bank.send(SESSION, PACKAGE)


def test_neither_token_nor_content_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    with server(answering(envelope(receipt("M1", "M1")))) as port:
        bank = mbank.MBank(Connection(f"http://127.0.0.1:{port}/ws"))
        assert bank.send(SESSION, PACKAGE).state == "accepted"
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "SendPackage" in said
    assert said.count("HTTP 200") == 1
    for secret in ("secret-token", "Envelope", base64.b64encode(PACKAGE.content).decode()):
        assert secret not in said


def test_what_is_sent():
    seen = []
    found = balance(GOOD, seen=seen)
    assert (str(found.booked), found.at.isoformat()) == ("1234.50", "2026-11-22T10:00:00+00:00")
    head, _blank, body = seen[0].partition(b"\r\n\r\n")
    assert b"urn:mbank:companyws:1/GetBalance" in head
    assert etree.fromstring(body).findtext(".//{*}Header/{*}Session/{*}Token") == "secret-token"


def test_a_card_elsewhere_gets_the_payload():
    said = envelope(
        "<LogInResponse><Challenge><Id>c1</Id><Method>certificate</Method><Text>Log in</Text>"
        "<ExpiresAt>2026-11-22T10:00:00Z</ExpiresAt><Payload>eyJ9</Payload></Challenge>"
        "</LogInResponse>"
    )
    with server(answering(said)) as port:
        bank = mbank.MBank(Connection(f"http://127.0.0.1:{port}/ws"))
        step = bank.log_in(Operator("jan", "certificate"), "10000001")
    assert isinstance(step, Challenge)
    assert step.payload == b'{"}'


@pytest.mark.parametrize(
    "payload",
    [
        b"<Document>a payment</Document>",
        b'{"purpose":"log-in","login":"ewa","client":"10000001"}',
        b'{"purpose":"log-in","login":"jan","client":"10000002"}',
    ],
)
def test_a_bank_gets_no_signature_over_anything_but_this_log_in(payload):
    seen = []
    said = envelope(
        "<LogInResponse><Challenge><Id>c1</Id><Method>certificate</Method><Text>Log in</Text>"
        "<ExpiresAt>2026-11-22T10:00:00Z</ExpiresAt>"
        f"<Payload>{base64.b64encode(payload).decode()}</Payload></Challenge></LogInResponse>"
    )
    own = keys.key("ec", "jan")
    signer = Pkcs12Signer(keys.key_file(own, keys.certificate("jan", own)), "1234")
    with server(answering(said, seen=seen)) as port:
        bank = mbank.MBank(Connection(f"http://127.0.0.1:{port}/ws"))
        with pytest.raises((errors.BadSignature, errors.BadAnswer)):
            bank.log_in(Operator("jan", "certificate", signer), "10000001")
    assert len(seen) == 1
