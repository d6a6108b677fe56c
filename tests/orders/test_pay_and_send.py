# SPDX-License-Identifier: LGPL-3.0-only
"""Pay and send: from bills to the bank in one dialog, looked over as a table."""

from datetime import date

from odoo.exceptions import UserError

from ..common import BankCase


class TestPayAndSend(BankCase):
    def look(self, bills):
        # As the list of the bills' journal has it.
        context = {"default_journal_id": bills.journal_id.id, "default_move_type": "in_invoice"}
        action = bills.with_context(**context).action_pay_and_send()
        return self.env["bank.send"].browse(action["res_id"])

    def payments(self):
        return self.env["account.payment"].search([("journal_id", "=", self.journal.id)])

    # -------------------------------------------------------------------------
    # WHAT IS REFUSED
    # -------------------------------------------------------------------------

    def test_nothing_is_registered_before_somebody_presses_send(self):
        bill = self.make_bill()
        wizard = self.look(bill)
        self.assertFalse(self.payments())
        self.assertEqual(bill.payment_state, "not_paid")
        self.assertEqual(wizard.row_ids.amount, 100)

    def test_bills_with_nothing_open_are_refused(self):
        bill = self.make_bill()
        bill.line_ids.action_register_payment()
        self.look(bill).action_prepare()
        with self.assertRaisesRegex(UserError, "Nothing is open"):
            bill.action_pay_and_send()

    def test_an_account_without_trust_stays_and_leads_to_its_card(self):
        other = self.make_supplier("Obcy", "PL88249000050000460090000001", trusted=False)
        bad, good = self.make_bill(50, other), self.make_bill(70)
        wizard = self.look(bad | good)
        row = wizard.row_ids.filtered("blocked")
        self.assertEqual((wizard.going_count, wizard.staying_count), (1, 1))
        self.assertIn("is not trusted", row.problem)
        self.assertNotIn("PBWS", row.problem + wizard.summary, "a payment that is not there")
        action = row.action_mend()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (other.bank_ids._name, other.bank_ids.id)
        )
        wizard.action_prepare()
        self.assertEqual(self.payments().mapped("amount"), [70])
        self.assertEqual(bad.payment_state, "not_paid")

    def test_what_stops_a_payment_is_said_before_what_is_only_worth_a_look(self):
        self.account.sudo().is_vat_account = True
        wizard = self.look(self.make_bill())
        wizard.pay_on = date(2026, 3, 14)
        wizard.action_look()
        self.assertRegex(wizard.row_ids.problem, r"(?s)^Kind.*VAT account.*not a working day")

    def test_a_mistyped_account_is_not_asked_to_be_trusted(self):
        other = self.make_supplier("Obcy", "PL00249000050000460090000001", trusted=False)
        for number in ("PL00249000050000460090000001", "00249000050000460090000001"):
            other.bank_ids.acc_number = number
            problem = self.look(self.make_bill(50, other)).row_ids.problem
            self.assertRegex(problem, f"account {number}.*wrong|of account {number} are wrong")
            self.assertNotIn("trusted", problem)

    def test_a_probable_double_waits_for_a_tick(self):
        one = self.make_bill()
        one.ref = "FV 1/2026"
        two = self.make_bill()
        two.ref = "FV 1 /2026"
        two.write({"payment_reference": "FV 1/2026"})
        one.write({"payment_reference": "FV 1/2026"})
        wizard = self.look(one | two)
        item = wizard.row_ids.filtered("double").item_ids
        self.assertEqual(len(item), 1)
        self.assertEqual(wizard.going_count, 1)
        wizard.action_look()
        again = wizard.row_ids.filtered("double")
        self.assertEqual(again.item_ids, item, "and not the other one of the two")
        self.assertFalse(again.included, "another look is no tick")
        again.included = True
        wizard.action_look()
        self.assertEqual(wizard.going_count, 2)
        wizard.action_prepare()
        self.assertEqual(len(self.payments()), 2)

    def test_two_dialogs_pay_a_bill_once(self):
        bill = self.make_bill()
        first, second = self.look(bill), self.look(bill)
        first.action_prepare()
        with self.assertRaisesRegex(UserError, "changed since you"), self.env.cr.savepoint():
            second.action_prepare()
        self.assertEqual(self.payments().mapped("amount"), [100])
        second.action_look()
        self.assertFalse(second.row_ids)

    def test_an_account_that_was_deleted_meanwhile_is_not_ordered(self):
        bill = self.make_bill()
        wizard = self.look(bill)
        self.supplier.bank_ids.sudo().active = False
        with self.assertRaisesRegex(UserError, "deleted, or is archived"), self.env.cr.savepoint():
            wizard.action_prepare()
        wizard.action_look()
        self.assertEqual((wizard.going_count, wizard.staying_count), (0, 1))

    def test_what_was_not_shown_is_not_paid(self):
        bill = self.make_bill()
        wizard = self.look(bill)
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        register.create({"amount": 40.0})._create_payments()
        paid = self.env["account.payment"].search_count([])
        with self.assertRaisesRegex(UserError, "changed since you looked"), self.env.cr.savepoint():
            wizard.action_prepare()
        self.assertEqual(self.env["account.payment"].search_count([]), paid)
        wizard.action_look()
        self.assertEqual(wizard.row_ids.amount, 60)

    # -------------------------------------------------------------------------
    # WHAT GOES
    # -------------------------------------------------------------------------

    def test_left_out_it_stays_a_bill(self):
        bills = self.make_bill(10) | self.make_bill(20)
        wizard = self.look(bills)
        wizard.row_ids.filtered(lambda row: row.amount == 20).included = False
        totals = wizard.totals.replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("10.00", totals)
        self.assertNotIn("30.00", totals)
        wizard.action_prepare()
        self.assertEqual(self.payments().mapped("amount"), [10])
        self.assertEqual(bills.mapped("payment_state").count("not_paid"), 1)

    def test_account_and_kind_of_a_row_are_the_payments(self):
        second = (
            self.env["res.partner.bank"]
            .sudo()
            .create(
                {
                    "acc_number": "PL88249000050000460090000001",
                    "partner_id": self.supplier.id,
                    "allow_out_payment": True,
                }
            )
        )
        wizard = self.look(self.make_bill())
        wizard.row_ids.partner_bank_id = second
        wizard.action_prepare()
        order = self.payments().bank_order_id
        self.assertEqual(order.payee_account, second.sanitized_acc_number)

    def test_the_proposed_day_is_taken_for_all(self):
        """Payments registered for a Saturday: said once, and moved by one press."""
        payments = self.make_payment(1, memo="a", date="2026-03-14")
        payments |= self.make_payment(2, memo="b", date="2026-03-14")
        wizard = self.env["bank.send"].browse(payments.action_send_to_bank()["res_id"])
        self.assertEqual(wizard.summary.count("not a working day"), 1)
        self.assertIn("Payments (2)", wizard.summary)
        self.assertFalse(any(wizard.row_ids.mapped("problem")), "said above, not again in each row")
        self.assertEqual(wizard.proposed_on, date(2026, 3, 16))
        wizard.action_take_day()
        self.assertFalse(wizard.summary)
        wizard.action_prepare()
        self.assertEqual(set(payments.bank_order_id.mapped("execute_on")), {date(2026, 3, 16)})

    def test_one_transfer_a_payee(self):
        wizard = self.look(self.make_bill(10) | self.make_bill(20))
        wizard.one_a_payee = True
        wizard.action_look()
        self.assertEqual(wizard.row_ids.mapped("amount"), [30])

    def test_it_goes_to_the_bank(self):
        self.trust_connection_and_log_in()
        bills = self.make_bill(10) | self.make_bill(20)
        self.look(bills).action_send()
        self.assertEqual(set(self.payments().mapped("bank_state")), {"to_send"})

    def trust_connection_and_log_in(self):
        self.log_in()
        self.account.sudo().action_test_connection()


class TestSendAgain(BankCase):
    """What the bank refused is paid anew as it was meant: kind, account, title."""

    def refused(self, *bills, journal=None):
        payments = self.env["account.payment"]
        for bill in bills:
            wizard = self.env["bank.send"].browse(bill.action_pay_and_send()["res_id"])
            wizard.one_a_payee = True
            wizard.journal_id = journal or wizard.journal_id
            wizard.action_prepare()
            payments |= wizard.payment_ids
        orders = payments.bank_order_id
        for order in orders.sudo():
            order.payment_id.bank_kind = "mpp"
            order.payment_id.memo = f"Meant so {order.amount:.0f}"
            order._set_state("rejected")
            order._undo_books()
        return orders

    def test_what_was_not_refused_is_not_sent_again(self):
        payment = self.make_payment()
        self.prepare(payment)
        with self.assertRaisesRegex(UserError, "None of these"):
            payment.bank_order_id.action_send_again()

    def test_kind_account_and_title_stay(self):
        """A second registration made an ordinary transfer of a split payment."""
        orders = self.refused(self.make_bill(10), self.make_bill(20))
        self.assertTrue(orders.package_id[0].has_refused)
        wizard = self.env["bank.send"].browse(orders.action_send_again()["res_id"])
        self.assertEqual(wizard.row_ids.mapped("kind"), ["mpp", "mpp"])
        self.assertEqual(set(wizard.row_ids.mapped("title")), {"Meant so 10", "Meant so 20"})
        self.assertEqual(wizard.row_ids.partner_bank_id, orders.payment_id.partner_bank_id)

    def again(self, orders):
        return self.env["bank.send"].browse(orders.action_send_again()["res_id"])

    def test_an_order_of_two_bills_draws_no_third_one_to_it(self):
        """They were put together by payee, and kind and title of all of them were lost."""
        two, alone = self.make_bill(10) | self.make_bill(20), self.make_bill(40)
        orders = self.refused(two, alone)
        wizard = self.again(orders)
        self.assertEqual(set(wizard.row_ids.mapped("title")), {"Meant so 30", "Meant so 40"})
        self.assertEqual(wizard.row_ids.mapped("kind"), ["mpp", "mpp"])
        wizard.row_ids.filtered(lambda row: row.amount == 40).included = False
        wizard.row_ids.kind = "domestic"
        wizard.action_look()
        self.assertEqual(wizard.going_count, 1)
        wizard.action_prepare()
        self.assertEqual(wizard.payment_ids.invoice_ids, two)
        self.assertEqual(two.matched_payment_ids.bank_order_id.amount, 30)

    def test_of_a_bill_in_parts_each_part_is_paid_anew(self):
        bill = self.make_bill(100)
        parts = self.env["account.payment"]
        for amount in (30.0, 25.0):
            parts |= self.pay_bills(bill, amount=amount, payment_difference_handling="open")
        self.prepare(parts)
        orders = parts.bank_order_id
        for order in orders.sudo():
            order._set_state("rejected")
            order._undo_books()
        wizard = self.again(orders)
        self.assertEqual(sorted(wizard.row_ids.mapped("amount")), [25, 30])
        self.assertEqual(self.again(orders[0]).row_ids.amount, orders[0].amount)

    def test_each_is_paid_from_its_own_account(self):
        account = self.make_account(self.company, "PL92114010100000100000010002", "10000001")
        second = self.make_journal(self.company, account, "BW2")
        orders = self.refused(self.make_bill(10), journal=self.journal)
        orders |= self.refused(self.make_bill(20), journal=second)
        wizard = self.again(orders)
        paid_from = {row.amount: row.journal_id for row in wizard.row_ids}
        self.assertEqual(paid_from, {10: self.journal, 20: second})

    def test_a_payment_without_bill_is_copied(self):
        payment = self.make_payment(memo="Alone")
        order = self.prepare(payment)
        order.sudo()._set_state("rejected")
        order.sudo()._undo_books()
        wizard = self.env["bank.send"].browse(order.action_send_again()["res_id"])
        self.assertEqual(wizard.row_ids.title, "Alone")
        self.assertEqual(wizard.payment_ids.bank_corrects_id, payment)


class TestOrderedIsNotPaid(BankCase):
    def test_a_bill_is_ordered_until_the_bank_has_it(self):
        bill, other = self.make_bill(10), self.make_bill(20)
        self.pay_bills(bill)
        self.assertEqual(bill.status_in_payment, "to_send", "no bank knows of it")
        wizard = self.env["bank.send"].browse(bill.action_send_registered()["res_id"])
        wizard.action_prepare()
        bill.invalidate_recordset(["status_in_payment"])
        self.assertEqual(bill.status_in_payment, "to_send", "nothing has left the house")
        order = bill._bank_payments().bank_order_id
        self.assertEqual(bill.action_send_registered()["res_id"], order.package_id.id)
        order.sudo()._set_state("sent")
        (bill | other).invalidate_recordset(["status_in_payment", "bank_ordered"])
        self.assertEqual(bill.status_in_payment, "ordered")
        self.assertNotEqual(other.status_in_payment, "ordered")
        found = self.env["account.move"].search([("bank_ordered", "=", True)])
        self.assertEqual(found, bill)
        order.sudo()._set_state("accepted")
        bill.invalidate_recordset(["status_in_payment"])
        self.assertEqual(bill.status_in_payment, "in_payment")
        order.sudo()._set_state("executed")
        bill.invalidate_recordset(["status_in_payment"])
        self.assertEqual(bill.status_in_payment, "paid")
