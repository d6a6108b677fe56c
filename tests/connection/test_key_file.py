# SPDX-License-Identifier: LGPL-3.0-only
"""A certificate with its key on the server (PKCS#12): logs in and reads, and rarely signs."""

import base64
from unittest.mock import patch

import requests
from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tools import config

from ..common import BankCase

PASSWORD = "demo"  # of the sandbox's key files


class TestKeyFile(BankCase):
    def setUp(self):
        super().setUp()
        self.operator.sudo().write({"login": "jan", "default_method": "certificate"})
        answer = requests.get(f"{self.sandbox.url}/demo/jan.p12", timeout=10)
        self.key_file = base64.b64encode(answer.content)

    def upload(self, content=None, password=PASSWORD):
        wizard = self.env["bank.certificate.upload"].create(
            {"content": content or self.key_file, "password": password}
        )
        action = wizard.action_upload()
        return self.env["bank.certificate"].browse(action["res_id"])

    def use(self):
        certificate = self.upload()
        self.operator.sudo().certificate_id = certificate
        return certificate

    def test_wrong_password(self):
        with self.assertRaisesRegex(UserError, "wrong password"):
            self.upload(password="other")

    def test_file_of_another_kind(self):
        with self.assertRaises(UserError):
            self.upload(base64.b64encode(b"hello"))

    def test_file_and_password_cannot_be_read_back(self):
        certificate = self.upload()
        for field in ("pkcs12_sealed", "password_sealed"):
            with self.assertRaises(AccessError):
                certificate.read([field])
        self.env.flush_all()
        query = "SELECT pkcs12_sealed, password_sealed FROM bank_certificate WHERE id = %s"
        self.env.cr.execute(query, [certificate.id])
        sealed_file, sealed_password = self.env.cr.fetchone()
        self.assertNotIn(self.key_file.decode()[:40], sealed_file)
        self.assertNotIn(PASSWORD, sealed_password)

    def test_a_refused_upload_leaves_nothing_to_read_in_the_dialog(self):
        wizard = self.env["bank.certificate.upload"].create(
            {"content": self.key_file, "password": "not-the-right-one"}
        )
        with self.assertRaisesRegex(UserError, "wrong password"), self.env.cr.savepoint():
            wizard.action_upload()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT row_to_json(d)::text FROM bank_certificate_upload d WHERE id = %s", [wizard.id]
        )
        kept = self.env.cr.fetchone()[0]
        self.assertNotIn("not-the-right-one", kept)
        self.assertNotIn(self.key_file.decode()[:40], kept)
        self.env.invalidate_all()
        self.assertFalse(wizard.read(["content", "password"])[0]["content"])

    def test_upload_without_a_file(self):
        wizard = self.env["bank.certificate.upload"].create({"password": "x"})
        with self.assertRaisesRegex(UserError, "Choose the file"):
            wizard.action_upload()

    def test_wrong_key_of_the_server_is_said_in_words(self):
        with (
            patch.dict(config.options, {"bank_webservice_secret_key": "main:short"}),
            self.assertRaisesRegex(UserError, "Secret key number 1 cannot be used"),
        ):
            self.upload()

    def test_the_dialog_keeps_neither(self):
        self.upload()
        self.assertFalse(self.env["bank.certificate.upload"].sudo().search([]))

    def test_logs_in_without_a_person(self):
        self.use()
        self.journal.action_refresh_balance()
        self.assertTrue(self.journal._bank_feed().balance_booked)

    def test_does_not_sign_payments_unless_an_administrator_allows_it(self):
        certificate = self.use()
        self.trust_connection()
        payment = self.make_payment()
        self.prepare(payment)
        package = payment.bank_order_id.package_id
        with self.assertRaisesRegex(UserError, "may not sign payments"):
            package.action_sign()
        with self.assertRaises(AccessError):
            certificate.may_sign_payments = True
        certificate.with_user(SUPERUSER_ID).may_sign_payments = True
        package.action_sign()
        self.assertEqual(package.state, "signed")

    def test_revoked_key_file_neither_logs_in_nor_signs(self):
        certificate = self.use()
        certificate.action_revoke()
        self.assertFalse(self.operator._needs_nobody())
        session = self.env["bank.session"]._of_account(self.account).with_env(self.env)
        with self.assertRaisesRegex(UserError, "revoked"):
            session.dialog_start("certificate")
