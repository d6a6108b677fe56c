# SPDX-License-Identifier: LGPL-3.0-only
"""*Waiting at the bank* and the keys of the secrets: two small screens, in words. And news that
come while a screen is being read."""

import pytest
from daily import PASSWORD, Person, assert_accessible, assert_fits, confirm
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def person(stack):
    return Person(stack, "ewa", "pl_PL")


def test_what_waits_is_asked_after_a_log_in(person, log_in, screenshot):
    page = log_in(person.odoo_login, PASSWORD)
    page.goto("/odoo/action-bank_webservice.action_bank_pending")
    if not page.locator(".modal .o_field_widget[name=journal_id] input").input_value():
        page.click(".modal .o_field_widget[name=journal_id] input")
        page.locator(".o-autocomplete--dropdown-item", has_text="mBank PLN").first.click()
    page.click(".modal-footer button[name=action_ask]")
    confirm(page, person)
    expect(page.locator(".modal")).to_contain_text("Nic tam nie czeka.")
    assert_fits(page)
    assert_accessible(page, ".modal")
    screenshot("waiting_at_the_bank")


def test_the_settings_count_the_secrets_of_the_key(log_in, screenshot):
    page = log_in()
    page.goto("/odoo/settings#bank_webservice")
    page.click(".settings_tab [data-key=bank_webservice]")
    secrets = page.locator("#bank_secret_keys")
    expect(secrets).to_contain_text("which seals:")
    # Nothing lies under another key, so there is nothing to press.
    expect(secrets.locator("button[name=action_reseal]")).to_have_count(0)
    secrets.scroll_into_view_if_needed()
    screenshot("secrets")


NEWS = """() => odoo.loader.modules.get("@bank_webservice/desk/fresh_data").tellScreens(
    odoo.__WOWL_DEBUG__.root.env, ["account.bank.statement.line"])"""


def test_news_that_come_while_a_screen_is_read_do_not_empty_it(log_in):
    """Its first data were read anew in the middle of reading them, and it waited for the first."""
    page = log_in()

    def tell(route):
        page.evaluate(NEWS)
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/account.bank.statement.line/web_search_read**", tell, times=1)
    page.goto("/odoo/action-bank_webservice.action_bank_entry")
    page.locator(".o_data_row").first.wait_for()
