# SPDX-License-Identifier: LGPL-3.0-only
"""One entry of a whole payroll finds its orders by itself, or tells a person why it does not."""

import datetime
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo.addons.bank_webservice.protocol.records import Entry, OrderReceipt, Receipt
from odoo.exceptions import UserError

from ..orders.test_confidential import ConfidentialCase
from .test_order_proof import LOGGER, ProofCase, entry

DAY = datetime.date(2026, 3, 10)
WHICH = "Which orders were booked together?"


def payroll(case, *amounts, **values):
    """Salaries that the bank is asked to book as one entry."""
    payments = case.env["account.payment"]
    for amount in amounts:
        payments |= case.make_payment(amount, **values)
    payments.write({"bank_purpose": "SALA", "bank_as_one": True})
    return payments


class BatchCase(ProofCase):
    def salaries(self, *amounts):
        """The orders, as if the bank had accepted them."""
        orders = self.prepare(payroll(self, *amounts))
        self.assertEqual(len(orders.package_id), 1)
        orders.package_id._set_state("accepted", sender_id=self.user.id)
        return orders

    def one(self, order, amount, key="d", day=DAY, **details):
        """An entry of the first part of the order's message."""
        details = details or {"batch_id": f"{order.package_id.message_id}-1"}
        return Entry(day, day, Decimal(amount), operation_id=key, title="LISTA", details=details)

    def line(self):
        lines = self.env["account.bank.statement.line"].sudo()
        return lines.search([("journal_id", "=", self.journal.id)], limit=1)


class TestWhatDoesNotFit(BatchCase):
    def refused(self, orders, *entries):
        self.take(*entries)
        self.assertEqual(set(orders.mapped("bank_state")), {"accepted"})
        self.assertFalse(orders.batch_line_id)
        self.assertFalse(self.line().is_reconciled)

    def test_another_sum_links_nothing_and_a_person_is_asked(self):
        orders = self.salaries(100.0, 60.0, 40.0)
        self.refused(orders, self.one(orders[0], "-160.00"))
        self.assertEqual(orders.activity_ids.mapped("summary"), [WHICH])

    def test_another_number_of_orders(self):
        orders = self.salaries(100.0, 60.0)
        named = {"batch_id": f"{orders.package_id.message_id}-1", "batch_count": "3"}
        self.refused(orders, self.one(orders[0], "-160.00", **named))
        self.assertEqual(orders.activity_ids.mapped("summary"), [WHICH])

    def test_the_message_alone_and_another_sum_is_a_fee_perhaps(self):
        orders = self.salaries(100.0, 60.0)
        named = {"message_id": orders.package_id.message_id}
        self.refused(orders, self.one(orders[0], "-5.00", **named))
        self.assertFalse(orders.activity_ids)

    def test_money_that_comes_in_and_another_message(self):
        orders = self.salaries(100.0, 60.0)
        self.refused(
            orders, self.one(orders[0], "160.00"), self.one(orders[0], "-160.00", "x", batch_id="?")
        )

    def test_another_account(self):
        orders = self.salaries(100.0, 60.0)
        other = self.make_journal(self.company.sudo(), self.account.browse(), "OTH")
        line = self.env["account.bank.statement.line"].sudo().create({
            "journal_id": other.id, "date": DAY, "amount": -160.0, "payment_ref": "x",
            "transaction_details": {"batch_id": f"{orders.package_id.message_id}-1"},
        })  # fmt: skip
        line._settle_orders()
        self.assertEqual(set(orders.mapped("bank_state")), {"accepted"})

    def test_what_is_proved_cannot_be_edited(self):
        orders = self.salaries(100.0, 60.0)
        self.take(self.one(orders[0], "-160.00"))
        with self.assertRaisesRegex(UserError, "cannot be edited"):
            orders.batch_line_id.with_user(self.user).amount = -170.0

    def test_a_message_that_was_changed_keeps_no_statement_out(self):
        orders = self.salaries(100.0, 60.0)
        orders.package_id.sudo().content = b"eA=="
        self.refused(orders, self.one(orders[0], "-160.00"))


class TestBookedTogether(BatchCase):
    def all_paid(self, orders, line):
        self.assertEqual(set(orders.mapped("bank_state")), {"executed"})
        self.assertEqual(set(orders.payment_id.mapped("state")), {"paid"})
        self.assertEqual(orders.statement_line_id, line)
        self.assertTrue(line.is_reconciled)

    def test_each_way_in_which_a_bank_names_them(self):
        for number, name in enumerate(("batch_id", "our_reference", "message_id"), 1):
            orders = self.salaries(100.0, 60.0 + number)
            message = orders.package_id.message_id
            value = message if name == "message_id" else f"{message.upper()}-1"
            amount = f"-{160 + number}.00"
            self.take(self.one(orders[0], amount, name, **{name: value}), number=str(number))
            self.all_paid(orders, orders.batch_line_id)
            self.assertEqual(orders.package_id.state, "executed")

    def test_without_those_that_the_bank_refused(self):
        orders = self.salaries(100.0, 60.0, 40.0)
        refused = OrderReceipt(orders[2].end_to_end_id, "rejected", code="AC06")
        package = orders.package_id.sudo()
        package._take_receipt(Receipt(package.message_id, "accepted", orders=(refused,)))
        self.take(self.one(orders[0], "-160.00"))
        self.all_paid(orders[:2], self.line())
        self.assertEqual(orders[2].bank_state, "rejected")

    def test_one_that_came_back_alone_opens_again_before_and_after(self):
        for number, order_of_reading in enumerate(((0, 1), (1, 0))):
            orders = self.salaries(100.0, 60.0 + number)
            key = f"r{number}"
            told = [
                self.one(orders[0], f"-{160 + number}.00", f"d{number}"),
                entry(orders[0], "100.00", key, DAY + timedelta(days=1)),
            ]
            for index in order_of_reading:
                self.take(told[index], number=f"{number}{index}", day=told[index].booked_on)
            self.assertEqual(orders.mapped("bank_state"), ["returned", "executed"])
            self.assertEqual(orders.payment_id.mapped("state"), ["rejected", "paid"])
            self.assertTrue(orders.batch_line_id.is_reconciled)

    def test_a_deleted_entry_proves_nothing_and_comes_again(self):
        orders = self.salaries(100.0, 60.0)
        told = self.one(orders[0], "-160.00")
        self.take(told)
        self.line().statement_id.unlink()
        self.line().unlink()
        self.assertEqual(set(orders.mapped("bank_state")), {"accepted"})
        self.assertEqual(set(orders.payment_id.mapped("state")), {"in_process"})
        self.take(told)
        self.all_paid(orders, self.line())

    def test_books_that_fail_are_done_again(self):
        orders = self.salaries(100.0, 60.0)
        model, reconcile = type(self.line()), type(self.line())._reconcile_pairs

        def fail(_lines, _pairs):
            raise UserError(self.env._("No way."))

        with patch.object(model, "_reconcile_pairs", fail), self.assertLogs(LOGGER, "ERROR"):
            self.take(self.one(orders[0], "-160.00"))
        self.assertEqual(set(orders.mapped("bank_state")), {"executed"})
        told = orders.filtered("books_problem")
        self.assertEqual(len(told), 1)
        self.assertIs(model._reconcile_pairs, reconcile)
        told.action_books_again()
        self.all_paid(orders, self.line())


class TestConfidentialPayroll(ConfidentialCase):
    def test_sum_is_hidden_even_where_it_does_not_fit(self):
        orders = self.prepare(payroll(self, 4321.09, 3210.98, partner=self.employee))
        line = self.env["account.bank.statement.line"].sudo().create({
            "journal_id": self.journal.id, "date": DAY, "amount": -1.0, "payment_ref": "LISTA",
            "transaction_details": {"batch_id": f"{orders.package_id.message_id}-1"},
        })  # fmt: skip
        line._settle_orders()
        self.assertEqual(orders.activity_ids.mapped("summary"), [WHICH])
        self.assert_hidden(line.with_user(self.user))

    def test_through_the_bank(self):
        payments = payroll(self, 4321.09, 3210.98, partner=self.employee)
        self.send(payments)
        self.sandbox.phone("anna")
        self.run_and_fetch()
        line = payments.bank_order_id.batch_line_id
        self.assertEqual((line.amount, line.is_reconciled), (-7532.07, True))
        self.assertEqual(set(payments.bank_order_id.mapped("bank_state")), {"executed"})
        self.assertEqual(set(payments.mapped("state")), {"paid"})
        self.assert_hidden(line)
        self.assert_hidden(line.move_id.line_ids)
