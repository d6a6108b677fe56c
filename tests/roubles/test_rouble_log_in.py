# SPDX-License-Identifier: LGPL-3.0-only
"""Logging in to a bank that speaks DirectBank, from inside Odoo."""

from odoo.exceptions import UserError

from .common import RoubleCase


class TestRoubleLogIn(RoubleCase):
    def session(self):
        session = self.env["bank.session"]._of_account(self.account)
        return session.with_env(self.env)

    def test_code_wrong_three_times_locks_the_login(self):
        session = self.session()
        session.dialog_start("mobile")
        for _ in range(2):
            self.assertEqual(session.dialog_answer("0000000")["state"], "waiting")
        said = session.dialog_answer("0000000")
        self.assertEqual(said["state"], "failed")
        # The bank has blocked the access for some time: said in words, without a traceback.
        with self.assertRaisesRegex(UserError, "blocked.*1203"):
            self.session().dialog_start("mobile")

    def test_wrong_password(self):
        self.operator.sudo().new_password = "wrong"
        with self.assertRaisesRegex(UserError, "1201"):
            self.session().dialog_start("mobile")

    def test_client_of_somebody_else(self):
        self.account.sudo().client_identifier = "RU000002"
        with self.assertRaises(UserError):
            self.session().dialog_start("mobile")

    def test_session_that_the_bank_ended_asks_for_a_new_log_in(self):
        self.ready()
        self.sandbox.post("/control/end-sessions")
        action = self.journal.action_refresh_balance()
        self.assertEqual(action["tag"], "bank_webservice.confirm")
        self.assertFalse(self.journal._bank_feed().balance_at)

    def test_certificate_on_the_server_needs_no_person(self):
        self.give_certificate(may_sign=False)
        self.operator.sudo().default_method = "certificate"
        self.env["bank.session"].sudo().search([])._end("test", tell_bank=False)
        action = self.account.action_test_connection()
        result = self.env["bank.connection.test"].browse(action["res_id"])
        self.assertTrue(result.good, result.result)
        self.assertTrue(self.journal.action_refresh_balance())
        self.assertTrue(self.journal._bank_feed().balance_at)
