# SPDX-License-Identifier: LGPL-3.0-only
"""What `make test-core` reads out of Odoo's logs, and what it calls a difference."""

from tools import core

HEAD = "2026-01-01 10:00:00,000 1 {} test_core_1 odoo.addons.account.tests.test_account_journal: "
BEGAN = HEAD.format("INFO") + "Starting TestJournal.test_copy ...\n"
OTHER = HEAD.format("INFO") + "Starting TestJournal.test_name ...\n"
FAILED = HEAD.format("ERROR") + "FAIL: TestJournal.test_copy\nTraceback ...\n"
NO_START = HEAD.format("ERROR") + "ERROR: setUpClass (odoo.addons.account.tests.x.TestJournal)\n"


def found(plain, ours):
    return core.difference(core.read(plain), core.read(ours))


def test_a_test_that_fails_with_the_addon_only():
    assert found(BEGAN, BEGAN + FAILED) == ["fails with the add-on: TestJournal.test_copy"]


def test_tests_that_cannot_begin_with_the_addon():
    lines = found(BEGAN + OTHER, NO_START + OTHER)
    assert len(lines) == 2
    assert lines[0].startswith("did not begin with the add-on: account.tests")
    assert "setUpClass" in lines[1]


def test_what_fails_on_both_sides_is_no_difference():
    assert found(BEGAN + FAILED + OTHER, BEGAN + FAILED + OTHER) == []
