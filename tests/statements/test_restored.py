# SPDX-License-Identifier: LGPL-3.0-only
"""A database that was restored from a backup sends nothing until a person says so."""

from dataclasses import replace

from odoo.addons.bank_webservice.protocol import ids
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .test_order_proof import DAY, ProofCase, entry

GO_ON = "action_go_on_after_restore"


class TestRestored(ProofCase):
    def setUp(self):
        super().setUp()
        self.log_in()
        self.trust_connection()
        admin = new_test_user(
            self.env(su=True),
            "bank_admin",
            groups="base.group_system,bank_webservice.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.settings = self.env["res.config.settings"].with_user(admin).create({})

    def prepared(self, amount=100.0):
        bill = self.make_bill(amount)
        payment = self.register(bill)
        return self.prepare(payment)

    def refused(self, order):
        with self.assertRaisesRegex(UserError, "restored from a backup"):
            order.package_id.action_send()
        self.assertEqual(order.bank_state, "prepared")
        self.assertFalse(self.sandbox.get("/control/handed-over")["calls"])

    def lost_id(self, payment):
        """The id of an order of `payment` that is not in this database any more."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return ids.end_to_end_id(uuid, payment.id + 1000, 0, ids.OF_PAYMENT)

    def test_an_order_that_never_left_was_executed(self):
        executed, waiting = self.prepared(), self.prepared(60.0)
        self.take(entry(executed, "-100.00", "R1"))
        self.refused(waiting)

    def test_an_order_that_is_not_here_was_executed(self):
        order = self.prepared()
        lost = replace(entry(order, "-70.00", "R2"), our_reference=self.lost_id(order.payment_id))
        self.take(lost)
        self.refused(order)

    def test_what_was_to_be_sent_when_it_was_found_goes_back(self):
        order = self.prepared()
        order.package_id.action_send()
        lost = replace(entry(order, "-70.00", "R3"), our_reference=self.lost_id(order.payment_id))
        self.take(lost)
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual(order.bank_state, "prepared")
        self.assertIn("restored from a backup", order.package_id.bank_reason)
        self.assertFalse(self.sandbox.get("/control/handed-over")["calls"])

    def test_it_goes_on_once_the_statements_are_here_and_an_administrator_says_so(self):
        order = self.prepared()
        lost = replace(entry(order, "-70.00", "R4"), our_reference=self.lost_id(order.payment_id))
        self.take(lost)
        self.assertTrue(self.settings.bank_restored)
        with self.assertRaises(AccessError):
            getattr(self.settings.with_user(self.user).sudo(False), GO_ON)()
        feed = self.env["bank.feed"]._of_journal(self.journal)
        feed.fetched_until = False
        with self.assertRaisesRegex(UserError, "Fetch the statements until"):
            getattr(self.settings, GO_ON)()
        feed.fetched_until = DAY
        getattr(self.settings, GO_ON)()
        order.package_id.action_send()
        self.assertEqual(order.bank_state, "to_send")

    def test_other_ids_and_what_was_sent_say_nothing_of_a_restore(self):
        sent, order = self.ordered("accepted")[2], self.prepared(60.0)
        for key, reference in (
            ("R5", ids.end_to_end_id("0b2f3c1e-7a51-4d5e-9c1f-2f1f9c1d7e11", 5)),
            ("R6", "NOTPROVIDED"),
            ("R7", self.lost_id(order.payment_id)[:-1] + "="),
        ):
            self.take(replace(entry(sent, "-5.00", key), our_reference=reference), number=key)
        self.take(entry(sent, "-100.00", "R8"), number="8")
        order.package_id.action_send()
        self.assertEqual(order.bank_state, "to_send")
