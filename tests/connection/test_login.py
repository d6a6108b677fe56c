# SPDX-License-Identifier: LGPL-3.0-only
"""Logging in: the first operation asks, the next ones do not, and it ends when it should."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, ConcurrencyError, LockError, UserError
from odoo.tests import new_test_user

from ..common import ACCOUNT, DIK, GROUPS, BankCase


class TestLogin(BankCase):
    def test_empty_client_identifier_is_refused_before_any_call(self):
        self.account.sudo().client_identifier = False
        with self.assertRaisesRegex(UserError, "client identifier"):
            self.journal.action_refresh_balance()
        self.assertFalse(self.env["bank.call"].sudo().search([("user_id", "=", self.user.id)]))

    def test_user_who_is_no_operator_is_refused(self):
        other = new_test_user(
            self.env(su=True),
            "other",
            groups=f"base.group_user,{GROUPS}",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaisesRegex(UserError, "as an operator"):
            self.journal.with_user(other).action_refresh_balance()

    def test_unknown_client_identifier(self):
        self.account.sudo().client_identifier = "99999999"
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        with self.assertRaisesRegex(UserError, "did not accept the login"):
            session.dialog_start()

    def test_wrong_login(self):
        self.operator.sudo().login = "nobody"
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        with self.assertRaisesRegex(UserError, "did not accept the login"):
            session.dialog_start()

    def test_refused_on_the_phone(self):
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        session.dialog_start("mobile")
        self.sandbox.phone("anna", "refuse")
        answer = session.dialog_poll()
        self.assertEqual(answer["state"], "failed")
        self.assertIn("refused on the phone", answer["message"])
        self.assertNotIn("certificate", answer["message"], "nothing is wrong with the settings")
        self.assertNotEqual(session.sudo().state, "open")

    def test_given_up_log_in_leaves_the_phone_whatever_the_bank_says(self):
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        session.dialog_start("mobile")
        session.dialog_cancel()
        self.assertFalse(self.sandbox.phone("anna"), "the phone still asks for it")
        self.assertEqual(session.sudo().state, "ended")
        again = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        again.dialog_start("mobile")
        self.sandbox.fault("Withdraw", "busy")
        again.dialog_cancel()
        self.assertEqual(again.sudo().state, "ended")

    def test_trying_again_after_a_refusal_is_a_log_in_of_its_own(self):
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        refused = session.dialog_start("mobile")
        self.sandbox.phone("anna", "refuse")
        session.dialog_poll()
        shown = session.dialog_start()
        self.assertEqual(shown["state"], "waiting")
        self.assertNotEqual((shown["code"], shown["session_id"]), (refused["code"], session.id))
        again = self.env["bank.session"].browse(shown["session_id"])
        self.assertEqual(session.dialog_start()["session_id"], again.id, "one that waits is enough")
        self.sandbox.phone("anna")
        self.assertEqual(again.dialog_poll()["state"], "open")
        self.assertEqual(session.sudo().state, "ended")
        self.assertEqual(session.dialog_start()["state"], "open")

    def test_trying_again_is_for_those_who_may_still_work_with_the_bank(self):
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        session.dialog_start("mobile")
        self.sandbox.phone("anna", "refuse")
        session.dialog_poll()
        self.operator.sudo().active = False
        with self.assertRaisesRegex(UserError, "as an operator"):
            session.dialog_start()

    def test_expired_confirmation(self):
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        session.dialog_start("mobile")
        self.sandbox.post("/control/clock", seconds=600)
        answer = session.dialog_poll()
        self.assertEqual(answer["state"], "failed")
        self.assertIn("in time", answer["message"])

    def test_question_that_is_over_is_asked_anew(self):
        """A code or a signature may have been looked for until it was too late to give it."""
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        before = session.dialog_start("mobile")
        self.sandbox.post("/control/clock", seconds=600)
        with freeze_time(fields.Datetime.now() + timedelta(seconds=600), tick=True):
            shown = session.dialog_start()
            self.assertNotEqual(shown["code"], before["code"])
            self.assertGreater(shown["seconds_left"], 0)
            self.sandbox.phone("anna")
            self.assertEqual(session.dialog_poll()["state"], "open")

    def test_log_in_in_two_windows_at_once(self):
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        with (
            patch.object(type(session), "lock_for_update", side_effect=LockError("held")),
            self.assertRaisesRegex(UserError, "in another window"),
        ):
            session.dialog_start("mobile")

    def test_nobody_logs_in_for_somebody_else(self):
        session = self.env["bank.session"]._of_account(self.account)
        other = new_test_user(self.env(su=True), "other2", groups=f"base.group_user,{GROUPS}")
        with self.assertRaisesRegex(UserError, "another user"):
            session.with_user(other).dialog_start("mobile")

    def test_two_first_operations_at_the_same_moment_share_one_session(self):
        self.journal.action_refresh_balance()
        sessions = self.env["bank.session"]
        # What the second transaction sees: the row of the first one is not there yet.
        with (
            patch.object(type(sessions), "search", lambda model, *_args, **_more: model.browse()),
            self.assertRaises(ConcurrencyError),
            self.env.cr.savepoint(),
        ):
            sessions._of_account(self.account)
        self.assertEqual(sessions._of_account(self.account).state, "asked")

    def test_first_operation_asks_and_goes_on_second_does_not_ask(self):
        action = self.journal.action_refresh_balance()
        self.assertEqual(action["tag"], "bank_webservice.confirm")
        session = self.env["bank.session"].browse(action["params"]["session_id"])
        shown = session.dialog_start()
        self.assertEqual(shown["state"], "waiting")
        self.assertEqual(session.dialog_poll()["state"], "waiting")
        on_phone = self.sandbox.phone("anna")
        self.assertEqual(shown["code"], on_phone[0]["code"])
        answer = session.dialog_poll()
        self.assertEqual(answer["state"], "open")
        self.assertNotIn(None, answer.values(), "XML-RPC has no word for it")
        resume = action["params"]["resume"]
        self.assertEqual(resume["method"], "action_refresh_balance")
        self.journal.action_refresh_balance()
        feed = self.journal._bank_feed()
        self.assertTrue(feed.balance_booked)
        self.assertTrue(feed.balance_at)
        again = self.journal.action_refresh_balance()
        self.assertEqual(again["tag"], "soft_reload")

    def test_token_is_sealed_and_unreadable(self):
        session = self.log_in()
        token = session.sudo()._to_protocol().token
        self.env.flush_all()
        self.env.cr.execute("SELECT token_sealed FROM bank_session WHERE id = %s", [session.id])
        sealed = self.env.cr.fetchone()[0]
        self.assertNotIn(token, sealed)
        with self.assertRaises(AccessError):
            session.read(["token_sealed"])

    def test_two_companies_have_two_sessions_that_never_mix(self):
        self.operator.sudo().login = "ewa"
        other = self.env["res.company"].sudo().create({"name": "Demo Serwis S.A."})
        admin = self.env(su=True)
        account = admin["res.partner.bank"].create(
            {
                "acc_number": "PL70114010100000100000020001",
                "partner_id": other.partner_id.id,
                "bank_id": self.bank.id,
                "client_identifier": "10000002",
            }
        )
        first = self.log_in(login="ewa")
        self.env.user.sudo().company_ids |= other
        journal = admin["account.journal"].create(
            {
                "name": "mBank other",
                "code": "BWT",
                "type": "bank",
                "company_id": other.id,
                "bank_account_id": account.id,
            }
        )
        second = self.log_in(journal.bank_account_id, login="ewa")
        self.assertNotEqual(first, second)
        self.assertEqual(first.sudo().client_identifier, DIK)
        self.assertEqual(second.sudo().client_identifier, "10000002")
        numbers = second.sudo()._call("accounts", lambda bank, s: bank.accounts(s))
        self.assertNotIn(ACCOUNT, [item.number for item in numbers])

    def ended_at_bank(self):
        """How each session ended there; empty: it runs."""
        return [item["ended"] for item in self.sandbox.get("/control/sessions")["sessions"]]

    def test_idle_session_ends(self):
        session = self.log_in()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=11)):
            action = self.journal.action_refresh_balance()
        self.assertEqual(action["tag"], "bank_webservice.confirm")
        self.assertEqual(session.sudo().state, "ended")

    def test_disabled_user_ends_the_session_at_the_bank_too(self):
        session = self.log_in()
        self.user.with_user(SUPERUSER_ID).active = False
        self.assertEqual(session.sudo().state, "ended")
        self.assertEqual(self.ended_at_bank(), [""])
        self.env["bank.session"].sudo()._cron_log_out()
        self.assertEqual(self.ended_at_bank(), ["log-out"])

    def test_session_ended_by_the_bank_in_a_read_asks_again(self):
        self.log_in()
        self.sandbox.post("/control/end-sessions")
        action = self.journal.action_refresh_balance()
        self.assertEqual(action["tag"], "bank_webservice.confirm")
