# SPDX-License-Identifier: LGPL-3.0-only
"""Orders of every kind and format, handed to the pretend bank over HTTP; and its white list."""

import random
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pretend
import pytest
from orders_for_tests import ALL_KINDS, BETWEEN, CONVERTED, EQUIVALENT, SALARY, found

from protocol import checks
from protocol.bank import Connection
from protocol.banks import BANKS
from protocol.calendar_pl import holidays
from protocol.checks import Context, mpp
from protocol.errors import Busy, Refused
from protocol.formats.packages import PACKAGE_FORMATS
from protocol.formats.pain001 import payments_of
from protocol.records import Address, Operator, Package, Party
from protocol.whitelist import WhiteList

CLIENT = "10000001"
TODAY = date(2026, 11, 18)
PLN = Party(
    "Demo Handel Sp. z o.o.",
    "PL22114010100000100000010001",
    bank_code="11401010",
    address=Address("ul. Prosta 18", "00-850", "Warszawa", "PL"),
)
SECOND_PLN = replace(PLN, account="PL92114010100000100000010002")
EURO = replace(PLN, account="PL65114010100000100000010003")
SUPPLIER = Party(
    "Papier i Biuro Sp. z o.o.",
    "PL32102010264010200000012345",
    bank_code="10201026",
    tax_id="7781001014",
    address=Address("ul. Zielona 4", "60-001", "Poznań", "PL"),
)
ZUS = Party("Zakład Ubezpieczeń Społecznych", "PL36600000020260015251000017")
TAX_OFFICE = Party("Urząd Skarbowy Warszawa", "PL89101000712222525100001700")
CONTEXT = Context(
    now=datetime(2026, 11, 18, 10, 0),
    holidays=holidays(2026),
    own_accounts={PLN.account, SECOND_PLN.account, EURO.account},
)


def order(name, **more):
    """The order of this kind between accounts that the pretend bank knows."""
    values = {"payer": PLN, "execute_on": TODAY, "end_to_end_id": uuid.uuid4().hex, **more}
    return replace(ALL_KINDS[name], **values)


def all_kinds():
    title = mpp.build(mpp.MppTitle(Decimal("230.00"), SUPPLIER.tax_id, "FV/2026/11/17", "ółż"))
    tax = {**ALL_KINDS["tax"].details, "tax_id": "5251000017"}
    tax_title = ALL_KINDS["tax"].title.replace("5260001246", "5251000017")
    return [
        order("domestic", payee=SUPPLIER),
        order("own", payee=SECOND_PLN),
        order("mpp", payee=SUPPLIER, title=title, details={}),
        order("tax", payee=TAX_OFFICE, title=tax_title, details=tax),
        order("zus", payee=ZUS),
        order("sepa", payer=EURO),
        order("foreign", payer=EURO, currency="EUR"),
        order("sorbnet", payee=SUPPLIER),
        order("express", payee=SUPPLIER),
        order("sepa", payer=EURO, route="instant"),
        order("sepa", details=CONVERTED.details),
        order("foreign", currency="PLN", details=EQUIVALENT.details),
        order("foreign", payer=EURO, currency="EUR", details=BETWEEN.details),
        order("domestic", payee=SUPPLIER, details=SALARY.details),
    ]


@pytest.fixture(scope="module")
def sandbox():
    with pretend.running("--execute-after", "manual") as started:
        yield started


@pytest.fixture
def send(sandbox):
    """Gives a function: orders and format -> the bank's receipt."""
    sandbox.control("reset", now=f"{TODAY}T09:00:00Z")
    bank = BANKS["mbank"](Connection(sandbox.addresses["mbank"]))
    challenge = bank.log_in(Operator("anna", "mobile"), CLIENT)
    sandbox.answer("anna", "confirm")
    session = bank.confirm(challenge)

    def sending(orders, name="pain.001.001.03"):
        message_id, now = uuid.uuid4().hex, datetime.now(timezone.utc)
        content = PACKAGE_FORMATS[name].render(message_id, now, PLN, orders)
        return bank.send(session, Package(message_id, name, content, now))

    return sending


def states(receipt):
    return {item.end_to_end_id: (item.state, item.code) for item in receipt.orders}


def test_bank_refuses_what_our_checks_call_errors(send):
    bad = [
        order("domestic", payee=replace(SUPPLIER, account="PL33102010264010200000012345")),
        order("foreign", payer=EURO, currency="EUR", payee=replace(
            ALL_KINDS["foreign"].payee, address=Address(street="1 Main Street"))),
        order("domestic", payee=SUPPLIER, execute_on=TODAY - timedelta(days=1)),
        order("mpp", payee=SUPPLIER, title="/VAT/9999,00/IDC/7781001014/INV/F1", details={}),
    ]  # fmt: skip
    problems = checks.run(bad, CONTEXT)
    assert {item.record for item in problems if item.is_error} == {item.number for item in bad}
    orders = [*bad, order("domestic", payee=SUPPLIER)]
    said = states(send(orders))
    assert [said[item.end_to_end_id] for item in orders] == [
        ("rejected", "AC01"),
        ("rejected", "BE04"),
        ("rejected", "DT01"),
        ("rejected", "AM12"),
        ("waiting", ""),
    ]


@pytest.mark.parametrize("name", ["pain.001.001.03", "pain.001.001.09"])
def test_bank_takes_every_kind(send, name):
    orders = all_kinds()
    assert [item for item in checks.run(orders, CONTEXT) if item.is_error] == []
    receipt = send(orders, name)
    assert states(receipt) == {item.end_to_end_id: ("waiting", "") for item in orders}
    assert receipt.state == "waiting"


def test_bank_takes_domestic_kinds_as_elixir(send):
    orders = all_kinds()[:5]
    receipt = send(orders, "elixir")
    assert states(receipt) == {item.end_to_end_id: ("waiting", "") for item in orders}


def test_payment_information_ids_are_those_of_the_receipt(sandbox, send):
    orders = all_kinds()
    message_id, now = uuid.uuid4().hex, datetime.now(timezone.utc)
    content = PACKAGE_FORMATS["pain.001.001.03"].render(message_id, now, PLN, orders)
    groups = payments_of(content)
    assert sum(map(len, groups.values())) == len(orders)
    receipt = send(orders)
    for number in range(1, len(groups) + 1):
        assert f"{receipt.message_id}-{number}</".encode() in receipt.content


def test_text_that_passes_our_checks_passes_the_bank(send):
    generator = random.Random(2026)
    alphabet = "aZ9ąŁ ßüé&_;=\"%#@!*|<>{}[]^~`§$€–„\\'+,.()?-/:\u00a0\n"
    orders = []
    for number in range(300):
        text = "".join(generator.choices(alphabet, k=generator.randint(1, 40)))
        name = generator.choice(["domestic", "sepa"])
        payer, payee = (EURO, ALL_KINDS["sepa"].payee) if name == "sepa" else (PLN, SUPPLIER)
        payee = replace(payee, name=f"A{text[::-1]}B")
        orders.append(order(name, payer=payer, payee=payee, title=f"T{text}", number=f"O/{number}"))
    wrong = {item.record for item in checks.run(orders, CONTEXT) if item.is_error}
    right = [item for item in orders if item.number not in wrong]
    assert len(right) > 250
    assert {state for state, _code in states(send(right)).values()} == {"waiting"}


def test_white_list_of_the_pretend_ministry(sandbox):
    sandbox.control("reset", now=f"{TODAY}T09:00:00Z")
    service = WhiteList(f"{sandbox.base}/whitelist")
    listed = service.check(SUPPLIER.tax_id, SUPPLIER.account, TODAY)
    assert (listed.listed, bool(listed.request_id)) == (True, True)
    assert listed.checked_at == datetime(2026, 11, 18, 9, 0, tzinfo=timezone.utc)
    assert service.check(SUPPLIER.tax_id, ZUS.account, TODAY).listed is False
    assert service.taxpayer(SUPPLIER.tax_id, TODAY).accounts == (SUPPLIER.account[2:],)
    with pytest.raises(Refused) as caught:
        service.check(SUPPLIER.tax_id, SUPPLIER.account, TODAY + timedelta(days=1))
    assert caught.value.code == "WL-103"


def test_white_list_that_is_down_says_so(sandbox):
    service = WhiteList(f"{sandbox.base}/whitelist")
    sandbox.control("whitelist/down", down=True)
    try:
        with pytest.raises(Busy):
            service.check(SUPPLIER.tax_id, SUPPLIER.account, TODAY)
    finally:
        sandbox.control("whitelist/down", down=False)


def test_warning_of_a_duplicate_in_one_package():
    twice = [order("domestic", payee=SUPPLIER, number=f"O/{number}") for number in (1, 2)]
    assert ("warning", "title") in found(checks.run(twice, CONTEXT))
