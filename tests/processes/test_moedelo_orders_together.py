# SPDX-License-Identifier: LGPL-3.0-only
"""The same documents from several callers at once: one order each, one answer for all."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
import requests

from tools.ground import stack as stacks
from tools.moedelo.service import TIMEOUT, Service, Vendor

OWN = "40702810700000000001"
PAYEE = {"name": "ООО Бумага и Офис", "account": "40702810655000000101", "bik": "044030653"}
CALLERS, DOCUMENTS = 6, 20


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    options = {"demo": True, "workers": 2, "sandbox": None}
    with stacks.running("orders_together", **options, **vendor.conf) as stack:
        yield Service.of_demo(stack, vendor)


def document(number):
    return {
        "external_id": str(uuid.uuid4()),
        "number": str(number),
        "date": datetime.now(timezone(timedelta(hours=3))).date().isoformat(),
        "amount": "10.00",
        "currency": "RUB",
        "payer": {"account": OWN},
        "payee": {**PAYEE, "inn": "7813002014"},
        "purpose": f"Оплата по счёту {number}. НДС не облагается",
    }


def test_together(service):
    token = service.connect("payments")["access_token"]
    body = {"documents": [document(number) for number in range(1, DOCUMENTS + 1)]}

    def push(_number):
        return requests.post(
            f"{service.url}/moedelo/v1/payment-orders",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
        )

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(push, range(CALLERS)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    results = answers[0].json()["results"]
    assert [one["result"] for one in results] == ["accepted"] * DOCUMENTS
    assert not any(one["warnings"] for one in results)
    rows = service.running.sql(
        "SELECT count(*), count(DISTINCT moedelo_external_id) FROM bank_order"
        " WHERE moedelo_external_id IS NOT NULL"
    )
    assert [int(number) for number in rows[0]] == [DOCUMENTS, DOCUMENTS]


def test_many_at_once_wait_for_their_turn_and_none_is_run_again(service):
    token = service.connect("payments")["access_token"]
    before = service.running.odoo.log.read_text(errors="replace").count("tries left")

    def push(number):
        return requests.post(
            f"{service.url}/moedelo/v1/payment-orders",
            json=document(number),
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
        )

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(push, [500] * 30))
    assert {answer.json().get("result") for answer in answers} == {"accepted"}
    warned = [bool(answer.json()["warnings"]) for answer in answers]
    assert sorted(warned) == [False] + [True] * 29  # each but one saw another one of its number
    said = service.running.odoo.log.read_text(errors="replace")
    assert said.count("tries left") == before
