# SPDX-License-Identifier: LGPL-3.0-only
"""Packages: what is refused, what waits, what is executed, and that money moves once."""

from decimal import Decimal

import pytest
from conftest import (
    EURO,
    MAIN,
    OTHER_CLIENT,
    SECOND,
    SUPPLIER,
    Person,
    order_statuses,
    pain001,
    transfer,
)

WRONG_DIGITS = "33102010264010200000012345"
CLOSED_ELSEWHERE = "77102010264010200000099999"
UNKNOWN_HERE = "73114010100000999900000001"
PAST, FAR = "2026-11-19", "2028-01-01"


@pytest.fixture
def free(bank, control):
    """A client whose packages need no signature."""
    control.post("client", identifier="10000001", signatures_required=0)
    return bank.log_in()


# What is refused whole: nothing was taken ---------------------------------------------------------


def test_content_that_cannot_be_read_takes_nothing(free, control):
    for content in (b"no xml", b"<Document/>", pain001(transfer("A"), version="09")):
        assert free.send_refused(content) == "CONTENT_NOT_VALID"
    bomb = pain001(transfer("A")).replace(b"<Document", b'<!DOCTYPE x [<!ENTITY a "1">]><Document')
    assert free.send_refused(bomb) == "CONTENT_NOT_VALID"
    assert control.get("packages")["packages"] == []
    assert free.send(pain001(transfer("A"))).Status == "ACCP"


def test_message_id_must_be_the_one_inside(free):
    assert free.send_refused(pain001(transfer("A"), message_id="MSG-2")) == "CONTENT_NOT_VALID"


def test_message_id_never_repeats(free):
    free.send(pain001(transfer("A")))
    assert free.send_refused(pain001(transfer("B"))) == "MESSAGE_DUPLICATE"


@pytest.mark.parametrize("case", ["other bytes", "stranger", "garbage", "not of this client"])
def test_wrong_signature_takes_nothing(bank, control, jan, case):
    bank.log_in()
    content = pain001(transfer("A"))
    signature = {
        "other bytes": lambda: jan.sign(content + b" "),
        "stranger": lambda: Person("jan").sign(content),
        "garbage": lambda: b"123",
        "not of this client": lambda: Person("piotr").register(control).sign(content),
    }[case]()
    assert bank.send_refused(content, signatures=[signature]) == "SIGNATURE_NOT_VALID"
    assert bank.refused("GetStatus", MessageId="MSG-1") == "MESSAGE_NOT_KNOWN"


# What is taken and rejected -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"), [({"count": 5}, "AM18"), ({"total": 99.99}, "AM10")], ids=["count", "sum"]
)
def test_wrong_count_or_sum_rejects_the_message(free, more, code):
    receipt = free.send(pain001(transfer("A"), **more))
    assert (receipt.Status, receipt.Reason.Code) == ("RJCT", code)
    assert order_statuses(receipt) == {"A": ("RJCT", code)}


@pytest.mark.parametrize(
    ("order", "more", "code"),
    [
        (transfer("A", to=WRONG_DIGITS), {}, "AC01"),
        (transfer("A", to=MAIN), {}, "AC01"),
        (transfer("A", amount="0.00"), {"total": 0}, "AM01"),
        (transfer("A", amount="1.001"), {}, "AM10"),
        (transfer("A", currency="JPY"), {}, "AM03"),
        (transfer("A", to=EURO), {}, "AM03"),
        (transfer("A"), {"account": OTHER_CLIENT}, "AC02"),
        (transfer("A"), {"account": WRONG_DIGITS}, "AC01"),
        (transfer("A"), {"day": PAST}, "DT01"),
        (transfer("A"), {"day": FAR}, "DT01"),
        (transfer("A", title="Ελλάδα"), {}, "RR04"),
        (transfer("A", title="/VAT/1/IDC/5/INV/1"), {}, "NARR"),
        (transfer("A", title="/VAT/500,00/IDC/5251000017/INV/FV1"), {}, "AM12"),
        (transfer("A", title="/TI/N5251000017/OKR/x"), {}, "NARR"),
    ],
)
def test_wrong_order_is_rejected(free, order, more, code):
    receipt = free.send(pain001(order, **more))
    assert order_statuses(receipt) == {"A": ("RJCT", code)}
    assert receipt.Reason.Code == code


def test_foreign_payment_needs_country_and_town(free):
    berlin = "<PstlAdr><TwnNm>Berlin</TwnNm><Ctry>DE</Ctry></PstlAdr>"
    values = {"to": "DE89370400440532013000", "currency": "EUR"}
    orders = transfer("A", **values), transfer("B", address=berlin, **values)
    receipt = free.send(pain001(*orders, account=EURO))
    assert receipt.Status == "PART"
    assert order_statuses(receipt) == {"A": ("RJCT", "BE04"), "B": ("ACCP", "")}


def test_zlotys_pay_a_foreign_bill_at_the_banks_rate(free):
    berlin = "<PstlAdr><TwnNm>Berlin</TwnNm><Ctry>DE</Ctry></PstlAdr>"
    order = transfer("A", address=berlin, to="DE89370400440532013000", currency="EUR")
    assert order_statuses(free.send(pain001(order))) == {"A": ("ACCP", "")}


@pytest.mark.parametrize("side", ["payer", "payee"])
@pytest.mark.parametrize(
    "parts",
    ["<TwnNm>Poznan</TwnNm>", "<Ctry>PL</Ctry>", "<Ctry>PL</Ctry><AdrLine>60-001 Poznan</AdrLine>"],
)
def test_address_in_part_is_refused(free, side, parts):
    address = f"<PstlAdr>{parts}</PstlAdr>"
    content = pain001(transfer("A", address=address if side == "payee" else ""))
    if side == "payer":
        content = content.replace(b"</Nm></Dbtr>", f"</Nm>{address}</Dbtr>".encode())
    assert order_statuses(free.send(content)) == {"A": ("RJCT", "BE04")}


def test_hybrid_address_is_taken(free):
    town = "<TwnNm>Poznan</TwnNm><Ctry>PL</Ctry>"
    hybrid = f"<PstlAdr>{town}<AdrLine>ul. Zielona 4</AdrLine></PstlAdr>"
    assert order_statuses(free.send(pain001(transfer("A", address=hybrid)))) == {"A": ("ACCP", "")}


def test_sepa_outside_the_economic_area_needs_an_address(free):
    values = {"to": "CH9300762011623852957", "currency": "EUR"}
    bern = "<PstlAdr><TwnNm>Bern</TwnNm><Ctry>CH</Ctry></PstlAdr>"
    orders = transfer("A", **values), transfer("B", address=bern, **values)
    content = pain001(*orders, account=EURO).replace(
        b"<PmtMtd>TRF</PmtMtd>",
        b"<PmtMtd>TRF</PmtMtd><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>",
    )
    assert order_statuses(free.send(content)) == {"A": ("RJCT", "BE04"), "B": ("ACCP", "")}


def test_only_sepa_is_instant(free):
    instant = b"<PmtMtd>TRF</PmtMtd><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm>"
    instant += b"<Cd>INST</Cd></LclInstrm></PmtTpInf>"
    domestic = pain001(transfer("A")).replace(b"<PmtMtd>TRF</PmtMtd>", instant)
    assert order_statuses(free.send(domestic)) == {"A": ("RJCT", "AG11")}
    euro = transfer("B", to="DE89370400440532013000", currency="EUR")
    content = pain001(euro, account=EURO, message_id="MSG-2", group_id="G-2")
    content = content.replace(b"<PmtMtd>TRF</PmtMtd>", instant)
    assert order_statuses(free.send(content, "MSG-2")) == {"B": ("ACCP", "")}


def test_ids_are_used_up_for_ever_and_by_all_clients(free, bank, control):
    first = free.send(pain001(transfer("A", instruction="I"), transfer("A")))
    assert first.Status == "PART"
    second = free.send(
        pain001(transfer("B", instruction="I"), transfer("A"), message_id="MSG-2"), "MSG-2"
    )
    assert order_statuses(second) == {"B": ("RJCT", "DU05"), "A": ("RJCT", "DU04")}
    control.post("client", identifier="10000002", signatures_required=0)
    bank.log_in("ewa", "10000002")
    other = pain001(transfer("A"), message_id="MSG-3", account=OTHER_CLIENT)
    assert order_statuses(bank.send(other, "MSG-3")) == {"A": ("RJCT", "DU04")}


def test_payment_group_id_never_repeats(free):
    free.send(pain001(transfer("A"), group="G"))
    receipt = free.send(pain001(transfer("B"), message_id="MSG-2", group="G"), "MSG-2")
    assert (receipt.Status, receipt.Reason.Code) == ("RJCT", "DU02")


def test_refusals_can_be_ordered(free, control):
    control.post("refuse", code="AC06", text="Blocked")
    receipt = free.send(pain001(transfer("A"), transfer("B")))
    assert order_statuses(receipt) == {"A": ("RJCT", "AC06"), "B": ("ACCP", "")}
    control.post("refuse", code="AG01", when="execute")
    control.post("run")
    receipt = free.call("GetStatus", MessageId="MSG-1")
    assert order_statuses(receipt)["B"] == ("RJCT", "AG01")
    assert control.booked("B") == []


def test_another_clients_message_is_not_known(free, bank):
    free.send(pain001(transfer("A")))
    bank.log_in("ewa", "10000002")
    assert bank.refused("GetStatus", MessageId="MSG-1") == "MESSAGE_NOT_KNOWN"


# Signatures and the phone -------------------------------------------------------------------------


def test_signed_package_is_accepted_and_executed(bank, control, jan):
    bank.log_in_with(jan)
    content = pain001(transfer("A"), transfer("B"))
    assert bank.send(content, signatures=[jan.sign(content)]).Status == "ACCP"
    assert control.booked("A") == []
    assert control.post("run")["executed"] == 2
    receipt = bank.call("GetStatus", MessageId="MSG-1")
    assert receipt.Status == "ACSC"
    assert len(control.booked("A")) == len(control.booked("B")) == 1


def test_unsigned_package_waits_and_names_who_may_release_it(bank, control):
    bank.log_in()
    receipt = bank.send(pain001(transfer("A")))
    assert receipt.Status == "PDNG"
    assert "Jan Kowalski (jan)" in receipt.ReleaseBy
    assert control.post("run")["executed"] == 0
    waiting = bank.call("GetPending")
    assert [(p.MessageId, p.Count, p.Total, p.WaitsFor) for p in waiting] == [
        ("MSG-1", 1, Decimal("100.00"), "signature")
    ]
    control.post("release", message_id="MSG-1", login="jan")
    assert bank.call("GetStatus", MessageId="MSG-1").Status == "ACCP"
    assert not bank.call("GetPending")


def test_phone_releases_the_whole_package_once(bank, control):
    bank.log_in()
    receipt = bank.send(pain001(transfer("A"), transfer("B")), phone=True)
    assert receipt.Status == "PDNG"
    waiting = control.phone("anna")["challenges"]
    assert [(w["code"], w["kind"]) for w in waiting] == [(receipt.Challenge.Code, "package")]
    assert "2 payment(s), 200.00 PLN" in waiting[0]["text"]
    assert bank.call("Confirm", ChallengeId=receipt.Challenge.Id).Challenge
    control.press("anna", "confirm")
    done = bank.call("Confirm", ChallengeId=receipt.Challenge.Id).Receipt
    assert (done.MessageId, done.Status) == ("MSG-1", "ACCP")


def test_phone_refuses_the_package(bank, control):
    bank.log_in()
    bank.send(pain001(transfer("A")), phone=True)
    control.press("anna", "refuse")
    receipt = bank.call("GetStatus", MessageId="MSG-1")
    assert (receipt.Status, receipt.Reason.Code) == ("RJCT", "DS02")


def test_expired_phone_confirmation_leaves_the_package_waiting(bank, control):
    bank.log_in()
    bank.send(pain001(transfer("A")), phone=True)
    control.post("clock", seconds=301)
    receipt = bank.call("GetStatus", MessageId="MSG-1")
    assert (receipt.Status, receipt.Challenge) == ("PDNG", None)


def test_package_that_nobody_releases_is_rejected_after_a_week(bank, control):
    bank.log_in()
    bank.send(pain001(transfer("A")))
    control.post("clock", days=8)
    control.post("run")
    bank.log_in()
    assert bank.call("GetStatus", MessageId="MSG-1").Reason.Code == "DS0H"


def test_two_different_people_must_sign_where_the_agreement_says_so(bank, control):
    ewa, piotr = (Person(login).register(control) for login in ("ewa", "piotr"))
    bank.log_in_with(ewa, "10000003")
    account = "21114010100000100000030001"
    content = pain001(transfer("A"), account=account)
    receipt = bank.send(content, signatures=[ewa.sign(content), ewa.sign(content)])
    assert receipt.Status == "PDNG"
    assert receipt.ReleaseBy == ["Piotr Zieliński (piotr)"]
    content = pain001(transfer("B"), account=account, message_id="MSG-2")
    both = [ewa.sign(content), piotr.sign(content)]
    assert bank.send(content, "MSG-2", signatures=both).Status == "ACCP"


# Money --------------------------------------------------------------------------------------------


def _balances(bank, *accounts):
    return [bank.call("GetBalance", AccountNumber=number).Booked for number in accounts]


def test_money_moves_between_accounts_of_the_bank(free, control):
    before = _balances(free, MAIN, SECOND)
    free.send(pain001(transfer("A", amount="250.00", to=SECOND)))
    balance = free.call("GetBalance", AccountNumber=MAIN)
    assert balance.Booked - balance.Available == Decimal("250.00")
    control.post("run")
    after = _balances(free, MAIN, SECOND)
    assert [b - a for a, b in zip(before, after, strict=True)] == [-250, 250]
    legs = control.booked("A")
    assert sorted(leg["amount"] for leg in legs) == ["-250.00", "250.00"]
    assert len({leg["tnr"] for leg in legs}) == 2
    assert {leg["message_id"] for leg in legs} == {"MSG-1"}


def test_running_twice_books_once(free, control):
    free.send(pain001(transfer("A")))
    assert [control.post("run")["executed"] for _ in range(3)] == [1, 0, 0]
    assert len(control.booked("A")) == 1


def test_order_with_a_later_date_waits_for_its_working_day(free, control):
    free.send(pain001(transfer("A"), day="2026-11-21"))  # a Saturday
    assert control.post("run")["executed"] == 0
    control.post("clock", days=1)
    assert control.post("run")["executed"] == 0
    control.post("clock", days=2)
    assert control.post("run")["executed"] == 1
    assert control.booked("A")[0]["booked_on"] == "2026-11-23"


@pytest.mark.parametrize("to", [CLOSED_ELSEWHERE, UNKNOWN_HERE])
def test_money_for_a_closed_or_unknown_account_comes_back_next_day(free, control, to):
    free.send(pain001(transfer("A", to=to)))
    control.post("run")
    assert [leg["amount"] for leg in control.booked("A")] == ["-100.00"]
    control.post("clock", days=3)
    control.post("run")
    control.post("run")
    legs = control.booked("A")
    assert [(leg["amount"], leg["returned"]) for leg in legs] == [
        ("-100.00", False), ("100.00", True),
    ]  # fmt: skip


def test_no_money_waits_until_the_end_of_the_day(free, control):
    free.send(pain001(transfer("A", amount="9000000.00")))
    control.post("run")
    receipt = free.call("GetStatus", MessageId="MSG-1")
    assert order_statuses(receipt) == {"A": ("PDNG", "AM04")}
    control.post("incoming", account=MAIN, amount="9000000.00")
    assert control.post("run")["executed"] == 1


def test_no_money_next_day_is_rejected(free, control):
    free.send(pain001(transfer("A", amount="9000000.00")))
    control.post("run")
    control.post("clock", days=3)
    control.post("run")
    free.log_in()
    receipt = free.call("GetStatus", MessageId="MSG-1")
    assert order_statuses(receipt) == {"A": ("RJCT", "AM04")}


@pytest.mark.parametrize(
    ("to", "title", "code"),
    [
        (SUPPLIER, "Faktura 1", "944"),
        (SECOND, "Zasilenie", "963"),
        (OTHER_CLIENT, "Faktura 1", "970"),
        ("36600000020260015251000017", "Składki", "945"),
        ("89101000712222525100001700", "/TI/N5251000017/OKR/26M10/SFP/VAT7/TXT/VAT", "946"),
        (SUPPLIER, "/VAT/18,70/IDC/7781001014/INV/FV 1/TXT/uwagi", "944"),
    ],
)
def test_operation_code_follows_the_kind(free, control, to, title, code):
    free.send(pain001(transfer("A", to=to, title=title)))
    control.post("run")
    debit = [leg for leg in control.booked("A") if leg["amount"].startswith("-")]
    assert [leg["code"] for leg in debit] == [code]


def test_version_09(free, control):
    content = pain001(transfer("A"), version="09")
    assert free.send(content, format="PAIN001.09").Status == "ACCP"


def _elixir(*lines):
    return "".join(f"{line}\r\n" for line in lines).encode("cp1250")


def _elixir_line(reference="E-1", grosz="12345", to=SUPPLIER, **more):
    return (
        f'{more.get("kind", "110")},20261120,{grosz},11401010,0,"{MAIN}","{to}",'
        f'"Demo Handel|ul. Prosta 18","Żółw|ul. Łąkowa 1",0,10201026,"Faktura 1|zapłata",'
        f'"","","51","{reference}"'
    )


def test_elixir_that_cannot_be_read(free):
    for line in ("110,20261120,1", _elixir_line(kind="210"), _elixir_line(grosz="1,5")):
        code = free.send_refused(_elixir(line), format="ELIXIR0")
        assert code == "CONTENT_NOT_VALID"


def test_elixir_file(free, control):
    content = _elixir(_elixir_line(), _elixir_line("E-2", to=WRONG_DIGITS), _elixir_line(""))
    receipt = free.send(content, format="ELIXIR0")
    assert order_statuses(receipt) == {
        "E-1": ("ACCP", ""), "E-2": ("RJCT", "AC01"), "MSG-1/3": ("ACCP", ""),
    }  # fmt: skip
    control.post("run")
    booked = control.booked("E-1")[0]
    assert (booked["amount"], booked["party_name"]) == ("-123.45", "Żółw")


def test_confirmation_of_an_executed_transfer(free, control):
    free.send(pain001(transfer("A")))
    assert free.refused("GetConfirmation", EndToEndId="A") == "TRANSFER_NOT_KNOWN"
    control.post("run")
    assert free.call("GetConfirmation", EndToEndId="A").Content.startswith(b"%PDF")
