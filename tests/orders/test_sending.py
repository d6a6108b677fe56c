# SPDX-License-Identifier: LGPL-3.0-only
"""Payments to the bank: refused with words, sent once, and never lost."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..common import BankCase


class TestRefusals(BankCase):
    def problems(self, payment):
        return [str(item) for item in self.env["bank.order"]._problems_of_payments(payment)]

    def test_payee_without_an_account(self):
        payment = self.make_payment(partner=self.supplier.sudo().copy({"name": "Nobody"}))
        self.assertIn("the payee has no account", "\n".join(self.problems(payment)))

    def test_untrusted_account(self):
        partner = self.make_supplier("New", "PL52124010371111001000112233", trusted=False)
        payment = self.make_payment(partner=partner)
        self.assertIn("is not trusted", "\n".join(self.problems(payment)))
        with self.assertRaisesRegex(UserError, "not trusted"):
            self.prepare(payment)
        self.assertFalse(payment.bank_order_id)

    def test_amount_zero(self):
        payment = self.make_payment(amount=0.0)
        self.assertIn("Amount: it is zero", "\n".join(self.problems(payment)))

    def test_all_problems_are_shown_together_with_their_record(self):
        partner = self.make_supplier("New", "PL52124010371111001000112233", trusted=False)
        payments = self.make_payment(partner=partner) | self.make_payment(amount=0.0)
        found = "\n".join(self.problems(payments))
        for payment in payments:
            self.assertIn(payment.name, found)

    def test_wrong_iban_is_named(self):
        partner = self.make_supplier("Typo", "PL33102010264010200000012345")
        payment = self.make_payment(partner=partner)
        with self.assertRaises(UserError) as refused:
            self.prepare(payment)
        self.assertRegex(str(refused.exception), f"{payment.name}: (?i:.*account)")
        self.assertFalse(payment.bank_order_id)

    def test_untested_connection_is_not_sent_through(self):
        self.log_in()
        with self.assertRaisesRegex(UserError, "Test connection"):
            self.send(self.make_payment())

    def test_operator_without_the_right_to_send(self):
        user = new_test_user(
            self.env(su=True),
            "preparer",
            groups="base.group_user,bank_webservice.group_operator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, self.make_payment().ids)]})
        wizard.action_prepare()
        package = self.env["bank.package"].search([("company_id", "=", self.company.id)])
        with self.assertRaises(AccessError):
            package.with_user(user).action_send()


class TestSending(BankCase):
    def setUp(self):
        super().setUp()
        self.log_in()
        self.trust_connection()

    def test_sent_accepted_executed(self):
        bill = self.make_bill(100.0)
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        method = self.journal.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "bank_webservice"
        )
        wizard = register.create(
            {"journal_id": self.journal.id, "payment_method_line_id": method.id}
        )
        payment = wizard._create_payments()
        package = self.send(payment)
        order = payment.bank_order_id
        # No certificate: the phone releases the whole package, with one confirmation.
        self.assertEqual(package.state, "waiting")
        on_phone = self.sandbox.phone("anna")
        self.assertEqual(package.confirmation_code, on_phone[0]["code"])
        self.assertTrue(bill.bank_ordered)
        self.sandbox.post("/control/run")
        package.action_refresh_status()
        self.assertEqual(order.bank_state, "accepted")
        moved = [
            row for row in self.sandbox.ledger() if row["end_to_end_id"] == order.end_to_end_id
        ]
        self.assertEqual([row["amount"] for row in moved], ["-100.00"])
        self.sandbox.post("/control/clock", days=1)
        today = fields.Date.today()
        with freeze_time(fields.Datetime.now() + timedelta(days=1), tick=True):
            self.log_in()
            self.journal._fetch_statements(today, today)
        self.assertEqual(order.bank_state, "executed")
        self.assertEqual(package.state, "executed")
        self.assertTrue(order.statement_line_id.is_reconciled)
        self.assertEqual(payment.state, "paid")
        bill.invalidate_recordset(["bank_ordered"])
        self.assertFalse(bill.bank_ordered)
        # The books can be undone; what the bank did cannot.
        order.statement_line_id.action_undo_reconciliation()
        self.assertEqual((payment.state, order.bank_state), ("in_process", "executed"))

    def test_status_turns_seconds_after_the_phone(self):
        """Asked by the sender's window, and by nobody else's; the cron's plan stays as it is."""
        packages = self.env["bank.package"]
        self.assertFalse(packages.ask_waiting(), "nothing waits")
        package = self.send(self.make_payment())
        self.assertFalse(packages.with_user(self.env.ref("base.user_admin")).ask_waiting())
        count, plan = package.ask_count, package.ask_next_at
        self.assertTrue(packages.ask_waiting())
        self.sandbox.phone("anna")
        self.assertTrue(packages.ask_waiting(), "several windows ask no more often than one")
        with freeze_time(fields.Datetime.now() + timedelta(seconds=4), tick=True):
            self.assertFalse(packages.ask_waiting())
        self.assertEqual(package.state, "accepted")
        self.assertEqual((package.ask_count, package.ask_next_at), (count, plan))

    def test_accepted_is_not_called_executed_nor_executed_accepted(self):
        order = self.send(self.make_payment()).order_ids
        order.sudo().write({"bank_state": "accepted", "bank_status": "ACSC"})
        self.assertNotIn("Executed", order.bank_words)
        order.sudo().write({"bank_state": "executed", "bank_status": "ACCP"})
        self.assertNotIn("Accepted", order.bank_words)

    def test_who_has_only_a_phone_is_not_asked_to_sign(self):
        payment = self.make_payment()
        wizard = self.env["bank.send"].browse(payment.action_send_to_bank()["res_id"])
        self.assertTrue(wizard.asks_phone)
        wizard.action_prepare()
        package = payment.bank_order_id.package_id
        self.assertEqual((package.may_sign, package.asks_phone), (False, True))
        self.operator.sudo().certificate_id = self.give_certificate(self.user, "jan")
        package.invalidate_recordset()
        self.assertEqual((package.may_sign, package.asks_phone), (True, False))

    def test_sending_twice_is_refused(self):
        payment = self.make_payment()
        self.send(payment)
        with self.assertRaisesRegex(UserError, "already"):
            self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]}).action_send()
        self.assertEqual(len(self.sandbox.get("/control/packages")["packages"]), 1)

    def test_lost_answer_is_unknown_and_settled_by_the_status(self):
        self.sandbox.fault("SendPackage", "drop_after")
        payment = self.make_payment()
        package = self.send(payment)
        self.assertEqual(package.state, "unknown")
        self.assertEqual(payment.bank_state, "unknown")
        package.action_refresh_status()
        self.assertEqual(package.state, "waiting")
        self.assertEqual(len(self.sandbox.get("/control/packages")["packages"]), 1)

    def test_session_ended_by_the_bank_asks_for_a_log_in_when_the_status_is_asked(self):
        package = self.send(self.make_payment())
        self.sandbox.post("/control/end-sessions")
        action = package.action_refresh_status()
        self.assertEqual(action["tag"], "bank_webservice.confirm")
        self.log_in()
        package.action_refresh_status()
        # That log-in answered all that waited on the phone, this package too.
        self.assertEqual(package.state, "accepted")

    def test_sending_is_committed_before_the_call_and_its_result_after_it(self):
        steps, packages = [], type(self.env["bank.package"])
        sessions = type(self.env["bank.session"])
        commit, call = packages._commit_step, sessions._call

        def commit_step(package, processed=0):
            steps.append(f"commit {package.state}" if len(package) == 1 else "commit")
            return commit(package, processed)

        def logged_call(session, operation, *args, **more):
            steps.append(operation)
            return call(session, operation, *args, **more)

        with (
            patch.object(packages, "_commit_step", commit_step),
            patch.object(sessions, "_call", logged_call),
        ):
            self.send(self.make_payment())
        at = steps.index("send")
        self.assertEqual(steps.count("send"), 1)
        self.assertEqual(steps[at - 1 : at + 2], ["commit sending", "send", "commit waiting"])

    def test_session_lost_in_a_send_is_unknown(self):
        self.sandbox.fault("SendPackage", "session_lost")
        package = self.send(self.make_payment())
        self.assertEqual(package.state, "unknown")

    def test_after_a_day_of_not_knowing_the_sender_is_asked_to_look_once(self):
        self.sandbox.fault("SendPackage", "drop_after")
        package = self.send(self.make_payment())
        packages = self.env["bank.package"].sudo()
        for hours, count in ((23, 0), (25, 1), (26, 1)):
            # Nobody answers meanwhile: nothing but the time passes.
            self.sandbox.fault("GetPackageStatus", "drop_before")
            with freeze_time(fields.Datetime.now() + timedelta(hours=hours)):
                packages._cron_status()
                self.assertEqual(len(package.activity_ids), count, f"after {hours} hours")
                self.assertEqual(package.state, "unknown")
        self.assertEqual(package.activity_ids.user_id, self.user)
        self.assertIn(package.message_id, package.activity_ids.note)

    def test_a_mistake_with_one_package_does_not_stop_the_others(self):
        first, second = (self.send(self.make_payment(amount)) for amount in (10, 20))
        asked = []

        def ask(package, _session, person=True):
            asked.append(package.id)
            if package.id == first.id:
                raise TypeError("a mistake of ours")

        packages = self.env["bank.package"].sudo()
        with (
            patch.object(type(packages), "_ask_status", ask),
            patch.object(type(packages), "_step_failed") as failed,
        ):
            (first | second).sudo().ask_next_at = False
            packages._cron_status()
        self.assertEqual(sorted(asked), [first.id, second.id])
        failed.assert_called_once()

    def test_not_known_counts_only_after_two_answers_far_apart(self):
        self.sandbox.fault("SendPackage", "drop_before")
        package = self.send(self.make_payment())
        self.assertEqual(package.state, "unknown")
        content = package.sudo().content
        package.action_refresh_status()
        package.action_refresh_status()
        with self.assertRaisesRegex(UserError, "may still arrive"):
            package.action_hand_over_again()
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)):
            self.log_in()
            package.action_refresh_status()
            self.assertTrue(package.not_known_confirmed)
            package.action_hand_over_again()
            self.env["bank.package"].sudo()._cron_send()
        self.assertEqual(package.state, "waiting")
        self.assertEqual(package.sudo().content, content)
        self.assertEqual(len(self.sandbox.get("/control/packages")["packages"]), 1)

    def test_refusal_opens_the_bill_again(self):
        bill = self.make_bill(100.0)
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        method = self.journal.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "bank_webservice"
        )
        payment = register.create(
            {"journal_id": self.journal.id, "payment_method_line_id": method.id}
        )._create_payments()
        self.assertEqual(bill.amount_residual, 0)
        self.sandbox.post("/control/refuse", code="AC04")
        package = self.send(payment)
        self.sandbox.phone("anna")
        self.sandbox.post("/control/run")
        if package.state != "rejected":
            package.action_refresh_status()
        self.assertEqual(payment.bank_state, "rejected")
        self.assertEqual(payment.state, "rejected")
        self.assertTrue(payment.bank_reason)
        self.assertEqual(bill.amount_residual, 100.0)

    def test_nothing_can_be_undone_by_rpc_once_it_left(self):
        payment = self.make_payment()
        package = self.send(payment)
        order = payment.bank_order_id
        for attempt in (
            lambda: payment.action_cancel(),
            lambda: payment.action_draft(),
            lambda: payment.action_reject(),
            lambda: payment.write({"amount": 1}),
            lambda: payment.write({"bank_order_id": False}),
            lambda: payment.write({"bank_state": "cancelled"}),
            lambda: payment.write({"bank_order_ids": [(5, 0, 0)]}),
            lambda: payment.unlink(),
            lambda: payment.move_id.button_draft(),
            lambda: payment.move_id.button_cancel(),
            lambda: payment.move_id.unlink(),
            lambda: order.write({"bank_state": "draft"}),
            lambda: order.write({"payee_account": "PL00"}),
            lambda: order.unlink(),
            lambda: order.action_cancel(),
            lambda: package.action_cancel(),
            lambda: package.write({"state": "prepared"}),
            lambda: package.write({"content": b"eA=="}),
            lambda: package.unlink(),
            lambda: package.action_download(),
            lambda: package.read(["content"]),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        self.assertEqual(payment.state, "in_process")

    def test_changed_payee_is_found_before_sending(self):
        payment = self.make_payment()
        self.prepare(payment)
        package = payment.bank_order_id.package_id
        card = self.supplier.bank_ids.sudo()
        card.allow_out_payment = False
        card.acc_number = "PL52124010371111001000112233"
        card.allow_out_payment = True
        with self.assertRaisesRegex(UserError, "changed since"):
            package.action_send()

    def test_stale_sending_becomes_unknown(self):
        payment = self.make_payment()
        self.prepare(payment)
        package = payment.bank_order_id.package_id
        package._set_state("sending", handed_over_at=fields.Datetime.now() - timedelta(minutes=6))
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual(package.state, "unknown")
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])
