# SPDX-License-Identifier: LGPL-3.0-only
"""A bill in euro paid from a złoty account: the bank changes the money, the books know both."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.bank_webservice.protocol.banks import BANKS
from odoo.exceptions import UserError

from .test_order_proof import ProofCase, entry


class TestConverted(ProofCase):
    def setUp(self):
        super().setUp()
        euro = self.env.ref("base.EUR")
        euro.sudo().active = True
        self.env["res.currency.rate"].sudo().create(
            {
                "currency_id": euro.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "inverse_company_rate": 4.25,
            }
        )
        self.supplier = self.make_supplier("Muster GmbH", "DE89370400440532013000")
        self.supplier.sudo().write({"country_id": self.env.ref("base.de").id, "city": "Berlin"})
        self.bill = self.make_bill(100.0, self.supplier, currency_id=euro.id)
        self.payment = self.register(self.bill)

    def test_an_entry_of_another_order_amount_is_told(self):
        order = self.prepare(self.payment)
        order.package_id._set_state("accepted")
        self.take(entry(order, "-388.35", "d", details={"original_amount": "90.00 EUR"}))
        self.assertEqual(order.bank_state, "accepted")
        self.assertEqual(len(order.activity_ids), 1)

    def test_the_entry_settles_the_bill_at_the_banks_rate(self):
        order = self.prepare(self.payment)
        self.assertEqual((order.kind, order.currency_id.name, order.amount), ("sepa", "EUR", 100))
        order.package_id._set_state("accepted")
        self.take(entry(order, "-431.50", "d", details={"original_amount": "100,00"}))
        line = order.statement_line_id
        self.assertEqual((line.amount, line.amount_currency), (-431.5, -100.0))
        self.assertEqual((order.bank_state, self.payment.state), ("executed", "paid"))
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self.bill.amount_residual, 0)
        self.take(entry(order, "431.50", "c"), number="2", day=self.next_day())
        self.assertEqual((order.bank_state, self.payment.state), ("returned", "rejected"))
        self.assertEqual(self.bill.amount_residual, 100)

    def converted(self, amount, **said):
        """The entry of the order at the rate 4.315, and a rule that says where fees go."""
        account = (
            self.env["account.account"]
            .sudo()
            .search(
                [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)], limit=1
            )
        )
        self.env["bank.operation.rule"].sudo().create(
            {"journal_id": self.journal.id, "name": "Fee", "bank_code": "794", "kind": "fee",
             "account_id": account.id}
        )  # fmt: skip
        order = self.prepare(self.payment)
        order.package_id._set_state("accepted")
        details = {"original_amount": "100.00", "exchange_rate": "4.3150", **said}
        self.take(entry(order, amount, "d", details=details))
        return order, order.statement_line_id.move_id.line_ids.filtered(
            lambda item: item.account_id == account
        )

    def test_fee_that_does_not_make_the_amount_is_not_booked_apart(self):
        order, fees = self.converted("-460.00", fee_amount="20.00")
        self.assertEqual((order.bank_state, self.bill.amount_residual), ("executed", 0))
        self.assertFalse(fees)

    def test_fee_inside_the_entry_is_no_difference_of_rates(self):
        order, fees = self.converted("-451.50", fee_amount="20,00", fee_currency="PLN")
        self.assertEqual(fees.mapped("balance"), [20.0])
        line = order.statement_line_id
        self.assertEqual((line.amount, line.amount_currency), (-451.5, -100.0))
        self.assertTrue(line.is_reconciled)
        self.assertEqual((order.bank_state, self.payment.state), ("executed", "paid"))
        self.assertEqual(self.bill.amount_residual, 0)
        outstanding = self.payment._seek_for_lines()[0]
        exchange = outstanding.matched_debit_ids.exchange_move_id
        self.assertEqual(abs(sum(exchange.line_ids.mapped("debit"))), 6.5)

    def test_instant_only_where_the_bank_takes_it(self):
        self.payment.bank_route = "instant"
        kind = BANKS["mbank"]
        with patch.object(kind, "has_instant", False), self.assertRaisesRegex(UserError, "Instant"):
            self.prepare(self.payment)
        order = self.prepare(self.payment)
        self.assertEqual((order.kind, order.route), ("sepa", "instant"))
        self.assertIn(b"<Cd>INST</Cd>", order.package_id.sudo()._raw_content())

    def next_day(self):
        return fields.Date.today() + timedelta(days=1)

    def test_on_its_way_through_the_bank(self):
        self.log_in()
        self.trust_connection()
        package = self.send(self.payment)
        self.sandbox.phone("anna")
        package.action_refresh_status()
        self.assertEqual(package.state, "accepted", package.bank_reason)
        self.run_and_fetch()
        order = self.payment.bank_order_id
        self.assertEqual((order.bank_state, self.payment.state), ("executed", "paid"))
        line = order.statement_line_id
        self.assertEqual((line.amount, line.amount_currency), (-431.5, -100.0))
        self.assertEqual(order.bank_exchange_rate, "4.3150")

    # -------------------------------------------------------------------------
    # THE AMOUNT IN THE ACCOUNT'S CURRENCY
    # -------------------------------------------------------------------------

    def sending(self, amount=431.5, kind="foreign"):
        bank = self.env["res.bank"].sudo().create({"name": "Musterbank", "bic": "COBADEFFXXX"})
        self.supplier.bank_ids.sudo().bank_id = bank
        self.company.sudo().write({"street": "ul. Prosta 1", "zip": "00-838", "city": "Warszawa"})
        payment = self.make_payment(amount, self.supplier, memo="Rechnung 4713")
        payment.write({"bank_kind": kind, "bank_sent_currency_id": self.env.ref("base.EUR").id})
        return payment

    def test_only_abroad_and_only_where_the_bank_changes_money(self):
        with self.assertRaisesRegex(UserError, "not sent in another currency"):
            self.prepare(self.sending(kind="domestic"))
        with self.assertRaisesRegex(UserError, "leave the currency"):
            payment = self.sending()
            payment.bank_sent_currency_id = self.pln
            self.prepare(payment)
        kind = BANKS["mbank"]
        with patch.object(kind, "converts_from", ()), self.assertRaisesRegex(UserError, "no money"):
            self.prepare(self.sending())

    def test_what_the_bank_sent_and_at_which_rate_stands_on_the_order(self):
        payment = self.sending()
        self.log_in()
        self.trust_connection()
        package = self.send(payment)
        self.sandbox.phone("anna")
        package.action_refresh_status()
        self.assertEqual(package.state, "accepted", package.bank_reason)
        self.run_and_fetch()
        order = payment.bank_order_id
        self.assertEqual((order.bank_state, order.sent_currency), ("executed", "EUR"))
        self.assertEqual(order.statement_line_id.amount, -431.5)
        self.assertEqual(order.bank_exchange_rate, "4.3150")
        self.assertIn("100.00", order.bank_original_amount)
