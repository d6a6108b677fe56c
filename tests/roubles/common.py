# SPDX-License-Identifier: LGPL-3.0-only
"""What the tests of rouble orders share: a Russian company, its bank and a supplier."""

import base64
from datetime import timedelta
from unittest.mock import patch

import requests
from odoo.tools import SQL

from ...protocol.banks.directbank import DirectBank
from ..common import BankCase

OWN = "40702810700000000001"
PAYEE = "40702810655000000101"


class RoubleCase(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rub = cls.env.ref("base.RUB")
        rub.active = True
        cls.bank = cls.env["res.bank"].create(
            {
                "name": "ПАО ПРИМЕР БАНК",
                "city": "г. Москва",
                "bank_bik": "044525901",
                "corr_account": "30101810545250000901",
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
        cls.account = cls.make_account(cls.company, OWN, "RU000001")
        partner = cls.company.partner_id.with_context(no_vat_validation=True)
        partner.write({"vat": False, "name": "ООО Демо Торговля", "bank_kpp": "770101001"})
        partner.vat = "7701000019"
        cls.journal = cls.make_journal(cls.company, cls.account, "RUB", rub)
        cls.supplier = cls.make_rouble_supplier()

    @classmethod
    def make_rouble_supplier(cls):
        bank = cls.env["res.bank"].create(
            {
                "name": "СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР",
                "city": "г. Санкт-Петербург",
                "bank_bik": "044030653",
                "corr_account": "30101810500000000653",
            }
        )
        partner = cls.env["res.partner"].with_context(no_vat_validation=True)
        partner = partner.create(
            {
                "name": "ООО Бумага и Офис",
                "is_company": True,
                "vat": "RU7813002014",
                "bank_kpp": "781301001",
                "country_id": cls.env.ref("base.ru").id,
            }
        )
        cls.env["res.partner.bank"].create(
            {
                "acc_number": PAYEE,
                "partner_id": partner.id,
                "bank_id": bank.id,
                "allow_out_payment": True,
            }
        )
        return partner

    def log_in(self, account=None, login="demo-ru"):
        session = self.env["bank.session"]._of_account(account or self.account)
        session = session.with_env(self.env)
        session.dialog_start("mobile")
        waiting = self.sandbox.get(f"/phone/api/users/{login}")["challenges"]
        shown = next(challenge for challenge in waiting if challenge["kind"] == "otp")
        self.assertEqual(session.dialog_answer(shown["code"])["state"], "open")
        return session

    def ready(self):
        """Logged in, and the connection tested."""
        self.log_in()
        self.account.action_test_connection()

    def ask(self, package):
        package.action_refresh_status()
        return package.state

    def fetch(self, since, until):
        """Fetches statements; a typed code when the bank has ended the session meanwhile."""
        self.env["bank.session"].sudo().search([])._end("test", tell_bank=False)
        self.log_in()
        wizard = self.env["bank.fetch"].create(
            {"journal_id": self.journal.id, "date_from": since, "date_to": until}
        )
        wizard.action_fetch()
        return wizard

    def run_bank(self):
        self.sandbox.post("/control/run")

    def last_days_left_out(self, days):
        """The bank's statements end so many days before they were asked to."""
        whole = DirectBank._statement

        def shorter(bank, session, account, kind, since, until, resume):
            last = until - timedelta(days=days)
            return whole(bank, session, account, kind, since, last, resume)

        return patch.object(DirectBank, "_statement", shorter)

    def give_certificate(self, may_sign=True):
        """The operator's certificate as a file on the server, as the sandbox gives it."""
        data = self.sandbox_file("/demo/demo-ru.p12")
        certificates = self.env["bank.certificate"].sudo()
        certificate = certificates._register_pkcs12(self.user.sudo(), data, "demo")
        certificate.may_sign_payments = may_sign
        self.operator.sudo().certificate_id = certificate  # this ends the session
        self.log_in()
        return certificate

    def sandbox_file(self, path):
        return base64.b64encode(requests.get(f"{self.sandbox.url}{path}", timeout=10).content)

    def keep(self, bank, name, value):
        """As a database has it whose cards were not checked yet."""
        bank.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE res_bank SET %s = %s WHERE id = %s", SQL.identifier(name), value, bank.id)
        )
        bank.invalidate_recordset()

    def problems(self, payment):
        return [str(item) for item in self.env["bank.order"]._problems_of_payments(payment)]

    def no_patience(self):
        """As if the bank took longer than anybody waits."""
        return patch.object(DirectBank, "patience", ())
