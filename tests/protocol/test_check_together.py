# SPDX-License-Identifier: LGPL-3.0-only
"""Orders beside each other: duplicates, money, and all problems of a batch at once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from orders_for_tests import ALL_KINDS, CONTEXT, DOMESTIC, EUR_PAYER, FOREIGN, PAYER, ZUS, found

from protocol import checks
from protocol.checks import PastOrder, balance, duplicate

PAST = PastOrder(
    record="O/77",
    account=DOMESTIC.payee.account,
    amount=DOMESTIC.amount,
    currency="PLN",
    title=DOMESTIC.title,
    day=DOMESTIC.execute_on - timedelta(days=7),
)


def seen(past, *orders):
    context = replace(CONTEXT, history=(past,))
    return found(duplicate.check_together(orders or (DOMESTIC,), context))


def test_same_payee_amount_and_title_within_seven_days_is_a_warning():
    assert seen(PAST) == [("warning", "title")]
    assert seen(replace(PAST, account=PAST.account.removeprefix("PL"))) == [("warning", "title")]
    assert seen(replace(PAST, title=f" {PAST.title.upper()} ")) == [("warning", "title")]
    later = replace(PAST, day=DOMESTIC.execute_on + timedelta(days=3))
    assert seen(later) == [("warning", "title")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", DOMESTIC.amount + 1),
        ("currency", "EUR"),
        ("title", "another"),
        ("account", ZUS.payee.account),
        ("day", DOMESTIC.execute_on - timedelta(days=8)),
        ("record", DOMESTIC.number),  # the order itself
    ],
)
def test_what_is_no_duplicate(name, value):
    assert seen(replace(PAST, **{name: value})) == []


def test_duplicate_inside_one_package():
    second = replace(DOMESTIC, number="O/2nd", end_to_end_id="E2")
    problems = list(duplicate.check_together((DOMESTIC, second), CONTEXT))
    assert [(problem.record, problem.values["other"]) for problem in problems] == [("O/2nd", "O/1")]


def test_balance_that_is_too_small_is_a_warning_at_the_order_it_does_not_reach():
    orders = [
        replace(DOMESTIC, number=f"O/{number}", amount=Decimal("40")) for number in range(1, 5)
    ]
    context = replace(CONTEXT, balances={PAYER.account.removeprefix("PL"): Decimal("100")})
    problems = list(balance.check_together(orders, context))
    assert [(problem.record, problem.severity) for problem in problems] == [("O/3", "warning")]
    assert problems[0].values["needed"] == Decimal("120")


def test_balance_that_reaches_or_is_not_known():
    enough = replace(CONTEXT, balances={PAYER.account: DOMESTIC.amount})
    assert list(balance.check_together([DOMESTIC], enough)) == []
    other = replace(CONTEXT, balances={EUR_PAYER.account: Decimal(0)})
    assert list(balance.check_together([DOMESTIC], other)) == []


def test_order_in_another_currency_than_its_account_is_left_out():
    payer = replace(PAYER, details={"currency": "PLN"})
    context = replace(CONTEXT, balances={PAYER.account: Decimal(1)})
    assert list(balance.check_together([replace(FOREIGN, payer=payer)], context)) == []
    context = replace(context, currency="PLN")  # where the order itself does not say it
    assert list(balance.check_together([replace(FOREIGN, payer=PAYER)], context)) == []


def test_all_problems_of_all_orders_come_together():
    bad = replace(DOMESTIC, number="O/bad", amount=Decimal(0), currency="x", title="")
    worse = replace(FOREIGN, number="O/worse", charges="", payee=replace(FOREIGN.payee, bic=""))
    problems = checks.run([bad, DOMESTIC, worse], CONTEXT)
    errors = [(problem.record, problem.field) for problem in problems if problem.is_error]
    assert errors == [
        ("O/bad", "amount"),
        ("O/bad", "currency"),
        ("O/bad", "title"),
        ("O/worse", "payee.bic"),
        ("O/worse", "charges"),
    ]


def test_every_problem_can_be_translated_from_its_template():
    bad = replace(
        DOMESTIC, title="Я" * 200, execute_on=DOMESTIC.execute_on - timedelta(days=30), kind="tax"
    )
    problems = checks.run([bad], CONTEXT)
    assert len(problems) > 5
    for problem in problems:
        assert problem.template.format(**problem.values) == problem.message


def test_right_orders_have_no_errors():
    problems = checks.run(ALL_KINDS.values(), CONTEXT)
    assert [problem for problem in problems if problem.is_error] == []
