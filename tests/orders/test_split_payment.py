# SPDX-License-Identifier: LGPL-3.0-only
"""Split payment of bills: the VAT in it, and what one order may say that it pays."""

from odoo.exceptions import UserError

from ..common import BankCase


class TestSplitPayment(BankCase):
    def setUp(self):
        super().setUp()
        self.supplier.sudo().vat = "PL7781001014"

    def problems(self, payments):
        return "\n".join(map(str, self.env["bank.order"]._problems_of_payments(payments)))

    def test_split_payment_carries_vat_supplier_and_ksef_number(self):
        bill = self.make_bill(1230.0)
        bill.bank_split_payment = True
        bill.bank_ksef_number = "7781001014-20260110-0123456789AB-2B"
        payment = self.pay_bills(bill)
        self.assertEqual(payment.bank_kind, "mpp")
        self.assertEqual(payment.bank_vat_invoice, bill.bank_ksef_number)

    def test_number_of_ksef_1_has_no_room_and_the_bills_own_stands_there(self):
        bill = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bill.bank_ksef_number = "7781001014-20240110-012345-6789AB-2B"
        self.assertEqual(self.pay_bills(bill).bank_vat_invoice, "FV 1")

    def test_our_own_number_of_a_bill_is_not_the_suppliers(self):
        bill = self.split_bill(self.supplier, False, "2026-01-03")
        payment = self.pay_bills(bill)
        self.assertIn(f"{bill.name} is our own number", self.problems(payment))
        payment.bank_vat_invoice = "FV 1"
        self.assertNotIn("our own number", self.problems(payment))

    def test_text_that_is_no_ksef_number_does_not_stand_for_the_bill(self):
        bill = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bill.bank_ksef_number = "see the portal"
        self.assertEqual(self.pay_bills(bill).bank_vat_invoice, "FV 1")

    def test_bill_that_asks_for_it_and_is_paid_otherwise_is_said(self):
        bill = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        payment = self.pay_bills(bill)
        self.assertNotIn("Kind of transfer", self.problems(payment))
        payment.bank_kind = "domestic"
        self.assertIn("Kind of transfer: FV 1: to be paid by split", self.problems(payment))

    def tax(self, rate):
        domain = [("type_tax_use", "=", "purchase"), ("amount", "=", rate)]
        taxes = self.env["account.tax"].search([*domain, ("company_id", "=", self.company.id)])
        return taxes[:1]

    def split_bill(self, supplier, number, day, net=100.0, rate=23):
        """A bill of `net` with VAT that is to be paid by split payment."""
        bill = self.make_bill(net, supplier)
        bill.button_draft()
        bill.name = False  # numbers go by month
        bill.write({"ref": number, "invoice_date": day, "bank_split_payment": True})
        bill.invoice_line_ids.tax_ids = self.tax(rate)
        bill.action_post()
        self.assertEqual(bill.amount_tax, net * rate / 100)
        return bill

    def test_split_payment_of_several_bills_names_their_days_and_adds_their_vat(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bills |= self.split_bill(self.supplier, "FV 2", "2026-01-17")
        payment = self.pay_bills(bills, group_payment=True)
        self.assertEqual((payment.bank_kind, payment.amount), ("mpp", 246.0))
        order = self.prepare(payment)
        title = "/VAT/46,00/IDC/7781001014/INV/03.01.2026-17.01.2026"
        self.assertEqual(order.title, title)

    def test_bills_of_two_suppliers_are_two_split_payments(self):
        other = self.make_supplier("Other", "PL52124010371111001000112233")
        other.sudo().vat = "PL8131001056"
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bills |= self.split_bill(other, "FV 2", "2026-01-03")
        payments = self.pay_bills(bills, group_payment=True)
        titles = [self.prepare(payment).title for payment in payments]
        self.assertEqual(
            sorted(titles),
            ["/VAT/23,00/IDC/7781001014/INV/FV 1", "/VAT/23,00/IDC/8131001056/INV/FV 2"],
        )

    def test_split_payment_by_choice(self):
        payment = self.make_payment(123.0)
        payment.write({"bank_kind": "mpp", "bank_vat_amount": 23.0, "bank_vat_invoice": " "})
        missing = "Invoice or KSeF number: is missing"
        with self.assertRaisesRegex(UserError, missing), self.env.cr.savepoint():
            self.prepare(payment)
        payment.bank_vat_invoice = " FV\n1"  # as it was pasted
        order = self.prepare(payment)
        self.assertEqual(order.title, "/VAT/23,00/IDC/7781001014/INV/FV 1")

    # -------------------------------------------------------------------------
    # THE VAT
    # -------------------------------------------------------------------------

    def credit_note(self, bill, net, rate=23, day=None):
        """A posted credit note to `bill`, of the same day."""
        day = day or bill.invoice_date
        values = {"reason": "Returned", "date": day, "journal_id": bill.journal_id.id}
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        note = self.env["account.move"].browse(wizard.create(values).reverse_moves()["res_id"])
        note.write({"invoice_date": day, "ref": "KOR 1"})
        note.invoice_line_ids.write({"price_unit": net, "tax_ids": [(6, 0, self.tax(rate).ids)]})
        note.action_post()
        return note

    def test_vat_of_a_credit_note_is_taken_away_and_not_added(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        second = self.split_bill(self.supplier, "FV 2", "2026-01-17", 200.0)
        bills |= second | self.credit_note(second, 50.0)
        payment = self.pay_bills(bills, group_payment=True)
        self.assertEqual((payment.bank_kind, payment.amount), ("mpp", 307.5))
        title = "/VAT/57,50/IDC/7781001014/INV/03.01.2026-17.01.2026"
        self.assertEqual(self.prepare(payment).title, title)

    def test_credit_note_at_another_rate_takes_its_own_vat_away(self):
        bill = self.split_bill(self.supplier, "FV 1", "2026-01-03", 200.0)
        note = self.credit_note(bill, 50.0, rate=8)
        self.assertEqual(note.amount_total, 54.0)
        payment = self.pay_bills(bill)
        self.assertEqual((payment.amount, payment.bank_vat_amount), (192.0, 42.0))

    def test_bill_less_its_own_credit_note_keeps_its_number(self):
        bill = self.split_bill(self.supplier, "FV 1", "2026-01-03", 200.0)
        payment = self.pay_bills(bill | self.credit_note(bill, 50.0), group_payment=True)
        title = "/VAT/34,50/IDC/7781001014/INV/FV 1"
        self.assertEqual(self.prepare(payment).title, title)

    def test_part_of_several_bills_has_its_part_of_their_vat(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bills |= self.split_bill(self.supplier, "FV 2", "2026-01-17", 200.0)
        payment = self.pay_bills(bills, group_payment=True, amount=100.0)
        self.assertEqual(payment.bank_vat_amount, 18.7)
        rest = self.pay_bills(bills, group_payment=True)
        self.assertEqual((rest.amount, rest.bank_vat_amount), (269.0, 50.3))

    def test_parts_of_bills_at_two_rates_have_their_whole_vat_as_the_books_match_them(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-17")
        second = self.split_bill(self.supplier, "FV 2", "2026-01-03", 200.0, rate=8)
        first = self.pay_bills(bills | second, group_payment=True, amount=54.0)
        self.assertEqual((first.bank_vat_amount, second.amount_residual), (4.0, 162.0))
        parts = first | self.pay_bills(second) | self.pay_bills(bills, amount=33.33)
        parts |= self.pay_bills(bills, amount=33.33) | self.pay_bills(bills)
        self.assertEqual(round(sum(parts.mapped("bank_vat_amount")), 2), 39.0)

    def test_part_keeps_its_vat_whatever_was_paid_after_it(self):
        bill = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        parts = [self.pay_bills(bill, amount=amount) for amount in (2.11, 33.33, 87.56)]
        for part in parts[::-1]:
            part.bank_kind = "domestic"
            self.assertFalse(part.bank_vat_amount)
            part.bank_kind = "mpp"
        self.assertEqual([part.bank_vat_amount for part in parts], [0.39, 6.24, 16.37])

    def euro_bill(self, later, name):
        """Of 100 euro and VAT, at 4.40; `later`: the rate of the days on which it is paid."""
        euro, rates = self.env.ref("base.EUR"), self.env["res.currency.rate"].sudo()
        rates.search([("currency_id", "=", euro.id)]).unlink()
        for day, rate in (("2026-01-01", 4.4), ("2026-03-09", later)):
            values = {"currency_id": euro.id, "company_id": self.company.id}
            rates.create({**values, "name": day, "rate": 1 / rate})
        bill = self.make_bill(100.0, currency_id=euro.id, ref=name)
        bill.button_draft()
        bill.bank_split_payment = True
        bill.invoice_line_ids.tax_ids = [(6, 0, self.tax(23).ids)]
        bill.action_post()
        return bill

    def test_bill_in_euro_carries_the_vat_that_it_says_in_zloty(self):
        for parts in ([516.6], [210.0, 100.0, 206.6]):
            bill = self.euro_bill(4.2, f"FV {len(parts)}")
            self.assertEqual((bill.amount_total, bill.amount_tax_signed), (123.0, -101.2))
            pay = {"currency_id": self.pln.id, "payment_date": "2026-03-10"}
            payments = [self.pay_bills(bill, amount=part, **pay) for part in parts]
            self.assertEqual({payment.bank_kind for payment in payments}, {"mpp"})
            told = sum(payment.bank_vat_amount for payment in payments)
            self.assertEqual((bill.amount_residual, round(told, 2)), (0.0, 101.2))

    def test_credit_note_between_two_parts_leaves_the_whole_vat(self):
        """The second part took its share as if the first had known of the note: 20.77 of 23.00."""
        bill = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        parts = self.pay_bills(bill, amount=61.5)
        note = self.credit_note(bill, 20.0, 0)
        parts |= self.pay_bills(bill, amount=20.0) | self.pay_bills(bill)
        self.assertEqual((note.amount_residual, bill.amount_residual), (0.0, 0.0))
        self.assertEqual(round(sum(parts.mapped("bank_vat_amount")), 2), 23.0)

    def test_credit_note_of_another_day_between_parts_of_a_bill_in_euro(self):
        for later in (4.2, 4.7):
            bill = self.euro_bill(later, "FV 1")
            pay = {"currency_id": self.pln.id, "payment_date": "2026-03-10"}
            parts = self.pay_bills(bill, amount=105.01, **pay)
            note = self.credit_note(bill, 20.0, day="2026-03-09")
            parts |= self.pay_bills(bill, amount=33.33, **pay) | self.pay_bills(bill, **pay)
            self.assertEqual((note.amount_residual, bill.amount_residual), (0.0, 0.0))
            owed = -bill.amount_tax_signed - note.amount_tax_signed
            self.assertEqual(round(sum(parts.mapped("bank_vat_amount")), 2), round(owed, 2))

    def test_exempt_credit_note_leaves_nothing_but_vat_and_it_is_said(self):
        bill = self.split_bill(self.supplier, "FV 1", "2026-01-03", 1000.0)
        payment = self.pay_bills(bill | self.credit_note(bill, 1100.0, 0), group_payment=True)
        self.assertEqual((payment.amount, payment.bank_vat_amount), (130.0, 130.0))
        self.assertIn("all that is paid is VAT", self.problems(payment))
        title = "/VAT/130,00/IDC/7781001014/INV/FV 1"
        self.assertEqual(self.prepare(payment).title, title)
        taxed = self.split_bill(self.supplier, "FV 2", "2026-01-03", rate=8)
        payment = self.pay_bills(taxed | self.credit_note(taxed, 50.0), group_payment=True)
        self.assertIn("choose an ordinary transfer", self.problems(payment))

    # -------------------------------------------------------------------------
    # WHAT THE TITLE SAYS
    # -------------------------------------------------------------------------

    def test_period_in_which_another_invoice_is_left_out_is_refused(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bills |= self.split_bill(self.supplier, "FV 3", "2026-01-17")
        other = self.split_bill(self.supplier, "FV 2", "2026-01-10")
        payment = self.pay_bills(bills, group_payment=True)
        with self.assertRaisesRegex(UserError, "not in it: FV 2") as refused:
            self.prepare(payment)
        self.assertIn("one order a bill", str(refused.exception))
        # A bill that was paid before is not paid by this order either.
        self.pay_bills(other)
        self.assertIn("not in it: FV 2", self.problems(payment))

    def test_invoice_of_another_day_supplier_or_company_does_not_matter(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bills |= self.split_bill(self.supplier, "FV 3", "2026-01-17")
        self.split_bill(self.supplier, "FV 4", "2026-01-18")
        other = self.make_supplier("Other", "PL52124010371111001000112233")
        other.sudo().vat = "PL8131001056"
        self.split_bill(other, "FV 5", "2026-01-10")
        payment = self.pay_bills(bills, group_payment=True)
        found = self.env["bank.order"]._problems_of_payments(payment)
        self.assertFalse([problem for problem in found if problem.is_error])
        # What Odoo cannot know, a person is told.
        self.assertIn("all invoices that", self.problems(payment))

    def test_the_same_supplier_on_a_second_card_is_found(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bills |= self.split_bill(self.supplier, "FV 3", "2026-01-17")
        twin = self.make_supplier("Papier i Biuro", "PL52124010371111001000112233")
        twin.sudo().vat = "778-100-10-14"  # without the country's letters
        self.split_bill(twin, "FV 2", "2026-01-10")
        self.assertIn("FV 2", self.problems(self.pay_bills(bills, group_payment=True)))

    def test_bills_over_more_than_a_month_say_why_they_are_refused(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03")
        bills |= self.split_bill(self.supplier, "FV 2", "2026-02-17")
        payment = self.pay_bills(bills, group_payment=True)
        with self.assertRaisesRegex(UserError, "03.01.2026 to 17.02.2026: .* a month at most"):
            self.prepare(payment)

    # -------------------------------------------------------------------------
    # WHICH BILLS
    # -------------------------------------------------------------------------

    def test_card_of_the_supplier_and_note_on_the_bill_propose_it(self):
        bill = self.make_bill()
        self.assertFalse(bill.bank_split_payment)
        for words in ("Mechanizm podzielonej płatności", "mechanizm&nbsp;podzielonej\n płatności",
                      "<b>Mechanizm</b> PODZIELONEJ<br>płatności"):  # fmt: skip
            bill.narration = f"<p>{words}</p>"
            self.assertTrue(bill.bank_split_payment, words)
        self.supplier.sudo().bank_split_payment = True
        contact = {"name": "Oddział", "parent_id": self.supplier.id}
        branch = self.env["res.partner"].sudo().create(contact)
        self.assertTrue(self.make_bill(partner=branch).bank_split_payment)
        self.supplier.sudo().bank_split_payment = False
        branch.bank_split_payment = True
        self.assertTrue(self.make_bill(partner=branch).bank_split_payment)
        self.supplier.sudo().bank_split_payment = True
        bill = self.make_bill()
        self.assertTrue(bill.bank_split_payment)
        bill.bank_split_payment = False
        self.assertEqual(self.pay_bills(bill).bank_kind, "domestic")

    def test_bill_above_the_limit_of_the_duty_is_a_hint(self):
        self.assertNotIn("annex 15", self.problems(self.pay_bills(self.make_bill(15000.0))))
        payment = self.pay_bills(self.make_bill(15000.01))
        self.assertIn("annex 15", self.problems(payment))
        self.assertEqual(self.prepare(payment).kind, "domestic")

    def test_bill_in_euro_above_the_limit_is_a_hint_however_it_is_paid(self):
        euro = self.env.ref("base.EUR")
        values = {"currency_id": euro.id, "company_id": self.company.id}
        self.env["res.currency.rate"].sudo().create({**values, "name": "2026-01-01", "rate": 0.25})
        bill = self.make_bill(3750.01, currency_id=euro.id)
        payment = self.pay_bills(bill, currency_id=euro.id)
        self.assertEqual(payment.bank_kind, "sepa")
        self.assertIn("annex 15", self.problems(payment))
        # What cannot be made of it by a press is not offered.
        vals = self.env["bank.send.row"]._row_vals(payment, [], stays=True)
        self.assertFalse(vals["split_proposed"])

    def test_what_may_be_a_duty_is_one_press_away(self):
        bills = self.split_bill(self.supplier, "FV 1", "2026-01-03", net=20000.0)
        bills |= self.split_bill(self.supplier, "FV 2", "2026-01-03")
        bills.bank_split_payment = False
        wizard = self.env["bank.send"].browse(bills.action_pay_and_send()["res_id"])
        big = wizard.row_ids.filtered("split_proposed")
        self.assertEqual((big.amount, big.kind), (24600, "domestic"), "a person decides")
        big.action_split()
        self.assertEqual(set(wizard.row_ids.mapped("kind")), {"mpp", "domestic"})
        self.assertFalse(any(wizard.row_ids.mapped("split_proposed")))
        wizard.action_prepare()
        order = bills._bank_payments().bank_order_id.filtered(lambda one: one.kind == "mpp")
        self.assertEqual(order.title, "/VAT/4600,00/IDC/7781001014/INV/FV 1")
