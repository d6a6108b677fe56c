"""The Russian payment form: what a bank would send back."""

import dataclasses
from datetime import date, datetime, timedelta, timezone

import pytest
import roubles

from protocol import checks
from protocol.checks.rouble_keys import is_key_right
from protocol.checks.rouble_lists import lists_on
from protocol.records import document_date, document_number

BUDGET = {
    "payer_status": "01",
    "kbk": "18201061201010000510",
    "oktmo": "45382000",
    "tax_reason": "0",
    "tax_period": "КВ.03.2026",
    "tax_document_number": "0",
    "tax_document_date": "0",
    "uin": "0",
}


def problems(order, today=roubles.DAY):
    context = checks.Context(datetime.combine(today, datetime.min.time(), timezone.utc))
    return {p.field: p.message for p in checks.run([order], context)}


@pytest.mark.parametrize(
    ("bik", "account", "correspondent", "key"),
    [
        ("049805000", "30101810K00000000746", True, 8),
        ("049805746", "40602810K00000000025", False, 7),
        ("049805000", "40102810K00000010001", False, 1),
    ],
)
def test_account_keys_of_the_central_bank(bik, account, correspondent, key):
    right = [
        digit
        for digit in range(10)
        if is_key_right(account.replace("K", str(digit)), bik, correspondent=correspondent)
    ]
    assert right == [key]


def test_accounts_with_a_letter_and_of_the_treasury():
    with_digit = roubles.account("40702010K00000000001", roubles.BIK)
    assert is_key_right(with_digit[:5] + "A" + with_digit[6:], roubles.BIK)
    assert is_key_right("03100643000000017300", "024501901")


@pytest.mark.parametrize("number", ["0", "000", "1234567", "BO/1", "", "١٢"])
def test_numbers_that_a_bank_refuses(number):
    assert "details.document_number" in problems(roubles.order(number=number))


def test_an_old_order_is_refused_and_never_dated_anew():
    order = roubles.order()
    assert not problems(order, roubles.DAY + timedelta(days=10))
    found = problems(order, roubles.DAY + timedelta(days=11))
    assert "older than 10 days" in found["details.document_date"]
    assert (
        "in the future" in problems(order, roubles.DAY - timedelta(days=1))["details.document_date"]
    )
    assert "details.document_date" in problems(roubles.order(details={"document_date": "18.11.26"}))


@pytest.mark.parametrize(
    ("day", "words"), [(date.min, "older than 10 days"), (date.max, "in the future")]
)
def test_the_first_and_the_last_day_of_all(day, words):
    found = problems(roubles.order(details={"document_date": day.isoformat()}))
    assert words in found["details.document_date"]


@pytest.mark.parametrize(
    ("side", "change", "field"),
    [
        ("payer", {"tax_id": ""}, "payer.tax_id"),
        ("payer", {"tax_id": "7707083894"}, "payer.tax_id"),
        ("payee", {"tax_id": "0000000000"}, "payee.tax_id"),
        ("payee", {"tax_id": "77 07083893"}, "payee.tax_id"),
        ("payee", {"tax_id": "00000"}, "payee.tax_id"),
        ("payee", {"bank_code": "04452599"}, "payee.bank_code"),
        ("payee", {"bank_code": "044525998"}, "payee.account"),
        ("payee", {"account": roubles.OTHER[:-1]}, "payee.account"),
        ("payee", {"account": "40702840" + roubles.OTHER[8:]}, "payee.account"),
        ("payee", {"name": ""}, "payee.name"),
        ("payee", {"name": "Ю" * 161}, "payee.name"),
        ("payee", {"details": {"kpp": "77070100"}}, "payee.details.kpp"),
        ("payee", {"details": {"kpp": "7707a1001"}}, "payee.details.kpp"),
        ("payee", {"details": {"corr_account": "30101810000000000998"}},
         "payee.details.corr_account"),
    ],
)  # fmt: skip
def test_parties_that_a_bank_refuses(side, change, field):
    order = roubles.order()
    party = dataclasses.replace(getattr(order, side), **change)
    assert field in problems(dataclasses.replace(order, **{side: party}))


@pytest.mark.parametrize("tax_id", ["0", "", "12345", "500100732259"])
def test_payees_without_an_inn(tax_id):
    order = roubles.order()
    assert not problems(
        dataclasses.replace(order, payee=dataclasses.replace(order.payee, tax_id=tax_id))
    )


@pytest.mark.parametrize("title", ["", "  ", "Ж" * 211, "оплата 訂單"])
def test_purposes_that_a_bank_refuses(title):
    assert "title" in problems(roubles.order(title=title))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("priority", "6"),
        ("priority", ""),
        ("uin", "123"),
        ("uin", "0" * 20),
        ("operation_kind", "02"),
        ("income_code", "6"),
        ("payment_kind", "срочно-срочно-срочно"),
    ],
)
def test_fields_of_the_form(field, value):
    assert f"details.{field}" in problems(roubles.order(details={field: value}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payer_status", "20"),
        ("payer_status", "09"),
        ("tax_reason", "ТП"),
        ("tax_period", "МС.11.2026"),
        ("tax_period", "11.2026"),
        ("tax_document_date", "32.01.2026"),
        ("kbk", "0" * 20),
        ("kbk", ""),
        ("oktmo", "123456789"),
        ("uin", ""),
    ],
)
def test_budget_fields(field, value):
    assert f"details.{field}" in problems(roubles.order(details={**BUDGET, field: value}))


def test_budget_fields_without_the_payers_status():
    assert "details.kbk" in problems(roubles.order(details={"kbk": BUDGET["kbk"]}))


def test_a_right_order_and_a_right_budget_payment():
    assert problems(roubles.order()) == {}
    assert problems(roubles.order(details={**BUDGET, "payer_status": "34"})) == {}


def test_lists_hold_from_their_day():
    assert "34" in lists_on(date(2026, 4, 1)).payer_statuses
    assert lists_on(date(2020, 1, 1)) is lists_on(date.max)


def test_the_documents_own_number_and_date_come_first():
    order = roubles.order(details={"document_number": "77", "document_date": "2026-11-10"})
    assert (document_number(order), document_date(order)) == (
        "77",
        date(2026, 11, 10),
    )
