# SPDX-License-Identifier: LGPL-3.0-only
"""The Polish shop: złotys through the SOAP service of mBank, several orders in a package."""

from tools.faults.shop import Shop

SUPPLIERS = (
    ("Papier i Biuro Sp. z o.o.", "PL32102010264010200000012345"),
    ("Transport Żwawy S.A.", "PL52124010371111001000112233"),
    ("Energia Północ S.A.", "PL27105010251000002300998877"),
    ("Kancelaria Śliwa i Wspólnicy", "PL92194010763011223344556677"),
)


class PolishShop(Shop):
    name = "mBank"
    people = ("jan", "ewa")
    currency, country = "PLN", "base.pl"
    client, account_number = "10000001", "PL22114010100000100000010001"
    bank_values = {"name": "mBank", "bic": "BREXPLPWXXX", "bank_channel": "mbank"}
    path = "/mbank/ws"
    sending, asking = "SendPackage", "GetStatus"

    def _company(self, currency):
        call = self.admin
        values = {"name": "Demo Handel Sp. z o.o.", "currency_id": currency}
        self.company = call("res.company", "create", values)
        # On its contact: a company that says its country makes Odoo install more modules.
        values = {"vat": "PL5251000017", "country_id": self._ref(self.country)}
        call("res.partner", "write", [self.contact()], values)
        call("account.chart.template", "try_loading", [], "pl", self.company, False)
        return self.company

    def _supplier_rows(self):
        place = {"street": "ul. Zielona 4", "zip": "60-001", "city": "Poznań"}
        return [({"name": name, **place}, {"acc_number": number}) for name, number in SUPPLIERS]

    def title(self, number):
        return f"FV {number}/2026"
