# SPDX-License-Identifier: LGPL-3.0-only
"""A company at the pretend ING: mutual TLS, no log-in."""

import base64
from datetime import date, timedelta

import requests

from .common import BankCase

CLIENT = "10500001"
PASS = "ERP01"
OWN, OWN_SECOND, OWN_EURO = (
    "PL16105010121000009000010001", "PL86105010121000009000010002", "PL59105010121000009000010003",
)  # fmt: skip
PASSWORD = "demo"


def _working_day():
    """The last Wednesday: certificates live in real time, and banks move money on working days."""
    day = date.today()
    return day - timedelta(days=(day.weekday() - 2) % 7 or 7)


class CdcCase(BankCase):
    """`self.journal` is at ING, which knows the company; nobody is entered as its operator."""

    today = f"{_working_day()}T10:00:00"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        addresses = cls.sandbox.get("/control/addresses")
        cls.ing = cls.env["res.bank"].create(
            {
                "name": "ING",
                "bic": "INGBPLPWXXX",
                "bank_channel": "ing",
                "webservice_address": addresses["ing"],
                "webservice_ca": cls.download("ca.pem").decode(),
                "webservice_timeout": 10,
            }
        )
        cls.bank = cls.ing
        cls.account = cls.make_account(cls.company, OWN, CLIENT)
        cls.journal = cls.make_journal(cls.company, cls.account, "ING")
        cls.identity = cls.env["bank.identity"].create(
            {"bank_id": cls.ing.id, "company_id": cls.company.id}
        )

    @classmethod
    def download(cls, path):
        return requests.get(f"{cls.sandbox.url}/demo/cdc/{path}", timeout=10).content

    @classmethod
    def key_file(cls, use="communication", client=CLIENT):
        return cls.download(f"{client}/{use}.p12")

    def introduce(self):
        """The bank knows the company from now on."""
        identity = self.identity.sudo()
        identity._take_key_file(self.key_file(), PASSWORD)
        identity.value_ids.filtered(lambda row: row.name == "pass").value = PASS

    def give_key(self, user=None, may_sign=True):
        """The authorisation certificate of the company, kept on the server, is this user's."""
        user = user or self.user
        wizard = self.env["bank.certificate.upload"].with_user(user).create(
            {"content": base64.b64encode(self.key_file("authorisation")), "password": PASSWORD}
        )  # fmt: skip
        wizard.action_upload()
        certificate = self.env["bank.certificate"].sudo().search([("user_id", "=", user.id)])
        certificate.may_sign_payments = may_sign
        operators = self.env["bank.operator"].sudo()
        operators._of_user_or_new(self.ing, user).certificate_id = certificate
        return certificate
