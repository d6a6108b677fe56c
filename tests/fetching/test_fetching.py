# SPDX-License-Identifier: LGPL-3.0-only
"""Statements from the bank: whole or not at all, and again means nothing new."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import LockError, UserError

from ..common import BankCase


class TestFetching(BankCase):
    def setUp(self):
        super().setUp()
        self.log_in()
        self.until = fields.Date.today() - timedelta(days=1)
        self.since = self.until - timedelta(days=13)

    def lines(self):
        return self.env["account.bank.statement.line"].search(
            [("journal_id", "=", self.journal.id)]
        )

    def fetch(self):
        wizard = self.env["bank.fetch"].create(
            {"journal_id": self.journal.id, "date_from": self.since, "date_to": self.until}
        )
        wizard.action_fetch()
        return wizard

    def test_two_users_at_once_the_second_one_is_told(self):
        feed = type(self.env["bank.feed"])
        with (
            patch.object(feed, "lock_for_update", side_effect=LockError("held by the first")),
            self.assertRaisesRegex(UserError, "fetching into mBank BWS at this moment"),
        ):
            self.fetch()
        self.assertFalse(self.lines())

    def test_days_and_numbers_that_no_statement_has(self):
        for values in (
            {"date_from": "9999-12-20", "date_to": "9999-12-31"},
            {"date_from": "0001-01-01", "date_to": "0001-01-05"},
            {"date_from": "2026-01-05", "date_to": "2026-01-04"},
            {"kind": "number", "number": -1, "year": 2026},
            {"kind": "number", "number": 1, "year": -5},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self.env["bank.fetch"].create({"journal_id": self.journal.id, **values})

    def test_account_outside_the_agreement(self):
        self.account.sudo().acc_number = "PL70114010100000100000020001"
        with self.assertRaisesRegex(UserError, "does not serve this account"):
            self.fetch()

    def assert_refused(self, kind, words):
        self.sandbox.fault("GetStatement", kind)
        wizard = self.fetch()
        self.assertIn(words, wizard.result)
        self.assertFalse(self.lines())
        feed = self.journal._bank_feed()
        self.assertTrue(feed.last_error)
        self.assertFalse(feed.fetched_until, "a failed fetch must not move “fetched until”")
        # The raw document is kept, with what is wrong with it.
        self.assertIn("failed", wizard.document_ids.mapped("state"))

    def test_statement_in_another_accounts_name(self):
        self.assert_refused("wrong_account_statement", "has the account")

    def test_balance_that_does_not_add_up(self):
        self.assert_refused("bad_balance", "")

    def test_wrong_currency(self):
        self.assert_refused("wrong_currency", "is in")

    def test_answers_that_are_none(self):
        for kind in ("truncated", "garbage", "entity_bomb", "http_500", "drop_after"):
            with self.subTest(kind):
                self.sandbox.fault("GetStatement", kind)
                with self.assertRaises(UserError) as caught:
                    self.fetch()
                self.assertNotIn("Traceback", str(caught.exception))
                self.assertFalse(self.lines())
                self.assertFalse(self.journal._bank_feed().fetched_until)

    def test_locked_period_is_refused_not_moved(self):
        self.company.sudo().fiscalyear_lock_date = self.until
        wizard = self.fetch()
        self.assertIn("locked", wizard.result)
        self.assertFalse(self.lines())

    def test_first_fetch_then_nothing_new(self):
        first = self.fetch()
        lines = self.lines()
        self.assertTrue(lines)
        self.assertIn("New entries", first.result)
        self.assertEqual(self.journal._bank_feed().fetched_until, self.until)
        for line in lines:
            self.assertTrue(line.bank_operation_key)
            self.assertEqual(line.date, line.bank_booked_on)
        named = lines.filtered("partner_name")
        self.assertTrue(named)
        self.assertTrue(named.filtered("account_number"))
        self.assertTrue(lines[:1].transaction_details["operation_id"])
        for statement in lines.statement_id:
            self.assertTrue(statement.is_complete, statement.name)
            self.assertTrue(statement.is_valid, statement.name)
            self.assertTrue(statement.bank_document_id)
        again = self.fetch()
        self.assertIn("Nothing new", again.result)
        self.assertEqual(len(self.lines()), len(lines))

    def test_mt940_and_camt_give_the_same_entries(self):
        self.journal.sudo().statement_format = "mt940"
        self.fetch()
        lines = self.lines()
        self.journal.sudo().statement_format = "camt.053"
        again = self.fetch()
        self.assertIn("Nothing new", again.result)
        self.assertEqual(self.lines(), lines)

    def test_partner_is_found_by_account_number(self):
        self.fetch()
        supplier = self.supplier.bank_ids.sanitized_acc_number[2:]
        paid = self.lines().filtered(lambda line: supplier in (line.account_number or ""))
        self.assertTrue(paid)
        self.assertEqual(paid.partner_id, self.supplier)
