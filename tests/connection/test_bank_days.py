# SPDX-License-Identifier: LGPL-3.0-only
"""A bank's day begins and ends where the bank is, not where its customer or the server is."""

from datetime import date, timedelta

from freezegun import freeze_time
from odoo import fields

from ..common import BankCase
from ..roubles.common import RoubleCase

# Eleven o'clock in the evening in Warsaw, one in the night in Moscow, eight in Vladivostok.
LATE = "2026-03-10T22:00:00"
OVER, OPEN = date(2026, 3, 9), date(2026, 3, 10)


class TestWarsawDays(BankCase):
    def setUp(self):
        super().setUp()
        self.user.sudo().tz = "Asia/Vladivostok"
        self.env = self.env(context={**self.env.context, "tz": "Asia/Vladivostok"})
        self.journal = self.journal.with_env(self.env)
        freezer = freeze_time(LATE, tick=True)
        freezer.start()
        self.addCleanup(freezer.stop)
        self.sandbox.post("/control/reset", now=f"{LATE}Z")

    def test_a_day_that_is_over_for_the_user_only_is_not_taken_as_fetched(self):
        self.log_in()
        self.journal._fetch_statements(OVER, OPEN + timedelta(days=1))
        self.assertEqual(self.journal._bank_feed().fetched_until, OVER)

    def test_the_wizard_proposes_days_of_the_bank(self):
        wizard = self.env["bank.fetch"].create({"journal_id": self.journal.id})
        self.assertEqual(wizard.date_to, OPEN)

    def test_a_payment_of_the_banks_day_is_in_time(self):
        payment = self.make_payment()
        payment.sudo().date = OPEN
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
        self.assertEqual(wizard.past_count, 0)
        payment.sudo().date = OVER
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
        self.assertEqual(wizard.past_count, 1)


class TestMoscowDays(RoubleCase):
    def setUp(self):
        super().setUp()
        freezer = freeze_time(LATE, tick=True)
        freezer.start()
        self.addCleanup(freezer.stop)
        self.sandbox.post("/control/reset", now=f"{LATE}Z")
        self.journal.sudo().write({"fetch_every": 2, "fetch_unit": "hours"})

    def run_cron(self):
        self.env["bank.feed"].sudo()._cron_fetch()
        self.env.invalidate_all()

    def test_the_schedule_gets_all_days_that_are_over_and_no_refusal(self):
        """The open day is asked for as well, and this bank refuses a period with it as a whole."""
        self.log_in()
        feed = self.journal._bank_feed()
        feed.sudo().write({"fetched_until": OVER - timedelta(days=3)})
        feed.sudo().next_fetch_at = fields.Datetime.now()
        self.run_cron()
        self.assertFalse(feed.last_error)
        self.assertEqual(feed.failures, 0)
        self.assertEqual(feed.fetched_until, OPEN, "in Moscow it is the 11th already")
        (document,) = self.env["bank.document"].search([("journal_id", "=", self.journal.id)])
        self.assertEqual(document.state, "done", document.problem)

    def test_days_that_the_bank_leaves_out_are_not_taken_as_fetched(self):
        self.log_in()
        feed = self.journal._bank_feed()
        days = {"date_from": OVER - timedelta(days=6), "date_to": OVER}
        wizard = self.env["bank.fetch"].create({"journal_id": self.journal.id, **days})
        with self.last_days_left_out(2):
            wizard.action_fetch()
        self.assertEqual(feed.fetched_until, OVER - timedelta(days=2))
        self.assertIn("no final statement yet", feed.last_error)
        self.assertIn(feed.last_error, wizard.result)
        wizard = self.env["bank.fetch"].create({"journal_id": self.journal.id, **days})
        wizard.action_fetch()
        self.assertEqual((feed.fetched_until, feed.last_error), (OVER, False))
        self.assertNotIn("no final statement", wizard.result)

    def test_the_open_day_alone_has_no_statement_and_moves_nothing(self):
        self.log_in()
        today = OPEN + timedelta(days=1)
        wizard = self.env["bank.fetch"].create(
            {"journal_id": self.journal.id, "date_from": today, "date_to": today}
        )
        wizard.action_fetch()
        self.assertIn("no statement", wizard.result)
        self.assertFalse(self.journal._bank_feed().fetched_until)
