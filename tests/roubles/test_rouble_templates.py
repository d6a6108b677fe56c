# SPDX-License-Identifier: LGPL-3.0-only
"""Payments to the budget from templates: only the sum and the day are left to a person."""

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import RoubleCase


class TestRoubleTemplates(RoubleCase):
    def setUp(self):
        super().setUp()
        self.single = self.env.ref("bank_webservice.budget_template_single_tax")

    def test_who_may_not_pay_gets_no_payment(self):
        reader = new_test_user(
            self.env(su=True),
            "ru_reader",
            groups="base.group_user,bank_webservice.group_reader",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.single.with_user(reader).action_pay()
        with self.assertRaises(AccessError):
            self.single.with_user(reader).name = "Another"

    def test_a_template_without_payee_says_what_is_missing(self):
        accidents = self.env.ref("bank_webservice.budget_template_accidents")
        with self.assertRaisesRegex(UserError, r"Payee \(16\), Payee's account \(17\)"):
            accidents.action_pay()

    def test_a_company_without_rouble_journal(self):
        self.journal.sudo().bank_account_id = False
        with self.assertRaisesRegex(UserError, "no bank journal that pays in roubles"):
            self.single.action_pay()

    def test_another_companys_template_is_not_seen(self):
        other = self.env["res.company"].with_user(SUPERUSER_ID).create({"name": "Other"})
        self.single.sudo().company_id = other
        self.assertNotIn(self.single, self.env["bank.budget.template"].search([]))

    def test_the_single_tax_payment_lacks_only_its_sum(self):
        payment = self.env["account.payment"].browse(self.single.action_pay()["res_id"])
        self.assertEqual((payment.state, payment.amount), ("draft", 0))
        self.assertEqual(payment.partner_bank_id.bank_id.bank_bik, "017003983")
        self.assertEqual(payment.rouble_purpose, "Единый налоговый платеж")
        self.assertFalse(payment.partner_bank_id.allow_out_payment)
        payment.partner_bank_id.sudo().allow_out_payment = True
        payment.amount = 42150
        payment.action_post()
        self.assertEqual(self.problems(payment), [])
        order = self.prepare(payment)
        self.assertEqual(order.rouble_kbk, "18201061201010000510")
        again = self.env["account.payment"].browse(self.single.action_pay()["res_id"])
        self.assertEqual(again.partner_bank_id, payment.partner_bank_id)
