# SPDX-License-Identifier: LGPL-3.0-only
"""From 2027 on a transfer between active VAT payers names the KSeF number of what it pays."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time
from odoo.addons.bank_webservice.protocol.checks import ksef
from odoo.addons.bank_webservice.protocol.ksef_api import Ksef
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user

from ..common import BankCase

NIP = "7781001014"


def number(middle, day="20270104", nip=NIP):
    data = f"{nip}-{day}-{middle:012X}"
    return f"{data}-{ksef.checksum(data)}"


class KsefCase(BankCase):
    def setUp(self):
        super().setUp()
        self.supplier.sudo().vat = f"PL{NIP}"
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("bank_webservice.white_list_address", f"{self.sandbox.url}/whitelist")

    def bill(self, amount=100.0, ksef_number=False, **values):
        bill = self.make_bill(amount)
        bill.write({"ref": f"FV {int(amount)}", "bank_ksef_number": ksef_number, **values})
        return bill

    def problems(self, payment):
        payment._ask_white_list()
        found = self.env["bank.order"]._problems_of_payments(payment)
        return [problem for problem in found if "KSeF" in str(problem)]


class TestBefore2027(KsefCase):
    today = "2026-12-30T10:00:00"

    @contextmanager
    def at(self, moment, days):
        self.log_in()
        self.trust_connection()
        self.sandbox.post("/control/clock", days=days)
        with freeze_time(moment, tick=True):
            self.log_in()
            yield

    def test_order_of_december_that_names_no_number_is_not_sent_in_january(self):
        payments = self.pay_bills(self.bill(ksef_number=number(1)))
        payments |= self.pay_bills(self.bill(200.0))
        package = self.prepare(payments).package_id
        with self.at("2027-01-04T10:00:00", 5):
            payments._ask_white_list()
            refused = rf"(?s)(?=.*{payments[0].bank_order_id.name}).*executes it on 01/04/2027 only"
            for press in (package.action_send, package._sign):
                with self.assertRaisesRegex(UserError, refused), self.env.cr.savepoint():
                    press()
            self.assertEqual(package.state, "prepared")
            package.action_cancel()
            payments[0].date = "2027-01-04"
            order = self.prepare(payments[0])
            self.assertEqual(order.title, f"{number(1)} FV 100")
            order.package_id.action_send()
            self.assertEqual(order.package_id.state, "to_send")

    def test_order_of_december_to_who_is_no_active_vat_payer_is_sent_in_january(self):
        accounts = [self.supplier.bank_ids.acc_number]
        self.sandbox.post("/control/whitelist", nip=NIP, accounts=accounts, status="Zwolniony")
        self.check_sent_in_january(self.pay_bills(self.bill()))

    def test_order_of_december_with_a_reason_is_sent_in_january(self):
        payment = self.pay_bills(self.bill())
        payment.bank_ksef_reason = "Issued while KSeF was out of order"
        self.check_sent_in_january(payment)

    def check_sent_in_january(self, payment):
        package = self.prepare(payment).package_id
        with self.at("2027-01-04T10:00:00", 5):
            package.action_send()
            self.assertEqual(package.state, "to_send")

    def test_order_that_the_bank_executes_after_new_year_is_refused_in_december(self):
        payment = self.pay_bills(self.bill(ksef_number=number(1)))
        late = self.pay_bills(self.bill(200.0))
        payment.date = late.date = "2026-12-31"
        package = self.prepare(payment).package_id
        with self.at("2026-12-31T20:30:00", 1):
            for press in (package.action_send, lambda: self.prepare(late)):
                with self.assertRaisesRegex(UserError, "executes it on 01/04/2027 only"):
                    press()

    def test_ordinary_transfer_is_as_it_was(self):
        payment = self.pay_bills(self.bill(ksef_number=number(1)))
        self.assertEqual(payment._ksef_form(date(2027, 1, 1))[1], f"{number(1)} FV 100")
        self.assertEqual(payment._ksef_form(date(2026, 12, 31)), ({}, ""))
        self.assertEqual(self.prepare(payment).title, "FV 100")
        self.assertEqual(self.problems(self.pay_bills(self.bill(200.0))), [])

    def test_collective_identifier_that_somebody_entered_is_named_before_the_day_too(self):
        bills = self.bill(ksef_number=number(1)) | self.bill(200.0, ksef_number=number(2))
        payment = self.pay_bills(bills, group_payment=True)
        payment.bank_collective_id = collective = number(1, "IZ202612")
        self.assertEqual(self.prepare(payment).title, f"{collective} FV 100, FV 200")

    def test_collective_identifier_of_a_split_payment_is_refused(self):
        bills = self.bill(bank_split_payment=True) | self.bill(200.0, bank_split_payment=True)
        payment = self.pay_bills(bills, group_payment=True)
        payment.bank_collective_id = number(1, "IZ202701")
        payment.bank_vat_amount = 10.0
        with self.assertRaisesRegex(UserError, "from 01/01/2027 on"):
            self.prepare(payment)


class TestSince2027(KsefCase):
    today = "2027-01-11T10:00:00"

    def test_bill_of_an_active_vat_payer_without_a_number_is_refused(self):
        payment = self.pay_bills(self.bill())
        payment.write({"bank_ksef_reason": " ", "bank_collective_id": " "})
        with self.assertRaisesRegex(UserError, "FV 100: no KSeF number"):
            self.prepare(payment)
        payment.bank_ksef_reason = "Issued while KSeF was out of order"
        order = self.prepare(payment)
        self.assertEqual(
            (order.title, order.details["ksef_reason"]), ("FV 100", payment.bank_ksef_reason)
        )

    def test_bill_itself_says_why_it_has_none_so_that_it_is_paid_from_where_it_stands(self):
        bill = self.bill(bank_ksef_reason=" ")
        wizard = self.env["bank.send"].browse(bill.action_pay_and_send()["res_id"])
        self.assertTrue(wizard.row_ids.blocked)
        bill.bank_ksef_reason = "Issued while KSeF was out of order"
        wizard.action_look()
        wizard.action_prepare()
        order = bill._bank_payments().bank_order_id
        self.assertEqual(order.details["ksef_reason"], bill.bank_ksef_reason)
        # Of two, one of which is in KSeF, it is not the reason.
        payment = self.pay_bills(
            self.bill(200.0, bank_ksef_reason="Offline") | self.bill(300.0, number(3)),
            group_payment=True,
        )
        self.assertIn("FV 200: no KSeF number", str(self.problems(payment)))

    def test_several_bills_without_a_collective_identifier_are_refused(self):
        bills = self.bill(ksef_number=number(1)) | self.bill(200.0, number(2))
        payment = self.pay_bills(bills, group_payment=True)
        with self.assertRaisesRegex(UserError, "2 invoices in one transfer"):
            self.prepare(payment)
        payment.bank_collective_id = number(3, "IZ202701").lower()
        payment.bank_ksef_reason = "Before KSeF had given it"
        self.assertEqual(self.prepare(payment).title, f"{number(3, 'IZ202701')} FV 100, FV 200")

    def test_two_bills_of_one_number_are_two(self):
        """One of them stood for both, and its KSeF number alone was named."""
        bills = self.bill(ksef_number=number(1)) | self.bill(200.0, number(2))
        bills.write({"ref": "12/2026"})
        payment = self.pay_bills(bills, group_payment=True)
        with self.assertRaisesRegex(UserError, "2 invoices in one transfer"):
            self.prepare(payment)

    def test_first_look_at_bills_knows_the_payees_status(self):
        wizard = self.env["bank.send"].browse(self.bill().action_pay_and_send()["res_id"])
        self.assertIn("no KSeF number", wizard.row_ids.problem)
        self.assertTrue(wizard.row_ids.blocked)

    def test_credit_note_goes_with_the_one_bill_that_it_corrects(self):
        bill = self.bill(ksef_number=number(1))
        note = self.make_bill(20.0, move_type="in_refund", reversed_entry_id=bill.id)
        note.line_ids.remove_move_reconcile()
        payment = self.pay_bills(bill | note, group_payment=True)
        self.assertEqual((payment.amount, payment.invoice_ids), (80.0, bill | note))
        self.assertEqual(self.problems(payment), [])
        self.assertIn(number(1), self.prepare(payment).title)
        bill, other = self.bill(200.0, number(2)), self.bill(300.0, number(3))
        note = self.make_bill(20.0, move_type="in_refund", reversed_entry_id=other.id)
        note.line_ids.remove_move_reconcile()
        payment = self.pay_bills(bill | note, group_payment=True)
        self.assertIn("no KSeF number", str(self.problems(payment)))

    def test_forms_have_a_place_for_what_a_person_is_asked_to_enter(self):
        """A credit note was to have its number, and had no field for it."""
        bill = self.bill()
        with Form(bill) as form:
            form.bank_ksef_reason = "Offline"
        note = self.make_bill(20.0, move_type="in_refund", reversed_entry_id=bill.id)
        with Form(note) as form:
            form.bank_ksef_number = number(2)
        self.assertEqual((bill.bank_ksef_reason, note._bank_ksef()), ("Offline", number(2)))

    def several(self):
        self.bills = self.bill(ksef_number=number(1)) | self.bill(200.0, number(2))
        return self.pay_bills(self.bills, group_payment=True)

    def settings_of(self, login, groups):
        company = {"company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)]}
        user = new_test_user(self.env(su=True), login, f"base.group_system{groups}", **company)
        return self.env["res.config.settings"].with_user(user)

    def give_token(self, token):
        settings = self.settings_of("keeper", ",bank_webservice.group_administrator")
        address = f"{self.sandbox.url}/ksef/v2"
        settings.create({"bank_ksef_token": token, "bank_ksef_address": address}).set_values()

    def test_ksef_is_not_asked_without_a_token_or_with_a_wrong_one(self):
        payment = self.several()
        with self.assertRaisesRegex(UserError, "no token for KSeF"):
            payment.action_ask_collective_id()
        self.give_token("7781001014-of-somebody-else")
        with self.assertRaisesRegex(UserError, "KSeF did not accept the token"):
            payment.action_ask_collective_id()
        self.assertFalse(payment.bank_collective_id)

    def test_ksef_is_not_asked_for_one_bill_nor_for_one_without_its_number(self):
        self.give_token("5251000017-token")
        alone = self.pay_bills(self.bill(300.0, number(3)))
        with self.assertRaisesRegex(UserError, "two invoices at least"):
            alone.action_ask_collective_id()
        payment = self.several()
        self.bills[1].bank_ksef_number = False
        with self.assertRaisesRegex(UserError, "FV 200: no KSeF number"):
            payment.action_ask_collective_id()

    def test_only_an_administrator_gives_the_token_and_nobody_reads_it(self):
        settings = self.settings_of("jola", "")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            settings.create({"bank_ksef_token": "5251000017-token"}).flush_recordset()
        self.give_token("5251000017-token")
        self.assertNotIn("5251000017-token", self.company.sudo().ksef_token_sealed)
        with self.assertRaises(AccessError):
            self.company.with_user(settings.env.user).read(["ksef_token_sealed"])
        self.assertFalse(self.env["res.config.settings"].sudo().create({}).bank_ksef_token)

    def test_ksef_gives_the_identifier_that_the_title_then_names(self):
        self.give_token("5251000017-token")
        payment = self.several()
        payment.action_ask_collective_id()
        self.assertTrue(ksef.is_collective(payment.bank_collective_id))
        title = f"{payment.bank_collective_id} FV 100, FV 200"
        self.assertEqual(self.prepare(payment).title, title)
        with self.assertRaises(UserError):
            payment.action_ask_collective_id()

    def test_ksef_is_told_what_is_paid_of_each_and_nothing_of_a_credit_note(self):
        self.give_token("5251000017-token")
        bills = self.bill(ksef_number=number(1)) | self.bill(200.0, number(2))
        note = self.make_bill(50.0, move_type="in_refund", bank_ksef_number=number(3))
        payment = self.pay_bills(bills | note, group_payment=True)
        told = []
        with patch.object(Ksef, "collective_identifier", lambda _ksef, paid: told.extend(paid)):
            payment.action_ask_collective_id()
        amounts = {paid.number: paid.amount for paid in told}
        self.assertEqual(sum(filter(None, amounts.values())), Decimal(250))
        self.assertIsNone(amounts[number(3)])

    def test_ksef_is_told_in_the_currency_of_the_payment(self):
        self.give_token("5251000017-token")
        values = {"currency_id": self.env.ref("base.EUR").id, "company_id": self.company.id}
        self.env["res.currency.rate"].sudo().create({**values, "name": "2026-01-01", "rate": 0.25})
        bills = self.env["account.move"].union(
            *(
                self.make_bill(amount, currency_id=values["currency_id"], bank_ksef_number=one)
                for amount, one in ((100.0, number(1)), (200.0, number(2)))
            )
        )
        payment = self.pay_bills(bills, group_payment=True, currency_id=self.pln.id)
        told = []
        with patch.object(Ksef, "collective_identifier", lambda _ksef, paid: told.extend(paid)):
            payment.action_ask_collective_id()
        self.assertEqual(
            {(paid.number, paid.amount, paid.currency) for paid in told},
            {(number(1), Decimal(400), "PLN"), (number(2), Decimal(800), "PLN")},
        )

    def test_identifier_of_another_seller_is_refused(self):
        bills = self.bill(ksef_number=number(1)) | self.bill(200.0, number(2))
        payment = self.pay_bills(bills, group_payment=True)
        payment.bank_collective_id = number(3, "IZ202701", "5260001246")
        with self.assertRaisesRegex(UserError, "is an invoice of 5260001246"):
            self.prepare(payment)

    def test_typing_error_in_it_is_named(self):
        wrong = number(1)[:-1] + ("0" if number(1)[-1] != "0" else "1")
        payment = self.pay_bills(self.bill(ksef_number=wrong))
        with self.assertRaisesRegex(UserError, "typing error"):
            self.prepare(payment)

    def test_number_stands_before_the_invoices_own(self):
        payment = self.pay_bills(self.bill(ksef_number=number(1).lower()))
        order = self.prepare(payment)
        self.assertEqual(order.title, f"{number(1)} FV 100")
        self.assertEqual(order.details["ksef_number"], number(1))

    def test_persons_own_words_stay_where_they_fit(self):
        payment = self.pay_bills(self.bill(ksef_number=number(1)), communication=f"za {number(1)}")
        self.assertEqual(self.prepare(payment).title, f"za {number(1)}")
        payment = self.pay_bills(self.bill(200.0, number(2)), communication="x" * 130)
        self.assertEqual(self.prepare(payment).title, number(2))

    def test_split_payment_has_it_in_its_own_place(self):
        bill = self.bill(ksef_number=number(1), bank_split_payment=True)
        payment = self.pay_bills(bill)
        payment.bank_vat_amount = 18.7
        title = f"/VAT/18,70/IDC/{NIP}/INV/{number(1)}"
        self.assertEqual(self.prepare(payment).title, title)

    def test_split_payment_of_any_bills_with_their_identifier(self):
        bills = self.bill(ksef_number=number(1), bank_split_payment=True)
        bills |= self.bill(200.0, number(2), bank_split_payment=True)
        self.bill(300.0, number(3))  # of the same month, and not paid
        payment = self.pay_bills(bills, group_payment=True)
        payment.bank_collective_id = number(4, "IZ202701")
        payment.bank_vat_amount = 56.1
        title = f"/VAT/56,10/IDC/{NIP}/INV/{number(4, 'IZ202701')}"
        self.assertEqual(self.prepare(payment).title, title)

    def test_payee_that_is_no_active_vat_payer_is_left_alone(self):
        accounts = [self.supplier.bank_ids.acc_number]
        self.sandbox.post("/control/whitelist", nip=NIP, accounts=accounts, status="Zwolniony")
        payment = self.pay_bills(self.bill())
        self.assertEqual(self.problems(payment), [])
        self.assertEqual(self.prepare(payment).title, "FV 100")

    def test_we_ourselves_are_no_active_vat_payer(self):
        self.sandbox.post("/control/whitelist", nip="5251000017", accounts=[], status="Zwolniony")
        self.assertEqual(self.problems(self.pay_bills(self.bill())), [])

    def test_status_that_nobody_knows_is_a_warning(self):
        self.sandbox.post("/control/whitelist/down", down=True)
        (problem,) = self.problems(self.pay_bills(self.bill()))
        self.assertEqual(problem.severity, "warning")

    def test_payment_without_a_bill_and_foreign_supplier_are_left_alone(self):
        self.assertEqual(self.problems(self.make_payment()), [])
        self.supplier.sudo().vat = "DE136695976"
        self.assertEqual(self.problems(self.pay_bills(self.bill())), [])


class TestTitleOfManyBills(KsefCase):
    def fifteen(self):
        bills = self.env["account.move"].union(
            *(self.bill(1000.0 + count, ref=f"FV/2026/01/{count:04}") for count in range(15))
        )
        return self.pay_bills(bills, group_payment=True)

    def test_template_that_names_what_is_not_there_is_refused(self):
        for template in ("{number}", "{numbers} {numbers}", "{memo.__class__}"):
            with self.assertRaisesRegex(ValidationError, "numbers"), self.env.cr.savepoint():
                self.journal.sudo().bank_title_words = template

    def test_fifteen_bills_have_a_title_that_fits_and_an_advice_with_all_of_them(self):
        payment = self.fifteen()
        found = self.env["bank.order"]._problems_of_payments(payment)
        self.assertIn("of 15 bills", "\n".join(map(str, found)))
        self.assertFalse(any(problem.is_error for problem in found))
        title = self.prepare(payment).title
        self.assertLessEqual(len(title), 140)
        self.assertRegex(title, r"^FV/2026/01/0000, .*, FV/2026/01/\d{4} \+\d$")
        template = self.env.ref("bank_webservice.mail_template_payment_advice").sudo()
        body = template._render_field("body_html", payment.ids)[payment.id]
        for bill in payment.reconciled_bill_ids:
            self.assertIn(f"{bill.ref} (", body)
        self.assertEqual(payment.payment_receipt_title, "Remittance advice")

    def test_journals_template_has_its_place_in_the_title(self):
        self.supplier.sudo().ref = "K-7"
        self.journal.sudo().bank_title_words = "{reference} Zapłata za {numbers}, {payment}"
        payment = self.fifteen()
        title = self.prepare(payment).title
        self.assertLessEqual(len(title), 140)
        self.assertRegex(title, r"^K-7 Zapłata za FV/2026/01/0000, .* \+\d+, ")
        self.assertTrue(title.endswith(payment.name))

    def test_journals_words_stand_before_the_numbers_and_not_before_a_persons_own(self):
        self.journal.sudo().bank_title_words = "Zapłata za"
        self.assertEqual(self.prepare(self.pay_bills(self.bill())).title, "Zapłata za FV 100")
        payment = self.pay_bills(self.bill(200.0), communication="Zgodnie z umową")
        self.assertEqual(self.prepare(payment).title, "Zgodnie z umową")
        self.assertEqual(self.prepare(self.make_payment(memo="Zaliczka")).title, "Zaliczka")

    def test_name_that_is_too_long_is_shortened_and_said_and_can_be_another(self):
        long = "Hurtownia Artykułów Biurowych ŁĄKA Spółka z ograniczoną odpowiedzialnością"
        self.supplier.sudo().name = f"{long} w Poznaniu"
        payment = self.make_payment()
        found = self.env["bank.order"]._problems_of_payments(payment)
        self.assertIn("Sp. z o.o. w Poznaniu", "\n".join(map(str, found)))
        self.assertFalse(any(problem.is_error for problem in found))
        name = "Hurtownia Artykułów Biurowych ŁĄKA Sp. z o.o. w Poznaniu"
        self.assertEqual(self.prepare(payment).payee_name, name)
        self.supplier.bank_ids.sudo().acc_holder_name = "ŁĄKA"
        self.assertEqual(self.prepare(self.make_payment(11.0)).payee_name, "ŁĄKA")

    def test_our_own_name_is_not_shortened_in_silence_and_can_be_another(self):
        self.account.sudo().acc_holder_name = f"{self.company.name} {'Handel ' * 10}Hurt"
        payment = self.make_payment()
        (said,) = self.env["bank.order"]._problems_of_payments(payment)
        self.assertFalse(said.is_error)
        self.assertRegex(str(said), "Payer: .*Handel Hurt” is longer than the bank takes")
        self.account.sudo().acc_holder_name = "Demo i Synowie"
        self.assertEqual(self.prepare(payment).payer_name, "Demo i Synowie")
        self.account.sudo().acc_holder_name = " "
        self.assertEqual(self.prepare(self.make_payment(11.0)).payer_name, self.company.name)
