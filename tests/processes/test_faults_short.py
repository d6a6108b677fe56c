"""The fault suite's short form: real workers, every fault once, a death at each step."""

import argparse
import random

import pytest

from tools import faults
from tools.faults.bank import SENDING

SHORT = {
    "mbank": {"payments": 28, "package": 2},
    "directbank": {"payments": 14, "package": 1},
}


@pytest.mark.parametrize("bank", SHORT)
def test_payments_are_executed_once_through_faults_and_deaths(bank):
    seed = random.SystemRandom().randrange(10**6)
    print(f"{bank}: seed {seed}")
    chosen = argparse.Namespace(
        **SHORT[bank], faults=len(SENDING), status_faults=3, deaths=1, seed=seed
    )
    with faults.company("faults_short", faults.SHOPS[bank]) as (stack, shop, deaths):
        pressed, _package = faults.at_once(stack, shop, others=0)
        assert pressed[-1] == "1 package each"
        faults.breaking(shop, deaths, chosen, faults.Phases())
        # `breaking` stops with the difference when the bank's ledger and Odoo do not agree.
        references = [reference for reference, _amount in shop.bank.paid()]
        assert len(references) == len(set(references)) == chosen.payments + 10
        assert stack.sql("SELECT DISTINCT bank_state FROM bank_order") == [["executed"]]
        assert all(deaths.happened().values())
        assert set(shop.bank.faults()) == set(SENDING)
        faults.unchecked(shop, deaths, chosen, faults.Phases())


@pytest.mark.parametrize("bank", SHORT)
def test_a_restored_database_pays_nothing_again(bank):
    with faults.company("faults_restored", faults.SHOPS[bank]) as (stack, shop, _deaths):
        # `two_databases` stops where the copies handed nothing to the bank, or it paid again.
        rows = faults.two_databases(stack, shop)
        assert [row[3] for row in rows] == ["0 paid again"] * 2
