# SPDX-License-Identifier: LGPL-3.0-only
"""Two stories of the day in the languages of their people: the morning's fetch in Polish, paying
and signing in Russian. Pictures of every screen are kept; our own parts pass axe-core."""

import pytest
from daily import PASSWORD, Person, answer_on_phone, assert_accessible, assert_fits, confirm
from playwright.sync_api import expect
from sandbox_bank import reach

LISTS = (
    "bank_entry",
    "bank_order",
    "bank_package",
    "bank_document",
    "bank_session",
    "bank_certificate",
    "bank_order_report",
)
DASHBOARD = "/odoo/action-account.open_account_journal_dashboard_kanban"


@pytest.fixture(scope="module")
def zofia(stack):
    return Person(stack, "piotr", "pl_PL")


@pytest.fixture(scope="module")
def olga(stack):
    person = Person(stack, "ewa", "ru_RU")
    person.give_key()
    return person


def card_of(page, person):
    page.goto(DASHBOARD)
    # Other tests may have connected another account of this company.
    card = page.locator(".o_kanban_record:has(.o_bank_card)", has_text="mBank PLN")
    card.wait_for()
    return card


def wording(page, lang):
    speaks = "(lang) => window.luxon?.Settings.defaultLocale?.startsWith(lang)"
    page.wait_for_function(speaks, arg=lang[:2])


def test_morning_fetch_in_polish(zofia, stack, log_in, screenshot):
    account = stack.rpc()("res.partner.bank", "read", [zofia.account], ["acc_number"])[0]
    bank = reach(stack, "mbank", "mbank/ws")
    bank.control("incoming", account=account["acc_number"], amount="12.00", title="Rano")
    page = log_in(zofia.odoo_login, PASSWORD)
    card = card_of(page, zofia)
    wording(page, "pl_PL")
    given_up_by_keyboard(page, card, zofia)
    card.locator("button[name=action_fetch_statements]").click()
    page.wait_for_selector(".modal .o_field_widget[name=date_from]")
    screenshot("pl_fetch")
    page.click(".modal-footer button[name=action_fetch]")
    refused_by_mistake(page, zofia, screenshot)
    confirm(page, zofia, screenshot)
    page.wait_for_selector(".modal .o_field_widget[name=result]")
    page.wait_for_selector(".modal .o_data_row")
    # What goes on after the dialog speaks the user's language too.
    assert "statements" not in page.inner_text(".modal")
    screenshot("pl_fetched")
    assert_accessible(page, ".modal-body")
    page.click(".modal-footer button.btn-secondary")

    # The session is open: the balance comes without asking.
    card = card_of(page, zofia)
    card.locator("a[name=action_refresh_balance]").click()
    card.locator(".o_bank_webservice_balance").wait_for()
    expect(card.locator(".o_bank_session")).to_have_count(1)
    screenshot("pl_card")
    assert_accessible(page)


def refused_by_mistake(page, person, screenshot):
    """Refuse on the phone: the dialog says so, and begins again without being closed."""
    page.wait_for_selector(".o_bank_confirm_code")
    code = page.inner_text(".o_bank_confirm_code")
    answer_on_phone(page, person, code, "no")
    page.wait_for_selector(".o_bank_confirm .alert")
    screenshot("pl_refused")
    page.click(".o_bank_confirm .btn-primary")
    expect(page.locator(".o_bank_confirm_code")).not_to_have_text(code)


def given_up_by_keyboard(page, card, person):
    """Nothing but the keyboard: from the card through the dialog to the bank's question; Escape."""
    card.locator("button[name=action_fetch_statements]").press("Enter")
    page.wait_for_selector(".modal .o_field_widget[name=date_from]")
    assert tab_to(page, "action_fetch") == ["date_from", "date_to", "action_fetch"]
    button = page.locator(".modal button[name=action_fetch]")
    expect(button).to_be_focused()
    expect(button).to_be_enabled()
    button.press("Enter")
    page.wait_for_selector(".o_bank_confirm_code")
    page.wait_for_function(f"() => {FOCUSED}.closest('.modal')")
    # Every stop is inside the dialog, and Cancel is one of them.
    tab_to(page, "o_bank_confirm_cancel")
    page.keyboard.press("Tab")
    assert page.evaluate(f"() => Boolean({FOCUSED}.closest('.modal'))")
    with page.expect_response("**/bank.session/dialog_cancel"):
        page.keyboard.press("Escape")
    page.wait_for_selector(".o_bank_confirm", state="detached")
    asked = [("operator_id", "=", person.operator), ("state", "=", "asked")]
    assert not person.stack.rpc()("bank.session", "search_count", asked)


FOCUSED = "document.activeElement"
NAME = """() => {
    const at = document.activeElement;
    const named = at.closest("[name=date_from], [name=date_to], [name=action_fetch]");
    return named?.getAttribute("name") || at.className;
}"""


def tab_to(page, wanted):
    """The named stops from here to `wanted`, which a person reaches in a few steps."""
    stops = []
    for _ in range(12):
        stop = page.evaluate(NAME)
        if not stops or stops[-1] != stop:
            stops.append(stop)
        if stop.startswith("date_"):
            # Odoo's field is a button that turns into an input, and takes the focus once more.
            page.wait_for_function(f"() => {FOCUSED}.matches('input')")
        if wanted in stop:
            return [one for one in stops if " " not in one and one]
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} was not reached: {stops}")


def test_pay_and_sign_in_russian(olga, log_in, screenshot):
    bill = olga.bill(1815.74, "FV/77/2026")
    page = log_in(olga.odoo_login, PASSWORD)
    page.goto(f"/odoo/account.move/{bill}")
    wording(page, "ru_RU")
    page.click("button[name=action_register_payment]")
    page.wait_for_selector(".modal .o_field_widget[name=amount]")
    choose_our_method(page)
    page.click(".modal-footer button[name=action_create_payments]")
    page.wait_for_selector(".modal", state="detached")

    card = card_of(page, olga)
    card.locator("button[name=action_payments_to_send]").click()
    page.wait_for_selector(".o_data_row")
    page.check("thead .o_list_record_selector input")
    page.click(".o_control_panel button:has(.fa-cog)")
    page.locator(".o-dropdown--menu .o_menu_item", has_text="банк").first.click()
    page.wait_for_selector(".modal-footer button[name=action_prepare]")
    screenshot("ru_send")
    assert_accessible(page, ".modal-body")
    page.click(".modal-footer button[name=action_prepare]")

    # Prepared only: it waits on the card for whoever signs.
    page.wait_for_selector(".o_form_view button[name=action_sign]")
    card = card_of(page, olga)
    screenshot("ru_card")
    card.locator("button[name=action_packages_to_sign]").click()
    page.click("button[name=action_sign]")
    identify(page)
    page.wait_for_selector("button[name=action_sign]", state="detached")
    page.click(".nav-link[name=signatures]")
    page.wait_for_selector(".o_field_widget[name=signature_ids] .o_data_row")
    screenshot("ru_signed")
    assert_accessible(page)

    page.click("button[name=action_send]")
    confirm(page, olga)
    accepted = ".o_statusbar_status [data-value=accepted].o_arrow_button_current"
    refresh_until(page, accepted)
    screenshot("ru_accepted")


def choose_our_method(page):
    """The method of our add-on, where the journal proposes another one."""
    field = ".modal .o_field_widget[name=payment_method_line_id]"
    page.click(f"{field} input")
    page.locator(".o-autocomplete--dropdown-item", has_text="Веб-сервис банка").first.click()


def identify(page):
    """Odoo asks for the password again before money moves."""
    page.fill(".modal .o_field_widget[name=password] input", PASSWORD)
    page.click(".modal-footer button[name=run_check]")


def refresh_until(page, selector):
    """Sent by the cron: the form follows by itself; the status is asked for once more."""
    page.wait_for_selector("button[name=action_refresh_status]")
    if not page.locator(selector).count():
        page.click("button[name=action_refresh_status]")
    page.wait_for_selector(selector)


@pytest.mark.parametrize("width", [1280, 390])
def test_lists_and_reports_are_readable(olga, log_in, screenshot, width):
    """What the story before left behind, on a screen and on a phone."""
    page = log_in(olga.odoo_login, PASSWORD)
    page.set_viewport_size({"width": width, "height": 844})
    rows = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost), .o_pivot td"
    for name in LISTS:
        page.goto(f"/odoo/action-bank_webservice.action_{name}")
        page.locator(rows).first.wait_for()
        screenshot(f"{name}_{width}")
        assert_accessible(page)
        assert_fits(page)
