# SPDX-License-Identifier: LGPL-3.0-only
"""The main job, as its user does it: log in to the bank, read, fetch, send, and see it executed.

Real Odoo, real sandbox, real browser; the phone is the sandbox's page in a second tab.
"""

from datetime import date, timedelta

import pytest
from daily import choose_days
from playwright.sync_api import expect
from sandbox_bank import reach

OWN = "22114010100000100000010001"


@pytest.fixture
def bank(stack):
    """The sandbox' routes, with the demo bank pointed at this sandbox."""
    return reach(stack, "mbank", "mbank/ws")


def confirm_on_phone(context, bank, login, code):
    """The phone page in a tab of its own: the same code, and Confirm."""
    phone = context.new_page()
    phone.goto(f"{bank.url}/phone#{login}")
    if phone.locator("select").count():
        phone.select_option("select", login)
    phone.wait_for_selector(f"text={code}")
    phone.click("button:has-text('Confirm')")
    phone.wait_for_selector(f"text={code}", state="detached")
    phone.close()


def open_card(page):
    page.goto("/odoo/action-account.open_account_journal_dashboard_kanban")
    card = page.locator(".o_kanban_record", has_text="mBank PLN")
    card.wait_for()
    return card


def test_from_log_in_to_the_executed_payment(log_in, bank, stack, screenshot):
    page = log_in()
    page.goto("/web/session/logout")  # ends what other tests left open at the bank
    page = log_in()
    context = page.context

    # Test connection: the first operation asks for a confirmation, and goes on by itself.
    account = stack.rpc()(
        "res.partner.bank", "search", [("client_identifier", "=", "10000001")], limit=1
    )
    page.goto(f"/odoo/res.partner.bank/{account[0]}")
    page.click("button[name=action_test_connection]")
    page.wait_for_selector(".o_bank_confirm_code")
    screenshot("dialog", element=page.locator(".modal-content"))
    confirm_on_phone(context, bank, "ewa", page.inner_text(".o_bank_confirm_code"))
    page.wait_for_selector("text=Everything works.")
    screenshot("test_connection")

    # The second operation asks nothing.
    card = open_card(page)
    with page.expect_response("**/action_refresh_balance"):
        card.locator("a[name=action_refresh_balance]").click()
    card.get_by_text("At the bank").wait_for()

    # The demo data hold the bank's last month already: nothing new, no double.
    today = bank.today()
    yesterday, month_ago = (today - timedelta(days=ago) for ago in (1, 30))
    assert "Nothing new" in fetch(page, month_ago, yesterday)
    bank.control("incoming", account=OWN, amount="1234.56", title="FV/9/2026", name="Nowak S.A.")
    assert "New entries: " in fetch(page, today, today)
    screenshot("fetched")
    assert "Nothing new" in fetch(page, month_ago, today)
    call = stack.rpc()
    incoming = [("amount", "=", 1234.56), ("payment_ref", "ilike", "FV/9/2026")]
    assert call("account.bank.statement.line", "search_count", incoming) == 1
    # ... and no gap.
    expect(open_card(page).locator(".o_bank_gaps, .o_bank_last_error")).to_have_count(0)

    screenshot("journal_card", element=open_card(page))

    # Payments: chosen, checked, sent by the cron, released on the phone.
    open_card(page).get_by_text("Send payments (2)").click()
    page.wait_for_selector(".o_data_row")
    page.check("thead .o_list_record_selector input")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Send to bank").click()
    page.wait_for_selector(".modal .o_data_row")
    screenshot("send_wizard", element=page.locator(".modal-content"))
    page.click(".modal-footer button[name=action_send]")
    page.wait_for_selector("text=The package waits at the bank.")
    screenshot("package_waiting")
    code = page.inner_text(".o_field_widget[name=confirmation_code]")
    confirm_on_phone(context, bank, "ewa", code)

    # The bank executes on working days: its clock goes to the next one.
    working_day = date.fromisoformat(bank.control("clock", working_day=True)["today"]["mbank"])
    bank.control("run")
    # Other tests share this bank: only what this package moved counts.
    package = call("bank.package", "search_read", [], ["message_id"], order="id desc", limit=1)[0]
    moved = [row for row in bank.ledger() if row["message_id"] == package["message_id"]]
    assert len(moved) == 2
    page.click("button[name=action_refresh_status]")
    settle_dialog(page, context, bank, ".o_arrow_button_current:has-text('Accepted')")

    # Accepted is not executed: the statement proves it.
    bank.control("clock", days=1)
    fetch(page, today, working_day + timedelta(days=1), context, bank)
    of_package = [("package_id", "=", package["id"])]
    orders = call("bank.order", "search_read", of_package, ["bank_state", "payment_id"])
    assert {order["bank_state"] for order in orders} == {"executed"}
    page.goto("/odoo/action-bank_webservice.action_bank_order")
    page.wait_for_selector(".o_data_row:has-text('Executed')")
    screenshot("orders")
    paid = [order["payment_id"][0] for order in orders]
    payments = call("account.payment", "read", paid, ["state"])
    assert [payment["state"] for payment in payments] == ["paid", "paid"]

    # Logging out of Odoo ends the session at the bank.
    page.goto("/web/session/logout")
    running = "SELECT count(*) FROM bank_session WHERE state != 'ended' AND user_id = 2"
    assert stack.sql(running)[0][0] == "0"


def settle_dialog(page, context, bank, done):
    """Waits for `done`; confirms when the bank ended the session (its clock was moved)."""
    dialog = page.locator(".o_bank_confirm_code")
    dialog.or_(page.locator(done)).first.wait_for()
    if dialog.count():
        confirm_on_phone(context, bank, "ewa", dialog.inner_text())
    page.wait_for_selector(done)


def fetch(page, since, until, context=None, bank=None):
    """Fetches through the wizard of the card. Returns what it says."""
    open_card(page).get_by_role("button", name="Fetch", exact=True).click()
    page.wait_for_selector(".modal .o_field_widget[name=date_from]")
    choose_days(page, since, until)
    page.click(".modal-footer button[name=action_fetch]")
    result = ".modal .o_field_widget[name=result]"
    if context:
        settle_dialog(page, context, bank, result)
    page.wait_for_selector(result)
    return page.inner_text(result)
