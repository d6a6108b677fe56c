# SPDX-License-Identifier: LGPL-3.0-only
"""Payments as a person handles them: a day that is over, the password before signing, the file of
a signed package, a confidential payment, and an invoice that is proposed for an entry.

Real Odoo, real sandbox, real browser. `ewa` signs with a key on the server.
"""

import base64
import re
from datetime import date, timedelta

import pytest
import requests
from playwright.sync_api import expect

from tools.ground import stack as stacks

FEW_DAYS = timedelta(days=5)


@pytest.fixture(scope="module")
def stack():
    """A stack of its own: the administrator gets a key and a group that others lack."""
    with stacks.running("payments", demo=True, cron_threads=0) as running:
        yield running


@pytest.fixture
def call(stack):
    """RPC as the administrator, who may sign with a key on the server and see what is secret."""
    call = stack.rpc()
    group = ref(call, "group_confidential")
    call("res.users", "write", [2], {"group_ids": [(4, group)]})
    key = requests.get(f"{stack.sandbox.url}/demo/ewa.p12", timeout=30).content
    if not call("bank.certificate", "search", [("user_id", "=", 2)]):
        values = {"content": base64.b64encode(key).decode(), "password": "demo"}
        call("bank.certificate.upload", "action_upload", [upload(call, values)])
    certificate = call("bank.certificate", "search", [("user_id", "=", 2)])
    call("bank.certificate", "write", certificate, {"may_sign_payments": True})
    operators = call("bank.operator", "search", [("login", "=", "ewa")])
    call("bank.operator", "write", operators, {"certificate_id": certificate[0]})
    return call


def upload(call, values):
    return call("bank.certificate.upload", "create", values)


def ref(call, name):
    domain = [("module", "=", "bank_webservice"), ("name", "=", name)]
    return call("ir.model.data", "search_read", domain, ["res_id"])[0]["res_id"]


def payment(call, amount, day, **values):
    """A posted payment of the demo company to its first supplier."""
    journal = call("account.journal", "search", [("code", "=", "MBP")], limit=1)[0]
    domain = [("journal_id", "=", journal), ("code", "=", "bank_webservice")]
    name = [("acc_number", "=", "PL32102010264010200000012345")]
    account = call("res.partner.bank", "search_read", name, ["partner_id"], limit=1)[0]
    made = call(
        "account.payment",
        "create",
        {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": account["partner_id"][0],
            "partner_bank_id": account["id"],
            "journal_id": journal,
            "payment_method_line_id": call("account.payment.method.line", "search", domain)[0],
            "amount": amount,
            "date": day.isoformat(),
            "memo": f"FV {amount}",
            **values,
        },
    )
    call("account.payment", "action_post", [made])
    return made, journal


def give_password(page, password):
    page.wait_for_selector(".modal :text('confirm it\\'s you')")
    page.fill(".modal .o_field_widget[name=password] input", password)
    page.click(".modal #password_confirm")


def test_from_a_day_that_is_over_to_the_file_of_the_signed_package(log_in, call, stack, screenshot):
    late, journal = payment(call, 61.5, date.today() - FEW_DAYS)
    page = log_in()
    page.goto(f"/odoo/account.payment/{late}")
    page.click("button[name=action_send_to_bank]")

    # A new day is proposed in words, and nothing happens before a button is pressed.
    page.wait_for_selector(".modal :text('will be executed on')")
    expect(page.locator(".modal .o_field_widget[name=summary]")).to_contain_text("is over")
    screenshot("send_past_day")
    page.click(".modal-footer button[name=action_prepare]")
    page.wait_for_selector("button[name=action_sign]")
    order = call("bank.order", "search_read", [("payment_id", "=", late)], ["execute_on"])[0]
    assert order["execute_on"] >= date.today().isoformat()

    # Signing asks for the password, and a wrong one signs nothing.
    page.click("button[name=action_sign]")
    give_password(page, "not mine")
    page.wait_for_selector(".o_notification, .modal :text('Incorrect')")
    screenshot("sign_wrong_password")
    page.goto(page.url)
    page.wait_for_selector(".o_arrow_button_current:has-text('Prepared')")
    page.click("button[name=action_sign]")
    page.wait_for_selector(".modal :text('confirm it\\'s you')")
    screenshot("sign_password")
    give_password(page, "admin")
    page.wait_for_selector(".o_arrow_button_current:has-text('Signed')")

    page.click("button[name=action_verify_signatures]")
    page.wait_for_selector(".o_notification:has-text('content of this package: 1')")
    screenshot("package_signed")

    # The file: once confirmed it counts as handed over, and Send is gone.
    page.click("button[name=action_download]")
    page.click(".modal-footer button:has-text('Ok')")
    page.wait_for_selector(".modal :text('Save the file')")
    screenshot("package_file")
    page.click(".modal-footer button:has-text('Close')")
    page.wait_for_selector(".o_arrow_button_current:has-text('Sent')")
    expect(page.locator("button[name=action_send]")).to_have_count(0)
    screenshot("package_by_hand")

    page.goto(f"/odoo/account.journal/{journal}")
    button = page.locator("button[name=action_bank_orders]")
    button.wait_for()
    expect(button).to_contain_text(re.compile(r"\d"))
    screenshot("journal_orders")
    button.click()
    page.wait_for_selector(".o_data_row")


def test_confidential_payment_says_so_to_who_may_see_it(log_in, call, screenshot):
    secret, _journal = payment(call, 4321.09, date.today(), bank_confidential=True)
    page = log_in()
    page.goto(f"/odoo/account.payment/{secret}")
    box = page.locator(".o_field_widget[name=bank_confidential] input")
    box.wait_for()
    assert box.is_checked()
    screenshot("confidential_payment")
    page.click("button[name=action_send_to_bank]")
    page.click(".modal-footer button[name=action_prepare]")
    page.wait_for_selector(".alert:has-text('Confidential')")
    screenshot("confidential_package")
    call("res.users", "write", [2], {"group_ids": [(3, ref(call, "group_confidential"))]})
    page.goto("/odoo/action-bank_webservice.action_bank_order")
    page.wait_for_selector(".o_list_view, .o_view_nocontent")
    expect(page.locator("text=4,321.09")).to_have_count(0)


def test_invoice_in_the_title_is_accepted_with_one_click(log_in, call, screenshot):
    journal = call("account.journal", "search_read", [("code", "=", "MBP")], ["company_id"])[0]
    company = journal["company_id"][0]
    sales = call(
        "account.journal", "search", [("type", "=", "sale"), ("company_id", "=", company)], limit=1
    )
    customer = call("res.partner", "create", {"name": "Klient Łódź Sp. z o.o."})
    invoice = call(
        "account.move",
        "create",
        {
            "move_type": "out_invoice",
            "partner_id": customer,
            "journal_id": sales[0],
            "invoice_date": date.today().isoformat(),
            "invoice_line_ids": [(0, 0, {"name": "X", "price_unit": 100.0, "tax_ids": []})],
        },
    )
    call("account.move", "action_post", [invoice])
    name = call("account.move", "read", [invoice], ["name"])[0]["name"]
    lines = (
        {"amount": 100.0, "payment_ref": f"Zapłata za {name}, dziękuję"},
        {"amount": -12.5, "payment_ref": "Opłata za prowadzenie rachunku"},
    )
    day = date.today().isoformat()
    for values in lines:
        values.update({"journal_id": journal["id"], "date": day})
        call("account.bank.statement.line", "create", values)
    page = log_in()
    page.goto("/odoo/action-bank_webservice.action_bank_entry")
    row = page.locator(".o_data_row", has_text=name)
    row.wait_for()
    expect(page.locator("button[name=action_accept_proposal]")).to_have_count(1)
    screenshot("entries_proposal")
    row.locator("td[name=payment_ref]").click()
    page.wait_for_selector(f".alert:has-text('{name}')")
    screenshot("entry_proposal")
    page.click("button[name=action_accept_proposal]")
    page.wait_for_selector("button[name=action_undo_reconciliation]")
    screenshot("entry_accepted")
    assert call("account.move", "read", [invoice], ["amount_residual"])[0]["amount_residual"] == 0
