# SPDX-License-Identifier: LGPL-3.0-only
"""The journal's card: what it says, and that it is silent about everything else."""

from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user

from ..common import BankCase


class TestJournalCard(BankCase):
    def card(self, user=None):
        journal = self.journal.with_user(user or self.user)
        data = journal._get_journal_dashboard_data_batched()[journal.id]
        return data.get("bank_webservice")

    def test_somebody_without_bank_rights_sees_nothing_of_it(self):
        clerk = new_test_user(
            self.env(su=True),
            "clerk",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.assertIsNone(self.card(clerk))

    def test_fresh_journal_warns_of_nothing_and_draws_no_invented_line(self):
        card = self.card()
        silent = ("to_sign", "to_send", "session_until", "certificate", "gaps", "last_error")
        self.assertEqual([name for name in silent if card[name]], [])
        graph = self.journal._get_bank_cash_graph_data()[self.journal.id]
        self.assertEqual(graph[0]["values"], [])

    def test_session_is_named_while_it_runs(self):
        session = self.log_in()
        self.assertTrue(self.card()["session_until"])
        session.action_end()
        self.assertFalse(self.card()["session_until"])

    def test_what_i_signed_does_not_wait_for_me(self):
        self.log_in()
        self.trust_connection()
        self.operator.sudo().certificate_id = self.give_certificate(self.user, "jan")
        payments = self.make_payment() | self.make_payment(memo="FV 2/2026")
        self.prepare(payments)
        self.assertEqual(self.card()["to_sign"], 1)
        package = payments.bank_order_id.package_id
        self.assertEqual(self.journal.action_packages_to_sign()["res_id"], package.id)
        self.env["bank.signature"].sudo().create(
            {"package_id": package.id, "user_id": self.user.id, "digest": package.digest}
        )
        self.assertEqual(self.card()["to_sign"], 0)

    def test_certificate_that_ends_is_named_in_time(self):
        certificate = self.give_certificate(self.user, "jan")
        self.operator.sudo().certificate_id = certificate
        now = fields.Datetime.now()
        for days, words in ((40, ""), (20, "ends on"), (-1, "ended on")):
            certificate.sudo().not_after = now + timedelta(days=days)
            said = self.card()["certificate"]
            self.assertTrue(words in said and bool(said) == bool(words), said)
        self.assertEqual(self.journal.action_own_certificate()["res_id"], certificate.id)

    def test_refusal_that_was_paid_anew_is_no_news(self):
        self.log_in()
        self.trust_connection()
        self.sandbox.post("/control/refuse", code="AC04")
        package = self.send(self.make_payment())
        self.sandbox.phone("anna")
        self.sandbox.post("/control/run")
        if package.state != "rejected":
            package.action_refresh_status()
        self.assertEqual(self.card()["orders_rejected"], 1)
        order = package.order_ids
        copy = self.env["account.payment"].browse(order.action_correct_copy()["res_id"])
        copy.action_post()
        self.prepare(copy)
        self.assertEqual(self.card()["orders_rejected"], 0)
