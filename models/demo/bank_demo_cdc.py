"""Demo data: the first company has an account at a bank without log-in. Numbers are the sandbox's.

Its communication certificate is left to who tries it: the request is made in Odoo, and answered by
the pretend bank (docs/cdc.md says how).
"""

import os

from odoo import api, models

SANDBOX = "BANK_WEBSERVICE_SANDBOX_CDC"
OWN = "PL16105010121000009000010001"
CLIENT = "10500001"
HEADER_VALUE = "ERP01"


class BankDemo(models.AbstractModel):
    _inherit = "bank.demo"

    @api.model
    def _load_cdc(self, company):
        address = os.environ.get(SANDBOX, "https://127.0.0.1:8072")
        bank = self.env["res.bank"].create(
            {
                "name": "ING Bank Śląski S.A.",
                "bic": "INGBPLPWXXX",
                "country": self.env.ref("base.pl").id,
                "bank_channel": "ing",
                "webservice_address": f"{address}/ing-ccs/cdc00101",
            }
        )
        values = {"client": CLIENT}
        journal = self._journal(company, bank, values, (OWN, "PLN", "ING PLN", "ING"))
        journal.sequence = 3
        # Its certificate comes first, and then the test.
        journal.bank_account_id.webservice_tested_at = False
        identity = self.env["bank.identity"].create({"bank_id": bank.id, "company_id": company.id})
        identity.value_ids.filtered(lambda row: row.name == "pass").value = HEADER_VALUE
