# SPDX-License-Identifier: LGPL-3.0-only
"""What the Odoo tests share: a Polish company, its bank, and the sandbox as its own process."""

import base64
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from unittest import SkipTest

import requests
from freezegun import freeze_time
from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged

ROOT = Path(__file__).resolve().parent.parent
TODAY = "2026-03-10T10:00:00"
COMPANY = "Demo Handel Sp. z o.o."
DIK = "10000001"
ACCOUNT = "PL22114010100000100000010001"
SUPPLIER_ACCOUNT = "PL32102010264010200000012345"
GROUPS = ",".join(f"bank_webservice.group_{name}" for name in ("operator", "signer", "sender"))


class Sandbox:
    """The pretend bank and its control routes, over HTTP."""

    def __init__(self, url):
        self.url = url

    def get(self, path, **query):
        answer = requests.get(f"{self.url}{path}", params=query, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def post(self, path, **body):
        answer = requests.post(f"{self.url}{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def fault(self, operation, kind, **more):
        """The next call of `operation` meets this fault."""
        return self.post("/control/faults", operation=operation, kind=kind, **more)

    def phone(self, login, answer="confirm"):
        """Answers whatever waits on this person's phone."""
        waiting = self.get(f"/phone/api/users/{login}")["challenges"]
        for challenge in waiting:
            self.post(f"/phone/api/challenges/{challenge['id']}/{answer}")
        return waiting

    def ledger(self):
        return self.get("/control/ledger", orders="1")["movements"]


def start_sandbox(*arguments):
    """(process, Sandbox) on a free port. Nothing is executed by itself; a day must be over."""
    as_in_life = ("--execute-after", "manual", "--statements", "day-end")
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", *as_in_life, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = process.stdout.readline().split()[-1]
    return process, Sandbox(url)


def make_company(env, name=COMPANY):
    """A Polish company with its chart of accounts, which takes longer than most tests."""
    if env["ir.module.module"]._get("l10n_pl").state != "installed":
        # Loading the chart would install it, which Odoo refuses inside tests.
        raise SkipTest("These tests need l10n_pl.")
    company = env["res.company"].create(
        {
            "name": name,
            "vat": "PL5251000017",
            "currency_id": env.ref("base.PLN").id,
            "country_id": env.ref("base.pl").id,
        }
    )
    env["account.chart.template"].try_loading("pl", company, install_demo=False)
    return company


def keep_company(env):
    """Leaves one in the database for all tests of it (tools/testing.py). Commits."""
    env = env(context={"install_mode": True})  # no other modules for its country, as in tests
    with freeze_time(TODAY, tick=True):
        env.ref("base.PLN").active = True
        names = {"module": "__test__", "name": "company", "model": "res.company"}
        # Another name: what is in the demo data comes anew in some tests.
        env["ir.model.data"].create({**names, "res_id": make_company(env, "Kept").id})
        env.cr.commit()


@tagged("post_install", "-at_install", "bank_sandbox")
class BankCase(TransactionCase):
    """A Polish company with a journal at the sandbox bank, and a user who may do everything."""

    today = TODAY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A working day in the middle of a month: banks execute nothing on a Sunday.
        freezer = freeze_time(cls.today, tick=True)
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        # One a class: Odoo ends the child processes that a class leaves behind.
        process, cls.sandbox = start_sandbox()
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)
        cls.addClassCleanup(process.stdout.close)
        cls.reset_sandbox()
        cls.pln = cls.env.ref("base.PLN")
        (cls.pln | cls.env.ref("base.EUR")).active = True
        kept = cls.env.ref("__test__.company", raise_if_not_found=False)
        cls.company = kept or make_company(cls.env)
        cls.company.name = COMPANY
        cls.user = new_test_user(
            cls.env,
            "bank_user",
            groups=f"base.group_user,account.group_validate_bank_account,{GROUPS}",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.bank = cls.env["res.bank"].create(
            {
                "name": "mBank",
                "bic": "BREXPLPWXXX",
                "bank_channel": "mbank",
                "webservice_address": f"{cls.sandbox.url}/mbank/ws",
                "webservice_timeout": 10,
            }
        )
        cls.operator = cls.env["bank.operator"].create(
            {"bank_id": cls.bank.id, "user_id": cls.user.id, "login": "anna"}
        )
        cls.account = cls.make_account(cls.company, ACCOUNT, DIK)
        cls.journal = cls.make_journal(cls.company, cls.account, "BWS")
        cls.supplier = cls.make_supplier("Papier i Biuro Sp. z o.o.", SUPPLIER_ACCOUNT)

    def setUp(self):
        super().setUp()
        # From here on it is the user who acts, not the superuser that made the records.
        self.env = self.env(user=self.user.id)
        for name in ("company", "user", "bank", "operator", "account", "journal", "supplier"):
            setattr(self, name, getattr(self, name).with_env(self.env))
        self.reset_sandbox()
        # Log rows are written by a cursor of their own: here it has to see this transaction.
        if not type(self)._registry_patched:  # HttpCase has done it
            self.registry_enter_test_mode()

    @classmethod
    def reset_sandbox(cls):
        cls.sandbox.post("/control/reset", now=f"{cls.today}Z")

    # -------------------------------------------------------------------------
    # RECORDS
    # -------------------------------------------------------------------------

    @classmethod
    def make_account(cls, company, number, client_identifier):
        return cls.env["res.partner.bank"].create(
            {
                "acc_number": number,
                "partner_id": company.partner_id.id,
                "bank_id": cls.bank.id,
                "client_identifier": client_identifier,
            }
        )

    @classmethod
    def make_journal(cls, company, account, code, currency=None):
        return cls.env["account.journal"].create(
            {
                "name": f"mBank {code}",
                "code": code,
                "type": "bank",
                "company_id": company.id,
                "currency_id": currency.id if currency else False,
                "bank_account_id": account.id,
                "bank_statements_source": "bank_webservice",
            }
        )

    @classmethod
    def make_supplier(cls, name, number, trusted=True):
        partner = cls.env["res.partner"].create(
            {
                "name": name,
                "street": "ul. Zielona 4",
                "zip": "60-001",
                "city": "Poznań",
                "country_id": cls.env.ref("base.pl").id,
            }
        )
        cls.env["res.partner.bank"].create(
            {"acc_number": number, "partner_id": partner.id, "allow_out_payment": trusted}
        )
        return partner

    def make_payment(self, amount=100.0, partner=None, memo="FV 1/2026", post=True, **more):
        partner = partner or self.supplier
        line = self.journal.outbound_payment_method_line_ids.filtered(
            lambda item: item.code == "bank_webservice"
        )
        payments = self.env["account.payment"].with_company(more.get("company_id"))
        payment = payments.create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": partner.id,
                "partner_bank_id": partner.bank_ids[:1].id,
                "journal_id": self.journal.id,
                "payment_method_line_id": line.id,
                "amount": amount,
                "memo": memo,
                **more,
            }
        )
        if post:
            payment.action_post()
        return payment

    def make_bill(self, amount=100.0, partner=None, **more):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": (partner or self.supplier).id,
                "invoice_date": "2026-01-10",
                "journal_id": self.env["account.journal"]
                .search([("type", "=", "purchase"), ("company_id", "=", self.company.id)], limit=1)
                .id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Paper", "quantity": 1, "price_unit": amount, "tax_ids": []})
                ],
                **more,
            }
        )
        bill.action_post()
        return bill

    def pay_bills(self, bills, **more):
        method = self.journal.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "bank_webservice"
        )
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bills.ids
        )
        values = {"journal_id": self.journal.id, "payment_method_line_id": method.id}
        values.update(more)
        return register.create(values)._create_payments()

    # -------------------------------------------------------------------------
    # STEPS
    # -------------------------------------------------------------------------

    def log_in(self, account=None, login="anna"):
        """Logs in with the phone, as the dialog does. Returns the session."""
        session = self.env["bank.session"]._of_account(account or self.account)
        session = session.with_env(self.env)
        session.dialog_start("mobile")
        self.sandbox.phone(login)
        self.assertEqual(session.dialog_poll()["state"], "open")
        return session

    @classmethod
    def give_certificate(cls, user, login, may_sign=True):
        """The sandbox's demo key of `login` for this user, kept on the server."""
        answer = requests.get(f"{cls.sandbox.url}/demo/{login}.p12", timeout=10)
        wizard = cls.env["bank.certificate.upload"].with_user(user)
        wizard = wizard.create({"content": base64.b64encode(answer.content), "password": "demo"})
        wizard.action_upload()
        certificate = cls.env["bank.certificate"].sudo().search([("user_id", "=", user.id)])
        certificate.may_sign_payments = may_sign
        return certificate

    @classmethod
    def make_operator(cls, user, login, method="certificate"):
        """`user` as the bank's `login`, with a key on the server that may sign."""
        certificate = cls.give_certificate(user, login)
        values = {"bank_id": cls.bank.id, "user_id": user.id, "login": login}
        return cls.env["bank.operator"].create(
            {**values, "default_method": method, "certificate_id": certificate.id}
        )

    def trust_connection(self):
        """As if *Test connection* had just been run."""
        self.account.action_test_connection()

    def prepare(self, payments):
        """The orders of these payments, as *Send to bank* makes them."""
        self.env["bank.send"].create({"payment_ids": [(6, 0, payments.ids)]}).action_prepare()
        return payments.bank_order_id

    def run_and_fetch(self):
        """The bank executes what it has; the statement of today comes tomorrow."""
        self.sandbox.post("/control/run")
        self.sandbox.post("/control/clock", days=1)
        today = fields.Date.today()
        with freeze_time(fields.Datetime.now() + timedelta(days=1), tick=True):
            self.log_in()
            self.journal._fetch_statements(today, today)

    def send(self, payments):
        """Prepares and sends, as the wizard and then the cron do. Returns the packages."""
        wizard = self.env["bank.send"].create({"payment_ids": [(6, 0, payments.ids)]})
        wizard.action_send()
        packages = payments.bank_order_id.package_id
        self.env["bank.package"].sudo()._cron_send()
        return packages
