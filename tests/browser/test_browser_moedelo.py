# SPDX-License-Identifier: LGPL-3.0-only
"""The Moe Delo story as its people see it: consent, imported orders, notices, calendar, jump.

Real Odoo, real pretend bank and pretend Moe Delo, real browser. The tests go on one after another.
"""

import base64
import re
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from daily import assert_accessible
from playwright.sync_api import expect

from tools.ground import stack as stacks
from tools.moedelo.service import Vendor
from tools.moedelo.story import Story

ON_ITS_WAY = re.compile("To send|Sending|Sent|Waiting|Accepted")
HOME = "/odoo/action-account.open_account_journal_dashboard_kanban"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory):
    return Vendor(tmp_path_factory.mktemp("vendor"))


@pytest.fixture(scope="module")
def stack(vendor):
    """A stack of its own: the bank's clock is moved here, and a licence has to be there."""
    options = {"demo": True, "cron_threads": 2, **vendor.conf}
    with stacks.running("browser_moedelo", **options) as running:
        yield running


@pytest.fixture(scope="module")
def story(stack, vendor):
    story = Story(stack, vendor)
    story.use_package("integration")
    return story


def moedelo_menu(page):
    """Names under Moe Delo in the menu of the accounting application."""
    page.goto(HOME)
    page.wait_for_selector(".o_kanban_record")
    button = page.locator(".o_menu_sections button", has_text="Moe Delo")
    if not button.count():
        page.click(".o_menu_sections_more button")
    page.get_by_text("Moe Delo", exact=True).first.click()
    page.get_by_role("menuitem", name="Payment orders").first.wait_for()
    return page.locator(".o-dropdown--menu").all_inner_texts()


def payments_list(page):
    """The vendor payments, without the filter that leaves only some of them."""
    page.goto("/odoo/vendor-payments")
    page.wait_for_selector(".o_list_view")


def user_menu(page):
    page.click(".o_user_menu button")
    page.wait_for_selector(".o-dropdown--menu :text('Log out')")
    return page.locator(".o-dropdown--menu").inner_text()


def test_the_restricted_package_shows_neither_calendar_nor_jump(log_in, story, screenshot):
    page = log_in()
    names = "\n".join(moedelo_menu(page))
    screenshot("moedelo_menu_restricted")
    assert "Payment orders" in names
    assert "Tax calendar" not in names
    assert "Open the cabinet" not in names
    page.keyboard.press("Escape")
    assert "Open Moe Delo" not in user_menu(page)
    page.goto("/odoo/action-bank_webservice.moedelo_calendar_open")
    page.wait_for_selector("text=Licence or package do not allow this.")


def test_an_administrator_connects_and_orders_come(log_in, story, screenshot):
    page = log_in()
    page.goto(story.stack.moedelo.url)
    page.click("#connect")
    page.wait_for_selector("text=This service wants to be connected")
    screenshot("moedelo_consent")
    assert_accessible(page, ".moedelo_consent")
    page.fill("#password", "admin")
    page.click("button[type=submit]:has-text('Connect')")
    page.wait_for_selector("#connected:has-text('ООО Демо Торговля')")
    page.click("text=Hand over three orders")
    page.wait_for_selector("td:has-text('refused')")
    expect(page.locator("td:has-text('accepted')")).to_have_count(2)
    screenshot("moedelo_service")
    for name in ("client", "grant", "subscription", "licence", "audit", "key"):
        page.goto(f"/odoo/action-bank_webservice.moedelo_{name}_action")
        page.locator(".o_data_row").first.wait_for()
        screenshot(f"moedelo_{name}s")
        assert_accessible(page)
    page.goto("/odoo/action-bank_webservice.moedelo_client_action")
    page.locator(".o_data_row td[name=name]").first.click()
    page.wait_for_selector(".o_form_view .o_field_widget[name=name]")
    screenshot("moedelo_client")
    assert_accessible(page)


def test_an_order_is_accepted_signed_sent_and_the_service_knows(log_in, story, screenshot):
    page = log_in()
    payments_list(page)
    expect(page.locator(".o_imported_orders")).to_have_text("Imported: 2")
    screenshot("moedelo_payments_waiting")
    page.click(".o_imported_orders")
    page.wait_for_selector(".o_facet_value:has-text('Imported')")
    moedelo_menu(page)
    page.get_by_role("menuitem", name="Payment orders").first.click()
    page.wait_for_selector(".o_data_row:nth-child(2)")
    screenshot("moedelo_orders")
    page.locator(".o_data_row").last.locator("td[name=name]").click()
    page.wait_for_selector("button[name=action_moedelo_accept]")
    screenshot("moedelo_imported")
    assert_accessible(page)
    page.click("button[name=action_moedelo_accept]")
    page.wait_for_selector("button[name=action_moedelo_accept]", state="detached")
    story.accept()
    story.trust()
    package = story.orders()[0]["package_id"][0]
    page.goto(f"/odoo/bank.package/{package}")
    page.click("button[name=action_sign]")
    page.fill(".modal .o_field_widget[name=password] input", "admin")  # is it really you?
    page.click(".modal button[name=run_check]")
    page.wait_for_selector(".o_arrow_button_current:has-text('Signed')")
    story.sign()
    page.click("button[name=action_send]")
    gone = page.locator(".o_arrow_button_current").filter(has_text=ON_ITS_WAY)
    gone.first.wait_for()
    story.send()  # the other one
    story.wait(lambda: story.status() == {"accepted"})
    story.execute()
    story.fetch()
    ids = [one["moedelo_external_id"] for one in story.orders()]
    story.wait(lambda: all(story.told(one) == ["01", "02"] for one in ids))
    page.goto("/odoo/action-bank_webservice.moedelo_notice_action")
    page.wait_for_selector(".o_data_row:nth-child(4)")
    expect(page.locator(".o_data_row :text('Delivered')")).to_have_count(4)
    screenshot("moedelo_notices")
    assert_accessible(page)
    page.locator(".o_data_row td[name=code]").first.click()
    page.wait_for_selector("button[name=action_send_again]")
    screenshot("moedelo_notice")
    assert_accessible(page)
    payments_list(page)
    paid = page.locator(".o_data_row td[name=bank_state]:has-text('Executed')")
    expect(paid).to_have_count(2)
    expect(page.locator(".o_imported_orders")).to_have_count(0)
    screenshot("moedelo_payments")


STATEMENTS = "/odoo/action-bank_webservice.moedelo_statement_request_action"


def test_the_service_has_its_statement_and_only_administrators_see_that(log_in, story, screenshot):
    """It asks by itself once an order was executed; nobody clicks anywhere."""
    story.wait(lambda: [one for one in story.seen()["requests"] if one["state"] == "received"])
    page = log_in()
    page.goto(story.stack.moedelo.url)
    expect(
        page.locator("tr:has-text('40702810700000000001') td:has-text('received')").first
    ).to_be_visible()
    screenshot("moedelo_service_statement")
    assert "Statement requests" in "\n".join(moedelo_menu(page))
    page.goto(STATEMENTS)
    expect(page.locator(".o_data_row .badge:has-text('Ready')").first).to_be_visible()
    screenshot("moedelo_statement_requests")

    story.make_clerk("clerk", "bank_webservice.group_operator", "bank_webservice.group_sender")
    page.context.clear_cookies()
    page = log_in("clerk", "clerk-password")
    names = "\n".join(moedelo_menu(page))
    screenshot("moedelo_menu_clerk")
    assert "Payment orders" in names
    assert "Statement requests" not in names
    page.goto(STATEMENTS)
    page.wait_for_selector(".modal:has-text('not allowed to access')")
    screenshot("moedelo_statement_requests_refused")


def test_the_calendar_is_filled_and_a_tax_paid(log_in, story, screenshot):
    story.use_package("moedelo")
    # The consent of the smaller package did not let the calendar come.
    assert "Connected" in story.connect().text
    page = log_in()
    assert "Tax calendar" in "\n".join(moedelo_menu(page))
    screenshot("moedelo_menu")
    page.get_by_role("menuitem", name="Tax calendar").click()
    page.wait_for_selector(".o_breadcrumb:has-text('never fetched yet')")
    expect(page.locator(".o_moedelo_old")).to_have_text("Never fetched from the service yet")
    page.click(".o_moedelo_pull")
    page.wait_for_selector(".o_breadcrumb:has-text('as of')")
    page.wait_for_selector(".o_event:has-text('НДФЛ')")
    expect(page.locator(".o_moedelo_old")).to_have_count(0)
    screenshot("moedelo_calendar")
    assert_accessible(page)
    # A day without the service: the page says how old it is, also when it is loaded anew.
    story.stack.sql("UPDATE moedelo_tax_calendar SET pulled_at = pulled_at - interval '25 hours'")
    page.reload()
    page.wait_for_selector(".o_moedelo_old:has-text('Not up to date: as of')")
    screenshot("moedelo_calendar_old")
    page.click(".o_switch_view.o_list")
    page.wait_for_selector(".o_data_row:nth-child(5)")
    screenshot("moedelo_calendar_list")
    assert_accessible(page)
    page.locator(".o_data_row", has_text="НДФЛ").locator("td[name=name]").click()
    page.wait_for_selector("button[name=action_pay]")
    screenshot("moedelo_event")
    assert_accessible(page)
    page.click("button[name=action_pay]")
    page.click(".nav-link:has-text('Payment order')")
    kbk = page.locator(".o_field_widget[name=rouble_kbk] input")
    expect(kbk).to_have_value("18201061201010000510")
    screenshot("moedelo_tax_payment")


def test_the_jump_lands_logged_in(log_in, story, screenshot):
    page = log_in()
    page.goto(HOME)
    page.wait_for_selector(".o_kanban_record")
    assert "Open Moe Delo" in user_menu(page)
    screenshot("moedelo_user_menu")
    with page.context.expect_page() as opened:
        page.click(".o-dropdown--menu :text('Open Moe Delo')")
    cabinet = opened.value
    cabinet.wait_for_selector("#user")
    assert cabinet.url == f"{story.stack.moedelo.url}/cabinet"
    expect(cabinet.locator("#company")).to_have_text("ООО Демо Торговля")
    cabinet.screenshot(path=str(stacks.RUN / "screenshots" / "moedelo_cabinet.png"))
    cabinet.close()

    # from an event of the calendar, straight to its page
    (event,) = story.call("moedelo.tax.event", "search", [("external_id", "=", "ndfl")])
    page.goto(f"/odoo/moedelo.tax.event/{event}")
    with page.context.expect_page() as opened:
        page.click("button[name=action_jump]")
    opened.value.wait_for_selector("#event:has-text('НДФЛ')")
    expect(opened.value.locator("#user")).to_have_text(story.seen()["visitors"][-1]["user"])


def passkey(private):
    """What Odoo keeps of a key on P-256: COSE (RFC 9053, 7.1.1), base64url."""
    point = private.public_key().public_numbers()
    cose = bytes.fromhex("a5010203262001215820") + point.x.to_bytes(32, "big")
    cose += bytes.fromhex("225820") + point.y.to_bytes(32, "big")
    return base64.urlsafe_b64encode(cose).rstrip(b"=").decode()


def test_a_passkey_connects_instead_of_the_password(page, story):
    port = urlsplit(story.stack.odoo.url).port
    here = f"http://localhost:{port}"  # no browser has a passkey for a bare address
    known, stranger = (ec.generate_private_key(ec.SECP256R1()) for _key in range(2))
    credential = base64.urlsafe_b64encode(b"a passkey").rstrip(b"=").decode()
    story.stack.sql(
        "INSERT INTO auth_passkey_key (name, credential_identifier, public_key, sign_count,"
        f" create_uid) VALUES ('Phone', '{credential}', '{passkey(known)}', 0, 2)"
    )
    page.goto(f"{here}/web/login")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "admin")
    page.click("button[type=submit]")
    page.wait_for_selector(".o_main_navbar")
    story.call("ir.config_parameter", "set_param", "web.base.url", here)
    # The service asks for a consent, and knows its browser again by a cookie.
    answer = requests.get(f"{story.stack.moedelo.url}/connect", timeout=60, allow_redirects=False)
    page.context.add_cookies(
        [{"name": one.name, "value": one.value, "url": answer.url} for one in answer.cookies]
    )
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        **{"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True},
        **{"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True},
    }
    phone = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    # Odoo's page makes user 2 the handle "Mg" (2 in base64), and reads it so.
    for private, outcome in (
        (stranger, ".alert-danger:has-text('passkey was not accepted')"),
        (known, "#connected:has-text('ООО Демо Торговля')"),
    ):
        key = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        one = {
            **{"credentialId": base64.b64encode(b"a passkey").decode(), "rpId": "localhost"},
            **{"isResidentCredential": True, "userHandle": base64.b64encode(b"Mg").decode()},
            **{"privateKey": base64.b64encode(key).decode(), "signCount": 1},
        }
        devtools.send("WebAuthn.clearCredentials", phone)
        devtools.send("WebAuthn.addCredential", {**phone, "credential": one})
        page.goto(answer.headers["Location"].replace(story.stack.odoo.url, here))
        page.wait_for_load_state("networkidle")  # without its script the button does nothing
        page.click("text=Connect with a passkey")
        page.wait_for_selector(outcome)
