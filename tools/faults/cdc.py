# SPDX-License-Identifier: LGPL-3.0-only
"""The Polish shop at a bank without log-in: mutual TLS, and nobody who is an operator."""

import base64
import urllib.request

from tools.faults.polish import PolishShop


class CdcShop(PolishShop):
    name = "ING"
    people = ("adam", "beata")
    client, account_number = "10500001", "PL16105010121000009000010001"
    bank_values = {"name": "ING", "bic": "INGBPLPWXXX", "bank_channel": "ing"}
    sending, asking = "DomesticTransfer", "GetPaymentStatusReport"

    def _bank(self):
        super()._bank()
        call = self.admin
        company = {"bank_id": self.bank_id, "company_id": self.company}
        identity = call("bank.identity", "create", company)
        file = base64.b64encode(self._download(f"{self.client}/communication.p12")).decode()
        values = {"identity_id": identity, "way": "file", "content": file, "password": "demo"}
        dialog = call("bank.identity.certificate", "create", values)
        call("bank.identity.certificate", "action_apply", [dialog])
        for name, value in (("pass", "ERP01"), ("not_known", "E404")):
            domain = [["identity_id", "=", identity], ["name", "=", name]]
            row = call("bank.identity.value", "search", domain)
            call("bank.identity.value", "write", row, {"value": value})

    def _address(self):
        address = self.bank.ask("/control/addresses")["ing"]
        trusted = self._download("ca.pem").decode()
        return {"webservice_address": address, "webservice_ca": trusted}

    def _download(self, path):
        with urllib.request.urlopen(f"{self.bank.url}/demo/cdc/{path}", timeout=60) as answer:
            return answer.read()

    def _operator(self, login):
        """Nobody is one: there is no log-in."""
