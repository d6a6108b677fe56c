# SPDX-License-Identifier: LGPL-3.0-only
"""A newcomer connects an account by the guide: left in the middle, resumed, and done."""

import pytest
from daily import CLIENT, PASSWORD, Person, assert_accessible, assert_fits, confirm
from playwright.sync_api import expect

NUMBER = "PL43114010100000100000020002"  # the client's account in euro
GUIDE = "/odoo/action-bank_webservice.action_bank_setup"
DASHBOARD = "/odoo/action-account.open_account_journal_dashboard_kanban"
# Of the hand, wherever it presses, over all pages of the tab; not of the keyboard.
COUNT = """addEventListener("click", (event) => {
    if (event.isTrusted && event.detail) {
        sessionStorage.clicks = 1 + Number(sessionStorage.clicks || 0);
    }
}, true)"""


@pytest.fixture(scope="module")
def newcomer(stack):
    person = Person(stack, "ewa", "en_US")
    call = stack.rpc()
    for module, name in (
        ("bank_webservice", "group_administrator"),
        ("account", "group_account_manager"),
    ):
        domain = [("module", "=", module), ("name", "=", name)]
        group = call("ir.model.data", "search_read", domain, ["res_id"])[0]["res_id"]
        call("res.users", "write", [person.user], {"group_ids": [(4, group)]})
    # The guide makes the operator itself.
    call("bank.operator", "unlink", [person.operator])
    return person


def fill(page, name, text):
    page.fill(f".o_field_widget[name={name}] input", text)
    page.keyboard.press("Tab")


def choose(page, name, text):
    page.fill(f".o_field_widget[name={name}] input", text)
    page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()


def at(page, step):
    page.wait_for_selector(f".o_statusbar_status [data-value={step}].o_arrow_button_current")


def test_from_nothing_to_the_first_statements(newcomer, log_in, stack, screenshot):
    page = log_in(newcomer.odoo_login, PASSWORD)
    page.add_init_script(COUNT)
    page.goto(DASHBOARD)
    page.locator(".o_menu_sections button", has_text="Bank").click()
    page.locator(".o-dropdown--menu .dropdown-item", has_text="Set up a bank").click()
    at(page, "bank")
    choose(page, "bank_id", "mBank")
    page.click("button[name=action_next]")
    at(page, "account")
    fill(page, "acc_number", NUMBER)
    choose(page, "currency_id", "EUR")
    fill(page, "client_identifier", CLIENT)
    screenshot("setup_account")
    assert_accessible(page)
    page.click("button[name=action_next]")
    at(page, "operator")

    # Left here, and opened again from the menu: nothing has to be entered twice.
    page.goto("/odoo")
    page.goto(GUIDE)
    at(page, "operator")
    fill(page, "login", "ewa")
    page.click("button[name=action_next]")
    at(page, "test")
    page.click("button[name=action_test]")
    confirm(page, newcomer)
    at(page, "fetch")
    expect(page.locator(".fa-check")).to_have_count(5)
    screenshot("setup_guide", element=page.locator(".o_form_view"))
    page.click("button[name=action_fetch]")
    at(page, "done")
    assert 0 < int(page.evaluate("sessionStorage.clicks")) <= 10
    screenshot("setup_done")
    domain = [("journal_id.bank_account_id.sanitized_acc_number", "=", NUMBER)]
    assert stack.rpc()("account.bank.statement", "search_count", domain)

    # What was said to the bank meanwhile, on the width of a phone.
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("bank_call", "bank_session"):
        page.goto(f"/odoo/action-bank_webservice.action_{name}")
        page.locator(".o_kanban_record:not(.o_kanban_ghost)").first.wait_for()
        screenshot(f"{name}_390")
        assert_accessible(page)
        assert_fits(page)
