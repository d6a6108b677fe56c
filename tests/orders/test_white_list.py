# SPDX-License-Identifier: LGPL-3.0-only
"""The white list: said on the order, asked with a reason above 15,000 PLN, and never guessed."""

import hashlib
import json
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.bank_webservice.models.orders.bank_white_list import ask_white_list
from odoo.addons.bank_webservice.models.orders.white_list_answer import PAUSE, KeptPauses
from odoo.addons.bank_webservice.protocol.errors import Unreachable
from odoo.addons.bank_webservice.protocol.flat_list import FlatList
from odoo.addons.bank_webservice.protocol.patience import patience
from odoo.addons.bank_webservice.protocol.whitelist import WhiteList
from odoo.exceptions import UserError

from ..common import SUPPLIER_ACCOUNT, BankCase


class TestWhiteList(BankCase):
    def setUp(self):
        super().setUp()
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("bank_webservice.white_list_address", f"{self.sandbox.url}/whitelist")
        self.supplier.sudo().vat = "PL7781001014"
        self.unlisted = self.make_supplier(
            "Hurtownia Łąka Jan Łąkowski", "PL76109010560000000107654321"
        )
        self.unlisted.sudo().vat = "PL8131001056"
        self.register("Czynny")

    def register(self, status, accounts=(), **more):
        """The unlisted payee in the register, without the account that is paid."""
        values = {"nip": "8131001056", "accounts": list(accounts), "status": status, **more}
        self.sandbox.post("/control/whitelist", **values)

    def questions(self):
        return self.sandbox.post("/control/whitelist/again", count=0)["questions"]

    def prepare(self, amount, partner, reason=False):
        payment = self.make_payment(amount, partner=partner)
        wizard = self.env["bank.send"].create(
            {"payment_ids": [(6, 0, payment.ids)], "white_list_reason": reason}
        )
        wizard.action_prepare()
        return payment.bank_order_id

    def test_big_payment_to_an_unlisted_account_needs_a_reason(self):
        for vat in ("PL8131001056", "PL 813-100-10-56", "813 100 10 56"):
            self.unlisted.sudo().vat = vat
            with self.assertRaisesRegex(UserError, "split payment"), self.env.cr.savepoint():
                self.prepare(15000.01, self.unlisted)

    def test_kind_that_a_person_chose_does_not_lead_past_it(self):
        for kind in ("zus", "tax", "foreign"):
            payment = self.make_payment(15000.01, partner=self.unlisted)
            order = self.env["bank.order"].sudo().create(
                {
                    "company_id": self.company.id, "journal_id": self.journal.id,
                    "payment_id": payment.id, "kind": kind, "amount": payment.amount,
                    "currency_id": payment.currency_id.id, "execute_on": payment.date,
                    "payee_account": "PL76109010560000000107654321", "payee_tax_id": "8131001056",
                }
            )  # fmt: skip
            with self.subTest(kind), self.assertRaisesRegex(UserError, "split payment"):
                ask_white_list(order)

    def test_bill_above_the_limit_is_not_paid_in_two_payments_below_it(self):
        self.unlisted.sudo().vat = "PL8131001056"
        bill = self.make_bill(20000.0, self.unlisted)
        item = bill.line_ids.filtered(lambda one: one.account_type == "liability_payable")
        for number in (1, 2):
            payment = self.make_payment(10000.0, self.unlisted, memo=f"Part {number}")
            (payment.move_id.line_ids.filtered("debit") | item).reconcile()
            wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
            with self.assertRaisesRegex(UserError, "20,000.00"), self.env.cr.savepoint():
                wizard.action_prepare()
            wizard.white_list_reason = "Confirmed by telephone"
            wizard.action_prepare()
            self.assertEqual(payment.bank_order_id.white_list_reason, "Confirmed by telephone")

    def test_service_down_is_not_taken_for_an_answer(self):
        self.sandbox.post("/control/whitelist/down", down=True)
        with self.assertRaisesRegex(UserError, "did not answer"):
            self.prepare(20000.0, self.supplier)
        order = self.prepare(100.0, self.supplier)
        self.assertEqual(order.white_list, "unanswered")
        self.assertIn("did not answer", str(order.package_id.message_ids.mapped("body")))

    def test_split_payment_to_an_unlisted_account_needs_none(self):
        """The tax consequences are not those of a split payment."""
        payment = self.make_payment(20000.0, partner=self.unlisted)
        values = {"bank_kind": "mpp", "bank_vat_amount": 3739.84, "bank_vat_invoice": "FV 1"}
        payment.write(values)
        self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]}).action_prepare()
        order = payment.bank_order_id
        self.assertEqual((order.white_list, order.white_list_reason), ("not_listed", False))

    def test_time_that_the_service_asks_for_is_kept_for_all_and_outlives_a_rollback(self):
        self.use_own_connections()
        self.sandbox.post("/control/whitelist/down", down=True, retry_after=600)
        with self.assertRaisesRegex(UserError, "did not answer"), self.env.cr.savepoint():
            self.prepare(20000.0, self.supplier)
        self.sandbox.post("/control/whitelist/down", down=False)
        self.assertEqual(len(self.pauses_elsewhere()), 1)
        asked = self.questions()
        with self.assertRaisesRegex(UserError, "did not answer"), self.env.cr.savepoint():
            self.prepare(20000.0, self.supplier)
        self.assertEqual(self.questions(), asked)
        with freeze_time(fields.Datetime.now() + timedelta(seconds=601)):
            self.assertEqual(self.prepare(20000.0, self.supplier).white_list, "listed")

    def use_own_connections(self):
        """As outside of tests: what is committed apart stays when this transaction does not."""
        registry = self.env.registry
        patched = patch.object(registry, "cursor", registry._db.cursor)
        patched.start()
        self.addCleanup(patched.stop)
        self.addCleanup(self.forget_pauses)

    def pauses_elsewhere(self):
        """As another process sees them."""
        with self.env.registry.cursor() as cr:
            parameters = self.env(cr=cr)["ir.config_parameter"].sudo()
            return parameters.search_read([("key", "=like", f"{PAUSE}%")], ["value"])

    def forget_pauses(self):
        with self.env.registry.cursor() as cr:
            parameters = self.env(cr=cr)["ir.config_parameter"].sudo()
            parameters.search([("key", "=like", f"{PAUSE}%")]).unlink()

    def test_pause_that_cannot_be_is_none(self):
        pauses, service = KeptPauses(self.env), "https://register.test"
        self.assertEqual(pauses.of(service), (0.0, ""))
        pauses.keep(service, time.time() + 2 * 24 * 3600, "429")  # the clock was put back since
        with patience(service, pauses, self.fail):
            pass

    def test_reason_is_kept_on_the_order(self):
        order = self.prepare(15000.01, self.unlisted, "Confirmed by telephone")
        self.assertEqual(order.white_list, "not_listed")
        self.assertEqual(order.white_list_reason, "Confirmed by telephone")

    def test_small_payment_is_prepared_and_says_what_was_found(self):
        order = self.prepare(15000.0, self.unlisted)
        self.assertEqual(order.white_list, "not_listed")

    def test_listed_account_keeps_the_request_id(self):
        order = self.prepare(20000.0, self.supplier)
        self.assertEqual(order.white_list, "listed")
        self.assertTrue(order.white_list_request)

    def day_later(self, order):
        """As if it had been asked yesterday."""
        order.sudo().white_list_at = "2026-03-09 10:00:00"
        self.env["bank.white.list"].sudo().search([]).day = "2026-03-09"

    def test_the_answer_of_another_day_is_asked_again_before_sending(self):
        order = self.prepare(20000.0, self.supplier)
        package = order.package_id
        self.log_in()
        self.trust_connection()
        self.day_later(order)
        request = order.white_list_request
        self.sandbox.post("/control/whitelist/down", down=True)
        with self.assertRaisesRegex(UserError, "did not answer"), self.env.cr.savepoint():
            package.action_send()
        self.assertEqual(package.state, "prepared")
        self.sandbox.post("/control/whitelist/down", down=False)
        package.action_send()
        self.assertEqual(package.state, "to_send")
        self.assertNotEqual(order.white_list_request, request)

    def test_reason_given_once_holds_until_it_is_sent(self):
        order = self.prepare(15000.01, self.unlisted, "Confirmed by telephone")
        self.log_in()
        self.trust_connection()
        self.day_later(order)
        order.package_id.action_send()
        self.assertEqual(order.white_list_reason, "Confirmed by telephone")

    # -------------------------------------------------------------------------
    # WHO IS ASKED ABOUT, AND HOW
    # -------------------------------------------------------------------------

    def test_payee_without_a_tax_id_is_asked_about_where_a_bill_is_paid(self):
        payment = self.pay_bills(self.make_bill(20000.0, self.unlisted))
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
        for none in ("/", False):
            self.unlisted.sudo().vat = none
            with self.assertRaisesRegex(UserError, "No tax id"), self.env.cr.savepoint():
                wizard.action_prepare()
        payment.bank_white_list_reason = "A private person"
        wizard.action_prepare()
        self.assertEqual(payment.bank_order_id.white_list_reason, "A private person")
        self.assertEqual(self.prepare(20000.0, self.unlisted).white_list, False)

    def test_salary_is_no_bill_and_its_payroll_is_no_transaction(self):
        """Whoever has no tax id was to have a reason for a salary, and a notice after it."""
        bill = self.make_bill(1.0)
        payable = bill.line_ids.filtered(lambda one: one.account_type == "liability_payable")
        accounts = payable.account_id.id, bill.invoice_line_ids.account_id.id
        for vat, amount in ((False, 20000.0), ("PL8131001056", 14000.0)):
            self.unlisted.sudo().vat = vat
            lines = [
                {"account_id": accounts[1], "debit": 90000.0},
                {"account_id": accounts[0], "credit": amount, "partner_id": self.unlisted.id},
                {"account_id": accounts[0], "credit": 90000.0 - amount},
            ]
            payroll = self.env["account.move"].create({"line_ids": [(0, 0, one) for one in lines]})
            payroll.action_post()
            payment = self.make_payment(amount, self.unlisted)
            item = payroll.line_ids.filtered("partner_id")
            (payment.move_id.line_ids.filtered("debit") | item).reconcile()
            self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]}).action_prepare()
            self.assertTrue(payment.bank_order_id.bills)
            self.assertFalse(payment.bank_order_id.white_list_reason)

    def test_equivalent_is_of_the_rate_of_the_day_before(self):
        euro, rates = self.env.ref("base.EUR"), self.env["res.currency.rate"].sudo()
        for day, rate in (("2026-03-08", 4.0), ("2026-03-09", 4.2), ("2026-03-10", 4.4)):
            values = {"currency_id": euro.id, "company_id": self.company.id}
            rates.create({**values, "name": day, "rate": 1 / rate})
        for amount, refused in ((3500.0, False), (3580.0, True)):  # at 4.2: 14,700 and 15,036
            values = {"currency_id": euro.id, "invoice_date": "2026-03-10"}
            payment = self.pay_bills(self.make_bill(amount, self.unlisted, **values))
            wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
            if refused:
                with self.assertRaisesRegex(UserError, "15,036.00"):
                    wizard.action_prepare()
            else:
                wizard.action_prepare()

    def test_equivalent_of_another_currency_counts(self):
        euro = self.env.ref("base.EUR")
        rates = self.env["res.currency.rate"].sudo()
        rates.create({"name": "2026-03-01", "currency_id": euro.id, "rate": 0.25,
                      "company_id": self.company.id})  # fmt: skip
        values = {
            "company_id": self.company.id, "journal_id": self.journal.id,
            "kind": "sepa", "currency_id": euro.id, "execute_on": "2026-03-10",
            "payee_account": "PL76109010560000000107654321",
            "payee_tax_id": "8131001056",
        }  # fmt: skip
        orders = self.env["bank.order"].sudo()
        ask_white_list(orders.create({**values, "amount": 3750.0}))
        with self.assertRaisesRegex(UserError, "16,000.00"):
            ask_white_list(orders.create({**values, "amount": 4000.0}))

    def test_only_an_active_vat_payer_needs_a_reason(self):
        for status in ("Zwolniony", ""):
            self.register(status)
            self.env["bank.white.list"].sudo().search([]).unlink()
            order = self.prepare(20000.0, self.unlisted)
            self.assertEqual((order.white_list, order.white_list_reason), ("not_active", False))

    def test_account_abroad_of_a_payer_in_poland_is_on_no_list(self):
        """It was not asked about: nobody had to say why, and no notice was asked for."""
        euro = self.env.ref("base.EUR")
        abroad = self.make_supplier("Hurtownia Łąka", "DE89370400440532013000")
        values = {"currency_id": euro.id, "company_id": self.company.id}
        self.env["res.currency.rate"].sudo().create({**values, "name": "2026-03-01", "rate": 0.25})
        self.company.partner_id.sudo().write({"street": "Prosta 1", "city": "Warszawa"})
        abroad.bank_ids.sudo().bank_id = self.bank.sudo().copy(
            {"bic": "COBADEFFXXX", "name": "Commerzbank"}
        )
        for vat, state in (("PL8131001056", "not_listed"), ("DE136695976", False), (False, False)):
            abroad.sudo().vat = vat
            bill = self.make_bill(4000.0, abroad, currency_id=euro.id)
            payment = self.pay_bills(bill, currency_id=euro.id)
            wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payment.ids)]})
            if state:
                self.env["bank.white.list"].sudo().search([]).unlink()
                with self.assertRaisesRegex(UserError, "16,000.00"), self.env.cr.savepoint():
                    wizard.action_prepare()
                wizard.white_list_reason = "Confirmed by telephone"
            wizard.action_prepare()
            self.assertEqual(payment.bank_order_id.white_list, state)

    def test_virtual_account_is_listed(self):
        self.register("Czynny", ["PL76109010560000000107654321"], virtual=True)
        self.assertEqual(self.prepare(20000.0, self.unlisted).white_list, "listed")

    def test_all_payees_are_one_question_before_the_wizard_and_none_after_it(self):
        payments = self.make_payment(10.0) | self.make_payment(20.0, partner=self.unlisted)
        before = self.questions()
        payments.action_send_to_bank()
        self.assertEqual(self.questions() - before, 1)
        self.assertEqual(payments.mapped("bank_white_list"), ["On the list", "Not on the list"])
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payments.ids)]})
        wizard.action_prepare()
        self.assertEqual(self.questions() - before, 1)
        self.assertEqual(set(payments.bank_order_id.mapped("white_list")), {"listed", "not_listed"})

    def test_pay_and_send_shows_the_answer_before_anything_is_registered(self):
        """The column was empty: it was read from payments that do not exist yet."""
        bills = self.make_bill(50.0, self.unlisted) | self.make_bill(60.0)
        wizard = self.env["bank.send"].browse(bills.action_pay_and_send()["res_id"])
        said = {row.partner_id: row.white_list for row in wizard.row_ids}
        self.assertEqual(said, {self.unlisted: "Not on the list", self.supplier: "On the list"})
        asked = self.questions()
        wizard.action_look()
        self.assertEqual(self.questions(), asked)

    def test_silent_register_is_asked_once_and_before_anything_is_registered(self):
        """It was waited for three times, while the bills were locked."""
        self.log_in()
        self.trust_connection()
        bills, registered = self.make_bill(50.0, self.unlisted) | self.make_bill(60.0), []

        def silent(_client, payees, _day):
            if not payees:
                return ()
            registered.append(len(bills._bank_payments()))
            raise Unreachable("the white list service cannot be reached")

        with patch.object(WhiteList, "check_many", silent):
            wizard = self.env["bank.send"].browse(bills.action_pay_and_send()["res_id"])
            self.assertEqual(registered, [0])
            wizard.action_send()
        self.assertEqual(registered, [0, 0])
        orders = bills._bank_payments().bank_order_id
        self.assertEqual(orders.mapped("white_list"), ["unanswered"] * 2)

    def test_question_that_is_to_be_asked_again_is_asked_again(self):
        self.sandbox.post("/control/whitelist/again", count=1)
        self.assertEqual(self.prepare(20000.0, self.supplier).white_list, "listed")

    def test_file_of_the_day_answers_while_the_service_is_down(self):
        self.sandbox.post("/control/whitelist/down", down=True)
        self.check_file()

    def test_file_of_the_day_answers_for_accounts_that_the_service_refuses(self):
        with patch.object(WhiteList, "check_many", lambda *_asked: iter(())):
            self.check_file()

    def test_file_is_read_once_for_an_account_that_it_lacks_and_another_one_anew(self):
        """Each look-over read the ministry's 390 megabytes from end to end."""
        answers = self.env["bank.white.list"]
        pair = ("8131001056", "76109010560000000107654321")
        self.sandbox.post("/control/whitelist/down", down=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            patch.object(FlatList, "_found", autospec=True, side_effect=FlatList._found) as read,
        ):
            self.write_file(folder)
            for _look in range(3):
                self.assertEqual(answers._ask([pair]), {})
            self.assertEqual(read.call_count, 1)
            self.assertEqual(answers._active([pair[0]], fields.Date.to_date("2026-03-10")), {})
            self.write_file(folder, pair)
            self.assertTrue(answers._ask([pair])[pair].listed)
            self.assertEqual(read.call_count, 2)
            other = ("8131001056", "76109010560000000107654322")
            self.assertEqual(answers._ask([other]), {})
        self.sandbox.post("/control/whitelist/down", down=False)
        self.env.cr.precommit.data.clear()  # the next request
        self.assertFalse(answers._ask([other])[other].listed)
        with freeze_time("2026-03-11"):
            answers.sudo()._gc_sought()
        self.assertTrue(all(answers.sudo().search([]).mapped("checked_at")))

    def write_file(self, folder, *pairs):
        """The day's file, which has the supplier's account, and these."""
        digests = [
            hashlib.sha512(f"20260310{nip}{account}".encode()).hexdigest()
            for nip, account in (("7781001014", SUPPLIER_ACCOUNT.removeprefix("PL")), *pairs)
        ]
        content = {
            "naglowek": {"dataGenerowaniaDanych": "20260310", "liczbaTransformacji": "1"},
            "skrotyPodatnikowCzynnych": digests,
        }
        Path(folder, "20260310.json").write_text(json.dumps(content))
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("bank_webservice.white_list_folder", folder)

    def check_file(self):
        with tempfile.TemporaryDirectory() as folder:
            self.write_file(folder)
            order = self.prepare(20000.0, self.supplier)
            with self.assertRaisesRegex(UserError, "did not answer"):
                self.prepare(20000.0, self.unlisted)
        self.assertEqual(order.white_list, "listed")
        self.assertEqual(order.white_list_request, "20260310.json")

    # -------------------------------------------------------------------------
    # THE NOTICE TO THE TAX OFFICE
    # -------------------------------------------------------------------------

    def test_payment_with_a_reason_asks_for_the_notice_within_seven_days(self):
        order = self.prepare(15000.01, self.unlisted, "Confirmed by telephone")
        self.log_in()
        self.trust_connection()
        self.assertFalse(order.sudo().activity_ids)
        order.package_id.action_send()
        activity = order.sudo().activity_ids
        self.assertEqual(str(activity.date_deadline), "2026-03-17")
        self.assertIn("ZAW-NR until 03/17/2026", activity.summary)
        for part in ("8131001056", "PL76109010560000000107654321", "Confirmed by telephone"):
            self.assertIn(part, activity.note)
        self.assertEqual(activity.user_id, self.user)

    def test_sent_again_another_day_there_is_one_notice_and_none_once_it_is_refused(self):
        order = self.prepare(15000.01, self.unlisted, "Confirmed by telephone")
        package = order.package_id
        self.log_in()
        self.trust_connection()
        package.action_send()
        package.sudo()._set_state("prepared")  # the session had ended: nothing left the house
        self.sandbox.post("/control/clock", days=1)
        with freeze_time("2026-03-11T10:00:00", tick=True):
            self.log_in()
            package.action_send()
            notices = order.sudo().activity_ids
            self.assertEqual(notices.mapped("summary"), ["ZAW-NR until 03/18/2026"])
            self.sandbox.post("/control/refuse", code="AC04")
            package.sudo()._cron_send()
        self.assertEqual(order.bank_state, "rejected")
        self.assertFalse(order.sudo().activity_ids)

    def test_payment_without_one_asks_for_none(self):
        order = self.prepare(20000.0, self.supplier, "Not needed")
        self.log_in()
        self.trust_connection()
        order.package_id.action_send()
        self.assertFalse(order.sudo().activity_ids)

    def test_without_an_address_nothing_is_asked(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "bank_webservice.white_list_address", False
        )
        self.assertFalse(self.prepare(20000.0, self.unlisted).white_list)
