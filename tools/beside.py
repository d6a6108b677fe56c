# SPDX-License-Identifier: LGPL-3.0-only
"""`make test-beside`: in an Odoo that has Sales, Purchase, Stock, Point of Sale and Expenses too.

What other add-ons may change in ours: the fast import of statements is still taken and gives what
Odoo gives, people without our rights meet nothing of ours, demo data touch nobody. `make test` has
the same tests in an Odoo with accounting alone.
"""

from tools import testing
from tools.ground import packages
from tools.ground import setup as setting_up
from tools.ground.say import say

MODULES = "sale_management,purchase,stock,point_of_sale,hr_expense,l10n_pl"
TESTS = (
    "tests/statements/test_statement_lines.py",
    "tests/desk/test_neighbours.py",
    "tests/desk/test_demo_elsewhere.py",
)


def main(arguments):
    """pytest's exit code; `arguments` take the place of TESTS."""
    packages.ensure(packages.FOR_TESTS)
    with setting_up.ready() as databases, testing.database(databases, "beside", False) as name:
        say(f"Installing {MODULES} ...")
        databases.odoo.run("-d", name, "-i", MODULES, log="test_beside")
        words, _paths = testing.linked(arguments or TESTS)
        return testing.in_odoo(databases.odoo, name, words)
