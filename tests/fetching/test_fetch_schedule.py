# SPDX-License-Identifier: LGPL-3.0-only
"""On time, without a person: due journals, pauses, log-ins, gaps in nobody's sleep."""

import base64
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from psycopg2.errors import UniqueViolation

from ...models.fetching import bank_feed_cron
from ..common import BankCase

EURO = "PL65114010100000100000010003"
YESTERDAY = date(2026, 3, 9)


class TestFetchSchedule(BankCase):
    def setUp(self):
        super().setUp()
        self.feed = self.journal._bank_feed()
        self.plan(fetch_every=2, fetch_unit="hours")

    def plan(self, **values):
        self.journal.sudo().write(values)

    def run_cron(self):
        self.env["bank.feed"].sudo()._cron_fetch()
        self.env.invalidate_all()

    def lines(self):
        return self.env["account.bank.statement.line"].search(
            [("journal_id", "=", self.journal.id)]
        )

    def confirmations(self):
        kind = self.env.ref("bank_webservice.activity_confirm")
        return self.journal.activity_ids.filtered(lambda one: one.activity_type_id == kind)

    # -------------------------------------------------------------------------
    # NOBODY IS LOGGED IN
    # -------------------------------------------------------------------------

    def test_without_a_session_the_operator_is_asked_once(self):
        self.run_cron()
        self.assertTrue(self.feed.waits_for_login)
        self.assertFalse(self.feed.fetched_until)
        self.assertEqual(self.confirmations().user_id, self.user)
        self.assertEqual(self.feed.failures, 0, "nothing failed: somebody has to confirm")
        self.feed.sudo().next_fetch_at = fields.Datetime.now()
        self.run_cron()
        self.assertEqual(len(self.confirmations()), 1)

    def test_after_the_log_in_it_is_fetched_right_away(self):
        self.run_cron()
        self.log_in()
        self.assertFalse(self.confirmations())
        self.assertLessEqual(self.feed.next_fetch_at, fields.Datetime.now())
        self.run_cron()
        self.assertTrue(self.lines())
        self.assertEqual(self.feed.fetched_until, YESTERDAY)
        self.assertFalse(self.feed.last_error)

    def test_an_open_session_is_used_and_not_prolonged(self):
        session = self.log_in()
        before = fields.Datetime.now() - timedelta(minutes=5)
        session.sudo().last_activity_at = before
        self.run_cron()
        self.assertTrue(self.lines())
        self.assertEqual(session.last_activity_at, before)

    def test_a_borrowed_session_never_sends(self):
        self.log_in()
        calls = []
        original = type(self.env["bank.session"])._call

        def _call(session, operation, *args, **kwargs):
            calls.append((operation, kwargs.get("person", args[2] if len(args) > 2 else True)))
            return original(session, operation, *args, **kwargs)

        with patch.object(type(self.env["bank.session"]), "_call", _call):
            self.run_cron()
        self.assertEqual(set(calls), {("statements", False), ("balance", False)})

    # -------------------------------------------------------------------------
    # TROUBLE
    # -------------------------------------------------------------------------

    def test_pauses_grow_and_the_third_failure_is_told(self):
        self.log_in()
        pauses, kind = [], self.env.ref("bank_webservice.activity_trouble")
        for number in range(1, 5):
            self.sandbox.fault("GetStatement", "http_500")
            self.feed.sudo().next_fetch_at = fields.Datetime.now()
            self.run_cron()
            self.assertEqual(self.feed.failures, number)
            pauses.append(self.feed.next_fetch_at - fields.Datetime.now())
            told = self.journal.activity_ids.filtered(lambda one: one.activity_type_id == kind)
            self.assertEqual(len(told), int(number >= 3))
        self.assertEqual(pauses, sorted(pauses))
        self.assertGreater(pauses[-1], 3 * pauses[0])
        self.assertIn("bank", told.note.lower())
        self.assertFalse(self.feed.fetched_until)
        self.feed.sudo().next_fetch_at = fields.Datetime.now()
        self.run_cron()
        self.assertEqual(self.feed.failures, 0)
        self.assertEqual(self.feed.fetched_until, YESTERDAY)

    def test_one_journals_failure_never_stops_another(self):
        number = "PL70114010100000100000020001"
        foreign = self.make_account(self.company.sudo(), number, "10000001")
        other = self.make_journal(self.company.sudo(), foreign, "OTH")
        other.write({"fetch_every": 1})
        other._bank_feed().next_fetch_at = "2026-01-01"
        self.log_in()
        self.run_cron()
        self.assertEqual(other.bank_feed_ids.failures, 1)
        self.assertIn("agreement", other.bank_feed_ids.last_error)
        self.assertTrue(self.lines())

    def test_person_who_imports_the_same_days_at_this_moment_is_no_failure(self):
        self.log_in()
        before = fields.Datetime.now()
        with patch.object(type(self.feed), "_fetch_due", side_effect=UniqueViolation):
            self.run_cron()
        self.assertEqual((self.feed.failures, self.feed.last_error), (0, False))
        self.assertLess(self.feed.next_fetch_at - before, timedelta(minutes=3))

    def test_statement_that_does_not_go_in_is_kept_and_counted(self):
        self.log_in()
        self.sandbox.fault("GetStatement", "bad_balance")
        self.run_cron()
        self.assertEqual(self.feed.failures, 1)
        self.assertFalse(self.feed.fetched_until)
        failed = self.env["bank.document"].search([("state", "=", "failed")])
        self.assertEqual(failed.journal_id, self.journal)

    def test_days_without_a_statement_are_no_failure(self):
        self.log_in()
        self.feed.sudo().fetched_until = "2026-03-06"
        self.plan(fetch_lookback=0)
        self.sandbox.post("/control/clock", days=0)
        self.run_cron()
        self.assertEqual(self.feed.failures, 0)
        self.assertEqual(self.feed.fetched_until, YESTERDAY)

    # -------------------------------------------------------------------------
    # WHEN
    # -------------------------------------------------------------------------

    def test_a_run_whose_time_is_over_goes_on_at_once(self):
        self.log_in()
        triggers = [("cron_id", "in", self.env["bank.feed"]._workers().ids)]
        self.env["ir.cron.trigger"].sudo().search(triggers).unlink()
        with patch.object(bank_feed_cron, "commit_step", return_value=0):
            self.run_cron()
        self.assertTrue(self.env["ir.cron.trigger"].sudo().search(triggers))

    def test_schedule_that_makes_no_sense(self):
        for values in ({"fetch_from": 9, "fetch_to": 8}, {"fetch_to": 25}, {"fetch_every": -1}):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.plan(**values)

    def test_only_within_the_hours(self):
        self.plan(fetch_from=7, fetch_to=20)
        self.company.partner_id.sudo().tz = "Europe/Warsaw"
        evening = datetime(2026, 3, 10, 20, 30)
        self.assertEqual(self.journal._next_fetch(evening), datetime(2026, 3, 11, 6, 0))
        # Summer time begins on 29 March: seven o'clock is one hour earlier in UTC.
        saturday = datetime(2026, 3, 28, 20, 30)
        self.assertEqual(self.journal._next_fetch(saturday), datetime(2026, 3, 29, 5, 0))
        morning = datetime(2026, 3, 10, 8, 0)
        self.assertEqual(self.journal._next_fetch(morning), datetime(2026, 3, 10, 10, 0))

    def test_looks_back_for_late_bookings(self):
        self.feed.sudo().fetched_until = "2026-03-08"
        self.feed.sudo()._plan_run()
        self.assertEqual(self.feed.run_since, date(2026, 3, 6))
        self.assertEqual(self.feed.run_until, date(2026, 3, 10))

    def test_later_days_do_not_hide_a_gap(self):
        self.feed.sudo().fetched_until = "2026-02-10"
        nothing = self.env["bank.document"]
        self.feed._fetched(date(2026, 2, 20), date(2026, 2, 25), nothing)
        self.assertEqual(self.feed.fetched_until, date(2026, 2, 10))
        self.feed._fetched(date(2026, 2, 11), date(2026, 2, 25), nothing)
        self.assertEqual(self.feed.fetched_until, date(2026, 2, 25))

    def test_long_range_is_cut_into_pieces(self):
        pieces = self.journal._pieces(date(2025, 12, 1), date(2026, 3, 9))
        self.assertEqual(pieces[0], (date(2025, 12, 1), date(2025, 12, 31)))
        self.assertEqual(pieces[-1][1], date(2026, 3, 9))
        self.assertTrue(all((last - first).days < 31 for first, last in pieces))

    # -------------------------------------------------------------------------
    # IN THE BACKGROUND
    # -------------------------------------------------------------------------

    def test_background_range_tells_its_progress_and_ends(self):
        self.log_in()
        self.plan(fetch_every=0)
        told = []
        with patch.object(
            type(self.env["bank.feed"]), "_tell", lambda feed, **what: told.append(what)
        ):
            self.feed._ask_for_run(date(2026, 1, 5), YESTERDAY)
            self.run_cron()
        self.assertTrue([what for what in told if what.get("day")])
        self.assertFalse(self.feed.run_since)
        self.assertFalse(self.feed.next_fetch_at)
        self.assertEqual(self.feed.fetched_until, YESTERDAY)

    def test_background_range_is_stopped(self):
        self.log_in()
        self.feed._ask_for_run(date(2026, 1, 5), YESTERDAY)
        with self.assertRaises(UserError):
            self.feed._ask_for_run(date(2026, 1, 5), YESTERDAY)
        self.feed.with_env(self.env).action_stop()
        self.run_cron()
        self.assertEqual(self.feed.fetched_until, date(2026, 2, 4), "one piece, then it stopped")
        self.assertFalse(self.feed.run_user_id)

    def test_number_of_workers_is_a_setting(self):
        feeds = self.env["bank.feed"].sudo()
        for count in (3, 1, 2):
            feeds._set_workers(count)
            self.assertEqual(len(feeds._workers().filtered("active")), count)
        self.assertEqual(len(feeds._workers()), 3)

    # -------------------------------------------------------------------------
    # EVERYTHING IN ONE PRESS
    # -------------------------------------------------------------------------

    def euro_journal(self):
        account = self.make_account(self.company, EURO, self.account.sudo().client_identifier)
        return self.make_journal(self.company, account, "BWE", self.env.ref("base.EUR"))

    def test_fetch_all_asks_for_one_log_in_and_says_what_cannot_be_fetched(self):
        asked = self.env["account.journal"].action_fetch_all()
        self.assertEqual(asked["params"]["resume"]["method"], "action_fetch_all")
        self.log_in()
        broken = self.euro_journal()
        broken.sudo().bank_account_id = False
        said = self.env["account.journal"].action_fetch_all()["params"]
        self.assertIn(f"{broken.display_name}: ", said["message"])
        self.assertTrue(said["message"].endswith(" %s"), "the link to where it is put right")
        journal = f"/odoo/account.journal/{broken.id}"
        self.assertEqual([link["url"] for link in said["links"]], [journal])
        self.assertEqual(self.feed.run_user_id, self.user)
        broken.sudo().bank_statements_source = self.journal.sudo().bank_statements_source = False
        with self.assertRaisesRegex(UserError, "No journal is connected"):
            self.env["account.journal"].action_fetch_all()

    def test_fetch_all_brings_entries_and_balances_of_every_account(self):
        euro = self.euro_journal()
        self.plan(fetch_every=0)
        self.log_in()
        self.env["account.journal"].action_fetch_all()
        self.run_cron()
        for journal in (self.journal, euro):
            with self.subTest(journal.code):
                self.assertEqual(journal.bank_feed_ids.fetched_until, YESTERDAY)
                self.assertTrue(journal.bank_feed_ids.balance_at)

    def test_fetching_one_account_refreshes_the_balance_of_the_others(self):
        euro = self.euro_journal()
        self.log_in()
        days = {"date_from": YESTERDAY, "date_to": YESTERDAY}
        self.sandbox.fault("GetBalance", "busy")  # of the first one; the other one is read
        self.env["bank.fetch"].create({"journal_id": self.journal.id, **days}).action_fetch()
        self.assertTrue(euro.bank_feed_ids.balance_at)
        self.assertFalse(self.feed.balance_at)

    # -------------------------------------------------------------------------
    # OTHER WAYS TO ASK
    # -------------------------------------------------------------------------

    def test_since_a_number_and_todays_operations(self):
        self.log_in()
        _documents, results = self.journal._fetch_since_number(0)
        numbers = [int(result.statement.bank_number) for result in results]
        self.assertEqual(numbers, sorted(numbers))
        _documents, results = self.journal._fetch_since_number(numbers[-2])
        self.assertEqual(sum(result.new for result in results), 0)
        self.sandbox.post("/control/incoming", account=self.account.acc_number, amount="12.34",
                          title="Today")  # fmt: skip
        _documents, results = self.journal._fetch_history()
        (line,) = self.lines().filtered(lambda one: one.amount == 12.34)
        self.assertFalse(line.statement_id)

    def test_pdf_statements_are_kept(self):
        self.log_in()
        self.plan(fetch_pdf=True)
        self.run_cron()
        papers = self.env["bank.document"].search([("format", "=", "pdf")])
        self.assertTrue(papers)
        self.assertEqual(set(papers.mapped("state")), {"kept"})
        self.assertTrue(base64.b64decode(papers[0].content).startswith(b"%PDF"))

    def test_confirmations_of_executed_orders_are_kept(self):
        self.log_in()
        self.trust_connection()
        payment = self.make_payment(100.0)
        self.send(payment)
        self.sandbox.phone("anna")
        self.sandbox.post("/control/run")
        self.journal._fetch_history()
        order = payment.bank_order_id
        self.assertEqual(order.bank_state, "executed")
        order.action_fetch_confirmation()
        self.assertTrue(order.confirmation_ids.name.endswith(".pdf"))
        self.assertEqual(order.confirmation_ids.state, "kept")

    def test_wizard_long_period_runs_in_the_background(self):
        self.log_in()
        wizard = self.env["bank.fetch"].create(
            {"journal_id": self.journal.id, "date_from": "2026-01-01", "date_to": "2026-03-09"}
        )
        wizard.action_fetch()
        self.assertEqual(self.feed.run_user_id, self.user)
        self.run_cron()
        self.assertEqual(self.feed.fetched_until, YESTERDAY)

    def test_wizard_after_a_number(self):
        self.log_in()
        wizard = self.env["bank.fetch"].create({"journal_id": self.journal.id, "kind": "number"})
        self.assertEqual((wizard.number, wizard.year), (0, 2026))
        wizard.action_fetch()
        self.assertTrue(wizard.statement_ids)
        again = self.env["bank.fetch"].create({"journal_id": self.journal.id, "kind": "number"})
        self.assertEqual(again.number, max(int(s.bank_number) for s in wizard.statement_ids))

    def test_missing_days_are_found(self):
        self.log_in()
        first, second = date(2026, 3, 2), date(2026, 3, 6)
        for day in (first, second):
            self.journal._fetch_statements(day, day)
        gaps = self.journal._statement_gaps()
        self.assertEqual(len(gaps), 1)
        self.journal.action_find_missing_days()
        self.assertEqual(self.journal._statement_gaps(), [])

    def test_dashboard_card_says_when_and_what_is_missing(self):
        self.log_in()
        for day in (date(2026, 3, 2), date(2026, 3, 6)):
            self.journal._fetch_statements(day, day)
        self.feed.sudo().next_fetch_at = "2026-03-10 12:00:00"
        data = {self.journal.id: {}}
        self.journal._fill_bank_cash_dashboard_data(data)
        card = data[self.journal.id]["bank_webservice"]
        self.assertTrue(card["fetched"])
        self.assertTrue(card["next_fetch"])
        self.assertTrue(card["gaps"])
        self.assertFalse(card["last_error"])
