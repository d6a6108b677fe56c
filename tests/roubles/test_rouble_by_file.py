# SPDX-License-Identifier: LGPL-3.0-only
"""The file fallback: orders handed to the bank as kl_to_1c, and never twice."""

import base64
import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import OWN, PAYEE, RoubleCase


class TestByFile(RoubleCase):
    def give(self, payments):
        """(packages, the file as text)."""
        packages = self.prepare(payments).package_id
        packages.action_give_as_file()
        return packages, base64.b64decode(packages.document_ids.content).decode("cp1251")

    def test_given_orders_cannot_be_sent_given_again_or_cancelled(self):
        self.ready()
        packages, _text = self.give(self.make_payment())
        for attempt in (
            packages.action_send,
            packages.action_give_as_file,
            packages.action_cancel,
            packages.action_refresh_status,
        ):
            with self.assertRaises(UserError):
                attempt()
        self.env["bank.package"].sudo()._cron_send()
        self.env["bank.package"].sudo()._cron_status()
        self.assertEqual(packages.state, "sent")
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])

    def test_two_people_must_sign_above_the_limit_here_as_well(self):
        self.journal.sudo().two_signers_above = 50
        package = self.prepare(self.make_payment()).package_id
        with self.assertRaises(UserError):
            package.action_give_as_file()
        self.assertEqual(package.state, "prepared")

    def test_only_senders(self):
        package = self.prepare(self.make_payment()).package_id
        operator = new_test_user(
            self.env(su=True),
            "by_file_operator",
            groups="base.group_user,bank_webservice.group_operator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            package.with_user(operator).action_give_as_file()
        self.assertEqual(package.state, "prepared")

    def test_order_sent_through_the_web_service_has_no_such_buttons(self):
        self.ready()
        package = self.send(self.make_payment())
        for attempt in (package.action_give_as_file, package.action_file_refused):
            with self.assertRaises(UserError):
                attempt()

    def test_one_file_of_several_packages(self):
        payments = self.make_payment(amount=1500.5, memo="Счёт № 15") | self.make_payment()
        packages, text = self.give(payments)
        self.assertEqual(set(packages.mapped("state")), {"sent"})
        lines = text.split("\r\n")
        self.assertEqual((lines[0], lines[-2]), ("1CClientBankExchange", "КонецФайла"))
        self.assertEqual(lines.count("СекцияДокумент=Платежное поручение"), 2)
        for line in (
            "Номер=1",
            "Сумма=1500.50",
            "ПлательщикИНН=7701000019",
            "ПолучательБИК=044030653",
            "НазначениеПлатежа=Счёт № 15",
        ):
            self.assertIn(line, lines)

    def test_refused_file_opens_the_payment_again(self):
        payment = self.make_payment()
        package, _text = self.give(payment)
        package.action_file_refused()
        self.assertEqual((package.state, payment.state), ("rejected", "rejected"))

    def line(self, **changes):
        details = {"document_number": "1", "document_date": "2026-03-10"}
        values = {
            "journal_id": self.journal.id,
            "date": "2026-03-10",
            "amount": -100.0,
            "payment_ref": "FV 1/2026",
            "account_number": PAYEE,
            "transaction_details": {**details, **changes.pop("details", {})},
            "bank_operation_key": uuid.uuid4().hex,
            "bank_booked_on": "2026-03-10",
        }
        return self.env["account.bank.statement.line"].sudo().create({**values, **changes})

    def test_the_statement_proves_it_by_number_date_amount_and_account(self):
        payment = self.make_payment()
        package, _text = self.give(payment)
        order = payment.bank_order_ids
        strangers = self.line(amount=-100.01) | self.line(details={"document_number": "2"})
        strangers |= self.line(account_number="40702810038000000202") | self.line(amount=100.0)
        strangers |= self.line(details={"document_date": "2026-03-09"})
        strangers._settle_orders()
        self.assertEqual(order.bank_state, "sent")
        line = self.line(details={"document_date": "10.03.2026"})
        line._settle_orders()
        self.assertEqual((order.bank_state, package.state), ("executed", "executed"))
        self.assertEqual(order.statement_line_id, line)
        self.assertEqual(payment.state, "paid")

    def test_the_banks_own_1c_file_proves_it_too(self):
        """Its days are dotted and its numbers may be filled up; one told as refused comes back."""
        payment, refused = self.make_payment(), self.make_payment()
        package, _text = self.give(payment + refused)
        package.action_file_refused()
        sections = [
            f"СекцияДокумент=Платежное поручение\r\nНомер={number}\r\nДата=10.03.2026\r\n"
            f"Сумма=100.00\r\nПлательщикСчет={OWN}\r\nПолучательСчет={PAYEE}\r\n"
            "НазначениеПлатежа=Оплата\r\nДатаСписано=10.03.2026\r\nКонецДокумента\r\n"
            for number in ("0001", "2")
        ]
        text = (
            "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\n"
            f"ДатаНачала=10.03.2026\r\nДатаКонца=10.03.2026\r\nРасчСчет={OWN}\r\n"
            "СекцияРасчСчет\r\nДатаНачала=10.03.2026\r\nДатаКонца=10.03.2026\r\n"
            f"РасчСчет={OWN}\r\nНачальныйОстаток=1000.00\r\nКонечныйОстаток=800.00\r\n"
            f"КонецРасчСчет\r\n{''.join(sections)}КонецФайла\r\n"
        )
        self.journal._upload_statements([("day.txt", text.encode("cp1251"))])
        orders = (payment + refused).bank_order_ids
        self.assertEqual(set(orders.mapped("bank_state")), {"executed"})
        self.assertEqual(set((payment + refused).mapped("state")), {"paid"})
