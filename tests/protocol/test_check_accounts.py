# SPDX-License-Identifier: LGPL-3.0-only
"""Account numbers and BICs: every typing error is found, right ones pass."""

from dataclasses import replace

import pytest
from orders_for_tests import (
    ALL_KINDS,
    CONTEXT,
    DOMESTIC,
    EUR_PAYER,
    FOREIGN,
    PAYER,
    SEPA,
    SUPPLIER,
    found,
)

from protocol.accounts import clearing_number, nrb_of
from protocol.checks import bic, iban, nrb

NUMBER = "61109010140000071219812874"


def to(account, order=DOMESTIC, **more):
    return replace(order, payee=replace(order.payee, account=account, **more))


@pytest.mark.parametrize("account", ["PL" + NUMBER, NUMBER])
def test_every_wrong_digit_is_found(account):
    start = len(account) - 26
    for at in range(start, len(account)):
        for digit in set("0123456789") - {account[at]}:
            wrong = account[:at] + digit + account[at + 1 :]
            order = to(wrong, bank_code="")
            problems = [*iban.check(order, CONTEXT), *nrb.check(order, CONTEXT)]
            assert found(problems) == [("error", "payee.account")], wrong


def test_every_swap_of_neighbours_is_found():
    for at in range(25):
        digits = list(NUMBER)
        digits[at], digits[at + 1] = digits[at + 1], digits[at]
        if digits != list(NUMBER):
            order = to("".join(digits), bank_code="")
            assert found(nrb.check(order, CONTEXT)) == [("error", "payee.account")]


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("", "missing"),
        ("DE8937040044053201300", "missing"),
        ("DE89370400440532013001", "wrong"),
        ("XX89370400440532013000", "wrong"),
        ("de89370400440532013000", "capitals"),
        ("DE89 3704 0044 0532 0130 00", "without blanks"),
        ("123456", "not an IBAN"),
    ],
)
def test_number_that_is_no_iban(account, words):
    problems = list(iban.check(to(account, SEPA), CONTEXT))
    assert found(problems) == [("error", "payee.account")]
    assert words in problems[0].message


@pytest.mark.parametrize("account", ["№1", "12 34", "/12", "1" * 35])
def test_number_abroad_that_no_message_can_hold(account):
    assert found(iban.check(to(account, FOREIGN), CONTEXT)) == [("error", "payee.account")]


def test_payment_to_oneself_is_an_error():
    order = to(PAYER.account.removeprefix("PL"))
    assert found(iban.check(order, CONTEXT)) == [("error", "payee.account")]


@pytest.mark.parametrize("account", ["DE89370400440532013000", "123", "6110901014000007121981287x"])
def test_domestic_order_needs_a_polish_number(account):
    assert found(nrb.check(to(account, bank_code=""), CONTEXT)) == [("error", "payee.account")]


def test_number_of_another_bank_than_named():
    assert found(nrb.check(to(NUMBER, bank_code="11401010"), CONTEXT)) == [
        ("error", "payee.bank_code")
    ]


def test_digits_of_other_alphabets_are_no_number():
    assert nrb_of("٦" * 26) == ""


@pytest.mark.parametrize("code", ["BREX", "brexplpw", "BREXPLPWXX", "BR3XPLPWXXX", "BREXQQPWXXX"])
def test_bic_that_is_none(code):
    order = replace(FOREIGN, payee=replace(FOREIGN.payee, bic=code))
    assert found(bic.check(order, CONTEXT)) == [("error", "payee.bic")]


def test_foreign_transfer_needs_the_bank():
    order = replace(FOREIGN, payee=replace(FOREIGN.payee, bic=""))
    assert found(bic.check(order, CONTEXT)) == [("error", "payee.bic")]


def test_bank_in_another_country_than_the_account_is_a_warning():
    order = replace(SEPA, payee=replace(SEPA.payee, bic="BREXPLPWXXX"))
    assert found(bic.check(order, CONTEXT)) == [("warning", "payee.bic")]


def test_accounts_of_the_channel_islands_are_british():
    payee = replace(SEPA.payee, account="GB29NWBK60161331926819", bic="RBOSGGSX")
    assert not list(bic.check(replace(SEPA, payee=payee), CONTEXT))


@pytest.mark.parametrize("name", ALL_KINDS)
def test_right_numbers_pass(name):
    order = ALL_KINDS[name]
    rules = (iban, nrb, bic)
    assert [problem for rule in rules for problem in rule.check(order, CONTEXT)] == []


def test_clearing_number():
    assert clearing_number(SUPPLIER.account) == "10901014"
    assert clearing_number("DE89370400440532013000") == ""
    assert clearing_number(EUR_PAYER.account) == "11401010"
