# SPDX-License-Identifier: LGPL-3.0-only
"""The stories of the day, counted in clicks: bills sent, all fetched, entries matched."""

import re
from datetime import date

import pytest
from daily import PASSWORD, Person, answer_on_phone, assert_accessible, assert_fits, confirm
from playwright.sync_api import expect

DASHBOARD = "/odoo/action-account.open_account_journal_dashboard_kanban"
ENTRIES = "/odoo/action-bank_webservice.action_bank_entry"
PHONE = {"width": 390, "height": 844}
NAMED, FEES, OWN, BY_HAND = 66, 20, 10, 4  # entries of a month


class Hand:
    """Presses, and counts."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def press(self, selector):
        found = self.page.locator(selector) if isinstance(selector, str) else selector
        found.first.click()
        self.clicks += 1


@pytest.fixture(scope="module")
def maria(stack):
    """She has a phone at the bank, and no certificate."""
    return Person(stack, "piotr", "en_US")


def look_over(page, hand):
    """From the dashboard to the look-over of every bill that is to be paid."""
    page.goto(DASHBOARD)
    hand.press(".o_kanban_record a:has(#account_dashboard_bills_to_pay)")
    page.wait_for_selector(".o_data_row")
    hand.press("thead .o_list_record_selector input")
    hand.press("button[name=action_pay_and_send]")
    page.wait_for_selector(".modal .o_bank_look_over")


def log_in_at_the_bank(page, person, after):
    """Where no session is open any more; `after`: what is seen then, or at once."""
    code = page.locator(".o_bank_confirm_code")
    code.or_(page.locator(after)).first.wait_for()
    if code.count():
        answer_on_phone(page, person, code.inner_text(), "yes")
    page.locator(after).first.wait_for()


def find(page, text):
    """Typed into the search box: no click."""
    page.locator(".o_searchview_input").fill(text)
    page.wait_for_selector(".o_searchview_autocomplete")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".o_facet_value:has-text('{text}')")


def test_ten_bills_in_five_clicks_and_the_phone(maria, log_in, stack, screenshot):
    bills = [maria.bill(100 + number, f"FV/{number}/CLICK") for number in range(10)]
    page = log_in(maria.odoo_login, PASSWORD)
    hand = Hand(page)
    look_over(page, hand)
    page.wait_for_selector(".modal .o_bank_look_over .o_data_row")
    expect(page.locator(".modal .o_bank_asks_phone")).to_be_visible()
    screenshot("pay_look_over")
    assert_accessible(page, ".modal-body")
    hand.press(".modal-footer button[name=action_send]")
    confirm(page, maria)
    page.wait_for_selector(".modal", state="detached")
    assert hand.clicks <= 5
    # One package, which the phone releases as a whole; its state follows within seconds.
    shown = page.locator(".o_field_widget[name=confirmation_code]")
    code = shown.first.inner_text()
    screenshot("pay_waiting")
    # Until the phone says so, a bill is but ordered.
    beside = page.context.new_page()
    beside.goto(f"/odoo/account.move/{bills[0]}")
    expect(beside.locator(".o_widget_web_ribbon .ribbon:visible")).to_have_text("Ordered")
    screenshot("pay_waiting_bill", window=beside)
    beside.close()
    answer_on_phone(page, maria, code, "yes")
    page.wait_for_selector(".o_statusbar_status [data-value=accepted].o_arrow_button_current")
    screenshot("pay_accepted")
    orders = stack.rpc()("bank.order", "search_count", [("payment_id.invoice_ids", "in", bills)])
    assert orders == len(bills)
    page.goto(f"/odoo/account.move/{bills[0]}")
    page.wait_for_selector(".o_widget_web_ribbon :visible")
    screenshot("pay_ordered_bill")
    expect(page.locator(".o_widget_web_ribbon .text-bg-success")).to_have_count(0)


def touch_for_long(card):
    """As a thumb that rests on it: Odoo's way to choose on a phone."""
    card.dispatch_event("touchstart")
    expect(card).to_have_class(re.compile("o_record_selected"))
    card.dispatch_event("touchend")


def test_bills_are_chosen_and_sent_on_a_phone(maria, log_in, stack, screenshot):
    bills = [maria.bill(70 + number, f"FV/{number}/PHONE") for number in range(2)]
    page = log_in(maria.odoo_login, PASSWORD)
    page.set_viewport_size(PHONE)
    page.goto(DASHBOARD)
    page.locator(".o_kanban_record a:has(#account_dashboard_bills_to_pay)").first.click()
    for amount in ("70.00", "71.00"):
        touch_for_long(page.locator(".o_kanban_record", has_text=amount))
    screenshot("pay_chosen_390")
    page.click(".o_cp_action_menus button")
    page.click(".o-dropdown--menu button[name=action_pay_and_send]")
    page.wait_for_selector(".modal .o_bank_look_over .o_kanban_record")
    screenshot("pay_look_over_390")
    expect(page.locator(".modal .o-kanban-button-new")).to_have_count(0)
    assert_accessible(page, ".modal-body")
    assert_fits(page)
    page.click(".modal-footer button[name=action_send]")
    shown = ".o_field_widget[name=confirmation_code]"
    log_in_at_the_bank(page, maria, shown)
    screenshot("pay_sent_390")
    assert_fits(page)
    answer_on_phone(page, maria, page.locator(shown).first.inner_text(), "yes")
    orders = stack.rpc()("bank.order", "search_count", [("payment_id.invoice_ids", "in", bills)])
    assert orders == len(bills)


def test_everything_is_fetched_with_one_press(maria, log_in, screenshot):
    page = log_in(maria.odoo_login, PASSWORD)
    page.goto(DASHBOARD)
    page.locator(".o_kanban_record:has(.o_bank_card)").first.wait_for()
    screenshot("card_all")
    hand = Hand(page)
    hand.press("button[name=action_fetch_everything]")
    log_in_at_the_bank(page, maria, ".o_notification:has-text('All statements were fetched')")
    assert hand.clicks == 1
    screenshot("card_fetched")


def entries(stack, maria, rows):
    context = {"allowed_company_ids": [maria.company]}
    values = [{"journal_id": maria.journal, "payment_ref": title, "amount": amount,
               "date": str(date.today())} for title, amount in rows]  # fmt: skip
    return stack.rpc()("account.bank.statement.line", "create", values, context=context)


def bills_of(stack, maria, amounts):
    """{their number: amount} as posted bills, all in one go."""
    first = maria.bill(9.99, "FV/0/MONTH")
    call, context = stack.rpc(), {"allowed_company_ids": [maria.company]}
    partner = call("account.move", "read", [first], ["partner_id"])[0]["partner_id"][0]
    values = [
        {
            "move_type": "in_invoice",
            "partner_id": partner,
            "ref": number,
            "invoice_date": str(date.today()),
            "invoice_line_ids": [(0, 0, {"name": "x", "price_unit": amount, "tax_ids": []})],
        }
        for number, amount in amounts.items()
    ]
    made = call("account.move", "create", values, context=context)
    call("account.move", "action_post", made, context=context)


def test_a_named_invoice_takes_one_click_and_a_fee_three(maria, log_in, stack, screenshot):
    maria.bill(431.5, "FV/431/MATCH")
    entries(stack, maria, [("zaplata FV/431/MATCH", -431.5), ("oplata za konto", -12.34)])
    page = log_in(maria.odoo_login, PASSWORD)
    page.goto(ENTRIES)
    row = page.locator(".o_data_row", has_text="FV/431/MATCH")
    row.wait_for()
    screenshot("entries")
    assert_accessible(page)
    hand = Hand(page)
    hand.press(row.locator("button[name=action_accept_proposal]"))
    expect(row).to_have_count(0)  # the list shows what is not matched
    assert hand.clicks == 1

    hand, fee = Hand(page), page.locator(".o_data_row", has_text="oplata za konto")
    hand.press(fee.locator("button[name=action_book_as]"))
    page.wait_for_selector(".modal .o_field_widget[name=account_id]")
    screenshot("book_as")
    assert_accessible(page, ".modal-body")
    hand.press(".modal-footer button[name=action_book]")
    expect(fee).to_have_count(0)
    assert hand.clicks <= 3


def test_a_month_is_matched_in_fewer_clicks_than_it_has_entries(maria, log_in, stack, screenshot):
    named = {f"FV/{number}/MONTH": 1000 + number for number in range(1, NAMED + 1)}
    by_hand = {f"FV/{number}/HAND": 5000 + 7 * number for number in range(1, BY_HAND + 1)}
    bills_of(stack, maria, named | by_hand)
    rows = [(f"Zaplata MIES {number}", -amount) for number, amount in named.items()]
    rows += [(f"Oplata MIES {number}", -1 - number / 100) for number in range(FEES)]
    rows += [(f"Przelew MIES {number}", -200 - number) for number in range(OWN)]
    rows += [
        (f"Bez numeru MIES {number}", -amount) for number, amount in enumerate(by_hand.values())
    ]
    ids = entries(stack, maria, rows)
    page = log_in(maria.odoo_login, PASSWORD)
    page.goto(ENTRIES)
    hand = Hand(page)

    def select(text):
        find(page, text)
        expect(page.locator(".o_data_row").first).to_contain_text(text)
        hand.press("thead .o_list_record_selector input")

    select("Zaplata MIES")
    hand.press("button.btn-primary[name=action_accept_proposals]")
    expect(page.locator(".o_data_row")).to_have_count(0)
    for text, kind in (("Oplata MIES", "fee"), ("Przelew MIES", "own")):
        page.goto(ENTRIES)
        select(text)
        hand.press(".o_control_panel button[name=action_book_as]")
        page.wait_for_selector(".modal .o_field_widget[name=account_id]")
        chosen = page.locator(f".modal input[data-value={kind}]")
        if not chosen.is_checked():
            hand.press(chosen)
        page.wait_for_function(
            "() => document.querySelector('.modal [name=account_id] input').value"
        )
        hand.press(".modal-footer button[name=action_book]")
        page.wait_for_selector(".modal", state="detached")
    page.goto(ENTRIES)
    find(page, "Bez numeru MIES")
    for left in range(BY_HAND, 0, -1):
        expect(page.locator(".o_data_row")).to_have_count(left)
        hand.press(".o_data_row button[name=action_match]")
        page.wait_for_selector(".modal .o_data_row")
        # The item of the very sum comes first.
        hand.press(".modal .o_data_row .o_field_widget[name=chosen] input")
        hand.press(".modal-footer button[name=action_match]")
        page.wait_for_selector(".modal", state="detached")
    done = [("id", "in", ids), ("is_reconciled", "=", True)]
    assert stack.rpc()("account.bank.statement.line", "search_count", done) == len(rows) == 100
    assert hand.clicks < len(rows) / 3, hand.clicks


def test_matching_by_hand(maria, log_in, stack, screenshot):
    maria.bill(50, "FV/50/HAND")
    entries(stack, maria, [("bez rachunku", -53)])
    page = log_in(maria.odoo_login, PASSWORD)
    page.goto(ENTRIES)
    row = page.locator(".o_data_row", has_text="bez rachunku")
    row.locator("button[name=action_match]").press("Enter")  # and not the entry's own form
    expect(page.locator(".modal .o_field_widget[name=search_text] input")).to_be_focused()
    page.keyboard.type("50/HAND")
    # Ticked before the answer, it would be a row that the answer takes away.
    with page.expect_response("**/bank.match/onchange**"):
        page.keyboard.press("Tab")
    expect(page.locator(".modal .o_data_row")).to_have_count(1)
    item = page.locator(".modal .o_data_row", has_text="FV/50/HAND")
    item.locator(".o_field_widget[name=chosen] input").click()
    rest = page.locator(".modal .o_field_widget[name=rest]")
    expect(rest).to_have_text(re.compile(r"-\W?3\.00"))  # and not 53.00
    screenshot("match")
    assert_accessible(page, ".modal-body")
    page.set_viewport_size(PHONE)
    screenshot("match_390")
    assert_fits(page)
    page.set_viewport_size({"width": 1366, "height": 900})
    page.click(".modal-footer button[name=action_match]")
    page.wait_for_selector(".modal", state="detached")
    expect(row).to_have_count(1)  # the rest of it waits on
