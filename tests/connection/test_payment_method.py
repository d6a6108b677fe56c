# SPDX-License-Identifier: LGPL-3.0-only
"""The payment method *Bank web service* stands on connected journals, and on no others."""

from odoo.exceptions import UserError
from odoo.tests import Form

from ..common import BankCase


class TestPaymentMethod(BankCase):
    def setUp(self):
        super().setUp()
        self.method = self.env.ref("bank_webservice.payment_method_webservice_out").sudo()
        self.other = (
            self.env["account.journal"]
            .sudo()
            .create(
                {"name": "By hand", "code": "HND", "type": "bank", "company_id": self.company.id}
            )
        )

    def _lines(self, journal):
        lines = journal.sudo().outbound_payment_method_line_ids
        return lines.filtered(lambda line: line.payment_method_id == self.method)

    def test_a_journal_without_the_feed_neither_has_nor_offers_it(self):
        self.assertFalse(self._lines(self.other))
        self.assertNotIn(self.method, self.other.available_payment_method_ids)
        self.assertIn(self.method, self.journal.sudo().available_payment_method_ids)

    def test_installing_adds_it_to_no_journal(self):
        """As when the method is made: Odoo gives it to each journal that it may stand on."""
        self.other.flush_recordset()
        information = self.method._get_payment_method_information()
        self._lines(self.journal).unlink()
        self.method._auto_link_payment_methods(self.method, information)
        self.assertFalse(self._lines(self.other))
        self.assertTrue(self._lines(self.journal))

    def test_it_comes_and_goes_with_the_feed(self):
        self.other.bank_statements_source = "bank_webservice"
        self.assertTrue(self._lines(self.other).payment_account_id)
        self.other.bank_statements_source = "undefined"
        self.assertFalse(self._lines(self.other))

    def test_a_payment_of_before_keeps_its_method(self):
        payment = self.make_payment().sudo()
        self.journal.sudo().bank_statements_source = "undefined"
        self.assertFalse(self._lines(self.journal))
        self.assertEqual(payment.payment_method_line_id.payment_method_id, self.method)
        self.assertEqual(payment.state, "in_process")

    # -------------------------------------------------------------------------
    # THE PROPOSAL
    # -------------------------------------------------------------------------

    def test_it_is_proposed_first_wherever_a_connected_journal_pays(self):
        """What was registered as “Manual” showed its bill as paid, and no bank ever heard of it."""
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.make_bill().ids
        )
        form = Form(wizard)
        form.journal_id = self.other.with_env(self.env)
        self.assertEqual(form.payment_method_line_id.code, "manual")
        form.journal_id = self.journal
        self.assertEqual(form.payment_method_line_id.code, "bank_webservice")
        self.other.bank_statements_source = "bank_webservice"
        form.journal_id = self.other.with_env(self.env)
        self.assertEqual(form.payment_method_line_id.code, "bank_webservice")

    def test_the_payees_account_stays_visible(self):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.make_bill().ids
        )
        form = Form(wizard)
        form.journal_id = self.journal
        self.assertTrue(form.show_partner_bank_account)
        self.assertTrue(self.make_payment().show_partner_bank_account)

    # -------------------------------------------------------------------------
    # REGISTERED, NOT SENT
    # -------------------------------------------------------------------------

    def manual(self, **more):
        lines = self.journal.outbound_payment_method_line_ids
        line = lines.filtered(lambda item: item.code == "manual")
        return self.make_payment(payment_method_line_id=line.id, **more)

    def test_what_goes_to_the_bank_already_is_refused(self):
        with self.assertRaisesRegex(UserError, "by hand"):
            (self.manual() | self.make_payment()).action_send_through_bank()

    def test_registered_by_hand_it_is_listed_and_sent_after_all(self):
        payment, other = self.manual(), self.make_payment()
        action = self.env["account.payment"].action_not_sent()
        self.assertEqual(self.env["account.payment"].search(action["domain"]), payment)
        entry = payment.move_id.line_ids.mapped(lambda item: (item.account_id, item.balance))
        action = payment.action_send_through_bank()
        self.assertEqual(action["res_model"], "bank.send")
        to_send = self.env["account.payment"]._to_send_domain()
        self.assertEqual(self.env["account.payment"].search(to_send), payment | other)
        now = payment.move_id.line_ids.mapped(lambda item: (item.account_id, item.balance))
        self.assertEqual(now, entry)
        self.assertIn(payment.outstanding_account_id, payment.move_id.line_ids.account_id)
        self.prepare(payment)
        self.assertEqual(payment.bank_state, "prepared")
