# SPDX-License-Identifier: LGPL-3.0-only
"""Rouble orders on their way through DirectBank, from inside Odoo."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import UserError

from ...protocol import errors
from ...protocol.banks.directbank import DirectBank
from .common import RoubleCase


class TestRoubleSending(RoubleCase):
    def setUp(self):
        super().setUp()
        self.ready()

    def send_one(self, **more):
        """(order, package) of one payment, handed over."""
        payment = self.make_payment(**more)
        package = self.send(payment)
        return payment.bank_order_ids, package

    # -------------------------------------------------------------------------
    # REFUSED
    # -------------------------------------------------------------------------

    def test_same_number_and_date_twice(self):
        first, second = self.make_payment(), self.make_payment()
        first.rouble_document_number = second.rouble_document_number = "7"
        self.send(first)
        package = self.send(second)
        self.assertEqual(self.ask(package), "rejected")
        order = second.bank_order_ids
        self.assertEqual((order.bank_state, order.bank_code), ("rejected", "2203"))
        self.assertIn("same number and date", order.bank_reason)
        self.assertEqual(second.state, "rejected")
        self.assertEqual(first.state, "in_process")

    def test_packet_id_twice_is_unknown_until_asked(self):
        self.give_certificate()
        order, package = self.send_one()
        package._set_state("signed")
        self.send_again(package)
        self.assertEqual(package.state, "unknown")
        self.assertEqual(self.ask(package), "accepted")
        self.assertEqual(order.bank_state, "accepted")
        self.run_bank()
        self.assertEqual(len(self.sandbox.ledger()), 1)

    def send_again(self, package):
        package._mark_to_send()
        self.env["bank.package"].sudo()._cron_send()

    def test_signature_of_another_order_never_leaves_the_house(self):
        self.give_certificate()
        payment = self.make_payment()
        package = self.prepare(payment).package_id
        package.action_sign()
        other = self.prepare(self.make_payment()).package_id
        other.action_sign()
        package.signature_ids.sudo().content = other.signature_ids.content
        self.send_again(package)
        self.assertEqual(package.state, "signed")
        self.assertTrue(package.bank_reason)
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])

    def test_unregistered_certificate(self):
        self.give_certificate()
        package = self.prepare(self.make_payment()).package_id
        package.action_sign()
        # The bank forgets everything, its customer's certificate as well.
        self.sandbox.post("/control/reset", now="2026-03-10T10:00:00Z")
        self.env["bank.session"].sudo().search([])._end("test", tell_bank=False)
        self.log_in()
        self.send_again(package)
        self.assertEqual(package.state, "rejected")
        self.assertIn("[1101]", package.bank_reason)

    def test_key_on_the_server_signs_only_when_allowed(self):
        self.give_certificate(may_sign=False)
        package = self.prepare(self.make_payment()).package_id
        with self.assertRaisesRegex(UserError, "may not sign payments"):
            package.action_sign()
        self.assertFalse(package.signature_ids)

    def test_session_that_ended_gives_the_package_back(self):
        package = self.prepare(self.make_payment()).package_id
        package.action_send()
        self.sandbox.post("/control/end-sessions")
        self.env["bank.package"].sudo()._cron_send()
        self.assertIn(package.state, ("prepared", "unknown"))
        self.assertFalse(self.sandbox.get("/control/packages")["packages"])
        # Settled by asking in a new session, never by sending once more.
        self.env["bank.session"].sudo().search([])._end("test", tell_bank=False)
        self.log_in()
        if package.state == "unknown":
            self.assertEqual(self.ask(package), "unknown")
            self.assertTrue(package.not_known_since)

    def test_notices_twice_out_of_order_and_of_strangers(self):
        order, package = self.send_one()
        about = order.end_to_end_id
        for document, status in (("never-sent", "03"), (about, "04"), (about, "04"), (about, "01")):
            self.sandbox.post(
                "/control/directbank/notice", client="RU000001", document=document, status=status
            )
            self.sandbox.post("/control/clock", seconds=1)
        self.assertEqual(self.ask(package), "accepted")
        self.assertEqual(order.bank_status, "Принят")
        # "Executed", says the bank: no statement has proved it.
        self.sandbox.post(
            "/control/directbank/notice", client="RU000001", document=about, status="02"
        )
        self.assertEqual(self.ask(package), "accepted")
        self.assertEqual((order.bank_state, order.bank_status), ("accepted", "Исполнен"))

    def test_packet_too_large(self):
        settings = self.sandbox.post("/control/settings", directbank_limit=100)
        self.assertEqual(settings["directbank_limit"], 100)
        self.addCleanup(self.sandbox.post, "/control/settings", directbank_limit=10_000_000)
        order, package = self.send_one()
        self.assertEqual(package.state, "rejected")
        self.assertIn("[2003]", package.bank_reason)
        self.assertEqual(order.payment_id.state, "rejected")

    def test_lost_answer_is_settled_by_asking(self):
        for kind, taken in (("drop_after", True), ("garbage", True), ("drop_before", False)):
            with self.subTest(kind):
                self.sandbox.fault("SendPack", kind)
                _order, package = self.send_one()
                self.assertEqual(package.state, "unknown")
                with self.assertRaises(UserError):
                    package.action_hand_over_again()
                self.assertEqual(self.ask(package) != "unknown", taken)

    def test_statement_of_another_account(self):
        self.sandbox.fault("Statement", "wrong_account_statement")
        until = fields.Date.today() - timedelta(days=1)
        wizard = self.fetch(until - timedelta(days=6), until)
        document = wizard.document_ids
        self.assertTrue(not document or document.state == "failed", wizard.result)
        self.assertFalse(self.journal._bank_feed().fetched_until)

    def test_statement_with_entities(self):
        self.sandbox.fault("GetPack", "entity_bomb", count=20)
        until = fields.Date.today() - timedelta(days=1)
        try:
            wizard = self.fetch(until - timedelta(days=6), until)
            words = wizard.result
        except UserError as error:
            words = str(error)
        self.assertNotIn("Traceback", words)
        self.assertFalse(self.journal._bank_feed().fetched_until)

    # -------------------------------------------------------------------------
    # ON ITS WAY
    # -------------------------------------------------------------------------

    def test_signed_order_is_executed_by_the_statement(self):
        self.give_certificate()
        bill_payment = self.make_payment(amount=1500, memo="Счёт № 15")
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, bill_payment.ids)]})
        wizard.action_send()
        order = bill_payment.bank_order_ids
        package = order.package_id
        self.assertEqual(len(package.signature_ids), 1)
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual((package.state, order.bank_state), ("sent", "sent"))
        self.assertEqual(self.ask(package), "accepted")
        self.assertEqual(order.bank_status, "Принят")
        self.assertEqual(package.document_ids[:1].format, "directbank.notice")
        self.run_bank()
        self.assertEqual(self.ask(package), "accepted")
        self.sandbox.post("/control/clock", days=1)
        with freeze_time("2026-03-11T10:00:00", tick=True):
            day = fields.Date.to_date("2026-03-10")
            wizard = self.fetch(day, day)
        self.assertEqual(order.bank_state, "executed", wizard.result)
        self.assertEqual(package.state, "executed")
        self.assertEqual(order.statement_line_id.amount, -1500)
        self.assertEqual(bill_payment.state, "paid")
        self.assertEqual(str(order.executed_on), "2026-03-10")

    def test_a_bank_as_payee_is_paid_without_an_account(self):
        bank = self.supplier.bank_ids.bank_id
        card = (
            self.env["res.partner.bank"]
            .sudo()
            .create(
                {
                    "acc_number": bank.corr_account,
                    "partner_id": self.supplier.id,
                    "bank_id": bank.id,
                    "allow_out_payment": True,
                }
            )
        )
        self.give_certificate()
        self.account.action_test_connection()
        payment = self.make_payment(amount=700, partner_bank_id=card.id)
        order = self.prepare(payment)
        self.assertEqual(order.payee_account, bank.corr_account)
        package = order.package_id
        package.action_sign()
        package.action_send()
        self.env["bank.package"].sudo()._cron_send()
        self.run_bank()
        self.assertEqual(self.ask(package), "accepted")
        (moved,) = [m for m in self.sandbox.ledger() if m["end_to_end_id"] == order.end_to_end_id]
        self.assertFalse(moved["party_account"])
        self.assertNotIn(bank.corr_account, str(order._rouble_print()["payee_account"]))

    def test_unsigned_order_waits_for_the_phone(self):
        order, package = self.send_one()
        self.assertEqual(self.ask(package), "waiting")
        self.assertEqual(order.bank_status, "Не подтвержден")
        self.sandbox.phone("demo-ru")
        self.assertEqual(self.ask(package), "accepted")

    def test_no_money(self):
        order, package = self.send_one(amount=9_000_000)
        self.sandbox.phone("demo-ru")
        self.run_bank()
        self.assertEqual(self.ask(package), "paused")
        self.assertEqual((order.bank_state, order.bank_status), ("paused", "Приостановлен"))

    def test_answer_that_comes_later_changes_nothing(self):
        order, package = self.send_one()
        asked = errors.Later({})
        with patch.object(DirectBank, "status", side_effect=asked):
            package.action_refresh_status()
        self.assertEqual((order.bank_state, package.state), ("sent", "sent"))
        self.assertTrue(package.asked_at)
        self.assertTrue(package.ask_next_at)

    # -------------------------------------------------------------------------
    # RECALL
    # -------------------------------------------------------------------------

    def recall(self, order, reason="Ошибка в сумме"):
        order.action_recall()
        wizard = self.env["bank.recall"].create({"order_id": order.id, "reason": reason})
        return wizard.action_recall()

    def test_recalled_order_opens_the_payment_again(self):
        order, package = self.send_one()
        self.recall(order)
        if order.bank_state != "recalled":
            self.ask(package)
        self.assertEqual((order.bank_state, package.state), ("recalled", "recalled"))
        self.assertEqual(order.payment_id.state, "rejected")
        self.run_bank()
        self.assertFalse(self.sandbox.ledger())
        with self.assertRaisesRegex(UserError, "cannot be recalled"):
            self.recall(order)

    def test_too_late_to_recall(self):
        order, package = self.send_one()
        self.sandbox.phone("demo-ru")
        self.run_bank()
        action = self.recall(order)
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("does not recall", action["params"]["message"])
        self.assertEqual(self.ask(package), "accepted")
        self.assertEqual(order.payment_id.state, "in_process")
