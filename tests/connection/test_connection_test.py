# SPDX-License-Identifier: LGPL-3.0-only
"""*Test connection*: whose account is asked for, how often the bank sees a log-in, and no error."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from ..common import GROUPS, BankCase

SECOND_ACCOUNT = "PL92114010100000100000010002"


class ConnectionTestCase(BankCase):
    def setUp(self):
        super().setUp()
        self.jan = self.make_user("jan", self.company)
        self.make_operator(self.jan, "jan")

    def make_user(self, login, company, groups=GROUPS):
        return new_test_user(
            self.env(su=True),
            f"bank_{login}",
            groups=f"base.group_user,{groups}",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def result_of_test(self, account=None, user=None):
        account = (account or self.account).with_user(user or self.jan)
        return self.env["bank.connection.test"].browse(account.action_test_connection()["res_id"])

    def calls(self, *operations):
        domain = [("operation", "in", operations)] if operations else []
        return self.env["bank.call"].sudo().search(domain)


class TestOtherCompany(ConnectionTestCase):
    def setUp(self):
        super().setUp()
        self.other = self.env["res.company"].sudo().create({"name": "Other"})
        self.foreigner = self.make_user("ewa", self.other)
        self.make_operator(self.foreigner, "ewa")

    def test_operator_of_another_company_asks_for_no_account_of_this_one(self):
        bare = self.make_account(self.company, SECOND_ACCOUNT, "10000001")
        for account in (self.account, bare):
            with self.subTest(account.acc_number), self.assertRaises(UserError):
                wizard = self.result_of_test(account, self.foreigner)
                self.assertFalse(wizard.good, "the balance was read")
                raise UserError(wizard.result)
            self.assertFalse(account.sudo().webservice_tested_at)
        self.assertFalse(self.calls(), "not one call")

    def test_rows_for_another_companys_journal_or_order_cannot_be_made(self):
        fetch = self.env["bank.fetch"].with_user(self.foreigner)
        with self.assertRaises(AccessError):
            fetch.create({"journal_id": self.journal.id})
        own = self.env["bank.fetch"].create({"journal_id": self.journal.id})
        self.assertEqual(own.journal_id, self.journal)
        payment = self.make_payment()
        self.prepare(payment)
        values = {"order_id": payment.bank_order_id.id}
        with self.assertRaises(AccessError):
            self.env["bank.recall"].with_user(self.foreigner).create(values)
        self.assertTrue(self.env["bank.recall"].create(values))

    def test_who_may_not_keep_a_result_makes_no_call(self):
        reader = self.make_user("reader", self.company, "bank_webservice.group_signer")
        with self.assertRaises(AccessError):
            self.result_of_test(user=reader)
        self.assertFalse(self.calls())


class TestEndedSession(ConnectionTestCase):
    def test_session_that_the_bank_ended_takes_one_log_in_and_all_goes_on_in_it(self):
        self.result_of_test()
        before = len(self.calls("log_in"))
        self.sandbox.post("/control/end-sessions", login="jan")
        result = self.result_of_test()
        self.assertTrue(result.good, result.result)
        self.assertIn("balance was read", result.result)
        self.assertEqual(len(self.calls("log_in")) - before, 1)
        living = self.env["bank.session"].sudo().search([("state", "=", "open")])
        self.assertEqual(len(living), 1)

    def test_bank_that_ends_every_session_at_once_is_said_after_one_log_in(self):
        self.sandbox.fault("GetAccounts", "session_lost", count=9)
        result = self.result_of_test()
        self.assertFalse(result.good)
        self.assertEqual(len(self.calls("log_in")), 1)

    def test_statements_and_balance_go_on_in_the_session_that_took_its_place(self):
        session = self.env["bank.session"].with_user(self.jan)._require(self.account)
        self.sandbox.post("/control/end-sessions", login="jan")
        before = len(self.calls("log_in"))
        for _again in range(3):
            session._read("accounts", lambda bank, s: bank.accounts(s, None))
        self.assertEqual(len(self.calls("log_in")) - before, 1)


class TestWhereItIsPutRight(ConnectionTestCase):
    def assert_leads_to(self, record):
        result = self.result_of_test().result
        self.assertIn(f'href="/odoo/{record._name}/{record.id}"', result)
        self.assertEqual(result.count("href"), 1)

    def test_line_of_what_fails_leads_to_the_record_that_mends_it(self):
        self.journal.sudo().currency_id = self.env.ref("base.EUR")
        self.assert_leads_to(self.journal)
        self.account.sudo().acc_number = "PL70114010100000100000020001"
        self.assert_leads_to(self.account)
        self.bank.sudo().webservice_address = "http://127.0.0.1:9/mbank/ws"
        self.jan.sudo().group_ids |= self.env.ref("bank_webservice.group_administrator")
        self.assert_leads_to(self.bank)


class TestWithoutJournal(ConnectionTestCase):
    def test_account_without_a_journal_is_tested_too(self):
        account = self.make_account(self.company, SECOND_ACCOUNT, "10000001")
        result = self.result_of_test(account)
        self.assertIn("balance was read", result.result)
        self.assertIn("zł", result.result)
