# SPDX-License-Identifier: LGPL-3.0-only
"""The DirectBank bank: its refusals by the standard's codes, then orders, notices, statements."""

import base64
import os
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from conftest import Person
from cryptography.hazmat.primitives import serialization
from directbank_customer import (
    ACCOUNT,
    BIK,
    MAIN,
    SPACE,
    DirectBank,
    Document,
    about,
    error_code,
    guid,
    order,
    packet,
)
from lxml import etree


@pytest.fixture
def signer(control):
    return Person("servis-ru").register(control)


@pytest.fixture
def ru(control):
    bank = DirectBank(control.addresses)
    bank.log_on()
    return bank


# Log-in -------------------------------------------------------------------------------------------


def test_wrong_logins_are_refused(control):
    bank = DirectBank(control.addresses)
    assert error_code(bank.log_on("nobody")) == "1201"
    assert error_code(bank.log_on("anna")) == "1201"
    assert error_code(bank.log_on(password="wrong")) == "1201"
    bank.client = "RU000001"
    assert error_code(bank.log_on()) == "1003"
    bank.client = ""
    assert error_code(bank.log_on()) == "1002"


def test_three_wrong_passwords_lock_for_a_minute(control):
    bank = DirectBank(control.addresses)
    for _ in range(3):
        assert error_code(bank.log_on(password="wrong")) == "1201"
    assert error_code(bank.log_on()) == "1203"
    control.post("clock", seconds=61)
    assert bank.log_on().findtext(".//{*}SID")


def test_wrong_unknown_and_expired_sessions(ru, control):
    assert ru.ids() == []
    right, ru.sid = ru.sid, "00000000-0000-0000-0000-000000000000"
    assert error_code(ru.get("GetPackList")) == "1007"
    ru.sid = ""
    assert error_code(ru.get("GetPackList")) == "1002"
    ru.sid = right
    for _ in range(3):
        control.post("clock", seconds=200)
        assert error_code(ru.get("GetPackList")) is None
    control.post("clock", seconds=301)
    assert error_code(ru.get("GetPackList")) == "1006"
    assert error_code(ru.get("GetPackList")) == "1006"


def test_idle_time_can_be_set(ru, control):
    control.post("settings", directbank_idle=10)
    control.post("clock", seconds=11)
    assert error_code(ru.get("GetPackList")) == "1006"


def _otp_started(control):
    bank = DirectBank(control.addresses, "RU000001")
    answer = bank.log_on("demo-ru")
    assert answer.find(".//{*}ExtraAuth/{*}OTP") is not None
    return bank


def _wrong(code):
    return f"{(int(code) + 1) % 1000000:06d}"


def test_three_wrong_one_time_codes_lock(control):
    bank = _otp_started(control)
    code = control.phone("demo-ru")["challenges"][0]["code"]
    codes = [error_code(bank.post("LogonOTP", OTP=_wrong(code))) for _ in range(3)]
    assert codes == ["1204", "1204", "1203"]
    assert error_code(bank.post("LogonOTP", OTP=code)) == "1007"
    assert error_code(bank.log_on("demo-ru")) == "1203"


def test_one_time_code_from_the_phone(control):
    bank = _otp_started(control)
    first = bank.sid
    assert error_code(bank.get("GetPackList")) == "1007"  # not authorised yet
    shown = control.phone("demo-ru")["challenges"][0]
    assert shown["kind"] == "otp"
    answer = bank.post("LogonOTP", OTP=shown["code"])
    bank.sid = answer.findtext(".//{*}SID")
    assert bank.sid != first
    assert bank.ids() == []
    assert control.phone("demo-ru")["challenges"] == []


def _x509(person):
    data = base64.b64encode(base64.b64decode("".join(person.pem.splitlines()[1:-1]))).decode()
    serial = f"{person.certificate.serial_number:040x}"
    return (
        f'<X509Data xmlns="{SPACE}" id="1" formatVersion="2.3.2" '
        f'creationDate="2026-11-20T12:00:00"><X509IssuerName>x</X509IssuerName>'
        f"<X509SerialNumber>{serial}</X509SerialNumber>"
        f"<X509Certificate>{data}</X509Certificate></X509Data>"
    ).encode()


def test_certificate_login_gives_a_session_only_its_key_can_read(control, rsa_key, tmp_path):
    bank = DirectBank(control.addresses)
    person = Person("servis-ru", key=rsa_key)
    assert error_code(bank.post("LogonCert", _x509(person))) == "1101"
    person.register(control)
    sealed = bank.post("LogonCert", _x509(person)).findtext(".//{*}EncryptedSID")
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key = tmp_path / "key.pem"
    key.write_bytes(rsa_key.private_bytes(serialization.Encoding.PEM, *form))
    command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-inkey", key]
    bank.sid = subprocess.check_output(command, input=base64.b64decode(sealed)).decode()
    assert bank.ids() == []


# Packets ------------------------------------------------------------------------------------------


def test_packet_that_is_not_right_is_refused_at_once(ru, control, signer):
    right = order(ru, "A", signers=[signer])
    cases = {
        "2001": [b"no xml", packet(ru, [right]).replace(b"<Sender>", b"<Extra/><Sender>")],
        "2004": [packet(ru, [right], sender="RU000001")],
        "2005": [packet(ru, [right], recipient="044525225")],
        "2006": [packet(ru, [right]).replace(b'formatVersion="2.3.2"', b'formatVersion="9"', 1)],
        "2007": [packet(ru, [Document("40", right.content, "A")])],
        "2010": [packet(ru, [Document("10", right.content, "A", [signer], encrypted="true")])],
        "2011": [packet(ru, [Document("10", right.content, "A", [signer], compressed="true")])],
    }
    for code, bodies in cases.items():
        for body in bodies:
            assert error_code(ru.post("SendPack", body)) == code
    assert ru.ids() == []
    assert error_code(ru.send(right)) is None


def test_entities_are_refused(ru, signer):
    body = packet(ru, [order(ru, "A", signers=[signer])])
    bomb = b'<!DOCTYPE x [<!ENTITY a "1">]>' + body
    assert error_code(ru.post("SendPack", bomb)) == "2001"
    inside = order(ru, "A", purpose="&amp;")
    inside.content = b'<!DOCTYPE x [<!ENTITY a "1">]>' + inside.content
    inside.signers = [signer]
    assert error_code(ru.send(inside)) is None
    assert ru.notices("A") == ["2201"]


def test_packet_too_large(ru, control, signer):
    control.post("settings", directbank_limit=500)
    assert error_code(ru.send(order(ru, "A", signers=[signer]))) == "2003"


def test_packet_id_never_repeats(ru, signer):
    ru.send(order(ru, "A", signers=[signer]), ident="P")
    assert error_code(ru.send(order(ru, "B", signers=[signer]), ident="P")) == "2002"


@pytest.mark.parametrize(
    ("case", "code"),
    [("stranger", "1101"), ("other client", "1101"), ("expired", "1104"), ("future", "1105"),
     ("other bytes", "2014"), ("garbage", "2015")],
)  # fmt: skip
def test_wrong_signature(ru, control, signer, case, code):
    person = {
        "stranger": lambda: Person("servis-ru"),
        "other client": lambda: Person("demo-ru").register(control),
        "expired": lambda: Person("servis-ru", days=-1).register(control),
    }.get(case, lambda: signer)()
    if case == "future":
        control.post("reset", now="2026-10-01T09:00:00Z")
        person = Person("servis-ru").register(control)
        ru.log_on()
    document = order(ru, "A", signers=[person])
    body = packet(ru, [document])
    if case == "other bytes":
        other = base64.b64encode(document.content + b" ")
        body = body.replace(base64.b64encode(document.content), other)
    if case == "garbage":
        signed = base64.b64encode(b"garbage").decode()
        start, end = body.index(b"<SignedData>") + 12, body.index(b"</SignedData>")
        body = body[:start] + signed.encode() + body[end:]
    assert error_code(ru.post("SendPack", body)) == code


def test_unsigned_order_is_refused_where_the_phone_may_not_release(ru, control):
    control.post("client", identifier="RU000002", phone_release=False)
    assert error_code(ru.send(order(ru, "A"))) == "2013"


def test_list_and_packet_that_do_not_exist(ru):
    assert error_code(ru.get("GetPackList", date="2026-11-20")) == "2101"
    assert error_code(ru.get("GetPack", id="nothing")) == "2102"


def test_another_clients_packet_is_not_found(ru, control, signer):
    ru.send(order(ru, "A", signers=[signer]))
    ident = ru.ids()[0]
    other = _otp_started(control)
    code = control.phone("demo-ru")["challenges"][0]["code"]
    other.sid = other.post("LogonOTP", OTP=code).findtext(".//{*}SID")
    assert error_code(other.get("GetPack", id=ident)) == "2102"


def test_list_goes_on_from_its_time_stamp(ru, control, signer):
    ru.send(order(ru, "A", signers=[signer]))
    answer = ru.get("GetPackList")
    stamp = answer.find(".//{*}GetPacketListResponse").get("TimeStampLastPacket")
    assert stamp == "2026-11-20T12:00:00"  # Moscow
    control.post("clock", seconds=1)
    ru.send(about(ru, "05", "", "PROBE"))
    assert len(ru.ids(date="20.11.2026 12:00:00")) == 4
    assert len(ru.ids(date="20.11.2026 12:00:01")) == 2
    assert ru.ids(date="20.11.2026 12:00:02") == []


# Orders -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"account": MAIN}, "1013"),
        ({"account": "4070281030000000000"}, "2201"),
        ({"amount": "0.00"}, "2205"),
        ({"amount": "1.001"}, "2201"),
        ({"number": "0"}, "2205"),
        ({"number": "1234567"}, "2205"),
        ({"bik": "044525593"}, "2205"),  # the account has the key of another bank
        ({"inn": "123"}, "2205"),
        ({"inn": "7813002010"}, "2205"),
        ({"day": "2026-11-09"}, "2205"),
        ({"purpose": "я" * 211}, "2201"),
        ({"extra": "<Code>123</Code>"}, "2205"),
        ({"extra": "<Unknown>1</Unknown>"}, "2201"),
    ],
)
def test_wrong_order_is_refused_in_a_notice(ru, signer, more, code):
    assert error_code(ru.send(order(ru, "A", signers=[signer], **more))) is None
    assert ru.notices("A") == [code]


def test_repeated_documents_are_refused(ru, control, signer):
    ru.send(order(ru, "A", signers=[signer]))
    ru.send(order(ru, "A", "2", signers=[signer]))
    assert ru.notices("A") == ["01", "2202"]
    ru.send(order(ru, "B", signers=[signer]))
    assert ru.notices("B") == ["2203"]
    control.post("run")
    assert len(control.booked(guid("A"))) == 1
    assert control.booked(guid("B")) == []


def test_signed_order_is_executed_and_stands_in_the_statement_with_its_id(ru, control, signer):
    ru.send(order(ru, "A", signers=[signer]))
    kinds = [kind for kind, _root in ru.documents()]
    assert kinds == ["01", "02"]
    assert ru.notices("A") == ["01"]
    assert control.post("run")["executed"] == 1
    assert ru.notices("A") == ["01", "02"]
    operation = next(ru.statement().iter("{*}OperationInfo"))
    assert operation.findtext("{*}ExtID") == guid("A")
    assert operation.findtext("{*}DC") == "1"
    assert operation.findtext("{*}PayDoc/{*}PayDocRu/{*}Sum") == "1000.00"


def test_money_moves_between_two_clients_of_the_bank(ru, control, signer):
    document = order(ru, "B", signers=[signer], bik=BIK)
    document.content = document.content.replace(b"40702810655000000101", MAIN.encode())
    ru.send(document)
    control.post("run")
    legs = control.booked(guid("B"))
    assert sorted((leg["account"], leg["amount"]) for leg in legs) == [
        (ACCOUNT, "-1000.00"), (MAIN, "1000.00"),
    ]  # fmt: skip


def test_unsigned_order_waits_for_the_phone(ru, control):
    ru.send(order(ru, "A"))
    assert ru.notices("A") == ["06"]
    assert control.post("run")["executed"] == 0
    assert "1 payment(s), 1000.00 RUB" in control.press("servis-ru", "confirm")["text"]
    assert ru.notices("A") == ["06", "01"]
    assert control.post("run")["executed"] == 1


def test_phone_refuses(ru, control):
    ru.send(order(ru, "A"))
    control.press("servis-ru", "refuse")
    assert ru.notices("A") == ["06", "03"]


def test_no_money_pauses_the_order(ru, control, signer):
    ru.send(order(ru, "A", amount="90000000.00", signers=[signer]))
    control.post("run")
    control.post("run")
    assert ru.notices("A") == ["01", "04"]
    control.post("incoming", account=ACCOUNT, amount="90000000.00")
    control.post("run")
    assert ru.notices("A") == ["01", "04", "02"]


def test_recall(ru, control, signer):
    ru.send(order(ru, "A", signers=[signer]), order(ru, "B", "2", signers=[signer]))
    ru.send(about(ru, "04", "A", "R1"))
    assert (ru.notices("A"), ru.notices("R1")) == (["01", "05"], ["01"])
    control.post("run")
    assert (control.booked(guid("A")), len(control.booked(guid("B")))) == ([], 1)
    ru.send(about(ru, "04", "B", "R2"), about(ru, "04", "X", "R3"))
    assert (ru.notices("R2"), ru.notices("R3")) == (["2205"], ["2207"])


def test_status_request_and_probe(ru, signer):
    ru.send(order(ru, "A", signers=[signer]))
    ru.send(about(ru, "03", "A", "S1"), about(ru, "03", "X", "S2"), about(ru, "05", "", "P"))
    assert ru.notices("A") == ["01", "01"]
    assert ru.notices("X") == ["2207"]
    assert ru.notices("P") == ["01"]
    asked = [
        root.findtext("{*}ExtIDStatusRequest") for kind, root in ru.documents() if kind == "02"
    ]
    assert asked == [None, guid("S1"), guid("S2"), None]


def test_refusals_and_notices_can_be_ordered(ru, control, signer):
    control.post("refuse", text="Арест счёта")
    ru.send(order(ru, "A", signers=[signer]))
    assert ru.notices("A") == ["2205"]
    for status in ("02", "01", "01"):
        values = {"client": "RU000002", "document": guid("NEVER-SENT"), "status": status}
        control.post("directbank/notice", **values)
    assert ru.notices("NEVER-SENT") == ["02", "01", "01"]


# Statements ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"account": MAIN}, "1013"),
        ({"kind": "0"}, "2206"),
        ({"since": "2026-11-20", "until": "2026-11-19"}, "2206"),
        ({"since": "2026-09-01", "until": "2026-11-19"}, "2206"),
        ({"since": "2026-11-20", "until": "2026-11-21"}, "2206"),
    ],
)
def test_statement_that_cannot_be_given(ru, more, code):
    assert ru.statement(**more) == code


def test_statement_adds_up(ru):
    root = ru.statement("0", "2026-10-25", "2026-11-19")
    opening, debits, credits, closing = (
        Decimal(root.findtext(f"{{*}}Data/{{*}}{name}"))
        for name in ("OpeningBalance", "TotalDebits", "TotalCredits", "ClosingBalance")
    )
    assert opening + credits - debits == closing
    operations = list(root.iter("{*}OperationInfo"))
    assert operations
    ids = [operation.find("{*}PayDoc").get("id") for operation in operations]
    assert len(set(ids)) == len(ids)
    totals = {"1": Decimal(0), "2": Decimal(0)}
    for operation in operations:
        totals[operation.findtext("{*}DC")] += Decimal(operation.findtext(".//{*}Sum"))
    assert (totals["1"], totals["2"]) == (debits, credits)


def test_current_balance_has_no_operations(ru, control):
    root = ru.statement("2")
    assert list(root.iter("{*}OperationInfo")) == []
    balance = {a["number"]: a["balance"] for a in control.get("accounts")["accounts"]}
    assert root.findtext("{*}Data/{*}ClosingBalance") == balance[ACCOUNT]


def test_statement_of_another_account_and_wrong_balance(ru, control):
    control.post("faults", kind="wrong_account_statement", operation="Statement")
    assert ru.statement().findtext("{*}Data/{*}Account") != ACCOUNT
    right = Decimal(ru.statement().findtext("{*}Data/{*}ClosingBalance"))
    control.post("faults", kind="bad_balance", operation="Statement")
    assert Decimal(ru.statement().findtext("{*}Data/{*}ClosingBalance")) == right + 1


def test_settings(ru):
    headers = {"Account": ACCOUNT, "Inn": "7802000022", "Bic": BIK}
    assert error_code(ru.post("GetSettings", **{**headers, "Account": MAIN})) == "1013"
    assert error_code(ru.post("GetSettings", **{**headers, "Bic": "044525225"})) == "1012"
    data = ru.post("GetSettings", **headers).findtext(".//{*}Data")
    root = etree.fromstring(base64.b64decode(data))
    assert root.findtext("{*}Data/{*}CustomerID") == "RU000002"
    assert root.findtext("{*}Data/{*}BankServerAddress") == ru.base


# Faults -------------------------------------------------------------------------------------------

BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.mark.parametrize(
    ("kind", "more", "taken"),
    [("drop_before", {}, False), ("drop_after", {}, True), ("truncated", {}, True),
     ("http_500", {}, False), ("http_500", {"after": True}, True), ("garbage", {}, True),
     ("entity_bomb", {}, True)],
)  # fmt: skip
def test_answer_is_lost(ru, control, signer, kind, more, taken):
    control.post("faults", kind=kind, operation="SendPack", **more)
    with pytest.raises((*BROKEN, AssertionError, etree.XMLSyntaxError)):
        ru.send(order(ru, "A", signers=[signer]))
    assert (ru.notices("A") == ["01"]) is taken


def test_busy_and_lost_session(ru, control, signer):
    document = order(ru, "A", signers=[signer])
    control.post("faults", kind="busy", operation="SendPack")
    assert error_code(ru.send(document)) == "1001"
    control.post("faults", kind="session_lost", operation="SendPack")
    assert error_code(ru.send(document)) == "1006"
    ru.log_on()
    assert ru.ids() == []


def test_packet_that_comes_twice_is_taken_once(ru, control, signer):
    control.post("faults", kind="repeated", operation="SendPack")
    assert error_code(ru.send(order(ru, "A", signers=[signer]))) == "2002"
    assert ru.notices("A") == ["01"]


def test_fault_waits_for_an_order(ru, control, signer):
    control.post("faults", kind="busy", operation="PaymentOrder")
    ru.send(about(ru, "03", "A", "S"))
    assert ru.notices("A") == ["2207"]
    assert error_code(ru.send(order(ru, "A", signers=[signer]))) == "1001"


def test_packet_is_taken_after_two_questions(ru, control, signer):
    control.post("faults", kind="take_late", operation="SendPack", questions=2)
    with pytest.raises(BROKEN):
        ru.send(order(ru, "A", signers=[signer]))
    for number in range(3):
        ru.send(about(ru, "03", "A", f"S{number}"))
    assert ru.notices("A") == ["2207", "2207", "01", "01"]


# The standard's own schemas, for those who have them at hand --------------------------------------

if os.environ.get("DIRECTBANK_XSD"):

    def _schema(name):
        folder = Path(os.environ["DIRECTBANK_XSD"])
        return etree.XMLSchema(etree.parse(str(folder / f"1C-Bank_{name}.xsd")))

    def test_all_that_is_said_is_valid_against_the_standard(ru, control, signer):
        document = order(ru, "A", signers=[signer])
        _schema("PayDocRu").assertValid(etree.fromstring(document.content))
        _schema("Packet").assertValid(etree.fromstring(packet(ru, [document])))
        results = [ru.log_on(), ru.send(document), ru.send(about(ru, "03", "X", "S"))]
        control.post("run")
        control.post("incoming", account=ACCOUNT, amount="5.00")
        ru.statement("1", "2026-10-25", "2026-11-20")
        results += [ru.get("GetPackList"), *(ru.get("GetPack", id=i) for i in ru.ids())]
        headers = {"Account": ACCOUNT, "Inn": "7802000022", "Bic": BIK}
        results.append(ru.post("GetSettings", **headers))
        for result in results:
            _schema("ResultBank").assertValid(result)
        names = {"01": "StatusPacketNotice", "02": "StatusDocNotice", "15": "Statement"}
        found = ru.documents()
        assert {kind for kind, _root in found} == set(names)
        for kind, root in found:
            _schema(names[kind]).assertValid(root)
        data = results[-1].findtext(".//{*}Data")
        _schema("Settings").assertValid(etree.fromstring(base64.b64decode(data)))
