# SPDX-License-Identifier: LGPL-3.0-only
"""Balance history and cash forecast: who sees what, and sums that an accountant can follow."""

from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..common import BankCase


class TestCash(BankCase):
    def rows(self, model, **where):
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id), *((k, "=", v) for k, v in where.items())]
        return self.env[model].search(domain)

    def database_day(self):
        """The views count from the database's own day, which the frozen clock does not reach."""
        self.env.cr.execute("SELECT CURRENT_DATE")
        return self.env.cr.fetchone()[0]

    def bill(self, amount, due):
        bill = self.env["account.move"].sudo().create(
            {
                "move_type": "in_invoice",
                "company_id": self.company.id,
                "partner_id": self.supplier.id,
                "invoice_date": date.today(),
                "invoice_date_due": due,
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "quantity": 1, "price_unit": amount, "tax_ids": []})
                ],
            }
        )  # fmt: skip
        bill.action_post()
        return bill

    def test_who_reads_no_accounting_sees_no_money(self):
        reader = new_test_user(self.env(su=True), "reads", groups="base.group_user")
        for model in ("bank.balance.history", "bank.cash.forecast"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(reader).search([])

    def test_confidential_payment_is_not_counted_for_who_may_not_see_it(self):
        payment = self.make_payment(700)
        payment.sudo().bank_confidential = True
        self.assertFalse(self.rows("bank.cash.forecast", kind="ordered"))

    def test_forecast_is_balance_less_ordered_less_bills(self):
        database_day = self.database_day()
        self.journal._bank_feed().sudo().write(
            {"balance_booked": 1000, "balance_at": "2026-03-10 10:00:00"}
        )
        self.make_payment(300)
        overdue = self.bill(200, database_day - timedelta(days=60))
        later = self.bill(150, database_day + timedelta(days=20))
        balance = self.rows("bank.cash.forecast", kind="balance", journal_id=self.journal.id)
        self.assertEqual((balance.amount, balance.day), (1000, database_day))
        self.assertEqual(self.rows("bank.cash.forecast", kind="ordered").mapped("amount"), [-300])
        rows = self.rows("bank.cash.forecast", kind="bills")
        bills = {row.move_id: (row.amount, row.day) for row in rows}
        self.assertEqual(bills[overdue], (-200, database_day))
        self.assertEqual(bills[later], (-150, database_day + timedelta(days=20)))

    def test_history_goes_on_with_the_last_balance(self):
        database_day = self.database_day()
        for ago, closing in ((30, 500), (10, 800)):
            day = database_day - timedelta(days=ago)
            self.env["account.bank.statement"].sudo().create(
                {"name": f"S{ago}", "bank_journal_id": self.journal.id, "bank_closed_on": day,
                 "balance_end_real": closing}
            )  # fmt: skip
        rows = self.rows("bank.balance.history", journal_id=self.journal.id)
        self.assertEqual(rows[0].day, database_day)
        self.assertEqual(rows[0].balance, 800)
        self.assertEqual(rows[-1].balance, 500)
        self.assertEqual(rows.bank_id, self.bank)

    def test_other_currency_is_counted_in_the_companys(self):
        database_day = self.database_day()
        euro = self.env.ref("base.EUR")
        self.env["res.currency.rate"].sudo().create(
            {"currency_id": euro.id, "company_id": self.company.id, "rate": 0.25,
             "name": database_day - timedelta(days=90)}
        )  # fmt: skip
        self.journal.sudo().currency_id = euro
        self.env["account.bank.statement"].sudo().create(
            {"name": "E", "bank_journal_id": self.journal.id,
             "bank_closed_on": database_day - timedelta(days=3), "balance_end_real": 100}
        )  # fmt: skip
        row = self.rows("bank.balance.history", journal_id=self.journal.id)[:1]
        self.assertEqual((row.balance_own, row.balance, row.currency_id), (100, 400, euro))
