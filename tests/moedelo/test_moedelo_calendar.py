# SPDX-License-Identifier: LGPL-3.0-only
"""The tax calendar: refused without the package, whole or not at all, old data say so."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError

from ..access.common import INN
from .pretend import ConnectedCase


class CalendarCase(ConnectedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = cls.make_user("tax_operator", "operator")
        cls.subscription.reminder_user_id = cls.operator

    def setUp(self):
        super().setUp()
        self.mine = self.env["moedelo.tax.event"].with_user(self.operator)
        self.mine = self.mine.with_company(self.company)

    def offer(self, *events):
        said = [{"inn": INN, "kind": "payment", "period": "", "amount": "100.00", "done": False,
                 "url": "", "payment": None, **event} for event in events]  # fmt: skip
        self.pretend.post("/control/events", events=said)

    def offer_examples(self):
        return self.pretend.post("/control/events", example=True, inn=INN)["events"]

    def day(self, days):
        return fields.Date.to_string(fields.Date.today() + timedelta(days=days))

    def restrict(self):
        self.subscription.package = "integration"


class TestRefused(CalendarCase):
    def test_without_the_package_nothing_of_it_works(self):
        self.offer_examples()
        self.mine.action_pull()
        event = self.mine.search([("kind", "=", "payment")], limit=1)
        self.restrict()
        for act in (self.mine.action_pull, self.mine.action_open, event.action_pay,
                    event.action_jump):  # fmt: skip
            with self.assertRaises(UserError):
                act()
        before = event.pulled_at
        with patch.object(fields.Datetime, "now", lambda: before + timedelta(hours=2)):
            self.env["moedelo.tax.calendar"]._cron_pull()
        self.assertEqual(event.pulled_at, before)

    def test_nobody_writes_what_the_service_said(self):
        self.offer_examples()
        self.mine.action_pull()
        for user in (self.operator, self.administrator):
            event = self.mine.with_user(user).search([], limit=1)
            with self.assertRaises(AccessError):
                event.write({"amount": 1})
            with self.assertRaises(AccessError):
                event.unlink()
            with self.assertRaises(AccessError):
                event.create({"name": "x"})

    def test_other_companies_and_other_people_see_nothing(self):
        self.offer_examples()
        self.mine.action_pull()
        other = self.env["res.company"].create({"name": "Lutik"})
        stranger = self.make_user("lutik", "operator", other)
        events = self.env["moedelo.tax.event"]
        self.assertFalse(events.with_user(stranger).search([]))
        nobody = events.with_user(self.make_user("clerk")).with_company(self.company)
        for act in (lambda: nobody.search([]), nobody.action_pull, nobody.action_open):
            with self.assertRaises(AccessError):
                act()

    def test_one_wrong_event_changes_nothing(self):
        self.offer({"id": "a", "title": "A", "due_on": self.day(5)})
        self.mine.action_pull()
        self.offer(
            {"id": "b", "title": "B", "due_on": self.day(5)},
            {"id": "c", "title": "C", "due_on": self.day(5), "url": "javascript:alert(1)"},
        )
        with self.assertRaisesRegex(UserError, "cannot be read"):
            self.mine.action_pull()
        self.assertEqual(self.mine.search([]).mapped("external_id"), ["a"])

    def test_old_data_say_so(self):
        self.assertIn("never", self.mine.action_open()["name"])
        self.offer_examples()
        self.mine.action_pull()
        event = self.mine.search([], limit=1)
        self.assertFalse(event.is_stale)
        self.assertNotIn("NOT UP TO DATE", self.mine.action_open()["name"])
        since = event.pulled_at
        self.mood("down")
        with self.assertRaisesRegex(UserError, "no usable answer"):
            self.mine.action_pull()
        self.assertIn("NOT UP TO DATE", self.mine.action_open()["name"])
        self.assertEqual(event.pulled_at, since)
        later = since + timedelta(hours=25)
        with patch.object(fields.Datetime, "now", lambda: later):
            event.invalidate_recordset()
            self.assertTrue(event.is_stale)

    def test_what_cannot_be_paid(self):
        self.offer(
            {"id": "report", "title": "Отчёт", "due_on": self.day(5), "kind": "report"},
            {"id": "silent", "title": "Налог", "due_on": self.day(5)},
            {"id": "done", "title": "Уплачен", "due_on": self.day(5), "done": True},
        )
        self.mine.action_pull()
        for event in self.mine.search([]):
            with self.assertRaises(UserError):
                event.action_pay()
        with self.assertRaises(AccessError):
            self.mine.search([], limit=1).with_user(self.administrator).action_pay()


class TestPulled(CalendarCase):
    def test_the_states(self):
        days = {"coming": 30, "due": 2, "overdue": -1}
        events = [{"id": name, "title": name, "due_on": self.day(d)} for name, d in days.items()]
        self.offer(*events, {"id": "done", "title": "done", "due_on": self.day(-5), "done": True})
        self.mine.action_pull()
        found = self.mine.search([])
        self.assertEqual({one.name: one.state for one in found}, {n: n for n in [*days, "done"]})
        self.assertEqual(found[0].amount, 100.0)

    def test_days_pass_while_the_service_is_down(self):
        self.offer({"id": "a", "title": "A", "due_on": self.day(4)})
        self.mine.action_pull()
        event = self.mine.search([])
        self.assertFalse(event.activity_ids)
        self.mood("down")
        tomorrow = fields.Date.today() + timedelta(days=1)
        with patch.object(fields.Date, "context_today", lambda *_args: tomorrow):
            self.env["moedelo.tax.calendar"]._cron_pull()
            self.env["moedelo.tax.calendar"]._cron_pull()
        self.assertEqual(event.state, "due")
        self.assertEqual(event.activity_ids.user_id, self.operator)
        self.assertEqual(len(event.activity_ids), 1)

    def test_what_is_done_reminds_nobody_and_what_is_gone_leaves(self):
        self.offer({"id": "a", "title": "A", "due_on": self.day(1)},
                   {"id": "b", "title": "B", "due_on": self.day(1)})  # fmt: skip
        self.mine.action_pull()
        self.assertEqual(len(self.mine.search([]).activity_ids), 2)
        self.offer({"id": "a", "title": "A, уточнено", "due_on": self.day(1), "done": True})
        self.mine.action_pull()
        event = self.mine.search([])
        self.assertEqual((event.name, event.state), ("A, уточнено", "done"))
        self.assertFalse(event.activity_ids)

    def test_pay_fills_the_budget_boxes(self):
        self.offer_examples()
        self.mine.action_pull()
        event = self.mine.search([("external_id", "=", "ndfl")])
        payment = self.mine.env["account.payment"].browse(event.action_pay()["res_id"])
        self.assertEqual((payment.state, payment.amount), ("draft", 15600.0))
        self.assertEqual(payment.currency_id.name, "RUB")
        self.assertEqual(payment.rouble_kbk, "18201061201010000510")
        self.assertEqual(payment.rouble_payer_status, "01")
        self.assertEqual(payment.rouble_purpose, "Единый налоговый платеж")
        self.assertEqual(payment.partner_bank_id.sanitized_acc_number, "03100643000000018500")
        self.assertFalse(payment.partner_bank_id.allow_out_payment)
        self.assertEqual(payment.partner_id.vat, "7727406020")
        # a second click opens the same payment; after it was given up, a new one is made
        self.assertEqual(event.action_pay()["res_id"], payment.id)
        payment.sudo().action_cancel()
        self.assertNotEqual(event.action_pay()["res_id"], payment.id)
