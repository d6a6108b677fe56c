# SPDX-License-Identifier: LGPL-3.0-only
"""Statements: what is refused, what adds up, and that they look as the real bank's."""

import itertools
import re
from datetime import date
from decimal import Decimal

import pytest
from conftest import EURO, MAIN, OTHER_CLIENT, SECOND, pain001, transfer
from lxml import etree

TODAY = date(2026, 11, 20)
FORMATS = ("MT940", "CAMT053", "PDF")


@pytest.fixture
def anna(bank, control):
    control.post("client", identifier="10000001", signatures_required=0)
    return bank.log_in()


def statements(bank, account=MAIN, since="2026-10-25", until="2026-11-20", format="MT940"):
    return bank.call("GetStatement", AccountNumber=account, From=since, To=until, Format=format)


@pytest.mark.parametrize(
    "number", [OTHER_CLIENT, "PL" + OTHER_CLIENT, "12345", "40702810700000000001"]
)
def test_account_outside_the_agreement(anna, number):
    for name, more in (
        ("GetBalance", {}),
        ("GetStatement", {"From": "2026-11-01", "To": "2026-11-02", "Format": "MT940"}),
        ("GetStatementsSince", {"Number": 0, "Format": "MT940"}),
        ("GetHistory", {"From": "2026-11-01", "To": "2026-11-02", "Format": "MT942"}),
    ):
        assert anna.refused(name, AccountNumber=number, **more) == "ACCOUNT_NOT_IN_AGREEMENT"


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        ("2026-11-10", "2026-11-09", "PERIOD_NOT_VALID"),
        ("2026-09-01", "2026-11-09", "PERIOD_NOT_VALID"),
        ("2026-01-01", "2026-01-02", "PERIOD_NOT_VALID"),
        ("2026-11-14", "2026-11-15", "NO_STATEMENT"),  # a weekend
        ("2026-11-20", "2026-11-20", "NO_STATEMENT"),  # today has not ended
    ],
)
def test_period_without_statements(anna, since, until, code):
    arguments = {"AccountNumber": MAIN, "From": since, "To": until, "Format": "MT940"}
    assert anna.refused("GetStatement", **arguments) == code


def _money(text):
    return Decimal(text.replace(",", "."))


def _parsed(content):
    """(number, opening, closing, sum of entries) of an MT940, read with plain expressions."""
    text = content.decode("iso-8859-2")
    number = int(re.search(r"^:28C:(\d+)/1$", text, re.M)[1])
    opening, closing = (
        (-1 if sign == "D" else 1) * _money(amount)
        for sign, amount in re.findall(r"^:6[02]F:([CD])\d{6}[A-Z]{3}([\d,]+)$", text, re.M)
    )
    entries = re.findall(r"^:61:\d{10}(R?[CD])[A-Z]([\d,]+)N", text, re.M)
    total = sum(_money(a) if sign in ("C", "RD") else -_money(a) for sign, a in entries)
    return number, opening, closing, total


@pytest.mark.parametrize("account", [MAIN, SECOND, EURO])
def test_balances_add_up_and_numbers_are_consecutive(anna, account):
    parsed = [_parsed(document.Content) for document in statements(anna, account)]
    assert parsed
    numbers = [number for number, *_ in parsed]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for _number, opening, closing, total in parsed:
        assert opening + total == closing
    for before, after in itertools.pairwise(parsed):
        assert before[2] == after[1]
    balance = anna.call("GetBalance", AccountNumber=account)
    assert balance.Booked == parsed[-1][2]


def test_mt940_has_the_banks_form(anna):
    for document in statements(anna):
        content = document.Content
        assert content.startswith(b"\x01\n:20:ST")
        assert content.endswith(b"\n-\x03\n")
        assert b"\r" not in content
        lines = content.decode("iso-8859-2").split("\n")
        assert lines[2] == f":25:PL{MAIN}"
        assert all(len(line.removeprefix(":86:")) <= 65 for line in lines)
    text = statements(anna)[0].Content.decode("iso-8859-2")
    assert re.search(r"^:61:\d{10}[CD]N\d+,\d\dN(TRF|CHG)NONREF//BR\d{12}\n\d{3}-", text, re.M)
    joined = "".join(text.split(":86:")[1].split("\n:")[0].split("\n"))
    assert re.fullmatch(r"\d{3} .+; TNR: \d{15}\.\d{6}", joined)


def test_polish_letters_are_in_iso_8859_2(anna, control):
    control.post("incoming", account=MAIN, amount="1.00", title="Zażółć gęślą jaźń", name="Żółw")
    control.post("clock", days=1)
    anna.log_in()
    content = statements(anna, since="2026-11-20", until="2026-11-20")[0].Content
    assert "Zażółć gęślą jaźń".encode("iso-8859-2") in content


def test_long_title_is_wrapped_after_spaces_that_stay(anna, control):
    title = "Faktura 1/2026 za usługi transportowe; TYT.: nie etykieta " * 2
    control.post("incoming", account=MAIN, amount="1.00", title=title, name="A" * 40)
    control.post("clock", days=1)
    anna.log_in()
    text = statements(anna, since="2026-11-20", until="2026-11-20")[0].Content.decode("iso-8859-2")
    entry = text.split(":86:")[1].split("\n:")[0]
    assert all(line.endswith(" ") for line in entry.split("\n")[:-1])
    assert "OD: " + "A" * 35 + " " + "A" * 5 in entry.replace("\n", "")


def test_executed_order_gives_our_reference_back_on_both_accounts(anna, control):
    long_id = "E2E-0123456789-0123456789-01"
    anna.send(pain001(transfer(long_id, to=SECOND), transfer("SHORT", to=SECOND)))
    control.post("run")
    control.post("clock", days=1)
    anna.log_in()
    for account, sign in ((MAIN, "D"), (SECOND, "C")):
        day = {"since": "2026-11-20", "until": "2026-11-20"}
        text = statements(anna, account, **day)[0].Content.decode("iso-8859-2")
        whole = text.replace("\n", "")
        assert f"REF. KLIENTA: {long_id}" in whole
        assert f"{sign}N100,00NTRFNONREF//" in text
        assert f"{sign}N100,00NTRFSHORT//" in text
        root = etree.fromstring(statements(anna, account, **day, format="CAMT053")[0].Content)
        assert {e.text for e in root.iter("{*}EndToEndId")} == {long_id, "SHORT"}


def test_salaries_that_ask_for_it_are_one_entry_of_those_that_were_paid(anna, control):
    control.post("refuse", when="execute", code="AC06", text="Blocked.")
    content = pain001(*(transfer(name, to=SECOND) for name in ("A", "B", "C")))
    start = b"<PmtMtd>TRF</PmtMtd>"
    anna.send(content.replace(start, start + b"<BtchBookg>true</BtchBookg>"))
    control.post("run")
    control.post("clock", days=1)
    anna.log_in()
    day = {"since": "2026-11-20", "until": "2026-11-20"}
    text = statements(anna, **day)[0].Content.decode("iso-8859-2")
    assert (text.count("\n:61:"), "DN200,00NTRF" in text) == (1, True)
    root = etree.fromstring(statements(anna, **day, format="CAMT053")[0].Content)
    assert root.findtext(".//{*}Btch/{*}NbOfTxs") == "2"
    group = root.findtext(".//{*}Btch/{*}PmtInfId")
    assert f"REF. KLIENTA: {group}" in text.replace("\n", "")
    theirs = statements(anna, SECOND, **day)[0].Content
    assert theirs.count(b"\n:61:") == 2


@pytest.mark.parametrize("version", ["02", "08"])
def test_camt_says_the_same_as_mt940(anna, control, version):
    control.post("settings", camt_version=version)
    for mt, camt in zip(statements(anna), statements(anna, format="CAMT053"), strict=True):
        number, opening, closing, total = _parsed(mt.Content)
        root = etree.fromstring(camt.Content)
        assert etree.QName(root).namespace.endswith(f"camt.053.001.{version}")
        assert (mt.Number, mt.Day) == (camt.Number, camt.Day)
        assert int(root.findtext(".//{*}ElctrncSeqNb")) == number
        balances = {
            b.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd"): Decimal(b.findtext("{*}Amt"))
            for b in root.iter("{*}Bal")
        }
        assert (balances["OPBD"], balances["CLBD"]) == (opening, closing)
        assert len(list(root.iter("{*}Ntry"))) == mt.Content.count(b"\n:61:")
        assert total == closing - opening


def test_returned_money_is_marked_as_a_reversal(anna, control):
    anna.send(pain001(transfer("A", to="77102010264010200000099999")))
    control.post("run")
    control.post("clock", days=3)
    control.post("run")
    control.post("clock", days=1)
    anna.log_in()
    day = {"since": "2026-11-23", "until": "2026-11-23"}
    assert b"RDN100,00" in statements(anna, **day)[0].Content
    root = etree.fromstring(statements(anna, **day, format="CAMT053")[0].Content)
    assert root.findtext(".//{*}RvslInd") == "true"
    assert root.findtext(".//{*}RtrInf/{*}Rsn/{*}Cd") == "AC04"


def test_statements_since_a_number(anna):
    everything = anna.call("GetStatementsSince", AccountNumber=MAIN, Number=0, Format="MT940")
    last = everything[-1].Number
    some = anna.call("GetStatementsSince", AccountNumber=MAIN, Number=last - 2, Format="MT940")
    assert [document.Number for document in some] == [last - 1, last]
    arguments = {"AccountNumber": MAIN, "Number": last, "Format": "MT940"}
    assert anna.refused("GetStatementsSince", **arguments) == "NO_STATEMENT"


def test_intraday_has_the_ids_of_the_final_statement(anna, control):
    day = {"AccountNumber": MAIN, "From": "2026-11-20", "To": "2026-11-20"}
    assert anna.refused("GetHistory", **day, Format="MT942") == "NO_STATEMENT"
    control.post("incoming", account=MAIN, amount="10.00")
    control.post("incoming", account=MAIN, amount="-4.50", code="794")
    intraday = anna.call("GetHistory", **day, Format="MT942")[0].Content
    assert b":13D:2611201000+0100\n" in intraday
    assert intraday.endswith(b":90D:1PLN4,50\n:90C:1PLN10,00\n-\x03\n")
    camt = etree.fromstring(anna.call("GetHistory", **day, Format="CAMT052")[0].Content)
    assert camt.find(".//{*}Rpt") is not None
    control.post("clock", days=1)
    anna.log_in()
    final = statements(anna, since="2026-11-20", until="2026-11-20")[0].Content
    ids = re.findall(rb"\d{15}\.\d{6}", intraday)
    assert ids == re.findall(rb"\d{15}\.\d{6}", final)
    assert len(ids) == 2


def test_todays_statement_on_request_is_final(anna, control):
    control.post("settings", statements="on-request")
    day = {"since": "2026-11-20", "until": "2026-11-20"}
    control.post("incoming", account=MAIN, amount="10.00")
    first = statements(anna, **day)
    control.post("incoming", account=MAIN, amount="20.00")
    again = statements(anna, **day)
    assert again[0].Content == first[0].Content
    assert again[1].Number == first[0].Number + 1
    assert _parsed(again[1].Content)[1] == _parsed(first[0].Content)[2]


def test_pdf(anna):
    assert all(d.Content.startswith(b"%PDF-1.4") for d in statements(anna, format="PDF"))
