# SPDX-License-Identifier: LGPL-3.0-only
"""A long period is fetched in the background: told live, day by day, and stopped by a click."""

from datetime import date, timedelta

import pytest
import requests
from daily import choose_days
from playwright.sync_api import expect

LONG = 150  # days: several pieces
FIRST_DAY = ".modal .o_field_widget[name=date_from]"


@pytest.fixture
def bank(stack):
    """The sandbox' address, with the demo bank pointed at this sandbox."""
    call = stack.rpc()
    banks = call("res.bank", "search", [("bank_channel", "=", "mbank")])
    call("res.bank", "write", banks, {"webservice_address": f"{stack.sandbox.url}/mbank/ws"})
    polish = call("res.company", "search", [("name", "like", "Demo Handel")])
    call("res.users", "write", [2], {"company_id": polish[0]})
    return stack.sandbox.url


def test_progress_is_told_and_stop_stops(log_in, bank, stack, screenshot):
    call = stack.rpc()
    journal = call("account.journal", "search", [("name", "=", "mBank PLN")])[0]
    # As if nothing had been fetched yet.
    stack.sql(f"UPDATE bank_feed SET fetched_until = NULL WHERE journal_id = {journal}")
    page = log_in()
    # Each answer takes its time, so that there is something to stop.
    slow = {"kind": "delay", "operation": "GetStatement", "count": 10, "seconds": 2, "before": True}
    requests.post(f"{bank}/control/faults", json=slow, timeout=30).raise_for_status()
    ask_for(page, date.today() - timedelta(days=LONG), date.today())
    confirm_if_asked(page, bank)
    stop = page.locator(".o_notification", has=page.get_by_role("button", name="Stop")).last
    stop.wait_for()
    expect(stop).to_contain_text("until")
    screenshot("fetch_progress")
    # A dialog that was opened meanwhile stays, though the card behind it is read again.
    open_dialog(page)
    with page.expect_response("**/account.journal/web_search_read*"):
        stop.get_by_role("button", name="Stop").click()
    page.wait_for_selector(".o_notification:has-text('were not fetched.')")
    screenshot("fetch_stopped")
    expect(page.locator(FIRST_DAY)).to_have_count(1)
    requests.delete(f"{bank}/control/faults", timeout=30).raise_for_status()
    feed = [("journal_id", "=", journal)]
    (found,) = call("bank.feed", "search_read", feed, ["fetched_until", "run_until"])
    assert not found["run_until"], "the run is over"
    reached = str(date.today() - timedelta(days=32))
    assert not found["fetched_until"] or found["fetched_until"] < reached, "it was stopped early"


def open_dialog(page):
    card = page.locator(".o_kanban_record", has_text="mBank PLN")
    card.get_by_role("button", name="Fetch", exact=True).click()
    page.wait_for_selector(FIRST_DAY)


def ask_for(page, since, until):
    page.goto("/odoo/action-account.open_account_journal_dashboard_kanban")
    open_dialog(page)
    choose_days(page, since, until)
    page.click(".modal-footer button[name=action_fetch]")


def confirm_if_asked(page, bank):
    """Another test's session may still run."""
    page.locator(".o_bank_confirm_code, .o_notification").first.wait_for()
    code = page.locator(".o_bank_confirm_code")
    if not code.count():
        return
    shown = code.inner_text()
    phone = page.context.new_page()
    phone.goto(f"{bank}/phone#ewa")
    if phone.locator("select").count():
        phone.select_option("select", "ewa")
    phone.wait_for_selector(f"text={shown}")
    phone.click("button:has-text('Confirm')")
    phone.wait_for_selector(f"text={shown}", state="detached")
    phone.close()
