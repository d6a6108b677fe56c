# SPDX-License-Identifier: LGPL-3.0-only
"""Kinds of transfers with their fields, and what is said before anything is signed."""

from datetime import date
from unittest.mock import patch

from odoo.addons.bank_webservice.protocol import bank_codes
from odoo.exceptions import UserError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..common import BankCase

OFFICE = "PL89101000712222525100001700"
ZUS = "PL36600000020260015251000017"


class TestKinds(BankCase):
    def problems(self, payments):
        return "\n".join(map(str, self.env["bank.order"]._problems_of_payments(payments)))

    def test_tax_payment_without_its_form_is_refused_with_the_field(self):
        office = self.make_supplier("Urząd Skarbowy", OFFICE)
        payment = self.make_payment(partner=office)
        self.assertEqual(payment.bank_kind, "tax")
        self.assertIn("tax_form", self.problems(payment))
        with self.assertRaises(UserError):
            self.prepare(payment)

    def test_tax_payment_has_its_title(self):
        office = self.make_supplier("Urząd Skarbowy", OFFICE)
        payment = self.make_payment(partner=office)
        payment.write(
            {"bank_tax_period": "26M02", "bank_tax_form": "VAT-7", "bank_purpose": "SALA"}
        )
        order = self.prepare(payment)
        self.assertEqual(order.title, "/TI/N5251000017/OKR/26M02/SFP/VAT-7")
        self.assertNotIn("purpose", order.details, "it has one of its own")
        self.assertEqual(order.kind, "tax")

    def test_payment_older_than_the_addon_gets_its_kind_when_it_is_sent(self):
        self.supplier.sudo().vat = "PL7781001014"
        bill = self.make_bill(1230.0)
        bill.bank_split_payment = True
        payment = self.pay_bills(bill)
        self.env.flush_all()
        # As installing leaves it.
        self.env.cr.execute(
            "UPDATE account_payment SET bank_kind = NULL, bank_vat_amount = NULL,"
            " bank_vat_invoice = NULL, bank_tax_id_type = NULL WHERE id = %s",
            [payment.id],
        )
        self.env.invalidate_all()
        self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
        self.assertEqual(payment.bank_kind, "mpp")
        self.assertEqual(payment.bank_vat_invoice, bill.name)
        self.assertEqual(payment.bank_tax_id_type, "N")

    def test_zus_is_an_ordinary_transfer_of_its_kind(self):
        payment = self.make_payment(partner=self.make_supplier("ZUS", ZUS))
        self.assertEqual(self.prepare(payment).kind, "zus")

    def test_journal_says_the_way_and_the_payment_may_say_another(self):
        self.journal.sudo().bank_route = "express"
        self.assertEqual(self.prepare(self.make_payment()).route, "express")
        payment = self.make_payment(11.0)
        payment.bank_route = "sorbnet"
        order = self.prepare(payment)
        self.assertEqual((order.route, order.urgent), ("sorbnet", True))

    def test_salaries_go_in_a_package_of_their_own(self):
        payments = self.make_payment() | self.make_payment(11.0) | self.make_payment(12.0)
        payments[:2].bank_purpose = "SALA"
        self.prepare(payments)
        packages = payments.bank_order_id.package_id
        self.assertEqual(sorted(len(package.order_ids) for package in packages), [1, 2])
        self.assertEqual(payments[0].bank_order_id.details["purpose"], "SALA")
        content = payments[0].bank_order_id.package_id._to_protocol().content
        self.assertIn(b"<Cd>SALA</Cd>", content)

    def test_newer_format_is_the_banks_first_where_the_journal_says_none(self):
        self.assertFalse(self.journal.package_format)
        package = self.prepare(self.make_payment()).package_id
        self.assertIn(b"xsd:pain.001.001.09", package.sudo()._raw_content())

    def test_codes_of_the_bank_stand_in_its_message(self):
        own = bank_codes.Code("mbank", bank_codes.INSTRUMENT, "domestic", "TEST", "its book", True)
        with patch.object(bank_codes, "CODES", (*bank_codes.CODES, own)):
            order = self.prepare(self.make_payment())
        self.assertIn(b"<Prtry>TEST</Prtry>", order.package_id.sudo()._raw_content())

    def test_sum_that_is_nothing_in_the_books_is_called_that(self):
        dinar = self.env.ref("base.BHD")
        dinar.sudo().active = True
        bill = self.make_bill(0.001, currency_id=dinar.id)  # without a rate: a tenth of a grosz
        self.assertIn("it is worth less than 0.01", self.problems(self.pay_bills(bill)))

    def test_one_entry_for_all_is_for_salaries_alone(self):
        payments = self.make_payment() | self.make_payment(11.0)
        payments.bank_as_one = True
        payments[0].bank_purpose = "SALA"
        self.assertIn("not confidential", self.problems(payments[0]))
        self.assertNotIn("not confidential", self.problems(payments[1]))
        self.prepare(payments)
        contents = [order.package_id._to_protocol().content for order in payments.bank_order_id]
        self.assertIn(b"<BtchBookg>true</BtchBookg>", contents[0])
        self.assertIn(b"<BtchBookg>false</BtchBookg>", contents[1])

    def test_vat_account_pays_offices_and_our_own_vat_account_and_no_supplier(self):
        self.account.sudo().is_vat_account = True
        self.assertIn("VAT account pays taxes", self.problems(self.make_payment()))
        office = self.make_supplier("Urząd Skarbowy", OFFICE)
        tax = self.make_payment(partner=office)
        tax.write({"bank_tax_period": "26M02", "bank_tax_form": "VAT-7"})
        self.assertNotIn("VAT account", self.problems(tax))
        tax.bank_tax_form = " pcc-3"
        self.assertIn("pcc-3 cannot be paid from a VAT account", self.problems(tax))
        company = self.company.partner_id
        euro = {"currency_id": self.env.ref("base.EUR").id}
        payment = self.from_vat_account(company, "PL65114010100000100000010003", **euro)
        self.assertIn("only an account in PLN has a VAT account", self.problems(payment))
        other = self.env["res.company"].sudo().create({"name": "Other", "vat": "PL7781001014"})
        payment = self.from_vat_account(other.partner_id, "PL70114010100000100000020001")
        self.assertIn("VAT account of the same company only", self.problems(payment))
        payment = self.from_vat_account(company, "PL92114010100000100000010002")
        self.assertEqual(self.problems(payment), "")
        title = "/VAT/100,00/IDC/5251000017/INV/przekazanie własne"
        self.assertEqual((payment.bank_kind, self.prepare(payment).title), ("mpp", title))

    def from_vat_account(self, partner, number, **values):
        card = {"partner_id": partner.id, "acc_number": number, "allow_out_payment": True}
        account = self.env["res.partner.bank"].sudo().create({**card, **values})
        payment = self.make_payment(partner=partner.with_env(self.env), post=False)
        payment.partner_bank_id = account
        payment.action_post()
        return payment

    def test_account_that_its_card_calls_a_tax_offices_is_paid_as_one(self):
        payment = self.make_payment()
        self.assertEqual(payment.bank_kind, "domestic")
        payment.partner_bank_id.sudo().office_kind = "tax"
        payment = self.make_payment(11.0)
        self.assertEqual(payment.bank_kind, "tax")
        payment.write({"bank_tax_period": "26R", "bank_tax_form": "DN-1"})
        self.assertNotIn("not one that an order of the kind", self.problems(payment))

    def test_deal_of_a_transfer_that_changes_no_money_is_refused(self):
        payment = self.make_payment()
        payment.bank_deal = "FX/1"
        self.assertIn("exchange_deal", self.problems(payment))

    def test_bank_between_comes_from_the_payees_account_and_is_checked(self):
        payment = self.make_payment()
        payment.partner_bank_id.sudo().intermediary_bic = "IRVTUS3N"
        self.assertFalse(payment.bank_intermediary_bic)
        payment.bank_kind = "foreign"
        self.assertEqual(payment.bank_intermediary_bic, "IRVTUS3N")
        payment.bank_intermediary_bic = "IRVTXX3N"
        self.assertIn("IRVTXX3N", self.problems(payment))

    def test_the_same_payment_twice_in_a_week_is_said(self):
        self.prepare(self.make_payment(77.0))
        self.assertIn("PO/", self.problems(self.make_payment(77.0)))

    def test_too_small_a_balance_is_said(self):
        feed = self.journal._bank_feed()
        feed.sudo().write({"balance_available": 5, "balance_at": "2026-03-10 08:00:00"})
        self.assertIn("balance", self.problems(self.make_payment(77.0)).lower())

    def test_holiday_of_the_list_is_said(self):
        self.env["bank.holiday"].sudo().create({"day": "2026-03-10", "name": "Bank closed"})
        self.assertIn("not a working day", self.problems(self.make_payment()))

    def test_line_of_the_list_adds_to_the_days_of_the_law(self):
        holidays = self.env["bank.holiday"].sudo()
        holidays.create({"day": "2026-03-10", "name": "Bank closed"})
        days = holidays._days(date(2026, 3, 10))
        law = {date(2026, 12, 24), date(2026, 5, 1), date(2027, 1, 6)}
        self.assertLessEqual({date(2026, 3, 10)} | law, days)

    def test_line_of_the_list_takes_a_day_of_the_law_away(self):
        holidays = self.env["bank.holiday"].sudo()
        holidays.create({"day": "2026-12-24", "name": "Open", "works": True})
        days = holidays._days(date(2026, 3, 10))
        self.assertNotIn(date(2026, 12, 24), days)
        self.assertIn(date(2026, 12, 25), days)
        self.assertIn(date(2027, 12, 24), days)
        # Added again beside it, nobody could see which of the two holds.
        with self.assertRaises(IntegrityError), self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
            holidays.create({"day": "2026-12-24", "name": "Closed after all"})

    def test_way_that_a_person_chose_is_never_dropped(self):
        office = self.make_supplier("Urząd Skarbowy", OFFICE)
        payment = self.make_payment(partner=office)
        values = {"bank_tax_period": "26M02", "bank_tax_form": "VAT-7", "bank_route": "sorbnet"}
        payment.write(values)
        order = self.prepare(payment)
        self.assertEqual((order.kind, order.route, order.urgent), ("tax", "sorbnet", True))
        payment = self.make_payment()
        payment.write({"bank_kind": "foreign", "bank_route": "express"})
        self.assertIn("cannot go by express", self.problems(payment))
        instant = self.make_payment(5.0, bank_route="instant")
        self.assertIn("cannot go by instant", self.problems(instant))

    def test_cut_off_of_the_list_is_said(self):
        cut_offs = self.env["bank.cut.off"].sudo()
        with self.assertRaises(ValueError):  # it would hold for nothing
            cut_offs.create({"bank_id": self.bank.id, "name": "Domestic", "hour": 7.5})
        cut_offs.create({"name": "instant", "hour": 23.999})
        cut_offs.create({"bank_id": self.bank.id, "name": "domestic", "hour": 7.5})
        self.assertIn("07:30", self.problems(self.make_payment()))

    def test_an_empty_list_says_the_times_that_count(self):
        said = self.env["bank.cut.off"].get_empty_list_help("<p>None</p>")
        for word in ("None", "Domestic", "20:00", "mBank web service: Foreign", "14:00"):
            self.assertIn(word, said)

    def test_cut_off_that_the_bank_publishes_goes_before_the_usual_one(self):
        times = self.env["bank.cut.off"]._times(self.bank)
        self.assertEqual(str(times["foreign"]), "14:00:00")
        line = {"bank_id": self.bank.id, "name": "foreign", "hour": 13.5}
        self.env["bank.cut.off"].sudo().create(line)
        self.assertEqual(str(self.env["bank.cut.off"]._times(self.bank)["foreign"]), "13:30:00")

    def past(self):
        payment = self.make_payment(post=False)
        payment.date = date(2026, 3, 2)
        payment.action_post()
        return payment

    def test_past_day_is_refused_where_nobody_chose_another(self):
        payment = self.past()
        self.assertIn("2026-03-02 is in the past; proposed: 2026-03-10", self.problems(payment))
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
        wizard.execute_on = False
        self.assertIn("03/02/2026 is in the past; proposed: 03/10/2026", wizard.problems)
        self.assertTrue(wizard.blocked)
        with self.assertRaises(UserError) as refused:
            wizard.action_prepare()
        self.assertIn("in the past", str(refused.exception))
        self.assertFalse(payment.bank_order_id)

    def test_new_day_is_proposed_said_and_can_be_changed(self):
        payments = self.past() | self.make_payment(11.0)
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payments.ids)]})
        self.assertEqual((wizard.past_count, wizard.execute_on), (1, date(2026, 3, 10)))
        self.assertIn("03/02/2026 is over", wizard.problems)
        self.assertFalse(wizard.blocked)
        wizard.execute_on = date(2026, 3, 12)
        wizard.action_prepare()
        days = payments.bank_order_id.mapped("execute_on")
        self.assertEqual(days, [date(2026, 3, 12), date(2026, 3, 10)])
        self.assertIn("chose", payments.bank_order_id.package_id.message_ids[:1].body)

    def test_proposed_day_is_a_working_day_of_the_bank(self):
        self.env["bank.holiday"].sudo().create({"day": "2026-03-10", "name": "Bank closed"})
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, self.past().ids)]})
        self.assertEqual(wizard.execute_on, date(2026, 3, 11))

    def test_blocked_bill_is_not_paid(self):
        bill = self.make_bill(50.0)
        payment = self.pay_bills(bill)
        bill.sudo().payment_state = "blocked"
        self.assertIn("is blocked for payment", self.problems(payment))
