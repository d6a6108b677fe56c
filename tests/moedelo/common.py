# SPDX-License-Identifier: LGPL-3.0-only
"""What the tests of imported orders start from: a Russian company, connected to a service."""

import copy
import json
import uuid

from odoo.tests import HttpCase

from ..access.common import MoedeloHttp
from ..roubles.common import OWN, PAYEE, RoubleCase

ORDERS = "/moedelo/v1/payment-orders"
DOCUMENT = {
    "number": "17",
    "date": "2026-03-10",
    "amount": "1500.50",
    "currency": "RUB",
    "payer": {"account": OWN, "inn": "7701000019"},
    "payee": {
        "name": "ООО Бумага и Офис",
        "inn": "7813002014",
        "kpp": "781301001",
        "account": PAYEE,
        "bik": "044030653",
        "bank_name": "СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР",
        "corr_account": "30101810500000000653",
    },
    "purpose": "Оплата по счёту 12. НДС не облагается",
}
BUDGET = {
    "payer_status": "01",
    "kbk": "18201061201010000510",
    "oktmo": "0",
    "reason": "0",
    "period": "0",
    "document_number": "0",
    "document_date": "0",
}


class OrdersCase(MoedeloHttp, RoubleCase, HttpCase):
    """`self.push` speaks HTTP; `self.env` is the bank user's, who accepts, signs and sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Late: Odoo imports these tests on servers that have no packages of development.
        from .openapi_check import Description

        # Every answer that a test gets is held against the API's description.
        cls.described = Description()
        cls.set_up_moedelo(cls.company, cls.account)

    def setUp(self):
        super().setUp()
        self.system = self.env(su=True)
        self.token = self.connected("payments statements accounts client")

    def connected(self, scope, company=None, client=None):
        with self.as_system():
            return self.connect(scope, company, client)["access_token"]

    def as_system(self):
        """The service's side of `MoedeloCase` works as the server does: as superuser."""
        case, before = self, self.env

        class Swapped:
            def __enter__(self):
                case.env = case.system

            def __exit__(self, *_error):
                case.env = before

        return Swapped()

    # ---- documents

    def document(self, **change):
        """A good document with an id of its own; `payee__inn="0"` changes, None takes away."""
        document = copy.deepcopy(DOCUMENT)
        document["external_id"] = str(uuid.uuid4())
        for path, value in change.items():
            *way, last = path.split("__")
            inner = document
            for name in way:
                inner = inner.setdefault(name, {})
            inner[last] = value
            if value is None:
                del inner[last]
        return document

    # ---- requests

    def call(self, method, path, body=None, token=None, raw=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("Authorization", f"Bearer {token or self.token}")
        data = raw if body is None else json.dumps(body)
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        self.system.flush_all()
        answer = self.opener.request(
            method, self.base_url() + path, data=data, headers=headers, timeout=60
        )
        self.env.invalidate_all()
        self.described.check(method, path, answer)
        return answer

    def push(self, *documents, **more):
        """One document alone, several as a batch."""
        body = documents[0] if len(documents) == 1 else {"documents": list(documents)}
        return self.call("POST", ORDERS, body, **more)

    def order_of(self, document):
        domain = [("moedelo_external_id", "=", document["external_id"])]
        return self.env["bank.order"].search(domain)

    def imported(self, **change):
        """An order that was pushed, as the bank user sees it."""
        document = self.document(**change)
        answer = self.push(document)
        self.assertEqual(answer.status_code, 200, answer.text)
        return self.order_of(document)

    def count(self):
        return self.system["bank.order"].search_count([])
