# SPDX-License-Identifier: LGPL-3.0-only
"""Orders seen from the journal's card and the bill; a refused one is paid anew."""

from odoo.exceptions import UserError

from ..common import BankCase


class TestOverview(BankCase):
    def setUp(self):
        super().setUp()
        self.log_in()
        self.trust_connection()

    def refused(self):
        self.sandbox.post("/control/refuse", code="AC04")
        payment = self.make_payment()
        package = self.send(payment)
        self.sandbox.phone("anna")
        self.sandbox.post("/control/run")
        if package.state != "rejected":
            package.action_refresh_status()
        return package.order_ids

    def test_an_order_that_may_still_be_paid_has_no_copy(self):
        order = self.send(self.make_payment()).order_ids
        with self.assertRaisesRegex(UserError, "not refused"):
            order.action_correct_copy()

    def test_copy_of_a_refused_order_is_a_new_payment_that_names_it(self):
        order = self.refused()
        action = order.action_correct_copy()
        copy = self.env["account.payment"].browse(action["res_id"])
        self.assertEqual((copy.state, copy.amount), ("draft", order.amount))
        # Pressed twice: the same copy again.
        self.assertEqual(order.action_correct_copy()["res_id"], copy.id)
        copy.action_post()
        self.prepare(copy)
        self.assertEqual(copy.bank_order_id.corrects_id, order)
        self.assertNotEqual(copy.bank_order_id.end_to_end_id, order.end_to_end_id)

    def test_card_counts_orders_by_what_is_to_be_done(self):
        self.refused()
        self.sandbox.fault("SendPackage", "drop_after")
        self.send(self.make_payment(11.0))
        payment = self.make_payment(12.0)
        self.prepare(payment)
        data = self.journal._get_journal_dashboard_data_batched()[self.journal.id]
        counts = {name: data["bank_webservice"][f"orders_{name}"] for name in
                  ("to_sign", "unknown", "waiting", "rejected")}  # fmt: skip
        self.assertEqual(counts, {"to_sign": 1, "unknown": 1, "waiting": 0, "rejected": 1})
        action = self.journal.with_context(bank_filter="unknown").action_bank_orders()
        self.assertIn("search_default_unknown", action["context"])

    def test_register_is_printed(self):
        order = self.refused()
        report = self.env["ir.actions.report"].sudo()
        page, _kind = report._render_qweb_html("bank_webservice.report_order_register", order.ids)
        self.assertIn(order.payee_account.encode(), page)
