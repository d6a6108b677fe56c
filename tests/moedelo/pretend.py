# SPDX-License-Identifier: LGPL-3.0-only
"""The pretend Moe Delo as a process of its own, for Odoo tests; and orders that came from it."""

import json
import subprocess
import sys
import uuid

from odoo import fields
from odoo.tests import TransactionCase, new_test_user, tagged

from ...protocol.access import signing_keys
from ..access.common import EVERYTHING, ISSUER, MoedeloCase
from ..common import ROOT, Sandbox


def start_pretend(*arguments):
    """(process, Sandbox) on a free port; it looks at nothing by itself."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.moedelo", "--port", "0", "--every", "3600", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = process.stdout.readline().split()[-1]
    return process, Sandbox(url)


@tagged("post_install", "-at_install")
class PretendCase(MoedeloCase, TransactionCase):
    """A licensed Russian company, its service, and the service's own program."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        process, cls.pretend = start_pretend()
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)
        cls.addClassCleanup(process.stdout.close)
        cls.set_up_moedelo()
        cls.client.write({"api_address": f"{cls.pretend.url}/api"})
        cls.subscription.client_id = cls.client
        cls.journal = cls._make_rouble_journal()
        cls.administrator = cls.make_user("moedelo_administrator", "administrator")

    @classmethod
    def _make_rouble_journal(cls):
        rub = cls.env.ref("base.RUB")
        rub.active = True
        cls.company.currency_id = rub
        cls.env["account.chart.template"].try_loading("generic_coa", cls.company, False)
        cls.company.currency_id = rub
        journals = cls.env["account.journal"].with_company(cls.company)
        return journals.create(
            {
                "name": "DirectBank RUB",
                "code": "DBR",
                "type": "bank",
                "company_id": cls.company.id,
                "bank_account_id": cls.account.id,
                "bank_statements_source": "bank_webservice",
            }
        )

    @classmethod
    def make_user(cls, login, group="", company=None):
        """A user of one company, with one of our groups or none of them."""
        company = company or cls.company
        ours = f",bank_webservice.group_{group}" if group else ""
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user{ours}",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.introduce()

    def introduce(self):
        """The pretend Moe Delo knows our name and keys; it has seen nothing and is well."""
        keys = self.env["moedelo.key"]._public_keys("notice").values()
        jwks = json.loads(signing_keys.render_jwks(keys))
        self.pretend.post("/control/bank", issuer=ISSUER, jwks=jwks)
        self.pretend.post("/control/mood", kind="well")
        self.pretend.post("/control/empty")

    def mood(self, kind, **more):
        self.pretend.post("/control/mood", kind=kind, **more)

    def seen(self):
        return self.pretend.get("/control/state")

    def told(self, order=None):
        """Codes that the service has seen, in the order of their arrival."""
        listed = self.seen()["notices"]
        document = order and order.moedelo_external_id
        return [one["code"] for one in listed if document in (None, one["document"])]

    def make_order(self, **vals):
        return (
            self.env["bank.order"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "journal_id": self.journal.id,
                    "kind": "rouble",
                    "amount": 100.0,
                    "currency_id": self.company.currency_id.id,
                    "execute_on": fields.Date.today(),
                    "bank_state": "imported",
                    "moedelo_client_id": self.client.id,
                    "moedelo_external_id": str(uuid.uuid4()),
                    **vals,
                }
            )
        )

    def deliver(self):
        self.env["moedelo.notice"]._cron_deliver()

    def notices(self, order=None):
        domain = [("order_id", "in", order.ids)] if order else []
        return self.env["moedelo.notice"].search(domain, order="id")


class ConnectedCase(PretendCase):
    """The same, after an administrator's consent to everything."""

    def setUp(self):
        super().setUp()
        self.said = self.connect(EVERYTHING)
