# SPDX-License-Identifier: LGPL-3.0-only
"""What the bank says reaches state, payment, entry and bill together, in closed periods too."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ...protocol.records import OrderReceipt, Receipt
from ..common import BankCase

LOGGER = "odoo.addons.bank_webservice.models.orders.bank_order_receipt"


class SettlingCase(BankCase):
    def register(self, bill):
        """A payment of the bill, as an accountant registers it."""
        method = self.journal.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "bank_webservice"
        )
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        values = {
            "journal_id": self.journal.id,
            "payment_method_line_id": method.id,
            "partner_bank_id": self.supplier.bank_ids[:1].id,
        }
        return wizard.create(values)._create_payments()

    def ordered(self, state="accepted", amount=100.0):
        """(bill, payment, order): prepared, and as if the bank had said `state`."""
        bill = self.make_bill(amount)
        payment = self.register(bill)
        order = self.prepare(payment)
        order.package_id._set_state(state, sender_id=self.user.id)
        return bill, payment, order

    def say(self, order, state, code=""):
        package = order.package_id.sudo()
        words = (OrderReceipt(order.end_to_end_id, state, code=code, reason="Rachunek zamknięty"),)
        package._take_receipt(Receipt(package.message_id, state, orders=words))

    def lock(self, day="2026-03-10", field="fiscalyear_lock_date"):
        self.env.flush_all()
        query = f"UPDATE res_company SET {field} = %s WHERE id = %s"
        self.env.cr.execute(query, [day, self.company.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def broken_books(self):
        return patch.object(
            type(self.env["account.payment"]), "action_reject", side_effect=UserError("No way.")
        )

    def owed(self, bill):
        bill.invalidate_recordset()
        return bill.amount_residual

    def to_send(self, payment):
        return payment in payment.search(payment._to_send_domain())


class TestNothingLeadsBack(SettlingCase):
    def test_a_receipt_never_leads_an_order_back(self):
        _bill, _payment, order = self.ordered("accepted")
        for said in ("sent", "waiting"):
            self.say(order, said)
            self.assertEqual((order.bank_state, order.package_id.state), ("accepted", "accepted"))
        self.say(order, "paused")
        self.assertEqual(order.bank_state, "paused")

    def test_a_refused_order_stays_refused_and_a_person_is_told_once(self):
        bill, payment, order = self.ordered()
        self.say(order, "rejected", "AC04")
        for _again in range(2):
            self.say(order, "accepted")
        self.assertEqual((order.bank_state, order.package_id.state), ("rejected", "rejected"))
        self.assertEqual((payment.state, self.owed(bill)), ("rejected", 100.0))
        self.assertEqual(order.activity_ids.mapped("user_id"), self.user)
        self.assertEqual(len(order.activity_ids), 1)

    def test_an_executed_order_is_not_refused_any_more(self):
        bill, _payment, order = self.ordered("executed")
        self.say(order, "rejected", "AC04")
        self.assertEqual((order.bank_state, self.owed(bill)), ("executed", 0.0))
        self.assertEqual(len(order.activity_ids), 1)

    def test_what_agrees_is_not_told(self):
        _bill, _payment, order = self.ordered("executed")
        self.say(order, "accepted")
        self.assertEqual(order.bank_state, "executed")
        self.assertFalse(order.activity_ids)

    def test_a_refused_payment_is_never_sent_again(self):
        _bill, payment, order = self.ordered()
        self.say(order, "rejected", "AC04")
        payment.sudo().write({"state": "in_process"})
        self.assertFalse(self.to_send(payment))
        problems = [str(item) for item in order._problems_of_payments(payment)]
        self.assertIn("Correct a copy", "\n".join(problems))


class TestBooks(SettlingCase):
    def test_only_senders_try_the_books_again(self):
        _bill, _payment, order = self.ordered()
        operator = new_test_user(
            self.env(su=True),
            "settling_operator",
            groups="base.group_user,bank_webservice.group_operator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            order.with_user(operator).action_books_again()
        with self.assertRaisesRegex(UserError, "are right"):
            order.action_books_again()

    def test_books_that_cannot_follow_undo_nothing_of_what_the_bank_said(self):
        bill, payment, order = self.ordered()
        with self.broken_books(), self.assertLogs(LOGGER, "ERROR"):
            self.say(order, "rejected", "AC04")
            self.env.flush_all()
        self.assertEqual((order.bank_state, order.books_problem), ("rejected", "No way."))
        self.assertEqual(order.bank_reason, "Rachunek zamknięty")
        # All or nothing: the bill is not open over a payment that stands.
        self.assertEqual((payment.state, payment.move_id.state), ("in_process", "posted"))
        self.assertEqual(self.owed(bill), 0.0)
        self.assertFalse(self.to_send(payment))
        self.assertEqual(order.activity_ids.user_id, self.user)
        order.action_books_again()
        self.assertFalse(order.books_problem)
        self.assertEqual((payment.state, self.owed(bill)), ("rejected", 100.0))

    def test_one_order_whose_books_fail_leaves_the_others_alone(self):
        bills = [self.make_bill(amount) for amount in (40.0, 60.0)]
        payments = self.register(bills[0]) | self.register(bills[1])
        self.prepare(payments)
        package = payments.bank_order_id.package_id
        package._set_state("accepted", sender_id=self.user.id)
        undo = type(self.env["account.payment"]).action_reject
        first = payments[0]

        def action_reject(payment):
            if payment == first:
                raise UserError(self.env._("No way."))
            return undo(payment)

        with (
            patch.object(type(self.env["account.payment"]), "action_reject", action_reject),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            package.sudo()._reject("Nie.")
        self.assertEqual(set(package.order_ids.mapped("bank_state")), {"rejected"})
        self.assertEqual([bill.amount_residual for bill in bills], [0.0, 60.0])
        self.assertEqual(payments.mapped("state"), ["in_process", "rejected"])

    def check_undone(self, bill, payment, order):
        self.assertFalse(order.books_problem)
        self.assertEqual((order.bank_state, payment.state), ("rejected", "rejected"))
        self.assertEqual(self.owed(bill), 100.0)
        self.assertFalse(self.to_send(payment))

    def test_a_locked_period_is_undone_on_the_first_open_day(self):
        for field in ("fiscalyear_lock_date", "hard_lock_date"):
            with self.subTest(field=field):
                bill, payment, order = self.ordered()
                self.lock("2026-03-12", field)
                self.say(order, "rejected", "AC04")
                self.check_undone(bill, payment, order)
                move = payment.move_id
                self.assertEqual(move.state, "posted")
                reversal = move.reversal_move_ids
                self.assertEqual(str(reversal.date), "2026-03-13")
                self.assertTrue(all((move | reversal).line_ids.mapped("reconciled")))
                self.lock(None, field)

    def test_a_hashed_entry_is_reversed(self):
        self.journal.sudo().restrict_mode_hash_table = True
        bill, payment, order = self.ordered()
        self.assertTrue(payment.move_id.inalterable_hash)
        self.say(order, "rejected", "AC04")
        self.check_undone(bill, payment, order)
        self.assertEqual(payment.move_id.state, "posted")

    def test_what_a_person_matched_with_a_statement_entry_is_not_opened(self):
        """The money was seen to leave: a refusal that opens the bill would have it paid twice."""
        bill, payment, order = self.ordered()
        line = self.env["account.bank.statement.line"].sudo().create({
            "journal_id": self.journal.id, "date": "2026-03-10", "amount": -100.0,
            "payment_ref": "Seen", "partner_id": self.supplier.id,
        })  # fmt: skip
        line._reconcile_with(payment.sudo().move_id.line_ids.filtered("credit"))
        with self.assertLogs(LOGGER, "ERROR"):
            self.say(order, "rejected")
        self.assertEqual((order.bank_state, self.owed(bill)), ("rejected", 0.0))
        self.assertIn("Seen", order.books_problem)
        self.assertEqual(len(order.activity_ids), 1)
        self.assertFalse(self.to_send(payment))
        line.action_undo_reconciliation()
        order.action_books_again()
        self.assertEqual((payment.state, self.owed(bill)), ("rejected", 100.0))

    def test_the_payment_is_told_the_reason(self):
        _bill, payment, order = self.ordered("sending")
        order.package_id.sudo()._reject("Rachunek zamknięty")
        told = payment.message_ids.filtered(lambda message: order.name in (message.body or ""))
        self.assertIn("Rachunek zamknięty", told[:1].body)
