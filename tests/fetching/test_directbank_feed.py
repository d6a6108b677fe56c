# SPDX-License-Identifier: LGPL-3.0-only
"""DirectBank from inside Odoo: log-in by a typed code, balance and statement that come later."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from ...protocol.banks.directbank import DirectBank
from ..common import BankCase

ACCOUNT = "40702810700000000001"


class TestDirectBankFeed(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rub = cls.env.ref("base.RUB")
        rub.active = True
        cls.bank = cls.env["res.bank"].create(
            {
                "name": "ПАО ПРИМЕР БАНК",
                "bank_channel": "directbank",
                "webservice_address": f"{cls.sandbox.url}/directbank",
                "webservice_timeout": 10,
            }
        )
        cls.operator = cls.env["bank.operator"].create(
            {
                "bank_id": cls.bank.id,
                "user_id": cls.user.id,
                "login": "demo-ru",
                "new_password": "demo-ru",
                "default_method": "mobile",
            }
        )
        cls.account = cls.make_account(cls.company, ACCOUNT, "RU000001")
        cls.account.clearing_number = "044525901"
        cls.company.partner_id.write({"vat": False})
        cls.company.partner_id.with_context(no_vat_validation=True).vat = "7701000019"
        cls.journal = cls.make_journal(cls.company, cls.account, "RUB", rub)

    def log_in(self, account=None, login="demo-ru"):
        session = self.env["bank.session"]._of_account(account or self.account)
        session = session.with_env(self.env)
        self.assertEqual(session.dialog_start("mobile")["state"], "waiting")
        (shown,) = self.sandbox.get(f"/phone/api/users/{login}")["challenges"]
        self.assertEqual(session.dialog_answer("000000")["state"], "waiting")
        self.assertEqual(session.dialog_answer(shown["code"])["state"], "open")
        return session

    def no_patience(self):
        """As if the bank took longer than anybody waits."""
        return patch.object(DirectBank, "patience", ())

    def fetch(self, since, until):
        wizard = self.env["bank.fetch"].create(
            {"journal_id": self.journal.id, "date_from": since, "date_to": until}
        )
        wizard.action_fetch()
        return wizard

    def test_the_connection_is_tested_without_a_list_of_accounts(self):
        self.log_in()
        action = self.account.action_test_connection()
        result = self.env["bank.connection.test"].browse(action["res_id"])
        self.assertTrue(result.good, result.result)
        self.assertIn("answered a test message", result.result)

    def test_a_test_message_that_is_answered_later_fails_nothing(self):
        self.log_in()
        with self.no_patience():
            action = self.account.action_test_connection()
        result = self.env["bank.connection.test"].browse(action["res_id"])
        self.assertTrue(result.good, result.result)
        self.assertIn("took the test message", result.result)

    def test_an_account_of_somebody_else_is_named(self):
        self.log_in()
        self.account.sudo().acc_number = "40702810300000000003"
        action = self.account.action_test_connection()
        result = self.env["bank.connection.test"].browse(action["res_id"])
        self.assertFalse(result.good)
        self.assertIn("1013", result.result)

    def test_a_balance_that_comes_later_is_asked_once(self):
        self.log_in()
        feed = self.journal._bank_feed()
        with self.no_patience():
            action = self.journal.action_refresh_balance()
        self.assertEqual(action["tag"], "display_notification")
        self.assertFalse(feed.balance_at)
        asked = feed.awaited["balance"]["state"]["request"]
        self.journal.action_refresh_balance()
        self.assertTrue(feed.balance_at)
        accounts = self.sandbox.get("/control/accounts")["accounts"]
        (own,) = [account for account in accounts if account["number"].endswith(ACCOUNT)]
        self.assertEqual(feed.balance_booked, float(own["balance"]))
        self.assertFalse(feed.awaited, f"request {asked} was answered")

    def test_a_statement_that_comes_later_moves_nothing_before_it_is_there(self):
        self.log_in()
        until = fields.Date.today() - timedelta(days=1)
        since = until - timedelta(days=6)
        feed = self.journal._bank_feed()
        with self.no_patience():
            wizard = self.fetch(since, until)
        self.assertIn("preparing", wizard.result)
        self.assertFalse(feed.fetched_until)
        wizard = self.fetch(since, until)
        self.assertEqual(feed.fetched_until, until)
        self.assertFalse(feed.last_error)
        self.assertEqual(wizard.document_ids.format, "directbank.statement")
        self.assertIn("New entries", wizard.result)
        self.assertIn("Nothing new", self.fetch(since, until).result)
