# SPDX-License-Identifier: LGPL-3.0-only
"""Imported orders as their user sees them: the list, the boxes that can be edited, accepting.

Real Odoo, a service that speaks HTTP, a real browser.
"""

import uuid
from datetime import datetime, timedelta, timezone

import pytest
import requests
from daily import assert_accessible
from playwright.sync_api import expect
from sandbox_bank import reach
from test_browser_rouble_order import (
    execute_and_fetch,
    on_the_phone,
    refresh_until,
    type_code,
)

from tools.ground import stack as stacks
from tools.moedelo.service import Service, Vendor, make_administrator

OWN = "40702810700000000001"
MOSCOW = timezone(timedelta(hours=3))
PAYEE = {
    "name": "ООО Бумага и Офис",
    "inn": "7813002014",
    "kpp": "781301001",
    "account": "40702810655000000101",
    "bik": "044030653",
    "bank_name": "СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР",
    "corr_account": "30101810500000000653",
}
STRANGER = {
    "name": "ИП Новый Поставщик",
    "inn": "500100732259",
    "account": "40802810800000000005",
    "bik": "044030653",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    with stacks.running("moedelo_orders", demo=True, cron_threads=1, **vendor.conf) as running:
        running.vendor = vendor
        yield running


@pytest.fixture(scope="module")
def service(stack):
    """A service that is connected to the Russian company of the demo data."""
    rpc = stack.rpc()
    make_administrator(rpc)
    issuer = "bank_webservice.moedelo_issuer"
    rpc("ir.config_parameter", "set_param", issuer, stack.odoo.url)
    company = rpc("res.company", "search", [("name", "=", "ООО Демо Торговля")])[0]
    rpc("res.users", "write", [2], {"company_id": company})
    stack.vendor.license_company(rpc, company)
    return Service(stack, *Service.new_client(rpc), company)


def push(service, *documents):
    token = service.connect("payments")["access_token"]
    answer = requests.post(
        f"{service.url}/moedelo/v1/payment-orders",
        json={"documents": documents},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    said = [result["result"] for result in answer.json()["results"]]
    assert said == ["accepted"] * len(documents), answer.text


def document(number, amount, payee):
    return {
        "external_id": str(uuid.uuid4()),
        "number": str(number),
        "date": datetime.now(MOSCOW).date().isoformat(),
        "amount": amount,
        "currency": "RUB",
        "payer": {"account": OWN},
        "payee": payee,
        "purpose": f"Оплата по счёту {number}. НДС не облагается",
    }


def test_from_imported_to_prepared(log_in, stack, service, screenshot):
    push(service, document(71, "1500.50", PAYEE), document(72, "99.00", STRANGER))
    page = log_in()
    page.goto("/odoo/action-bank_webservice.action_moedelo_order")
    page.wait_for_selector(".o_facet_value:has-text('Imported')")
    # The facet is drawn before the list that it filters.
    expect(page.locator(".o_data_row .badge:has-text('Imported')")).to_have_count(2)
    expect(page.locator(".o_data_row")).to_have_count(2)
    screenshot("moedelo_orders")
    assert_accessible(page)

    # A box is edited and saved; the rest of the form is frozen.
    page.click(".o_data_row:has-text('ИП Новый Поставщик') td[name=payee_name]")
    page.wait_for_selector(".o_form_view :text('accept, edit or delete it')")
    page.fill(".tab-pane .o_field_widget[name=title] input", "Оплата по счёту 72а")
    page.fill(".o_field_widget[name=amount] input", "98.50")
    expect(page.locator(".o_field_widget[name=payer_account] input")).to_have_count(0)
    screenshot("moedelo_order_imported")
    assert_accessible(page)
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_Message:has-text('Edited'), .o-mail-Message:has-text('Edited')")

    # Accepted: its payment is in the books, and a payee that nobody trusts yet is told.
    page.click("button[name=action_moedelo_accept]")
    page.wait_for_selector(".o_form_view .o_arrow_button_current:has-text('Prepared')")
    screenshot("moedelo_order_accepted")
    assert_accessible(page)
    (order,) = stack.rpc()(
        "bank.order",
        "search_read",
        [("payee_name", "=", STRANGER["name"])],
        ["amount", "title", "payment_id", "bank_state"],
    )
    assert (order["amount"], order["title"]) == (98.5, "Оплата по счёту 72а")
    assert order["bank_state"] == "prepared"
    page.goto(f"/odoo/bank.order/{order['id']}")
    page.wait_for_selector(".alert:has-text('is not trusted yet')")
    screenshot("moedelo_order_untrusted")
    assert_accessible(page)

    # The other one is given up; it stays in the list.
    page.goto("/odoo/action-bank_webservice.action_moedelo_order")
    page.click(".o_data_row:has-text('ООО Бумага и Офис') td[name=payee_name]")
    page.click("button[name=action_moedelo_delete]")
    page.click(".modal-footer .btn-primary")
    page.wait_for_selector(".o_arrow_button_current:has-text('Cancelled')")


def test_from_imported_to_executed_without_a_detour(log_in, stack, service):
    """Accept, send, confirm, fetch: nothing of payee, bank or connection has to be set before."""
    bank = reach(stack, "directbank", "directbank")
    sent = document(81, "1500.50", PAYEE)
    push(service, sent)
    page = log_in()
    page.goto("/odoo/action-bank_webservice.action_moedelo_order")
    page.click(".o_data_row:has-text('1,500.50') td[name=payee_name]")
    page.click("button[name=action_moedelo_accept]")
    page.wait_for_selector(".o_form_view .o_arrow_button_current:has-text('Prepared')")
    page.click("button[name=action_send]")
    type_code(page, bank)
    page.wait_for_selector(".o_arrow_button_current:has-text('Sent')")
    refresh_until(page, "Waiting at the bank")
    on_the_phone(page.context, bank, confirm=True)
    refresh_until(page, "Accepted")

    execute_and_fetch(page, bank)

    # The service is told the same: 02, executed.
    token = service.connect("payments")["access_token"]
    answer = requests.get(
        f"{service.url}/moedelo/v1/payment-orders/{sent['external_id']}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    ).json()
    assert answer["status"]["code"] == "02", answer
