# SPDX-License-Identifier: LGPL-3.0-only
"""Consent governs what leaves: nothing is said of a company that has not consented to it."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError

from ...protocol.access.oauth_errors import InvalidToken
from ..access.common import EVERYTHING, INN
from .pretend import ConnectedCase


class ConsentCase(ConnectedCase):
    def revoke(self):
        self.grant_of(self.said).action_end()

    def audited(self, event):
        lines = self.env["moedelo.audit"].search([("event", "=", event)])
        return [(line.company_res_id, line.client_text, line.detail) for line in lines]


class TestNotices(ConsentCase):
    def test_what_was_queued_before_the_end_is_dropped_and_audited(self):
        for order in (self.make_order(), self.make_order()):
            order._set_state("cancelled")
        self.revoke()
        self.assertEqual(self.notices().mapped("delivery"), ["dropped"] * 2)
        self.deliver()
        self.assertFalse(self.seen()["notices"])
        expected = (self.company.id, self.client.identifier, "notices: 2")
        self.assertEqual(self.audited("dropped"), [expected])

    def test_after_the_end_nothing_is_queued(self):
        order = self.make_order()
        self.revoke()
        order._set_state("cancelled")
        self.deliver()
        self.assertFalse(self.notices())
        self.assertFalse(self.seen()["notices"])

    def test_a_connection_without_payments_carries_no_notice(self):
        self.revoke()
        self.connect("statements accounts calendar")
        self.make_order()._set_state("cancelled")
        self.assertFalse(self.notices())

    def test_a_connection_that_ran_out_carries_none_either(self):
        order = self.make_order()
        order._set_state("cancelled")
        later = fields.Datetime.now() + timedelta(hours=1)
        self.grant_of(self.said).sudo().expires_at = fields.Datetime.now() + timedelta(minutes=1)
        with patch.object(fields.Datetime, "now", lambda: later):
            self.deliver()
        self.assertFalse(self.seen()["notices"])
        self.assertEqual(self.notices().delivery, "dropped")

    def test_dropped_ones_are_not_sent_again_by_hand(self):
        self.make_order()._set_state("cancelled")
        self.revoke()
        with self.assertRaisesRegex(UserError, "not connected"):
            self.notices().with_user(self.administrator).action_send_again()

    def test_a_newer_consent_drops_nothing(self):
        order = self.make_order()
        order._set_state("cancelled")
        self.connect(EVERYTHING)
        self.deliver()
        self.assertEqual(self.told(order), ["05"])

    def test_what_happened_meanwhile_is_told_after_the_next_consent(self):
        order = self.make_order()
        order._set_state("sending")
        self.deliver()
        order._set_state("sent")
        self.revoke()
        order._set_state("executed", executed_on="2026-03-10")
        self.assertEqual(self.told(order), ["01"])
        self.connect(EVERYTHING)
        self.deliver()
        self.assertEqual(self.told(order), ["01", "02"])

    def test_who_deleted_an_order_stays_here(self):
        operator = self.make_user("deleting_operator", "operator")
        order = self.make_order()
        order.with_user(operator).action_moedelo_delete()
        self.deliver()
        self.assertEqual(self.told(order), ["05"])
        self.assertNotIn(operator.name, self.notices().content)
        self.assertNotIn(operator.name, str(order._moedelo_said()))
        self.assertIn(operator.name, str(order.message_ids.mapped("body")))


class TestCalendar(ConsentCase):
    def asked(self):
        """How often the service was asked for a calendar, by the job and by the button."""
        self.pretend.post("/control/events", example=True, inn=INN)
        calendar = self.env["moedelo.tax.calendar"]
        calendar._cron_pull()
        failure = calendar._pull(self.company)
        return self.env["moedelo.tax.event"].search_count([]), failure

    def test_without_a_connection_the_service_is_not_asked(self):
        self.revoke()
        count, failure = self.asked()
        self.assertEqual(count, 0)
        self.assertIn("not connected", failure)

    def test_a_connection_without_the_right_does_not_carry_it(self):
        self.revoke()
        self.connect("payments statements accounts")
        self.assertEqual(self.asked()[0], 0)

    def test_the_right_lets_it_work(self):
        count, failure = self.asked()
        self.assertTrue(count)
        self.assertFalse(failure)


class TestJumpTokens(ConsentCase):
    def setUp(self):
        super().setUp()
        self.jumper = self.make_user("jumping", "operator")
        mine = self.env
        self.env = mine(user=self.jumper)
        code = self.give_code("client")
        self.env = mine
        self.jump = self.answer(self.code_form(code))["access_token"]
        self.check(self.jump, "client")

    def refused(self):
        with self.refuses(InvalidToken):
            self.check(self.jump, "client")

    def test_they_end_with_the_connection(self):
        self.revoke()
        self.refused()
        self.assertEqual(
            self.env["moedelo.grant"].search([("kind", "=", "jump")]).mapped("reason"),
            ["connection"],
        )

    def test_they_end_with_the_users_rights(self):
        self.jumper.write({"group_ids": [(6, 0, self.env.ref("base.group_user").ids)]})
        self.refused()

    def test_they_end_when_the_user_leaves_the_company(self):
        other = self.env["res.company"].create({"name": "Lutik"})
        self.jumper.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        self.refused()

    def test_a_newer_connection_keeps_them(self):
        self.connect(EVERYTHING)
        self.check(self.jump, "client")
