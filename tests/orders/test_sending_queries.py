# SPDX-License-Identifier: LGPL-3.0-only
"""The number of questions to the database does not grow with the number of payments."""

from odoo import fields

from ..common import DIK, BankCase


class TestQueries(BankCase):
    def setUp(self):
        super().setUp()
        self.log_in()
        self.trust_connection()

    def queries(self, count, memo):
        """Of sending so many payments, from *Send* to the receipt; posting is Odoo's own."""
        payments = self.env["account.payment"]
        for number in range(count):
            payments |= self.make_payment(10.0 + number, memo=f"{memo} {number}", post=False)
        payments.action_post()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.send(payments)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_thirty_payments_need_hardly_more_than_five(self):
        self.queries(2, "warm")
        few, many = self.queries(5, "few"), self.queries(30, "many")
        # Batches of inserts and reads may split; one question more for each payment would be 25.
        self.assertLess(many - few, 20, f"{few} for 5, {many} for 30")


class TestStatementQueries(BankCase):
    """The statement that proves payments executed reconciles them in one go."""

    def setUp(self):
        super().setUp()
        self.sandbox.post("/control/client", identifier=DIK, signatures_required=0)
        self.sandbox.post("/control/settings", statements="on-request")
        self.log_in()
        self.trust_connection()

    def queries(self, count):
        """Of fetching a statement with so many executed payments, all linked and reconciled."""
        payments = self.env["account.payment"].union(
            *(self.make_payment(10.0 + number, memo=f"{count} {number}") for number in range(count))
        )
        self.send(payments)
        self.sandbox.post("/control/run")
        day = fields.Date.today()
        wizard = self.env["bank.fetch"].create(
            {"journal_id": self.journal.id, "date_from": day, "date_to": day}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        wizard.action_fetch()
        self.env.flush_all()
        self.assertEqual(set(payments.bank_order_ids.mapped("bank_state")), {"executed"})
        self.assertEqual(set(payments.mapped("is_matched")), {True})
        return self.env.cr.sql_log_count - before

    def test_an_executed_payment_costs_few_questions(self):
        self.queries(2)
        few, many = self.queries(5), self.queries(25)
        # One by one, Odoo's reconciliation alone asks about thirty times for each.
        self.assertLess((many - few) / 20, 12, f"{few} for 5, {many} for 25")
