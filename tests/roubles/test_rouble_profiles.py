# SPDX-License-Identifier: LGPL-3.0-only
"""DirectBank banks as their settings (document 06) say, from the first log-in to the entry."""

import base64

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import RoubleCase


class TestRoubleProfiles(RoubleCase):
    def setUp(self):
        super().setUp()
        self.operator.sudo().new_statement_password = "demo-ru"
        self.boss = new_test_user(
            self.env(su=True),
            "ru_boss",
            groups="base.group_user,account.group_account_manager,"
            "bank_webservice.group_administrator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.addCleanup(self.be, "plain")

    def be(self, profile):
        self.sandbox.post("/control/settings", directbank_profile=profile)

    def settings_file(self, **more):
        """Document 06 as the bank gives it, in base64."""
        values = {"client": "RU000001", "inn": "7701000019", "version": "2.2.2", **more}
        text = (
            '<Settings xmlns="http://directbank.1c.ru/XMLSchema" id="a" formatVersion="2.3.2">'
            '<Sender bic="044525901" name="БАНК"/>'
            '<Recipient id="{client}" name="ООО Демо" inn="{inn}" kpp="770101001"/><Data>'
            "<CustomerID>{client}</CustomerID><FormatVersion>{version}</FormatVersion>"
            '<Document docKind="10"><Signed><RuleSignatures>(11)</RuleSignatures></Signed>'
            "</Document></Data></Settings>"
        )
        return base64.b64encode("\ufeff".encode() + text.format(**values).encode())

    def upload(self, **more):
        self.account.with_user(self.boss).agreement_file = self.settings_file(**more)

    # -------------------------------------------------------------------------
    # REFUSED
    # -------------------------------------------------------------------------

    def test_a_file_that_is_none(self):
        for content in (b"", b"<Settings/>", b"\x00\xff"):
            with self.subTest(content), self.assertRaisesRegex(UserError, "no file with the exch"):
                self.account.sudo()._take_agreement_file(base64.b64encode(content))

    def test_the_file_of_another_company(self):
        with self.assertRaisesRegex(UserError, "7802000022, not 7701000019"):
            self.upload(inn="7802000022")
        self.assertFalse(self.account.agreement_words)

    def test_only_an_administrator_uploads_it_and_nobody_writes_it(self):
        somebody = new_test_user(
            self.env(su=True),
            "ru_contacts",
            groups="base.group_partner_manager,bank_webservice.group_operator",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        account = self.account.with_user(somebody)
        with self.assertRaises(AccessError):
            account.agreement_file = self.settings_file()
        with self.assertRaises(AccessError):
            self.account.bank_agreement = "{}"

    def test_settings_of_another_client_identifier_are_forgotten(self):
        self.upload()
        self.account.with_user(self.boss).client_identifier = "RU000002"
        self.assertFalse(self.account.agreement_words)

    # -------------------------------------------------------------------------
    # KEPT
    # -------------------------------------------------------------------------

    def test_a_file_says_who_the_company_is_and_how_it_signs(self):
        self.account.with_user(self.boss).client_identifier = False
        self.upload()
        self.assertEqual(self.account.client_identifier, "RU000001")
        words = self.account.agreement_words
        self.assertIn("RU000001: ООО Демо, INN 7701000019, KPP 770101001", words)
        self.assertIn("Version of the formats: 2.2.2", words)
        self.assertIn("Signed, a signature each of the groups 1, 2: payment orders.", words)

    def test_the_guide_takes_the_file_in_place_of_the_client_identifier(self):
        guide = (
            self.env["bank.setup"]
            .with_user(self.boss)
            .create(
                {"bank_id": self.bank.id, "acc_number": "40702810300000000003", "step": "account"}
            )
        )
        guide.agreement_file = base64.b64encode(b"no settings")
        with self.assertRaisesRegex(UserError, "no file with the exchange"):
            guide.action_next()
        guide.agreement_file = self.settings_file()
        guide.action_next()
        self.assertEqual((guide.step, guide.client_identifier), ("operator", "RU000001"))
        self.assertIn("2.2.2", guide.journal_id.bank_account_id.agreement_words)
        self.assertFalse(guide.agreement_file)

    def test_the_guide_asks_for_the_password_that_the_log_in_wants(self):
        guide = self.env["bank.setup"].with_user(self.boss).create(
            {"bank_id": self.bank.id, "journal_id": self.journal.id, "step": "operator"}
        )  # fmt: skip
        self.assertTrue(guide.wants_password)
        guide.write({"user_id": self.boss.id, "login": "demo-ru"})
        with self.env.cr.savepoint(), self.assertRaisesRegex(UserError, "missing: Password"):
            guide.action_next()
        guide.password = "demo-ru"
        guide.invalidate_recordset()
        self.assertFalse(guide.password)
        with self.assertRaises(AccessError):
            guide.read(["password_sealed"])
        guide.action_next()
        self.assertEqual(guide.step, "test")
        self.assertFalse(guide.sudo().password_sealed)
        mine = self.bank.sudo().operator_ids.filtered(lambda one: one.user_id == self.boss)
        self.assertEqual(mine._to_protocol("mobile").secret, "demo-ru")
        mine.password_sealed = False
        self.env.invalidate_all()
        self.assertEqual(guide.reached, "operator")
        mine.default_method = "certificate"  # which wants none
        self.env.invalidate_all()
        self.assertEqual(guide.reached, "test")

    def test_the_password_for_statements_that_nobody_entered_is_asked_for(self):
        self.operator.sudo().statement_password_sealed = False
        self.be("own statement log-in")
        self.log_in()
        steps, good = self.account._test_connection()
        self.assertFalse(good)
        self.assertIn("demo-ru-st", str(steps[-1][1]))

    def test_every_log_in_reads_them_anew(self):
        self.upload()
        self.log_in()
        self.assertIn("Version of the formats: 2.3.2", self.account.agreement_words)

    def test_what_the_bank_changed_meanwhile_is_read_before_the_question_is_repeated(self):
        self.give_certificate()
        self.account.action_test_connection()
        self.be("signs everything")
        self.assertTrue(self.journal.action_refresh_balance())
        self.assertTrue(self.journal._bank_feed().balance_at)
        self.assertIn("payment orders, statement requests.", self.account.agreement_words)

    # -------------------------------------------------------------------------
    # FROM LOG-IN TO ENTRY
    # -------------------------------------------------------------------------

    def test_plain(self):
        self.walk("plain")
        self.assertIn("No signature is wanted", self.account.agreement_words)

    def test_signs_everything(self):
        self.walk("signs everything")
        self.assertIn("payment orders, statement requests.", self.account.agreement_words)

    def test_old_version(self):
        self.walk("old version")
        self.assertIn("2.1.1", self.account.agreement_words)

    def test_compressed(self):
        self.walk("compressed")
        self.assertIn("are compressed", self.account.agreement_words)

    def test_unread_only(self):
        self.walk("unread only")

    def test_own_statement_log_in(self):
        self.walk("own statement log-in")
        self.assertIn("demo-ru-st", self.account.agreement_words)

    def test_everything_at_once(self):
        self.give_certificate()
        self.check_connection()  # an id that the bank changes has been right before
        self.be("everything at once")
        self.again()
        self.walk("everything at once")

    def test_changes_its_customer_id(self):
        self.walk("changes its customer id")
        self.assertIn("RU000001-N", self.account.agreement_words)

    def walk(self, profile):
        """An order is prepared at a plain bank; then it becomes another one."""
        if profile not in ("plain", "changes its customer id"):
            self.be(profile)
        if not self.operator.sudo().certificate_id:
            self.give_certificate()
        self.check_connection()
        payment = self.make_payment(amount=1500)
        package = self.prepare(payment).package_id
        package.action_sign()
        self.be(profile)
        self.again()
        self.check_connection()
        package.action_send()
        self.env["bank.package"].sudo()._cron_send()
        self.assertEqual(package.state, "sent", package.bank_reason)
        # A question for the balance comes first, and finds what the bank says of the order.
        self.assertTrue(self.journal.action_refresh_balance())
        self.assertEqual(self.ask(package), "accepted", package.bank_reason)
        self.run_bank()
        self.sandbox.post("/control/clock", days=1)
        with freeze_time("2026-03-11T10:00:00", tick=True):
            day = fields.Date.to_date("2026-03-10")
            wizard = self.fetch(day, day)
        order = payment.bank_order_ids
        self.assertEqual(order.bank_state, "executed", wizard.result)
        self.assertEqual(payment.state, "paid")

    def again(self):
        """A new session, as on the next morning."""
        self.env["bank.session"].sudo().search([])._end("test", tell_bank=False)
        self.log_in()

    def check_connection(self):
        # As after a person pressed twice: some banks prepare their answer in the meantime.
        steps, good = self.account._test_connection()
        self.assertTrue(good, steps)
        self.account.action_test_connection()
