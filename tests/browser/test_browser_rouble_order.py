# SPDX-License-Identifier: LGPL-3.0-only
"""A payment order in roubles as its user makes it, from the draft to the executed payment.

Real Odoo, real sandbox, real browser; the one-time code is read from the sandbox's phone page.
"""

import re
from datetime import date

import pytest
from daily import choose_days
from playwright.sync_api import expect
from sandbox_bank import reach

from tools.ground import stack as stacks

LOGIN = "demo-ru"


@pytest.fixture(scope="module")
def stack():
    """A stack of its own: the bank's clock is moved here."""
    with stacks.running("rouble", demo=True, cron_threads=1) as running:
        yield running


@pytest.fixture
def bank(stack):
    """The sandbox' routes, with the demo bank pointed at this sandbox, in the Russian company."""
    call = stack.rpc()
    company = call("res.company", "search", [("name", "=", "ООО Демо Торговля")])[0]
    call("res.users", "write", [2], {"company_id": company})
    return reach(stack, "directbank", "directbank")


def on_the_phone(context, bank, confirm):
    """The phone page in a tab of its own. Returns the code that it shows."""
    phone = context.new_page()
    phone.goto(f"{bank.url}/phone#{LOGIN}")
    phone.select_option("select", LOGIN)
    phone.wait_for_selector(".code")
    code = phone.inner_text(".code").strip()
    if confirm:
        phone.click("button:has-text('Confirm')")
        phone.wait_for_selector(".code", state="detached")
    phone.close()
    return code


def type_code(page, bank):
    """The dialog *Enter the code*: the one that the phone shows."""
    page.wait_for_selector(".o_bank_confirm_answer")
    page.fill(".o_bank_confirm_answer", on_the_phone(page.context, bank, confirm=False))
    page.click(".o_bank_confirm button[type=submit]")
    page.wait_for_selector(".o_bank_confirm", state="detached")


def fill(page, name, text):
    page.fill(f".o_field_widget[name={name}] input, .o_field_widget[name={name}] textarea", text)
    page.keyboard.press("Tab")


def refresh_until(page, state):
    page.click("button[name=action_refresh_status]")
    page.wait_for_selector(f".o_arrow_button_current:has-text('{state}')")


def draft_payment(call):
    """A payment to the demo supplier that nobody has confirmed yet."""
    journal = call("account.journal", "search", [("code", "=", "DBR")])[0]
    domain = [("journal_id", "=", journal), ("code", "=", "bank_webservice")]
    partner = call("res.partner", "search", [("name", "=", "ООО Бумага и Офис")])[0]
    return call(
        "account.payment",
        "create",
        {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": partner,
            "partner_bank_id": call("res.partner.bank", "search", [("partner_id", "=", partner)])[
                0
            ],
            "journal_id": journal,
            "payment_method_line_id": call("account.payment.method.line", "search", domain)[0],
            "amount": 1540.25,
            "memo": "Счёт № 301",
        },
    )


def execute_and_fetch(page, bank):
    """The bank executes on working days: its clock goes to the next one, and one day further; then
    that day is fetched."""
    day = date.fromisoformat(bank.control("clock", working_day=True)["today"]["directbank"])
    bank.control("run")
    bank.control("clock", days=1)
    page.goto("/odoo/action-account.open_account_journal_dashboard_kanban")
    card = page.locator(".o_kanban_record", has_text="DirectBank RUB")
    card.get_by_role("button", name="Fetch", exact=True).click()
    choose_days(page, date.today(), day)
    page.click(".modal-footer button[name=action_fetch]")
    type_code(page, bank)  # the moved clock has ended the session
    page.wait_for_selector(".modal .o_field_widget[name=result]")


def test_from_the_draft_to_the_executed_order(log_in, bank, stack, screenshot):
    call = stack.rpc()
    page = log_in()

    # The one-time code is typed into the dialog; then the test goes on by itself.
    account = call("res.partner.bank", "search", [("client_identifier", "=", "RU000001")])[0]
    page.goto(f"/odoo/res.partner.bank/{account}")
    page.click("button[name=action_test_connection]")
    type_code(page, bank)
    page.wait_for_selector("text=Everything works.")

    # A draft: the boxes of the form are there, filled, and can be written over.
    payment = draft_payment(call)
    page.goto(f"/odoo/account.payment/{payment}")
    page.wait_for_selector(".o_arrow_button_current:has-text('Draft')")
    expect(page.locator("button[name=action_send_to_bank]")).to_have_count(0)
    page.click(".nav-link:has-text('Payment order')")
    priority = ".o_field_widget[name=rouble_priority] input"
    expect(page.locator(priority)).to_have_value("5")
    fill(page, "rouble_priority", "9")
    screenshot("rouble_draft")

    # Confirmed in the books, it can be sent; what is wrong is told with its box.
    page.click("button[name=action_post]")
    page.click("button[name=action_send_to_bank]")
    page.wait_for_selector(".modal :text('Priority (21)')")
    screenshot("rouble_problem")
    page.click(".modal button.btn-close")
    page.click(".nav-link:has-text('Payment order')")
    fill(page, "rouble_priority", "5")
    fill(page, "rouble_purpose", "Оплата по счёту № 201. НДС не облагается")
    screenshot("rouble_payment")

    # Sent by the cron in the open session; unsigned, so it waits for the phone.
    page.click("button[name=action_send_to_bank]")
    page.click(".modal-footer button[name=action_send]")
    # The bank may have gone on already when the page is refreshed.
    page.locator(".o_arrow_button_current").filter(
        has_text=re.compile("Sent|Waiting|Accepted")
    ).first.wait_for()
    refresh_until(page, "Waiting at the bank")
    on_the_phone(page.context, bank, confirm=True)
    refresh_until(page, "Accepted")
    screenshot("rouble_accepted")

    # Accepted is not executed: the statement proves it.
    execute_and_fetch(page, bank)
    assert len(bank.ledger()) == 1
    screenshot("rouble_fetched")
    domain = [("payment_id", "=", payment)]
    (order,) = call("bank.order", "search_read", domain, ["bank_state"])
    assert order["bank_state"] == "executed"
    assert call("account.payment", "read", [payment], ["state"])[0]["state"] == "paid"

    # The order shows the whole form.
    page.goto(f"/odoo/bank.order/{order['id']}")
    page.click(".nav-link:has-text('Payment order')")
    page.wait_for_selector(".o_field_widget[name=payee_corr_account]:has-text('3010181')")
    page.wait_for_selector("button[name=action_print_rouble]")
    screenshot("rouble_order")
