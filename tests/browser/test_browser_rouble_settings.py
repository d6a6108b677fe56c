# SPDX-License-Identifier: LGPL-3.0-only
"""What a Russian bank, the Bank of Russia's directory and a template fill in, on the screens.

Real Odoo, real sandbox, real browser; on the own account's card, the list of banks, and from the
single tax payment's template to its form.
"""

import pytest
from daily import assert_accessible
from playwright.sync_api import expect
from sandbox_bank import reach
from test_browser_rouble_order import type_code

from tools.ground import stack as stacks

DIRECTORY = (
    '<?xml version="1.0" encoding="windows-1251"?><ED807 xmlns="urn:cbr-ru:ed:v2.0" '
    'EDDate="2099-01-01" BusinessDay="2099-01-01" InfoTypeCode="CIRR">'
    '<BICDirectoryEntry BIC="044525111"><ParticipantInfo NameP="НОВЫЙ БАНК" Tnp="г" '
    'Nnp="Тверь"/></BICDirectoryEntry></ED807>'
)


@pytest.fixture(scope="module")
def stack():
    with stacks.running("rouble_settings", demo=True, cron_threads=1) as running:
        yield running


@pytest.fixture
def bank(stack):
    call = stack.rpc()
    company = call("res.company", "search", [("name", "=", "ООО Демо Торговля")])[0]
    call("res.users", "write", [2], {"company_id": company})
    return reach(stack, "directbank", "directbank")


def test_the_banks_settings_in_words_on_the_card(log_in, bank, stack, screenshot):
    bank.control("settings", directbank_profile="signs everything")
    call = stack.rpc()
    page = log_in()
    account = call("res.partner.bank", "search", [("client_identifier", "=", "RU000001")])[0]
    page.goto(f"/odoo/res.partner.bank/{account}")
    page.click("button[name=action_test_connection]")
    type_code(page, bank)
    # What the bank wants is told, and what is missing for it.
    page.wait_for_selector(".modal :text('The bank wants every request signed')")
    screenshot("rouble_settings_test")
    page.click(".modal button.btn-close")
    page.goto(f"/odoo/res.partner.bank/{account}")
    words = page.locator(".o_field_widget[name=agreement_words]")
    expect(words).to_contain_text("The bank calls the company RU000001")
    screenshot("rouble_settings_card")
    assert_accessible(page)
    bank.control("settings", directbank_profile="plain")


def test_the_directory_of_banks(log_in, bank, screenshot):
    page = log_in()
    page.goto("/odoo/action-bank_webservice.action_bank_bik")
    expect(page.locator(".o_data_row")).to_have_count(6)
    expect(page.locator(".o_data_row.fst-italic")).to_have_count(1)
    screenshot("rouble_banks")
    assert_accessible(page)
    page.click("button:has-text('Upload the directory')")
    file = {"name": "ED807.xml", "mimeType": "text/xml", "buffer": DIRECTORY.encode("cp1251")}
    page.set_input_files(".modal input[type=file]", file)
    screenshot("rouble_banks_upload")
    page.click(".modal button[name=action_upload]")
    page.wait_for_selector(".o_data_row:has-text('НОВЫЙ БАНК')")
    assert_accessible(page)


def test_from_the_template_of_the_single_tax_payment_to_its_form(log_in, bank, stack, screenshot):
    page = log_in()
    page.goto("/odoo/action-bank_webservice.action_bank_budget_template")
    page.wait_for_selector(".o_data_row:has-text('Единый налоговый платёж')")
    screenshot("rouble_templates")
    assert_accessible(page)
    page.click(".o_data_row:has-text('травматизм') td[name=name]")
    page.wait_for_selector(".o_form_view .o_field_widget[name=payee_corr_account]")
    screenshot("rouble_template")
    assert_accessible(page)
    page.go_back()
    page.locator(".o_data_row button[name=action_pay]").first.click()
    page.wait_for_selector(".o_arrow_button_current:has-text('Draft')")
    page.fill(".o_field_widget[name=amount] input", "42150")
    page.click(".nav-link:has-text('Payment order')")
    status = page.locator(".o_field_widget[name=rouble_payer_status]")
    expect(status.locator("select, input").first).to_have_value("01 – organisation: taxes")
    screenshot("rouble_single_tax")

    # A payee that was made just now is trusted by a person; then only the button is left.
    call = stack.rpc()
    domain = [("acc_number", "=", "03100643000000018500")]
    card = call("res.partner.bank", "search", domain)
    call("res.partner.bank", "write", card, {"allow_out_payment": True})
    page.click("button[name=action_post]")
    page.click("button[name=action_send_to_bank]")
    page.click(".modal-footer button[name=action_prepare]")
    domain = [("payee_account", "=", "03100643000000018500")]
    page.wait_for_timeout(3000)
    (order,) = call("bank.order", "search_read", domain, ["payer_kpp", "bank_state"])
    assert (order["payer_kpp"], order["bank_state"]) == ("0", "prepared")
    page.goto(f"/report/html/bank_webservice.rouble_order/{order['id']}")
    page.wait_for_selector("text=18201061201010000510")
    screenshot("rouble_single_tax_form")
