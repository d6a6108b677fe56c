# SPDX-License-Identifier: LGPL-3.0-only
"""A bank without log-in: nobody is entered, nobody confirms, and the log says who asked."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..common import GROUPS
from ..common_cdc import OWN_SECOND, CdcCase


@tagged("post_install", "-at_install")
class TestWithoutLogIn(CdcCase):
    def calls(self):
        return self.env["bank.call"].sudo().search([("bank_id", "=", self.ing.id)], order="id")

    def test_who_does_not_work_in_the_company_reads_nothing(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        stranger = new_test_user(
            self.env(su=True),
            "stranger",
            groups=f"base.group_user,{GROUPS}",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.introduce()
        with self.assertRaisesRegex(UserError, "does not work there"):
            self.env["bank.session"]._require(self.account, stranger)

    def test_whom_an_administrator_shut_out_stays_out(self):
        self.introduce()
        self.journal.action_refresh_balance()
        operator = self.env["bank.operator"].sudo().search([("bank_id", "=", self.ing.id)])
        operator.active = False
        with self.assertRaisesRegex(UserError, "as an operator"):
            self.journal.action_refresh_balance()

    def test_a_bank_with_log_in_still_wants_one(self):
        bank = self.env["res.bank"].sudo().search([("bank_channel", "=", "mbank")], limit=1)
        with self.assertRaisesRegex(ValidationError, "enter the bank login"):
            self.env["bank.operator"].sudo().create(
                {"bank_id": bank.id, "user_id": self.env.ref("base.user_admin").id}
            )

    def test_an_account_outside_the_agreement_is_said_so(self):
        self.introduce()
        self.account.sudo().acc_number = "PL64105010121000009000020001"
        steps, good = self.account._test_connection()
        self.assertFalse(good)
        self.assertIn("does not serve this account", str(steps[-1][1]))

    def test_the_wrong_client_is_refused_in_the_banks_words(self):
        self.introduce()
        self.account.sudo().client_identifier = "10500002"
        _steps, good = self.account._test_connection()
        self.assertFalse(good)

    def test_a_revoked_certificate_is_refused_by_the_bank(self):
        self.introduce()
        self.sandbox.post("/control/cdc/revoke", client="10500001", use="communication")
        self.assertFalse(self.account._test_connection()[1])

    def test_nobody_logs_in_and_the_log_names_the_user(self):
        self.introduce()
        self.journal.action_refresh_balance()
        self.journal.action_refresh_balance()
        self.assertEqual(self.calls().mapped("operation"), ["balance", "balance"])
        self.assertEqual(self.calls().user_id, self.user)
        self.assertFalse(any(self.calls().mapped("login")))
        self.assertTrue(self.journal._bank_feed().balance_booked)

    def test_test_connection_speaks_of_no_login(self):
        self.introduce()
        steps, good = self.account._test_connection()
        self.assertTrue(good, steps)
        words = " ".join(str(text) for _works, text in steps)
        self.assertIn("it knows your company", words)
        self.assertNotIn("login", words)

    def test_an_ended_session_is_opened_again_and_the_bank_is_told_nothing(self):
        self.introduce()
        self.journal.action_refresh_balance()
        sessions = self.env["bank.session"].sudo()
        session = sessions.search([("bank_id", "=", self.ing.id)])
        session.opened_at = session.last_activity_at = "2020-01-01"
        sessions._cron_log_out()
        self.assertEqual(session.state, "open")  # no clock runs where nothing was opened
        self.user.sudo()._end_bank_sessions("password")
        sessions._cron_log_out()
        self.journal.action_refresh_balance()
        self.assertEqual(set(self.calls().mapped("operation")), {"balance"})

    def test_the_schedule_reads_with_nobody_there(self):
        self.introduce()
        self.account.action_test_connection()
        self.journal.sudo().write({"fetch_every": 1, "fetch_intraday": True})
        self.sandbox.post(
            "/control/incoming", account=self.account.acc_number[2:], amount="12.34", title="FV 1"
        )
        self.env["bank.feed"].sudo()._cron_fetch()
        feed = self.journal._bank_feed()
        self.assertFalse(feed.last_error)
        self.assertTrue(feed.fetched_until)
        lines = self.env["account.bank.statement.line"].search(
            [("journal_id", "=", self.journal.id)]
        )
        self.assertIn(12.34, lines.mapped("amount"))
        self.assertTrue(feed.history_cursor)

    def test_only_what_is_new_of_today_is_asked_for(self):
        self.introduce()
        for amount in ("10.00", "20.00"):
            self.sandbox.post(
                "/control/incoming", account=self.account.acc_number[2:], amount=amount, title="x"
            )
            documents, _results = self.journal._fetch_history()
            self.assertEqual(len(documents), 1)
        lines = self.env["account.bank.statement.line"].search(
            [("journal_id", "=", self.journal.id)]
        )
        self.assertEqual(sorted(lines.mapped("amount")), [10, 20])
        self.assertEqual(self.journal._fetch_history()[0].mapped("state"), ["done"])

    def test_the_guide_asks_for_the_certificate_in_place_of_a_login(self):
        guide = self.env["bank.setup"].sudo().create(
            {"bank_id": self.ing.id, "journal_id": self.journal.id, "step": "operator"}
        )  # fmt: skip
        self.assertFalse(guide.has_session)
        self.assertEqual(guide.reached, "operator")
        with self.assertRaisesRegex(UserError, "certificate is missing"):
            guide.action_next()
        self.introduce()
        guide.invalidate_recordset()
        guide.action_next()
        self.assertEqual(guide.step, "test")
        self.assertEqual(guide.action_identity()["res_id"], self.identity.id)

    def test_several_accounts_of_the_company_use_one_certificate(self):
        self.introduce()
        second = self.make_account(self.company.sudo(), OWN_SECOND, "10500001")
        self.make_journal(self.company.sudo(), second, "IN2")
        self.assertTrue(second.with_env(self.env)._test_connection()[1])
