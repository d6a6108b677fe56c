"""The fault suite's short form: real workers, every fault once, a death at each step."""

import argparse

from tools import faults

SHORT = argparse.Namespace(payments=14, package=2, faults=6, status_faults=1, deaths=1)


def test_payments_are_executed_once_through_faults_and_deaths():
    with faults.company("faults_short") as (stack, shop, bank, deaths):
        pressed, _package = faults.at_once(stack, shop, others=0)
        assert pressed[-1] == "1 package"
        faults.breaking(stack, shop, bank, deaths, SHORT)
        # `breaking` stops with the difference when the bank's ledger and Odoo do not agree.
        references = [reference for reference, _amount in bank.paid()]
        assert len(references) == len(set(references)) == 14 + 10
        assert stack.sql("SELECT DISTINCT bank_state FROM bank_order") == [["executed"]]
        assert sum(deaths.happened().values()) >= 5
        assert sum(bank.faults().values()) >= 5
