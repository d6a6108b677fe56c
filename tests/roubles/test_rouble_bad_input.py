# SPDX-License-Identifier: LGPL-3.0-only
"""What a DirectBank service may say that nobody wants to hear, met from inside Odoo.

Sessions that it does not know (1007) or has ended (1006), one-time codes, documents that it has
already (2202): see also test_rouble_sending for 1101, 2002, 2003, 2203 and the notices.
"""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields

from ..common import TODAY
from .common import RoubleCase

TWO_HOURS = timedelta(hours=2)


class TestRoubleBadInput(RoubleCase):
    def setUp(self):
        super().setUp()
        self.ready()

    # -------------------------------------------------------------------------
    # SESSIONS
    # -------------------------------------------------------------------------

    def forget_sessions(self):
        """Our session's id is wrong from now on: the bank answers 1007."""
        self.sandbox.post("/control/reset", now=f"{TODAY}Z")

    def silence(self):
        """The session has run out at the bank: it answers 1006."""
        self.sandbox.post("/control/clock", seconds=301)

    def last_call(self, operation):
        domain = [("operation", "=", operation)]
        return self.env["bank.call"].sudo().search(domain, order="id desc", limit=1)

    def test_reading_with_a_session_that_is_no_longer_one_asks_for_a_new_log_in(self):
        for lost, code in ((self.forget_sessions, "1007"), (self.silence, "1006")):
            with self.subTest(code):
                self.log_in_again()
                lost()
                action = self.journal.action_refresh_balance()
                self.assertEqual(action["tag"], "bank_webservice.confirm")
                self.assertEqual(self.last_call("balance").outcome, f"SessionEnded {code}")
                self.assertFalse(self.journal._bank_feed().balance_at)
        # Once confirmed, it goes on by itself.
        self.log_in_again()
        self.journal.action_refresh_balance()
        self.assertTrue(self.journal._bank_feed().balance_at)

    def test_sending_in_a_session_that_is_no_longer_one_never_logs_in_on_the_way(self):
        for lost, code in ((self.forget_sessions, "1007"), (self.silence, "1006")):
            with self.subTest(code):
                self.log_in_again()
                package = self.prepare(self.make_payment()).package_id
                package.action_send()
                lost()
                self.env["bank.package"].sudo()._cron_send()
                self.assertEqual(package.state, "unknown")
                self.assertEqual(self.last_call("send").outcome, f"SessionEnded {code}")
                self.assertFalse(self.open_sessions())
                self.assertFalse(self.sandbox.get("/control/packages")["packages"])

    def open_sessions(self):
        return self.env["bank.session"].sudo().search([("state", "=", "open")])

    def test_order_that_met_a_wrong_session_is_handed_over_again_by_a_person(self):
        order = self.prepare(self.make_payment())
        package = order.package_id
        package.action_send()
        self.forget_sessions()
        self.env["bank.package"].sudo()._cron_send()
        for hours in (0, 2):
            with freeze_time(fields.Datetime.now() + timedelta(hours=hours), tick=True):
                self.ask(package)
        self.assertEqual((package.state, package.not_known_confirmed), ("unknown", True))
        with freeze_time(fields.Datetime.now() + TWO_HOURS, tick=True):
            self.log_in_again()
            package.action_hand_over_again()
            self.env["bank.package"].sudo()._cron_send()
            self.assertEqual(package.state, "sent")
        (taken,) = self.sandbox.get("/control/packages")["packages"]
        self.assertEqual(taken["message_id"].replace("-", ""), package.message_id)
        self.assertEqual(taken["orders"][0]["end_to_end_id"], order.end_to_end_id)

    def log_in_again(self):
        self.open_sessions()._end("test", tell_bank=False)
        self.log_in()

    def ask(self, package):
        self.log_in_again()
        package.action_refresh_status()
        return package.state

    # -------------------------------------------------------------------------
    # ONE-TIME CODES
    # -------------------------------------------------------------------------

    def test_lock_after_three_wrong_codes_ends_after_a_minute(self):
        self.open_sessions()._end("test", tell_bank=False)
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        session.dialog_start("mobile")
        said = [session.dialog_answer("0000000") for _ in range(3)]
        self.assertEqual([answer["state"] for answer in said], ["waiting", "waiting", "failed"])
        self.assertIn("Tries left: 2", said[0]["text"])
        # A fourth code is not handed over: the bank has heard three.
        self.assertEqual(self.sandbox.get("/phone/api/users/demo-ru")["challenges"], [])
        self.assertFalse(self.open_sessions())
        self.sandbox.post("/control/clock", seconds=61)
        self.log_in()
        self.assertTrue(self.open_sessions())

    # -------------------------------------------------------------------------
    # DUPLICATES
    # -------------------------------------------------------------------------

    def test_document_that_the_bank_has_already(self):
        """2202: the same order in a packet of another id, as after a restored backup."""
        self.give_certificate()
        payment = self.make_payment()
        package = self.send(payment)
        order = payment.bank_order_ids
        self.assertEqual(self.ask(package), "accepted")
        package.sudo().message_id = "5f0a3d8e-3c5e-4b8e-9a44-0d6b2f1c7e10"
        package._set_state("prepared")
        package._mark_to_send()
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual(package.state, "sent")
        self.assertIn("2202", self.notices(order))
        # It says nothing about the first one, which the bank still has.
        self.assertEqual(self.ask(package), "accepted")
        self.assertEqual((order.bank_state, payment.state), ("accepted", "in_process"))
        self.sandbox.post("/control/run")
        self.assertEqual(len(self.sandbox.ledger()), 1)

    def notices(self, order):
        """Codes of what the bank has said about this order."""
        session = self.open_sessions().with_user(self.user).sudo()
        mailbox = session._bank()._mailbox(session._to_protocol())
        mailbox.fetch_since((fields.Datetime.now() - timedelta(days=1)).astimezone())
        found = mailbox.about_document(order.end_to_end_id)
        return [n.error or n.status for n in found]
