# SPDX-License-Identifier: LGPL-3.0-only
"""The fault suite's short form: real workers, every fault once, a death at each step.

The tests share one company, in the order in which `make faults` goes. .ci/run has the rouble bank.
"""

import argparse
import random

import pytest

from tools import faults
from tools.faults.bank import SENDING

SHORT = {"payments": 14, "package": 1, "status_faults": 3, "deaths": 1}


@pytest.fixture(scope="module")
def company():
    with faults.company("faults_short", faults.SHOPS["mbank"]) as running:
        yield running


def test_a_restored_database_pays_nothing_again(company):
    stack, shop, _deaths = company
    # `two_databases` stops where the copies handed nothing to the bank, or it paid again.
    rows = faults.two_databases(stack, shop)
    assert [row[3] for row in rows] == ["0 paid again"] * 2


def test_payments_are_executed_once_through_faults_and_deaths(company):
    stack, shop, deaths = company
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chosen = argparse.Namespace(**SHORT, faults=len(SENDING), seed=seed)
    before = len(shop.bank.paid())
    pressed, _package = faults.at_once(stack, shop, others=0)
    assert pressed[-1] == "1 package each"
    faults.breaking(shop, deaths, chosen, faults.Phases())
    # `breaking` stops with the difference when the bank's ledger and Odoo do not agree.
    references = [reference for reference, _amount in shop.bank.paid()]
    assert len(references) == len(set(references)) == before + chosen.payments + 10
    states = "SELECT DISTINCT bank_state FROM bank_order WHERE bank_state != 'cancelled'"
    assert stack.sql(states) == [["executed"]]
    assert all(deaths.happened().values())
    assert set(shop.bank.faults()) == set(SENDING)
    faults.unchecked(shop, deaths, chosen, faults.Phases())


def test_a_bill_is_paid_once_whatever_happens_to_it_in_between(company):
    _stack, shop, _deaths = company
    # `between` stops where an order, its bill and the bank's books do not agree.
    assert len(faults.between(shop, faults.Phases())) == 5
