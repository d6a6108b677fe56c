# SPDX-License-Identifier: LGPL-3.0-only
"""The same entry again, and another one that looks the same: late bookings, ids used twice."""

import datetime
from decimal import Decimal

from odoo.addons.bank_webservice.protocol.records import Document, Statement
from odoo.exceptions import UserError

from ..common import ACCOUNT, BankCase
from .test_statement_import import DAY, entry

NEXT = DAY + datetime.timedelta(days=1)
LATER = DAY + datetime.timedelta(days=2)


class TestStatementOverlaps(BankCase):
    def setUp(self):
        super().setUp()
        self.document = self.env["bank.document"]._keep(
            self.journal, [Document(b"as received", "mt940", "day.sta")]
        )

    def take(self, number, *entries, opening="0", since=DAY, until=None, **more):
        values = {"opening_balance": Decimal(opening), **more}
        if "closing_balance" not in values:
            values["closing_balance"] = sum((one.amount for one in entries), Decimal(opening))
        statement = Statement(
            account_number=ACCOUNT, currency="PLN", number=number, opened_on=since,
            closed_on=until or since, entries=entries, **values,
        )  # fmt: skip
        return self.journal.sudo()._import_statement(statement, self.document)

    def lines(self):
        domain = [("journal_id", "=", self.journal.id)]
        return self.env["account.bank.statement.line"].search(domain, order="id")

    # -------------------------------------------------------------------------
    # REFUSALS
    # -------------------------------------------------------------------------

    def test_statement_that_now_says_another_amount_is_refused(self):
        self.take("1", entry(key="a"))
        with self.assertRaisesRegex(UserError, "Only in the statement: .*11"):
            self.take("1", entry("11.00", key="a"))

    def test_amount_that_the_books_could_only_round_is_refused(self):
        for amount in ("1.005", "9999999999999.99", "999999999999999.99"):
            with self.assertRaisesRegex(UserError, "exactly"):
                self.take("1", entry(amount, key="a"))
            with self.assertRaisesRegex(UserError, "exactly"):
                self.take("1", opening=amount)
        self.assertFalse(self.lines())
        self.take("1", entry("999999999999.99", key="a"))
        self.assertEqual(self.lines().amount, 999999999999.99)

    def test_announced_and_reconciled_entry_of_another_amount_is_refused(self):
        self.take("1", entry("-10.00", key="a"), final=False)
        line = self.lines()
        bill = self.make_bill(10.0)
        line._reconcile_with(bill._bank_open_items())
        with self.assertRaisesRegex(UserError, "Undo its reconciliation"):
            self.take("1", entry("-11.00", key="a"))

    # -------------------------------------------------------------------------
    # ANOTHER ENTRY
    # -------------------------------------------------------------------------

    def test_late_booking_like_an_entry_of_the_day_before_is_not_lost(self):
        self.take("1", entry(), until=DAY)
        # MT940: a statement's opening balance has the day of the one before it.
        late = self.take("2", entry(), entry(key=None, day=NEXT), opening="10", until=NEXT)
        self.assertEqual((late.new, late.known), (2, 0))
        self.assertTrue(late.statement.is_complete)
        again = self.take("2", entry(), entry(key=None, day=NEXT), opening="10", until=NEXT)
        self.assertEqual((again.new, again.known), (0, 2))
        self.assertEqual(self.take("1", entry(), until=DAY).new, 0)
        self.assertEqual(len(self.lines()), 3)

    def test_late_booking_of_a_statement_days_later_is_not_lost(self):
        self.take("", entry())
        self.assertEqual(self.take("", entry(), opening="10", since=LATER).new, 1)
        self.assertEqual(self.take("", entry(), opening="10", since=LATER).new, 0)

    def test_statements_that_overlap_hold_the_same_entries(self):
        self.take("1", entry())
        self.take("2", entry(day=NEXT), opening="10", since=NEXT)
        both = self.take("9", entry(), entry(day=NEXT), until=NEXT)
        self.assertEqual((both.new, both.known), (0, 2))

    def test_fee_under_the_id_of_its_transfer_in_a_later_statement_is_not_lost(self):
        transfer, fee = entry("-100.00", key="a"), entry("-5.00", key="a", day=NEXT)
        self.take("1", transfer)
        self.assertEqual(self.take("2", fee, opening="-100", since=NEXT).new, 1)
        self.assertEqual(self.take("2", fee, opening="-100", since=NEXT).new, 0)
        # One statement over both days: the second one of an id has its number.
        fee = entry("-5.00", key="a/2", day=NEXT)
        both = self.take("3", transfer, fee, until=NEXT)
        self.assertEqual((both.new, both.known), (0, 2))
        self.assertEqual(self.lines().mapped("amount"), [-100.0, -5.0])

    # -------------------------------------------------------------------------
    # UNDER THE ID OF AN ORDER
    # -------------------------------------------------------------------------

    def accepted_order(self, amount):
        payment = self.make_payment(amount)
        order = self.prepare(payment)
        order.package_id._set_state("accepted")
        return order

    def test_second_debit_under_the_id_of_an_executed_order_is_told(self):
        order = self.accepted_order(100.0)
        ours = {"our_reference": order.end_to_end_id}
        self.take("1", entry("-100.00", key="a", **ours))
        self.assertEqual(order.bank_state, "executed")
        self.take("2", entry("-100.00", key="b", day=NEXT, **ours), opening="-100", since=NEXT)
        first, second = self.lines()
        self.assertEqual(order.statement_line_id, first)
        self.assertFalse(second.is_reconciled)
        self.assertEqual(order.activity_ids.mapped("summary"), ["Paid twice?"])

    def test_fee_given_back_is_no_return_of_the_money(self):
        order = self.accepted_order(100.0)
        ours = {"our_reference": order.end_to_end_id}
        self.take("1", entry("-100.00", key="a", **ours), entry("2.00", key="b", **ours))
        self.assertEqual(order.bank_state, "executed")
        self.assertIn("nothing was linked", order.message_ids[:1].body)
        self.take("2", entry("100.00", key="c", day=NEXT, **ours), opening="-98", since=NEXT)
        self.assertEqual(order.bank_state, "returned")

    def test_returned_money_opens_the_bill_again(self):
        bill = self.make_bill(100.0)
        order = self.accepted_order(100.0)
        payment = order.payment_id
        _outstanding, item, _writeoff = payment._seek_for_lines()
        (item | bill._bank_open_items()).reconcile()
        self.assertEqual(bill.amount_residual, 0)
        ours = {"our_reference": order.end_to_end_id}
        # Both in one statement: they are reconciled together, at its end.
        self.take("1", entry("-100.00", key="a", **ours), entry("100.00", key="b", **ours))
        self.assertEqual((order.bank_state, bill.amount_residual), ("returned", 100.0))
        self.assertTrue(all(self.lines().mapped("is_reconciled")))
        self.assertEqual(self.lines().bank_order_id, order)
        self.assertEqual(order.payment_id.bank_order_ids, order)
        self.assertFalse(payment.bank_order_id)
        action = order.action_correct_copy()
        self.assertIn(action["res_model"], ("account.payment", "account.payment.register"))

    # -------------------------------------------------------------------------
    # WHAT THE FINAL STATEMENT SAYS
    # -------------------------------------------------------------------------

    def test_final_statement_corrects_what_was_announced(self):
        self.take("1", entry("-10.00", key="a", title="FV"), final=False)
        final = self.take(
            "1", entry("-10.05", key="a", title="FV 1", day=NEXT), until=NEXT, opening="100"
        )
        line = self.lines()
        self.assertEqual((final.new, final.finished), (0, 1))
        self.assertEqual((line.amount, line.payment_ref), (-10.05, "FV 1"))
        self.assertEqual((line.date, line.bank_booked_on), (NEXT, NEXT))
        self.assertEqual(sum(line.line_ids.mapped("balance")), 0)
        self.assertTrue(final.statement.is_complete)

    def test_balance_that_is_not_named_follows_from_the_other_one(self):
        first = self.take("", entry(), opening_balance=None, closing_balance=Decimal("15"))
        self.assertEqual((first.statement.balance_start, first.statement.is_complete), (5.0, True))
        second = self.take(
            "", entry(day=NEXT), since=NEXT, opening_balance=None, closing_balance=None
        )
        self.assertEqual(second.statement.balance_start, 15.0)
        self.assertEqual(second.statement.balance_end_real, 25.0)
        self.assertFalse(self.journal._statement_gaps())
