# SPDX-License-Identifier: LGPL-3.0-only
"""Once money may move, no button and no RPC call undoes or doubles an order, in any state."""

from odoo.exceptions import UserError

from .test_two_signers import SigningCase

GONE = (
    "to_send", "sending", "unknown", "sent", "waiting", "accepted", "executed",
    "partly_executed", "paused",
)  # fmt: skip


class TestGuards(SigningCase):
    def test_nothing_can_be_undone_packed_again_or_taken_as_a_file(self):
        self.log_in()
        self.trust_connection()
        payment = self.make_payment(60.0)
        package = self.prepare(payment)
        package.with_user(self.jan).action_sign()
        order = package.order_ids
        again = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
        by_jan = package.with_user(self.jan)
        attempts = {
            "cancel the order": order.action_cancel,
            "cancel the package": package.action_cancel,
            "sign": by_jan.action_sign,
            "send": by_jan.action_send,
            "take as a file": by_jan.action_download,
            "hand over again": by_jan.action_hand_over_again,
            "give up": by_jan.action_declare_dead,
            "pack again": again.action_prepare,
            "send again": again.action_send,
            "correct a copy": order.action_correct_copy,
            "draft": payment.action_draft,
            "cancel the payment": payment.action_cancel,
            "reject": payment.action_reject,
            "delete the payment": payment.unlink,
            "delete the order": order.unlink,
            "delete the package": package.unlink,
            "delete the signature": package.signature_ids.unlink,
            "amount": lambda: payment.write({"amount": 1}),
            "payee": lambda: order.write({"payee_account": "PL00"}),
            "state": lambda: package.write({"state": "prepared"}),
            "entry to draft": payment.move_id.button_draft,
            "entry cancelled": payment.move_id.button_cancel,
        }
        for state in GONE:
            package._set_state(state)
            order._set_state(state)
            for name, attempt in attempts.items():
                with (
                    self.subTest(state=state, attempt=name),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    attempt()
                self.assertEqual((package.state, order.bank_state), (state, state))
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])

    def test_bill_stays_with_the_payment_that_is_under_way(self):
        bill = self.make_bill(60.0)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        line = self.journal.outbound_payment_method_line_ids.filtered(
            lambda item: item.code == "bank_webservice"
        )
        payment = wizard.create(
            {
                "journal_id": self.journal.id,
                "payment_method_line_id": line.id,
                "partner_bank_id": self.supplier.bank_ids[:1].id,
            }
        )._create_payments()
        package = self.prepare(payment)
        order = package.order_ids
        item = bill.line_ids.filtered(lambda one: one.account_type == "liability_payable")
        partial = item.matched_debit_ids
        self.assertTrue(partial)
        attempts = {
            "widget": lambda: bill.js_remove_outstanding_partial(partial.id),
            "unreconcile": item.remove_move_reconcile,
            "delete": partial.unlink,
            "cancel the bill": bill.button_cancel,
            "reverse": lambda: payment.move_id._reverse_moves(cancel=True),
        }
        for state in ("to_send", "sending", "unknown", "sent", "waiting", "accepted", "paused"):
            package._set_state(state)
            for name, attempt in attempts.items():
                with (
                    self.subTest(state=state, attempt=name),
                    self.assertRaisesRegex(UserError, "cannot be changed"),
                    self.env.cr.savepoint(),
                ):
                    attempt()
        self.assertTrue(bill.bank_ordered)
        order._undo_books()
        self.assertEqual(bill.amount_residual, 60.0, "a refusal opens it all the same")

    def test_items_of_the_entry_are_not_edited(self):
        self.log_in()
        self.trust_connection()
        payment = self.make_payment(60.0)
        package = self.prepare(payment)
        package._set_state("sent")
        outstanding, counterpart, _other = payment._seek_for_lines()
        suspense = self.journal.suspense_account_id.id
        for items, vals in (
            (outstanding, {"account_id": suspense}),
            (counterpart, {"account_id": suspense}),
            (outstanding, {"debit": 0.0, "credit": 61.0}),
            (outstanding, {"amount_currency": -61.0}),
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError), self.env.cr.savepoint():
                items.write(vals)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            outstanding.unlink()

    def test_package_that_waits_says_who_can_release_it(self):
        package = self.prepare(self.make_payment(60.0))
        self.log_in()
        self.trust_connection()
        package.action_send()
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual((package.state, package.order_ids.bank_state), ("waiting", "waiting"))
        self.assertIn("anna", package.release_by)
