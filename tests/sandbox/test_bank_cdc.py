# SPDX-License-Identifier: LGPL-3.0-only
"""The CDC banks: who gets in, what is refused, and what they say. Refusals first."""

import base64
from datetime import date, timedelta
from decimal import Decimal

import cdc_customer as cdc
import pytest
import requests
import zeep
from cdc_customer import BNP, ING, ING_EURO, ING_OTHER, ING_SECOND, Company, code_of, statuses
from conftest import MAIN, SUPPLIER, Control, pain001, start, stop, transfer
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

TODAY, YESTERDAY = date(2026, 11, 20), date(2026, 11, 19)
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture
def ing(control, tmp_path):
    company = Company(control, tmp_path)
    company.appear(*company.certified())
    company.person = company.certified("authorisation")
    return company


@pytest.fixture
def bnp(control, tmp_path):
    company = Company(control, tmp_path, "16000001", "bnp")
    company.appear(*company.certified())
    company.person = company.certified("authorisation")
    return company


# The handshake


def refused_in_the_handshake(company):
    with pytest.raises((requests.exceptions.SSLError, requests.exceptions.ConnectionError)) as why:
        company.call("GetAccountBalance", cdc.question_of_balance(ING))
    return str(why.value).upper()


def test_without_a_certificate_nobody_gets_in(ing):
    ing.shown = None
    assert "CERTIFICATE_REQUIRED" in refused_in_the_handshake(ing)


def test_a_certificate_of_somebody_else(ing):
    with cdc.foreign() as person:
        ing.appear(*person)
    assert "UNKNOWN_CA" in refused_in_the_handshake(ing)


def test_a_certificate_that_has_ended(ing):
    ing.appear(*ing.certified(days=-1))
    assert "CERTIFICATE_EXPIRED" in refused_in_the_handshake(ing)


def test_a_certificate_for_signatures_opens_no_connection(ing):
    ing.appear(*ing.person)
    assert "CERTIFICATE" in refused_in_the_handshake(ing)


def test_a_certificate_that_was_revoked_or_is_of_a_client_of_another_bank(ing, bnp):
    ing.control.post("cdc/revoke", client=ing.client, use="communication")
    answer = ing.call("GetAccountBalance", cdc.question_of_balance(ING))
    assert answer.status_code == 403
    bnp.address = ing.address
    assert bnp.call("GetAccountBalance", cdc.question_of_balance(BNP)).status_code == 403


def test_a_key_that_is_not_the_certificates(ing):
    _key, certificate = ing.certified()
    with pytest.raises((requests.exceptions.SSLError, OSError)):
        ing.appear(rsa.generate_private_key(65537, 2048), certificate).call("GetStatement", "")


def test_the_server_appears_with_another_authoritys_certificate(ing):
    question = cdc.question_of_balance(ING)
    ing.control.post("cdc/server-certificate", authority="foreign")
    try:
        assert "CERTIFICATE_VERIFY_FAILED" in refused_in_the_handshake(ing)
    finally:
        ing.control.post("cdc/server-certificate", authority="own")
    assert ing.call("GetAccountBalance", question).status_code == 200


# The contract and the header


@pytest.mark.parametrize(
    "header",
    [
        "",
        {"FinInstID": "BNP"},
        {"PartnerID": "10500002"},
        {"PassID": "ERP02"},
        {"PassID": ""},
        {"PartnerID": "1" * 36},
    ],
    ids=["none", "institution", "partner", "pass", "empty", "too long"],
)
def test_wrong_parts_of_the_header(ing, header):
    header = ing.header(**header) if header else ""
    answer = ing.call("GetAccountBalance", cdc.question_of_balance(ING), header=header)
    assert code_of(answer) in ("E101", "E001")


def test_attributes_of_the_header(ing):
    for wrong in (
        ing.header().replace(' Version="1"', ""),
        ing.header().replace('Version="1"', 'Version="100"'),
        ing.header().replace(' ver="1"', ""),
    ):
        answer = ing.call("GetAccountBalance", cdc.question_of_balance(ING), header=wrong)
        assert code_of(answer) == "E001"


def test_bnp_knows_no_header(ing, bnp):
    assert code_of(
        bnp.call("GetAccountBalance", cdc.question_of_balance(BNP), header=ing.header())
    ) == "E101"  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        cdc.question_of_balance(ING, tail="<Extra/>"),
        cdc.question_of_balance(ING).replace("MULT", "MANY"),
        cdc.question_of_balance(ING).replace("<CtrPtyTp>MULT</CtrPtyTp>", ""),
        cdc.question_of_balance(ING).replace("camt.003.001.04", "camt.003.001.05"),
        cdc.question_of_balance(ING, "x" * 36),
        cdc.question_of_balance(ING) * 2,
        "",
    ],
    ids=["unknown", "value", "missing", "namespace", "too long", "two", "none"],
)
def test_what_is_not_in_the_schema_is_refused(ing, document):
    assert code_of(ing.call("GetAccountBalance", document)) == "E001"


def test_soap_action_entities_and_what_is_no_xml(ing):
    good = cdc.question_of_balance(ING)
    assert code_of(ing.call("GetStatement", good)) == "E001"
    bomb = f'<!DOCTYPE x [<!ENTITY a "b">]><s:Envelope xmlns:s="{cdc.SOAP}"/>'
    assert code_of(ing.post(bomb.encode(), "GetAccountBalance")) == "E001"
    assert code_of(ing.post(b"hello", "GetAccountBalance")) == "E001"


@pytest.mark.parametrize("identifier", ["A-1", "A 1", "ą1"])
def test_an_id_with_other_characters(ing, identifier):
    answer = ing.call("GetAccountBalance", cdc.question_of_balance(ING, identifier))
    assert code_of(answer) == "E301"


def test_no_id_comes_twice(ing):
    question = cdc.question_of_balance(ING, "B7")
    assert ing.call("GetAccountBalance", question).status_code == 200
    assert code_of(ing.call("GetAccountBalance", question)) == "E302"
    assert ing.send(transfer("A"), message_id="M7").status_code == 200
    assert code_of(ing.send(transfer("B"), message_id="M7")) == "E302"
    assert ing.control.get("packages", message_id="M7")["packages"][0]["orders"][0][
        "end_to_end_id"
    ] == "A"  # fmt: skip


# Accounts, reports, statements


@pytest.mark.parametrize("number", [ING_OTHER, MAIN, BNP, "17105010121000009000010001", "0012"])
def test_one_code_for_every_account_that_is_not_ones_own(ing, number):
    answer = ing.call("GetAccountBalance", cdc.question_of_balance(number))
    assert code_of(answer) == "E201"


def test_a_balance_in_a_foreign_clients_eyes(ing):
    service, headers = ing.zeep()
    types = [{"Cd": "BOOK"}, {"Cd": "AVLB"}]
    found = {"AcctId": {"EQ": {"IBAN": f"PL{ING}"}}, "Bal": [{"BalTp": types, "CtrPtyTp": "MULT"}]}
    crit = {"AcctCrit": {"NewCrit": {"SchCrit": found}}}
    question = {"GetAcct": {"MsgId": {"Id": "Z1"}, "AcctQryDef": crit}}
    said = service.GetAccountBalance(Document=question, _soapheaders=headers)
    report = said.BizRpt.AcctRpt[0]
    assert report.AcctId.IBAN.removeprefix("PL") == ING
    amounts = {one.Tp.Cd: one.Amt for one in report.Acct.MulBal}
    accounts = {row["number"]: row for row in ing.control.get("accounts")["accounts"]}
    assert amounts["BOOK"] == Decimal(accounts[f"PL{ING}"]["balance"])
    assert set(amounts) == {"BOOK", "AVLB"}


def fault_of(call, *arguments, **more):
    with pytest.raises(zeep.exceptions.Fault) as caught:
        call(*arguments, **more)
    return caught.value.detail.findtext(".//{*}RuleId")


def test_a_period_of_a_report_that_is_too_long_or_turned_round(bnp):
    service, headers = bnp.zeep()
    for number, (since, until) in enumerate(
        [(TODAY - timedelta(days=7), TODAY), (TODAY, YESTERDAY), (date(2020, 1, 1),) * 2]
    ):
        period = {"DtSch": {"FrDt": since, "ToDt": until}}
        question = cdc.report_question(BNP, f"R{number}", AcctRptValDt=period)
        code = fault_of(service.GetAccountReport, Document=question, _soapheaders=headers)
        assert code == "E503"


def test_the_kind_of_report_must_fit_the_operation(ing):
    service, headers = ing.zeep()
    question = cdc.report_question(ING, "R1", AcctRptTxNb={"GT": 0})
    assert fault_of(service.GetAccountReport, Document=question, _soapheaders=headers) == "E001"


def entries_of(element):
    root = etree.fromstring(etree.tostring(element))
    return [
        (one.findtext("{*}NtryRef"), one.findtext(".//{*}TxId"), one.findtext(".//{*}Ustrd"))
        for one in root.iter("{*}Ntry")
    ]


def test_numbers_of_operations_begin_again_each_day(ing):
    service, headers = ing.zeep()

    def above(number, identifier):
        question = cdc.report_question(ING, identifier, AcctRptTxNb={"GT": number})
        said = service.GetIncrementalAccountReport(Document=question, _soapheaders=headers)
        return entries_of(said._raw_elements[0] if hasattr(said, "_raw_elements") else said)

    for title in ("one", "two"):
        ing.control.post("incoming", account=ING, amount="10.00", title=title)
    first = above(0, "I1")
    assert [(number, title) for number, _id, title in first] == [("1", "one"), ("2", "two")]
    ing.control.post("incoming", account=ING, amount="10.00", title="three")
    assert [row[2] for row in above(2, "I2")] == ["three"]
    assert above(3, "I3") == []
    ing.control.post("clock", days=1)
    ing.control.post("incoming", account=ING, amount="10.00", title="tomorrow")
    assert [row[:1] + row[2:] for row in above(0, "I4")] == [("1", "tomorrow")]


def test_no_statement_for_a_day_without_one(ing):
    service, headers = ing.zeep()
    for number, which in enumerate(
        [{"Dt": TODAY}, {"Dt": date(2026, 11, 15)}, {"Year": (2026, None)}, {"Year": (2025, None)}]
    ):
        question = cdc.statement_question(ING, f"S{number}", StmtValDt={"DtSch": which})
        code = fault_of(service.GetStatement, Document=question, _soapheaders=headers)
        assert code == "E502"


def statement_call(company, operation, question):
    """A raw question that zeep wrote, and the bank's answer as a tree."""
    service, headers = company.zeep()
    client = service._client
    message = client.create_message(service, operation, Document=question, _soapheaders=headers)
    answer = company.post(etree.tostring(message), operation)
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.content)


def test_a_statement_of_a_day_by_number_and_on_paper(ing):
    ing.control.post("incoming", account=ING, amount="10.00", title="Wpłata")
    ing.control.post("clock", days=1)
    day = {"DtSch": {"Dt": TODAY}}
    root = statement_call(
        ing, "GetStatement", cdc.statement_question(ING, "S1", StmtValDt=day, StmtFrmt="XML")
    )
    (document,) = root.iter("{urn:iso:std:iso:20022:tech:xsd:camt.053.001.02}Document")
    number = document.findtext(".//{*}ElctrncSeqNb")
    assert [row[2] for row in entries_of(document)] == ["Wpłata"]
    year = {"DtSch": {"Year": (2026, None)}}
    question = cdc.statement_question(ING, "S2", StmtValDt=year, StmtId={"EQ": int(number)})
    again = statement_call(ing, "GetStatement", question)
    assert again.findtext(".//{*}ElctrncSeqNb") == number
    question = cdc.statement_question(ING, "S3", StmtValDt=day, StmtFrmt="PDF")
    paper = statement_call(ing, "GetStatement", question)
    assert base64.b64decode(paper.findtext(".//{*}RptFile")).startswith(b"%PDF")
    assert len(paper.findtext(".//{*}FileChecksum")) == 32


def test_lines_of_35_letters_and_addresses_at_bnp(bnp):
    title = "Zapłata za fakturę FV/2026/11/00012345 z dnia 5 listopada"
    bnp.control.post(
        "incoming", account=BNP, amount="10.00", title=title, name="Jan Żółw",
        party_address="ul. Zielona 4, Poznań", party_account=SUPPLIER,
    )  # fmt: skip
    period = {"DtSch": {"FrDt": TODAY, "ToDt": TODAY}}
    question = cdc.report_question(BNP, "R1", AcctRptValDt=period)
    root = statement_call(bnp, "GetAccountReport", question)
    (entry,) = root.iter("{*}Ntry")
    assert entry.findtext(".//{*}Ustrd") == f"{title[:35]}|{title[35:]}"
    assert entry.findtext(".//{*}Dbtr/{*}Nm") == "Jan Żółw|ul. Zielona 4, Poznań"
    assert entry.findtext(".//{*}DbtrAcct//{*}Othr/{*}Id") == f"PL{SUPPLIER}"


# Signatures


def signed_by(ing, person, change=None, order="100.00"):
    content = pain001(transfer("A", order), account=ING)
    signature = ing.sign(content, person)
    if change:
        element = etree.fromstring(signature)
        change(element)
        signature = etree.tostring(element)
    return ing.call("DomesticTransfer", content, signature)


def test_a_signature_over_another_amount(ing):
    other = ing.sign(pain001(transfer("A", "900.00"), account=ING))
    answer = ing.call("DomesticTransfer", pain001(transfer("A"), account=ING), other)
    assert code_of(answer) == "E401"
    assert ing.control.get("packages")["packages"] == []


def drop(path):
    def change(element):
        for one in element.findall(path):
            one.getparent().remove(one)

    return change


def put(path, text):
    def change(element):
        element.find(path).text = text

    return change


def algorithm(path, name):
    def change(element):
        element.find(path).set("Algorithm", name)

    return change


def second_document(element):
    etree.SubElement(element, f"{DS}Object").append(etree.fromstring(b"<Document/>"))
    reference = element.find(f".//{DS}Reference")
    reference.set("URI", "#other")


@pytest.mark.parametrize(
    "change",
    [
        put(f"{DS}SignatureValue", "AAAA"),
        put(f"{DS}SignatureValue", "?"),
        drop(f"{DS}KeyInfo"),
        drop(f".//{DS}X509Certificate"),
        drop(f"{DS}Object"),
        drop(f".//{XADES}CertDigest"),
        drop(f"{DS}SignedInfo/{DS}Reference[2]"),
        put(f".//{XADES}SigningTime", "2020-01-01T00:00:00Z"),
        algorithm(f".//{DS}DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
        algorithm(f".//{DS}Transform", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        second_document,
    ],
    ids=range(11),
)
def test_a_signature_that_was_touched(ing, change):
    assert code_of(signed_by(ing, ing.person, change)) == "E401"


def test_an_rsa_signature_with_another_value(ing):
    person = ing.certified("authorisation", rsa.generate_private_key(65537, 2048))
    value = base64.b64encode(b"x" * 256).decode()
    assert code_of(signed_by(ing, person, put(f"{DS}SignatureValue", value))) == "E401"


@pytest.mark.parametrize("left_out", ["", "properties"])
def test_a_whole_signature_over_less_than_it_must_be(ing, left_out):
    """Made anew after a reference was taken out: every digest and the value are right."""

    def change(element):
        info = element.find(f"{DS}SignedInfo")
        for one in info.findall(f"{DS}Reference"):
            if (one.get("URI") == "") == (left_out == ""):
                info.remove(one)
        alone = etree.fromstring(etree.tostring(info, with_tail=False))
        data = etree.tostring(alone, method="c14n")
        value = decode_dss_signature(ing.person[0].sign(data, ec.ECDSA(hashes.SHA256())))
        text = b"".join(number.to_bytes(32, "big") for number in value)
        element.find(f"{DS}SignatureValue").text = base64.b64encode(text).decode()

    assert code_of(signed_by(ing, ing.person, change)) == "E401"


def test_a_signature_of_somebody_who_is_not_registered(ing, bnp):
    with cdc.foreign() as person:
        assert code_of(signed_by(ing, person)) == "E402"
    assert code_of(signed_by(ing, bnp.person)) == "E402"
    assert code_of(signed_by(ing, ing.certified())) == "E402"
    assert code_of(signed_by(ing, ing.certified("authorisation", days=-1))) == "E402"
    ing.control.post("cdc/revoke", client=ing.client, use="authorisation")
    assert code_of(signed_by(ing, ing.person)) == "E402"
    assert ing.control.get("packages")["packages"] == []


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_good_signature_lets_money_move(ing, kind):
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else None
    answer = signed_by(ing, ing.certified("authorisation", key))
    assert statuses(answer) == ("ACCP", {"A": ("ACCP", "")})
    ing.control.post("run")
    (movement,) = ing.control.booked("A")
    assert Decimal(movement["amount"]) == -100
    assert statuses(ing.status("MSG-1".replace("-", ""), "Q0"))[0] == "ACSC"


def question_of_confirmation(about, message_id):
    return (
        '<Document xmlns="urn:ca:std:ccs:ing:tech:xsd:trco.001.001.01"><GetTrfConf><MsgId>'
        f"<Id>{message_id}</Id></MsgId><TrfConfQryDef><TrfConfCrit><NewCrit><SchCrit><UsrRef><EQ>"
        f"{about}</EQ></UsrRef></SchCrit></NewCrit></TrfConfCrit></TrfConfQryDef></GetTrfConf>"
        "</Document>"
    )


def confirmation(company, about, message_id, space="ing.cdc.001.01"):
    """GetTransferConfirmation, in the space of ING's own operations."""
    document = question_of_confirmation(about, message_id)
    data = (
        f'<Envelope xmlns="{cdc.SOAP}">{company.header()}<Body><GetTransferConfirmation '
        f'xmlns="urn:ca:std:cdc:tech:xsd:{space}">{document}</GetTransferConfirmation></Body>'
        "</Envelope>"
    ).encode()
    action = f"urn:ca:std:cdc:tech:wsdl:{space}/GetTransferConfirmation"
    headers = {"SOAPAction": f'"{action}"', "Content-Type": "text/xml; charset=utf-8"}
    with company.session() as session:
        return session.post(company.address, data=data, headers=headers, timeout=20)


def test_papers_of_transfers(ing, bnp):
    ing.send(transfer("A"))
    assert code_of(confirmation(ing, "A", "Q1")) == "E405"
    ing.control.post("run")
    assert b"<RptFile>JVBER" in confirmation(ing, "A", "Q2").content
    assert code_of(confirmation(ing, "A", "Q2")) == "E302"
    assert code_of(confirmation(ing, "B", "Q3")) == "E405"
    assert code_of(confirmation(ing, "A", "Q4", "cdc.001.01")) == "E001"
    assert code_of(confirmation(bnp, "A", "Q5")) == "E001"


# Transfers


@pytest.fixture(autouse=True)
def plain_message_ids(monkeypatch):
    """These banks want letters and digits: the default id of the samples has a hyphen."""
    made = pain001
    monkeypatch.setattr(
        cdc, "pain001", lambda *orders, message_id="MSG1", **more: made(
            *orders, message_id=message_id, **more)
    )  # fmt: skip
    monkeypatch.setitem(globals(), "pain001", cdc.pain001)


def test_a_transfer_without_a_signature_waits_for_a_person_at_the_bank(ing):
    assert statuses(ing.send(transfer("A"), sign=False))[0] == "PDNG"
    ing.control.post("run")
    assert ing.control.booked("A") == []
    ing.control.post("cdc/release", message_id="MSG1")
    assert statuses(ing.status("MSG1", "Q1"))[0] == "ACCP"
    ing.control.post("run")
    assert len(ing.control.booked("A")) == 1


@pytest.mark.parametrize("account", [ING_OTHER, MAIN, BNP])
def test_nobody_pays_from_somebody_elses_account(ing, account):
    assert code_of(ing.send(transfer("A"), account=account)) == "E201"
    assert ing.control.get("packages")["packages"] == []


def test_a_message_that_the_schema_of_iso_refuses(ing):
    content = pain001(transfer("A"), account=ING).replace(b"<PmtMtd>TRF</PmtMtd>", b"")
    assert code_of(ing.call("DomesticTransfer", content)) == "E001"


@pytest.mark.parametrize("name", ["Demo-Handel", "Demo Handel", ""])
def test_the_initiators_name_at_bnp(bnp, name):
    content = pain001(transfer("A"), account=BNP).replace(b"Demo Handel<", f"{name}<".encode(), 1)
    answer = bnp.call("DomesticTransfer", content, bnp.sign(content))
    assert code_of(answer) in ("E306", "E001")


def test_each_operation_takes_its_own_transfers(ing):
    euro = transfer("E", to="DE89370400440532013000", currency="EUR")
    sepa = "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>"
    for number, (operation, order, account, expected) in enumerate([
        ("InternalTransfer", transfer("A"), ING, "RJCT"),
        ("SEPATransfer", transfer("B"), ING, "RJCT"),
        ("ForeignTransfer", transfer("C"), ING, "RJCT"),
        ("DomesticTransfer", euro, ING_EURO, "RJCT"),
        ("InternalTransfer", transfer("D", to=ING_SECOND), ING, "ACCP"),
        ("SEPATransfer", {**euro, "id": "F"}, ING_EURO, "ACCP"),
    ]):  # fmt: skip
        content = pain001(order, account=account, message_id=f"M{number}")
        if operation == "SEPATransfer":
            content = content.replace(b"</PmtMtd>", f"</PmtMtd>{sepa}".encode())
        answer = ing.call(operation, content, ing.sign(content))
        assert statuses(answer)[0] == expected, operation


def test_money_between_two_companies_of_the_bank(ing):
    ing.send(transfer("A", "55.00", to=ING_OTHER))
    ing.control.post("run")
    amounts = sorted(Decimal(one["amount"]) for one in ing.control.booked("A"))
    assert amounts == [-55, 55]


def test_the_status_of_a_message_that_is_not_there_or_another_companys(ing, bnp):
    assert code_of(ing.status("NONE", "Q1")) == "E404"
    ing.send(transfer("A"))
    assert code_of(bnp.status("MSG1", "Q2")) == "E404"
    assert statuses(ing.status("MSG1", "Q3"))[0] == "ACCP"


# Faults


def lost(call):
    with pytest.raises(requests.exceptions.ConnectionError):
        call()


def test_a_request_that_is_lost_and_an_answer_that_is(ing):
    ing.control.post("faults", kind="drop_before", operation="DomesticTransfer")
    lost(lambda: ing.send(transfer("A")))
    assert ing.control.get("packages")["packages"] == []
    ing.control.post("faults", kind="drop_after", operation="DomesticTransfer")
    lost(lambda: ing.send(transfer("A")))
    assert statuses(ing.status("MSG1", "Q1"))[0] == "ACCP"


def test_a_transfer_that_is_taken_after_the_bank_said_that_it_has_none(ing):
    ing.control.post("faults", kind="take_late", operation="DomesticTransfer", questions=1)
    lost(lambda: ing.send(transfer("A")))
    assert code_of(ing.status("MSG1", "Q1")) == "E404"
    assert statuses(ing.status("MSG1", "Q2"))[0] == "ACCP"
    assert code_of(ing.send(transfer("A"))) == "E302"


def test_a_request_that_comes_twice_pays_once(ing):
    ing.control.post("faults", kind="repeated", operation="DomesticTransfer")
    assert code_of(ing.send(transfer("A"))) == "E302"
    ing.control.post("run")
    assert len(ing.control.booked("A")) == 1


def test_calls_are_kept_as_they_came_in_whatever_became_of_them(ing):
    ing.control.post("faults", kind="drop_before", operation="DomesticTransfer")
    lost(lambda: ing.send(transfer("A")))
    assert ing.send(transfer("A")).status_code == 200
    assert ing.send(transfer("A")).status_code == 500
    calls = ing.control.get("handed-over")["calls"]
    assert [call["orders"] for call in calls] == [["A"]] * 3


def test_a_bank_without_checks_of_repeats_pays_again(ing):
    ing.control.post("repeats", checked=False)
    assert ing.send(transfer("A")).status_code == 200
    assert ing.send(transfer("A")).status_code == 200
    ing.control.post("run")
    assert len(ing.control.get("ledger", orders="1")["movements"]) == 2


def test_spoiled_answers(ing):
    ing.control.post("faults", kind="other_message_id", operation="DomesticTransfer")
    assert b"OrgnlMsgId>OTHERMSG1<" in ing.send(transfer("A")).content
    ing.control.post("faults", kind="busy", operation="GetAccountBalance")
    question = cdc.question_of_balance(ING, "B1")
    assert code_of(ing.call("GetAccountBalance", question)) == "E900"
    ing.control.post("faults", kind="garbage", operation="GetAccountBalance")
    assert b"thank you" in ing.call("GetAccountBalance", question).content
    ing.control.post("faults", kind="http_500", operation="GetAccountBalance")
    assert b"<h1>" in ing.call("GetAccountBalance", cdc.question_of_balance(ING, "B2")).content


# The process


def test_certificates_and_packages_survive_a_restart(tmp_path):
    options = ("--execute-after", "manual", "--state", str(tmp_path / "bank.json"))
    process, addresses = start(*options)
    company = Company(Control(addresses), tmp_path)
    company.appear(*company.certified())
    company.person = company.certified("authorisation")
    assert company.send(transfer("A")).status_code == 200
    stop(process)

    process, addresses = start(*options)
    again = Control.__new__(Control)
    again.addresses = addresses
    company.control, company.address = again, addresses["ing"]
    assert code_of(company.send(transfer("A"))) == "E302"
    assert statuses(company.status("MSG1", "Q1"))[0] == "ACCP"
    stop(process)


def test_demo_key_files(control):
    base = control.addresses["base"]
    for path in ("10500001/communication", "16000001/authorisation"):
        answer = requests.get(f"{base}/demo/cdc/{path}.p12", timeout=10)
        assert answer.status_code == 200
        again = requests.get(f"{base}/demo/cdc/{path}.p12", timeout=10)
        assert answer.content == again.content
    for path in ("10000001/communication", "10500009/communication", "10500001/other"):
        assert requests.get(f"{base}/demo/cdc/{path}.p12", timeout=10).status_code == 404


def test_a_request_for_a_certificate_that_is_none(control):
    address = f"{control.addresses['control']}/cdc/certificate"
    for body in (
        {"client": "10500001", "use": "communication", "csr": "hello"},
        {"client": "10500001", "use": "other", "csr": "hello"},
        {},
    ):
        assert requests.post(address, json=body, timeout=10).status_code == 400


def test_an_envelope_whose_namespaces_reach_into_what_was_signed(ing):
    """The bank looks at the document where it stands; an inclusive form knows what is around it."""
    content = pain001(transfer("A"), account=ING)
    document = content.partition(b"?>")[2].strip()
    body = (
        f'<s:Envelope xmlns:s="{cdc.SOAP}"><s:Header>'.encode()
        + ing.header()[8:-9].encode()
        + f'</s:Header><s:Body><DomesticTransfer xmlns="{cdc.CDC}">'.encode()
        + document
        + ing.sign(content)
        + b"</DomesticTransfer></s:Body></s:Envelope>"
    )
    assert code_of(ing.post(body, "DomesticTransfer")) == "E401"
    assert statuses(ing.call("DomesticTransfer", content, ing.sign(content)))[0] == "ACCP"
