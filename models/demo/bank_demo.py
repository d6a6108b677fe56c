# SPDX-License-Identifier: LGPL-3.0-only
"""Demo data that need code: companies with a chart of accounts, journals, bills, payments.

Names and numbers are those of the sandbox (see sandbox/README.md), so that everything works
against it: an address of another one comes from the environment. At the bank without log-in the
certificate is left to who tries it (docs/cdc.md says how).

Nobody who is there already is touched: the companies belong to a user of their own, who has no
password until an administrator gives him one. In a throw-away database (`make run`) the environment
names somebody else in his place.
"""

import os
from datetime import timedelta

from odoo import Command, api, fields, models

from ..connection.account_journal import FEED, METHOD
from ..connection.operation import database_uuid

SANDBOX = "BANK_WEBSERVICE_SANDBOX"
PERSON = "BANK_WEBSERVICE_DEMO_USER"  # an external id
LOGIN = "bank-demo"
OURS = "bank_webservice.demo_"
GROUPS = ("operator", "signer", "sender", "administrator")
COMPANIES = (
    {
        "name": "Demo Handel Sp. z o.o.",
        "vat": "PL5251000017",
        "street": "ul. Prosta 18",
        "zip": "00-850",
        "city": "Warszawa",
        "client": "10000001",
        "accounts": (
            ("PL22114010100000100000010001", "PLN", "mBank PLN", "MBP"),
            ("PL65114010100000100000010003", "EUR", "mBank EUR", "MBE"),
        ),
    },
    {
        "name": "Demo Serwis S.A.",
        "vat": "PL6762000036",
        "street": "ul. Długa 7",
        "zip": "31-147",
        "city": "Kraków",
        "client": "10000002",
        "accounts": (("PL70114010100000100000020001", "PLN", "mBank PLN", "MBP"),),
    },
)
SUPPLIERS = (
    ("Papier i Biuro Sp. z o.o.", "PL7781001014", "PL32102010264010200000012345", "60-001",
     "Poznań", "ul. Zielona 4"),
    ("Transport Żwawy S.A.", "PL6341001021", "PL52124010371111001000112233", "40-001",
     "Katowice", "ul. Kolejowa 12"),
    ("Energia Północ S.A.", "PL5831001039", "PL27105010251000002300998877", "80-001",
     "Gdańsk", "ul. Żeglarska 2"),
    ("Kancelaria Śliwa i Wspólnicy", "PL8971001058", "PL92194010763011223344556677", "50-001",
     "Wrocław", "ul. Świętojańska 5"),
)  # fmt: skip
# (supplier, days until due, amount, what for)
BILLS = (
    (0, -3, 1249.50, "Papier ksero A4, 50 ryz"),
    (1, 0, 3480.00, "Transport Warszawa - Katowice"),
    (2, 4, 2215.74, "Energia elektryczna"),
    (3, 9, 5000.00, "Obsługa prawna"),
    (0, 14, 312.90, "Tonery"),
)
SANDBOX_CDC = "BANK_WEBSERVICE_SANDBOX_CDC"
OWN = "PL16105010121000009000010001"
CLIENT = "10500001"
HEADER_VALUE = "ERP01"


class BankDemo(models.AbstractModel):
    _name = "bank.demo"
    _description = "Demo data"

    @api.model
    def _load(self):
        """Called once, by the demo data of the module."""
        person = self._person()
        bank = self._bank(person)
        for number, values in enumerate(COMPANIES, start=1):
            company = self._company(values, person, number)
            journals = [self._journal(company, bank, values, row) for row in values["accounts"]]
            if number == 1:
                person.company_id = company
                self._bills_and_payments(company, journals[0])
                self._load_cdc(company)
        self._load_rouble(person)
        self._foreign_customer()
        self._load_statements()

    def _person(self):
        """Who works in the demo companies."""
        named = os.environ.get(PERSON)
        if named:
            person = self.env.ref(named)
            person.write({"group_ids": [Command.link(one.id) for one in self._groups()]})
            person.lang = "en_US"
            return person
        values = {
            "name": "Ewa Demo",
            "login": LOGIN,
            "group_ids": [Command.set(self._groups().ids)],
        }
        users = self.env["res.users"].with_context(no_reset_password=True)
        return self._make("user", users, values)

    def _make(self, name, model, values):
        """A record with an external id: it is ours, and goes with us where nothing hangs on it."""
        record = model.create(values)
        self._own(name, record)
        return record

    def _own(self, name, record):
        row = {"xml_id": f"{OURS}{name}", "record": record, "noupdate": True}
        self.env["ir.model.data"]._update_xmlids([row])

    def _chart(self, company, code):
        """A chart of accounts, the generic one where that country's is not installed.

        Not `try_loading`, which warns of modules that are not loaded yet: nothing here needs them.
        """
        charts = self.env["account.chart.template"]
        if not charts._get_chart_template_mapping().get(code, {}).get("installed"):
            code = "generic_coa"
        values = company.read(["currency_id", "country_id"], load="")[0]
        charts._load(code, company, install_demo=False)
        if code == "generic_coa":  # it is an American one
            company.write(
                {
                    "currency_id": values["currency_id"],
                    "account_fiscal_country_id": values["country_id"],
                }
            )
        # Its own bank journals have no bank, which nobody needs here.
        self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "in", ("bank", "cash", "credit"))]
        ).active = False

    @api.model
    def _retire(self):
        """Before the add-on goes: what has entries cannot be deleted, and is put away.

        Without external ids, or Odoo would try to delete it all the same, and log that it cannot.
        """
        user = self.env.ref(f"{OURS}user", raise_if_not_found=False)
        domain = [("module", "=", "bank_webservice"), ("name", "=like", r"demo\_%")]
        names = self.env["ir.model.data"].search(domain)
        if user:  # else it is a throw-away database, and somebody works in them
            user.active = False
            for name in names.filtered(lambda one: one.model != "res.users"):
                record = self.env[name.model].browse(name.res_id).exists()
                if record and not self._is_worked_in(record):
                    record.active = False
        names.unlink()

    def _is_worked_in(self, record):
        return record._name == "res.company" and record in record.user_ids.company_id

    def _groups(self):
        names = [f"bank_webservice.group_{name}" for name in GROUPS]
        names += ["account.group_account_manager", "account.group_validate_bank_account"]
        names += ["base.group_user"]
        return self.env["res.groups"].union(*(self.env.ref(name) for name in names))

    def _bank(self, person):
        address = os.environ.get(SANDBOX, "http://127.0.0.1:8070")
        return self._make(
            "bank_mbank",
            self.env["res.bank"],
            {
                "name": "mBank S.A.",
                "bic": "BREXPLPWXXX",
                "country": self.env.ref("base.pl").id,
                "bank_channel": "mbank",
                "webservice_address": f"{address}/mbank/ws",
                "webservice_tested_at": fields.Datetime.now(),
                "operator_ids": [
                    Command.create(
                        {"user_id": person.id, "login": "ewa", "default_method": "mobile"}
                    )
                ],
            },
        )

    def _company(self, values, person, number):
        (self.env.ref("base.PLN") | self.env.ref("base.EUR")).active = True
        company = self._make(
            f"company_{number}",
            self.env["res.company"],
            {
                **{name: values[name] for name in ("name", "vat", "street", "zip", "city")},
                "country_id": self.env.ref("base.pl").id,
                "currency_id": self.env.ref("base.PLN").id,
            },
        )
        person.company_ids |= company
        self._chart(company, "pl")
        return company

    def _journal(self, company, bank, values, row):
        number, currency, name, code = row
        currency = self.env.ref(f"base.{currency}")
        account = self.env["res.partner.bank"].create(
            {
                "acc_number": number,
                "partner_id": company.partner_id.id,
                "bank_id": bank.id,
                "currency_id": currency.id,
                "client_identifier": values["client"],
                "webservice_tested_at": fields.Datetime.now(),
                "webservice_tested_uuid": database_uuid(self.env),
                "allow_out_payment": True,
            }
        )
        return (
            self.env["account.journal"]
            .with_company(company)
            .create(
                {
                    "name": name,
                    "code": code,
                    "type": "bank",
                    "sequence": 1 if currency == company.currency_id else 2,
                    "company_id": company.id,
                    "currency_id": False if currency == company.currency_id else currency.id,
                    "bank_account_id": account.id,
                    "bank_statements_source": FEED,
                }
            )
        )

    # -------------------------------------------------------------------------
    # SUPPLIERS, BILLS, PAYMENTS
    # -------------------------------------------------------------------------

    def _bills_and_payments(self, company, journal):
        suppliers = [self._supplier(row, number) for number, row in enumerate(SUPPLIERS, 1)]
        bills = self.env["account.move"].with_company(company)
        year = fields.Date.context_today(self).year
        for number, row in enumerate(BILLS, start=101):
            bills |= self._bill(company, suppliers[row[0]], f"FV/{number}/{year}", row)
        bills.action_post()
        # Two are on their way already, the others wait for the user.
        self._pay(bills[:2], journal)

    def _supplier(self, row, number):
        name, vat, account, postcode, city, street = row
        partner = self._make(
            f"supplier_{number}",
            self.env["res.partner"],
            {
                "name": name,
                "vat": vat,
                "is_company": True,
                "supplier_rank": 1,
                "street": street,
                "zip": postcode,
                "city": city,
                "country_id": self.env.ref("base.pl").id,
            },
        )
        self.env["res.partner.bank"].create(
            {"acc_number": account, "partner_id": partner.id, "allow_out_payment": True}
        )
        return partner

    def _bill(self, company, supplier, ref, row):
        _supplier, days, amount, text = row
        today = fields.Date.context_today(self)
        return (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "in_invoice",
                    "company_id": company.id,
                    "partner_id": supplier.id,
                    "partner_bank_id": supplier.bank_ids[:1].id,
                    "ref": ref,
                    "invoice_date": today - timedelta(days=14 - days),
                    "invoice_date_due": today + timedelta(days=days),
                    "invoice_line_ids": [
                        Command.create(
                            {"name": text, "quantity": 1, "price_unit": amount, "tax_ids": []}
                        )
                    ],
                }
            )
        )

    def _pay(self, bills, journal):
        method = journal.outbound_payment_method_line_ids.filtered(lambda line: line.code == METHOD)
        for bill in bills:
            register = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=bill.ids
            )
            register.create(
                {"journal_id": journal.id, "payment_method_line_id": method.id}
            )._create_payments()

    @api.model
    def _load_cdc(self, company):
        address = os.environ.get(SANDBOX_CDC, "https://127.0.0.1:8072")
        bank = self._make(
            "bank_ing",
            self.env["res.bank"],
            {
                "name": "ING Bank Śląski S.A.",
                "bic": "INGBPLPWXXX",
                "country": self.env.ref("base.pl").id,
                "bank_channel": "ing",
                "webservice_address": f"{address}/ing-ccs/cdc00101",
            },
        )
        values = {"client": CLIENT}
        journal = self._journal(company, bank, values, (OWN, "PLN", "ING PLN", "ING"))
        journal.sequence = 3
        # Its certificate comes first, and then the test.
        journal.bank_account_id.webservice_tested_at = False
        identity = self.env["bank.identity"].create({"bank_id": bank.id, "company_id": company.id})
        identity.value_ids.filtered(lambda row: row.name == "pass").value = HEADER_VALUE
