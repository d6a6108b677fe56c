# SPDX-License-Identifier: LGPL-3.0-only
"""Payment orders in roubles: what is refused, what is proposed, what the paper shows."""

import io
import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from freezegun import freeze_time
from lxml import etree, html
from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tools.pdf import OdooPdfFileReader

from ...protocol import rouble_words as words
from .common import OWN, PAYEE, RoubleCase


class TestRefused(RoubleCase):
    def assert_problem(self, payment, *parts):
        found = self.problems(payment)
        self.assertTrue(
            any(all(part in line for part in (payment.name, *parts)) for line in found), found
        )

    def test_everything_wrong_is_told_at_once(self):
        payment = self.make_payment()
        self.supplier.sudo().with_context(no_vat_validation=True).vat = "RU7813002015"
        self.supplier.sudo().bank_kpp = "78130100"
        self.keep(self.supplier.bank_ids.bank_id, "corr_account", "30101810500000000654")
        payment.rouble_priority = "6"
        payment.rouble_uin = "12"
        for part in ("(61)", "(103)", "(15)", "(21)", "(22)"):
            self.assert_problem(payment, part)
        with self.assertRaises(UserError) as refused:
            self.prepare(payment)
        self.assertRegex(str(refused.exception), r"(?s)\(61\).*\(21\)")
        self.assertFalse(payment.bank_order_ids)

    def test_control_digit_of_the_account(self):
        self.keep(self.supplier.bank_ids.bank_id, "bank_bik", "044030654")
        self.assert_problem(self.make_payment(), "control digit")

    def test_bank_without_bik(self):
        payment = self.make_payment()
        self.bank.sudo().bank_bik = False
        self.assert_problem(payment, "(11)", "BIK")

    def test_purpose_too_long_or_empty(self):
        payment = self.make_payment()
        payment.rouble_purpose = "я" * 211
        self.assert_problem(payment, "too long by 1")
        payment.memo = payment.rouble_purpose = "Счёт № 7"
        payment.rouble_purpose = "Счёт ☃"
        self.assert_problem(payment, "☃")

    def test_budget_boxes_go_together(self):
        payment = self.make_payment()
        payment.rouble_kbk = "18210202000010000160"
        self.assert_problem(payment, "(104)", "payer's status")
        payment._set_rouble_value("payer_status", "20")
        self.assert_problem(payment, "(101)", "not among")
        self.assert_problem(payment, "(105)", "needed")
        payment.rouble_payer_status = "01"
        payment.rouble_oktmo = "0"
        self.assertEqual(self.problems(payment), [])
        self.assertEqual(payment.rouble_tax_reason, "0")
        payment._set_rouble_value("tax_reason", "ЩЩ")
        self.assert_problem(payment, "(106)")

    def test_a_payee_in_the_budget_needs_its_treasury_account_and_kpp(self):
        payment = self.make_payment()
        payment.write(
            {"rouble_payer_status": "01", "rouble_oktmo": "0", "rouble_kbk": "18201061201010000510"}
        )
        self.supplier.sudo().bank_kpp = False
        self.assert_problem(payment, "(103)", "needed in a payment to the budget")
        self.assert_problem(payment, "(15)", "40102810445370000059")
        own = self.company.partner_id.sudo()
        kpp, own.bank_kpp = own.bank_kpp, False
        self.assert_problem(payment, "(102)", "needed in a payment to the budget")
        # Since April box 102 of the single tax payment is filled as order 58n wants it.
        with freeze_time("2026-04-01 10:00:00"):
            payment.date = "2026-04-01"
            self.assertFalse([words for words in self.problems(payment) if "(102)" in words])
            own.bank_kpp = kpp
            self.supplier.sudo().bank_kpp = "781301001"
            self.assertEqual(self.prepare(payment).payer_kpp, "0")

    def test_a_foreign_payee_is_written_with_its_code(self):
        payment = self.make_payment()
        abroad = self.supplier.sudo()
        abroad.write({"country_id": self.env.ref("base.de").id, "vat": "DE136695976"})
        self.assert_problem(payment, "(61)")
        with self.assertRaises(ValidationError):
            abroad.bank_kio = "123"
        abroad.bank_kio = "12345"
        self.assertEqual(self.problems(payment), [])
        self.assertEqual(self.prepare(payment).payee_tax_id, "12345")

    def test_a_line_break_in_the_purpose_is_a_blank(self):
        payment = self.make_payment()
        payment.rouble_purpose = "Оплата по счёту\r\n № 15"
        self.assertEqual(self.problems(payment), [])
        self.assertEqual(self.prepare(payment).title, "Оплата по счёту № 15")

    def test_today_in_vladivostok_is_yesterday_in_moscow(self):
        self.user.sudo().tz = "Asia/Vladivostok"
        with freeze_time("2026-03-09T20:30:00", tick=True):  # 06:30 of the 10th there
            payment = self.make_payment()
            self.assertEqual(str(payment.date), "2026-03-10")
            self.assertEqual(self.problems(payment), [])
            self.assertEqual(str(self.prepare(payment).execute_on), "2026-03-09")

    def test_old_date_is_refused_and_never_changed(self):
        payment = self.make_payment()
        payment.rouble_document_date = fields.Date.today() - timedelta(days=11)
        self.assert_problem(payment, "(4)", "older than 10 days")
        payment.rouble_document_date = fields.Date.today() - timedelta(days=10)
        self.assertEqual(self.problems(payment), [])
        order = self.prepare(payment)
        self.assertEqual(order.execute_on, fields.Date.today() - timedelta(days=10))

    def test_order_that_waited_too_long_is_not_sent(self):
        self.ready()
        order = self.prepare(self.make_payment())
        day = order.execute_on
        later = freeze_time("2026-03-21T10:00:00", tick=True)
        with later, self.assertRaisesRegex(UserError, "older than 10 days"):
            order.package_id._mark_to_send()
        self.assertEqual((order.execute_on, order.rouble_document_date), (day, day))

    def test_date_in_the_future(self):
        payment = self.make_payment()
        payment.rouble_document_date = fields.Date.today() + timedelta(days=1)
        self.assert_problem(payment, "future")

    def test_boxes_are_fixed_while_there_is_an_order(self):
        payment = self.make_payment()
        order = self.prepare(payment)
        for attempt in (
            lambda: payment.write({"rouble_priority": "3"}),
            lambda: payment.write({"rouble_purpose": "Другое"}),
            lambda: payment.write({"rouble_details": {"priority": "1"}}),
            lambda: order.write({"rouble_priority": "3"}),
            lambda: order.write({"details": {}}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        order.package_id.action_cancel()
        self.env.flush_all()  # as between two requests
        payment.rouble_priority = "3"
        self.assertEqual(self.prepare(payment).details["priority"], "3")

    def test_bank_of_the_payee_changed_after_preparing(self):
        self.ready()
        order = self.prepare(self.make_payment())
        self.keep(self.supplier.bank_ids.bank_id, "bank_bik", "044525225")
        with self.assertRaisesRegex(UserError, "changed since"):
            order.package_id._mark_to_send()

    def test_no_form_for_other_orders(self):
        payment = self.make_payment()
        order = self.prepare(payment)
        order.sudo().kind = "foreign"
        with self.assertRaisesRegex(UserError, "not in roubles"):
            order._rouble_print()


class TestProposed(RoubleCase):
    def test_boxes_of_an_ordinary_payment(self):
        order = self.prepare(self.make_payment(memo="Счёт № 15"))
        self.assertEqual(order.kind, "rouble")
        self.assertEqual(
            order.details,
            {
                "priority": "5",
                "operation_kind": "01",
                "document_number": "1",
                "document_date": "2026-03-10",
            },
        )
        self.assertEqual(
            (order.payer_account, order.payer_tax_id, order.payer_kpp, order.payer_bank_code),
            (OWN, "7701000019", "770101001", "044525901"),
        )
        self.assertEqual(
            (order.payee_account, order.payee_tax_id, order.payee_kpp, order.payee_bank_code),
            (PAYEE, "7813002014", "781301001", "044030653"),
        )
        self.assertEqual(order.payee_corr_account, "30101810500000000653")
        self.assertEqual(order.title, "Счёт № 15")

    def test_long_name_is_written_whole(self):
        """It was shortened to the 70 letters of a Polish transfer, with a warning of the same."""
        name = (
            "УФК по Нижегородской области (Межрайонная ИФНС России № 15 по Нижегородской области)"
        )
        self.supplier.bank_ids.sudo().acc_holder_name = name
        payment = self.make_payment()
        self.assertEqual(self.problems(payment), [])
        self.assertEqual(self.prepare(payment).payee_name, name)

    def test_numbers_run_by_themselves_and_can_be_chosen(self):
        own, first, second = (self.make_payment() for _ in range(3))
        own.rouble_document_number = "77"
        orders = self.prepare(own | first | second)
        self.assertEqual(len(orders.package_id), 3)
        numbers = {order.payment_id: order.details["document_number"] for order in orders}
        self.assertEqual([numbers[own], numbers[first], numbers[second]], ["77", "1", "2"])

    def test_copy_keeps_the_boxes_and_gets_a_number_of_its_own(self):
        payment = self.make_payment()
        payment.write(
            {
                "rouble_document_number": "77",
                "rouble_document_date": "2026-03-02",
                "rouble_priority": "3",
                "rouble_purpose": "Аренда",
            }
        )
        copy = payment.copy()
        copy.action_post()
        order = self.prepare(copy)
        self.assertEqual((order.rouble_priority, order.title), ("3", "Аренда"))
        self.assertEqual(order.details["document_number"], "1")
        self.assertEqual(order.details["document_date"], "2026-03-10")

    def test_several_boxes_written_at_once(self):
        payment = self.make_payment()
        payment.write(
            {"rouble_priority": "3", "rouble_payment_kind": "срочно", "rouble_purpose": "Аренда"}
        )
        order = self.prepare(payment)
        self.assertEqual(
            (order.rouble_priority, order.rouble_payment_kind, order.title),
            ("3", "срочно", "Аренда"),
        )

    def test_purpose_says_what_the_bills_say_about_vat(self):
        payment = self.make_payment(amount=610, memo="Счёт № 15", post=False)
        self.assertEqual(payment.rouble_purpose, "Счёт № 15")
        bill = self.make_bill(1000)
        payment.invoice_ids = bill
        self.assertEqual(payment.rouble_purpose, "Счёт № 15. НДС не облагается")
        tax = self.env["account.tax"].sudo().create(
            {"name": "НДС 22%", "amount": 22, "company_id": self.company.id,
             "type_tax_use": "purchase", "country_id": bill.tax_country_id.id}
        )  # fmt: skip
        bill.button_draft()
        bill.invoice_line_ids.tax_ids = tax
        bill.action_post()
        payment.invalidate_recordset(["rouble_purpose"])
        self.assertEqual(payment.rouble_purpose, "Счёт № 15. В т.ч. НДС (22%) 110.00 руб.")
        payment.memo = "Счёт № 15, в т.ч. НДС 110-00"
        self.assertEqual(payment.rouble_purpose, payment.memo)


if os.environ.get("DIRECTBANK_XSD"):

    class TestStandard(RoubleCase):
        def test_what_is_signed_and_sent_is_valid_against_the_schema(self):
            plain, budget = self.make_payment(), self.make_payment()
            budget.write(
                {
                    "rouble_payer_status": "01",
                    "rouble_kbk": "18201061201010000510",
                    "rouble_oktmo": "45382000",
                }
            )
            path = Path(os.environ["DIRECTBANK_XSD"]) / "1C-Bank_PayDocRu.xsd"
            schema = etree.XMLSchema(etree.parse(str(path)))
            for package in self.prepare(plain | budget).package_id:
                schema.assertValid(etree.fromstring(package._raw_content()))


class TestPaper(RoubleCase):
    def test_amounts(self):
        for amount, in_words, in_figures in (
            ("0.01", "Ноль рублей 01 копейка", "0-01"),
            ("1.00", "Один рубль 00 копеек", "1="),
            ("1202.02", "Одна тысяча двести два рубля 02 копейки", "1202-02"),
            ("111.11", "Сто одиннадцать рублей 11 копеек", "111-11"),
            ("2000000.50", "Два миллиона рублей 50 копеек", "2000000-50"),
        ):
            self.assertEqual(words.in_words(Decimal(amount)).capitalize(), in_words.capitalize())
            self.assertEqual(words.in_figures(Decimal(amount)), in_figures)

    def test_form_0401060(self):
        order = self.prepare(self.make_payment(amount=1201.05, memo="Счёт № 15"))
        report = self.env["ir.actions.report"]
        content, kind = report._render_qweb_html("bank_webservice.rouble_order", order.ids)
        self.assertEqual(kind, "html")
        text = " ".join(html.fromstring(content).text_content().split())
        for part in (
            "0401060",
            "ПЛАТЕЖНОЕ ПОРУЧЕНИЕ № 1",
            "10.03.2026",
            "одна тысяча двести один рубль 05 копеек".capitalize(),
            "1201-05",
            "ИНН 7701000019",
            "КПП 781301001",
            "30101810500000000653",
            "г. Санкт-Петербург",
            "Счёт № 15",
            "Отметки банка",
        ):
            self.assertIn(part, text)

    def test_pdf_has_one_page_an_order_and_russian_letters(self):
        orders = self.prepare(self.make_payment() | self.make_payment())
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        content, _kind = report._render_qweb_pdf("bank_webservice.rouble_order", orders.ids)
        pages = OdooPdfFileReader(io.BytesIO(content)).pages
        self.assertEqual(len(pages), 2)
        for page in pages:
            self.assertIn("ПЛАТЕЖНОЕ", page.extract_text())
