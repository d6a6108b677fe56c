# SPDX-License-Identifier: LGPL-3.0-only
"""Several accounts of one client pay in one package; those of another client never do."""

from odoo.exceptions import UserError

from ..common import ACCOUNT, BankCase

SECOND = "PL92114010100000100000010002"
FOREIGN = "PL70114010100000100000020001"


class TestSeveralAccounts(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_account = cls.make_account(cls.company, SECOND, "10000001")
        cls.second = cls.make_journal(cls.company, cls.second_account, "BW2")

    def pay_from(self, journal, amount, memo):
        payment = self.make_payment(amount, memo=memo, post=False)
        line = journal.outbound_payment_method_line_ids.filtered(
            lambda item: item.code == "bank_webservice"
        )
        payment.write({"journal_id": journal.id, "payment_method_line_id": line.id})
        payment.action_post()
        return payment

    def two_payments(self):
        return self.make_payment(100, memo="FV 1") | self.pay_from(self.second, 200, "FV 2")

    def prepare(self, payments):
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payments.ids)]})
        wizard.action_prepare()
        return payments.bank_order_id.package_id

    def test_accounts_of_another_client_have_a_package_of_their_own(self):
        self.second_account.sudo().write({"acc_number": FOREIGN, "client_identifier": "10000002"})
        packages = self.prepare(self.two_payments())
        self.assertEqual(len(packages), 2)
        self.assertEqual([len(package.order_ids) for package in packages], [1, 1])

    def test_another_format_is_another_package(self):
        self.second.sudo().package_format = "pain.001.001.03"
        self.journal.sudo().package_format = "pain.001.001.09"
        self.assertEqual(len(self.prepare(self.two_payments())), 2)

    def test_untested_second_account_stops_the_whole_package(self):
        self.log_in()
        self.account.action_test_connection()
        package = self.prepare(self.two_payments())
        self.assertEqual(len(package), 1)
        with self.assertRaisesRegex(UserError, "0001 0002 was not tested"):
            package.action_send()

    def test_account_that_went_to_another_client_stops_the_package(self):
        self.log_in()
        package = self.prepare(self.two_payments())
        self.second_account.sudo().write({"client_identifier": "10000002"})
        self.tested()
        with self.assertRaisesRegex(UserError, "do not belong to one client"):
            package.action_send()

    def tested(self):
        self.bank.sudo().webservice_tested_at = "2026-03-10 09:00:00"
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        (self.account | self.second_account).sudo().write(
            {"webservice_tested_at": "2026-03-10 09:00:00", "webservice_tested_uuid": uuid}
        )

    def test_package_waits_for_a_signature_on_the_card_of_each_account(self):
        self.log_in()
        self.operator.sudo().certificate_id = self.give_certificate(self.user, "jan")
        package = self.prepare(self.two_payments())
        self.prepare(self.pay_from(self.second, 300, "FV 3"))
        both = self.journal | self.second
        data = both.with_user(self.user)._get_journal_dashboard_data_batched()
        counts = [data[journal.id]["bank_webservice"]["to_sign"] for journal in both]
        self.assertEqual(counts, [1, 2])
        opened = self.journal.with_user(self.user).action_packages_to_sign()
        self.assertEqual(opened["res_id"], package.id)
        self.assertEqual(len(self.second.with_user(self.user)._to_sign()), 2)

    def test_another_account_costs_the_cards_no_question_about_signing(self):
        self.prepare(self.two_payments())
        both = (self.journal | self.second).with_user(self.user)
        both._packages_to_sign_count()  # what Odoo remembers from then on
        questions = []
        for journals in (both[:1], both):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            journals._packages_to_sign_count()
            questions.append(self.cr.sql_log_count - before)
        self.assertEqual(*questions)

    def test_strictest_limit_asks_for_a_second_person(self):
        self.journal.sudo().two_signers_above = 1000
        self.second.sudo().two_signers_above = 250
        package = self.prepare(self.two_payments())
        self.assertIn("300", package.two_signers_reason)

    def test_each_account_is_debited_with_its_own_payments(self):
        self.log_in()
        self.tested()
        payments = self.two_payments()
        package = self.send(payments)
        self.assertEqual(len(package), 1)
        self.assertIn(package.state, ("sent", "waiting", "accepted"))
        self.assertEqual(package.total, 300)
        orders = package.order_ids.sorted("amount")
        self.assertEqual([order.payer_account[-26:] for order in orders], [ACCOUNT[2:], SECOND[2:]])
        content = package._raw_content().decode()
        self.assertEqual(content.count("<PmtInf>"), 2)
        for number in (ACCOUNT, SECOND):
            self.assertIn(number[2:], content)
