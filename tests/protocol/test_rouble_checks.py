# SPDX-License-Identifier: LGPL-3.0-only
"""The Russian payment form: what a bank would send back."""

import dataclasses
from datetime import date, datetime, timedelta, timezone

import pytest
import roubles

from protocol import checks
from protocol.checks import rouble_budget
from protocol.checks.rouble_keys import is_key_right
from protocol.checks.rouble_lists import lists_on
from protocol.records import document_date, document_number, payee_account

BUDGET = {
    "payer_status": "01",
    "kbk": "18201061201010000510",
    "oktmo": "45382000",
    "tax_reason": "0",
    "tax_period": "0",
    "tax_document_number": "0",
    "tax_document_date": "0",
    "uin": "0",
}


# The single tax payment; 102 is 0 since order 58n.
TREASURY = {
    "name": "Казначейство России (ФНС России)",
    "account": "03100643000000018500",
    "bank_code": "017003983",
    "tax_id": "7727406020",
    "details": {"kpp": "770801001", "corr_account": "40102810445370000059"},
}

PERSON = {"tax_id": "500100732259", "name": "Иванов Иван"}


def budget(payer=None, payee=None, **details):
    """A single tax payment, with changes."""
    order = roubles.order(details={**BUDGET, **details}, title="Единый налоговый платёж")
    payer = {"details": {**order.payer.details, "kpp": "0"}, **(payer or {})}
    return dataclasses.replace(
        order,
        payer=dataclasses.replace(order.payer, **payer),
        payee=dataclasses.replace(order.payee, **{**TREASURY, **(payee or {})}),
    )


def severities(order):
    context = checks.Context(datetime.combine(roubles.DAY, datetime.min.time(), timezone.utc))
    return {(p.field, p.severity) for p in checks.run([order], context)}


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
        ("kbk", "0"),
        ("tax_period", "КВ.13.2026"),
        ("tax_period", "КВ.00.2026"),
        ("tax_period", "ПЛ.03.2026"),
        ("tax_period", "ГД.01.2026"),
        ("tax_period", "31.02.2026"),
        ("tax_document_date", "29.02.2026"),
    ],
)
def test_budget_fields(field, value):
    assert f"details.{field}" in problems(budget(**{field: value}))


def test_budget_fields_without_the_payers_status():
    assert "details.kbk" in problems(roubles.order(details={"kbk": BUDGET["kbk"]}))


def test_a_right_order_and_a_right_budget_payment():
    assert problems(roubles.order()) == {}
    assert severities(budget()) == set()
    assert severities(budget(payer_status="34")) == set()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payee": {"tax_id": ""}}, "payee.tax_id"),
        ({"payee": {"details": {"corr_account": "40102810445370000059"}}}, "payee.details.kpp"),
        ({"payee": {"details": {"kpp": "770801001"}}}, "payee.details.corr_account"),
        ({"payer": {"details": {}}}, "payer.details.kpp"),
        ({"payer_status": ""}, "details.payer_status"),
    ],
)
def test_a_payment_to_the_budget_names_both_sides_whole(change, field):
    assert (field, "error") in severities(budget(**change))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payer": {"details": {"kpp": "770701001"}}}, "payer.details.kpp"),
        ({"tax_period": "КВ.03.2026"}, "details.tax_period"),
        ({"payer_status": "06"}, "details.tax_period"),
        ({"payer": PERSON, "payer_status": "13"}, "payer.name"),
        ({"payer": {**PERSON, "name": "Иванов Иван (ИП)"}}, "details.payer_status"),
        ({"payee": {"tax_id": "7707083893"}}, "payee.tax_id"),
        ({"kbk": "18210202000010000160"}, "payer.details.kpp"),
    ],
)
def test_what_only_reports_say_is_a_warning(change, field):
    assert severities(budget(**change)) == {(field, "warning")}


def test_rules_of_an_order_hold_from_its_day():
    order = budget(payer={"details": {"kpp": "770701001"}}, document_date="2026-03-31")
    assert not [p for p in rouble_budget.check(order, date(2026, 3, 31)) if p[3] == "warning"]
    assert [p[0] for p in rouble_budget.check(order, date(2026, 4, 1))] == ["payer.details.kpp"]


@pytest.mark.parametrize(
    ("account", "title", "details", "field"),
    [
        ("40817810K00000000001", "Подотчёт", {}, "details.income_code"),
        ("40820810K00000000001", "{VO70010} Зарплата", {}, "details.income_code"),
        ("40807810K00000000001", "Оплата по договору", {}, "title"),
        ("30111810K00000000001", "VO10100 Оплата", {}, "title"),
        ("40817810K00000000001", "Зарплата ВЗС 100-00", {"income_code": "1"}, "title"),
    ],
)
def test_a_person_is_warned_of_what_banks_ask_back(account, title, details, field):
    number = roubles.account(account, roubles.OTHER_BIK)
    order = roubles.order(title=title, details=details)
    payee = dataclasses.replace(order.payee, account=number)
    assert severities(dataclasses.replace(order, payee=payee)) == {(field, "warning")}
    right = {
        "40817": ("Зарплата //ВЗС//100-00//", {"income_code": "1"}),
        "40820": ("{VO70010} Зарплата", {"income_code": "1"}),
        "40807": ("{VO10100} Оплата", {}),
        "30111": ("{VO10100} Оплата", {}),
    }
    title, details = right[account[:5]]
    order = roubles.order(title=title, details=details)
    assert severities(dataclasses.replace(order, payee=payee)) == set()


def test_a_bank_as_payee_has_no_account_but_its_correspondent_one():
    order, corr = roubles.order(), roubles.PAYEE.details["corr_account"]
    foreign = roubles.PAYER.details["corr_account"]
    for side, account, field in (
        ("payee", "", "payee.account"),
        ("payee", foreign, "payee.account"),
        ("payer", foreign, "payer.account"),
    ):
        party = dataclasses.replace(getattr(order, side), account=account)
        assert (field, "error") in severities(dataclasses.replace(order, **{side: party}))
    payee = dataclasses.replace(order.payee, account=corr)
    bank = dataclasses.replace(order, payee=payee)
    assert severities(bank) == {("payee.account", "warning")}
    assert (payee_account(bank), payee_account(order)) == ("", roubles.OTHER)
    other = f"{corr[:-1]}{(int(corr[-1]) + 1) % 10}"
    wrong = dataclasses.replace(payee, account=other, details={"corr_account": other})
    found = severities(dataclasses.replace(order, payee=wrong))
    assert ("payee.details.corr_account", "error") in found


def test_an_unprintable_character_is_named_by_its_place():
    words = problems(roubles.order(title="Оплата по счёту\u200b 15"))["title"]
    assert "U+200B" in words
    assert "at place 16, after “а по счёту”" in words


def test_lists_hold_from_their_day():
    assert "34" in lists_on(date(2026, 4, 1)).payer_statuses
    assert lists_on(date(2020, 1, 1)) is lists_on(date.max)


def test_the_documents_own_number_and_date_come_first():
    order = roubles.order(details={"document_number": "77", "document_date": "2026-11-10"})
    assert (document_number(order), document_date(order)) == (
        "77",
        date(2026, 11, 10),
    )
