# SPDX-License-Identifier: LGPL-3.0-only
"""The card, for real: Odoo, the pretend bank, the signer as a process of its own, and Chromium."""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import sys
import time
from pathlib import Path

import chromium
import daily
import pytest
import requests
from daily import assert_accessible
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "signer"))

from signer_window import asking_signer, hidden_screen, picture
from signer_world import Authority, Card, Page, Program, ec_key, fingerprint, rsa_key

from signer import __version__
from tools.ground.paths import CHECKOUT, RUN

PICTURES = CHECKOUT / "static" / "description"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PASSWORD = "card-test-password"
DIK = "10000001"
ACCOUNT = "PL22114010100000100000010001"
SUPPLIER_ACCOUNT = "PL32102010264010200000012345"
GROUPS = ("operator", "signer", "sender")
UNDER_WAY = ("signed", "to_send", "sending", "sent")
SIGNER_PORTS = range(17640, 17660)


def caller(stack, login, password):
    """call(model, method, *args, **kwargs) as this user, as the web client calls."""
    session = requests.Session()

    def post(route, **params):
        body = {"jsonrpc": "2.0", "params": params}
        answer = session.post(stack.odoo.url + route, json=body, timeout=90).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer.get("result")

    post("/web/session/authenticate", db=stack.database, login=login, password=password)

    def call(model, method, *args, **kwargs):
        route = "/web/dataset/call_kw"
        return post(route, model=model, method=method, args=args, kwargs=kwargs)

    return call


class Bank:
    """A company of its own at the pretend bank, made over RPC; its user signs with a card."""

    def __init__(self, stack, name):
        self.stack = stack
        self.rpc = caller(stack, "admin", "admin")
        self.login = name
        company = f"Karta {name} Sp. z o.o."
        self.company = self._create("res.company", name=company, vat="PL5251000017")
        all_of_them = {"active_test": False}
        pln = self.rpc("res.currency", "search", [("name", "=", "PLN")], context=all_of_them)
        self.rpc("res.currency", "write", pln, {"active": True})
        country = self.rpc("res.country", "search", [("code", "=", "PL")])[0]
        self.rpc(
            "res.company", "write", [self.company], {"currency_id": pln[0], "country_id": country}
        )
        admin = self.rpc("res.users", "search", [("login", "=", "admin")])
        self._give(admin, "bank_webservice.group_administrator", "account.group_account_manager")
        self.rpc("res.users", "write", admin, {"company_ids": [(4, self.company)]})
        self.context = {"allowed_company_ids": [self.company]}
        self.rpc("account.chart.template", "try_loading", [], "pl", self.company)
        self.user = self._user()
        self._connect()

    def _create(self, model, **values):
        created = self.rpc(model, "create", [values], context=getattr(self, "context", {}))
        return created[0] if isinstance(created, list) else created

    def _give(self, users, *names):
        ids = [self._ref(name) for name in names]
        self.rpc("res.users", "write", users, {"group_ids": [(4, group) for group in ids]})

    def _ref(self, name):
        module, _dot, name = name.partition(".")
        domain = [("module", "=", module), ("name", "=", name)]
        return self.rpc("ir.model.data", "search_read", domain, ["res_id"])[0]["res_id"]

    def _user(self):
        user = self._create(
            "res.users",
            name=f"Anna {self.login}",
            login=self.login,
            password=PASSWORD,
            lang="en_US",
            company_id=self.company,
            company_ids=[(6, 0, [self.company])],
        )
        groups = [f"bank_webservice.group_{name}" for name in GROUPS]
        self._give([user], "account.group_validate_bank_account", *groups)
        return user

    def _connect(self):
        self.bank = self._create(
            "res.bank",
            name="mBank",
            bank_channel="mbank",
            webservice_address=f"{self.stack.sandbox.url}/mbank/ws",
        )
        self.operator = self._create(
            "bank.operator",
            bank_id=self.bank,
            user_id=self.user,
            login="jan",
            default_method="certificate",
        )
        company = self.rpc("res.company", "read", [self.company], ["partner_id"])[0]
        partner = company["partner_id"][0]
        account = self._create(
            "res.partner.bank",
            acc_number=ACCOUNT,
            partner_id=partner,
            bank_id=self.bank,
            client_identifier=DIK,
        )
        self.journal = self._create(
            "account.journal",
            name="mBank",
            code="BWC",
            type="bank",
            company_id=self.company,
            bank_account_id=account,
            bank_statements_source="bank_webservice",
        )
        self.account = account

    def use(self, certificate):
        """The bank and the operator know the certificate that the user registered."""
        domain = [("fingerprint", "=", fingerprint(certificate))]
        record = self.rpc("bank.certificate", "search_read", domain, ["certificate_pem"])[0]
        self.rpc("bank.operator", "write", [self.operator], {"certificate_id": record["id"]})
        url = f"{self.stack.sandbox.url}/control/certificates"
        body = {"login": "jan", "pem": record["certificate_pem"]}
        requests.post(url, json=body, timeout=10).raise_for_status()

    def payments(self, *amounts):
        rpc = caller(self.stack, self.login, PASSWORD)
        supplier = self._create("res.partner", name="Papier i Biuro Sp. z o.o.")
        bank_account = self._create(
            "res.partner.bank",
            acc_number=SUPPLIER_ACCOUNT,
            partner_id=supplier,
            allow_out_payment=True,
        )
        domain = [("journal_id", "=", self.journal), ("code", "=", "bank_webservice")]
        line = self.rpc("account.payment.method.line", "search", domain)[0]
        ids = [
            rpc(
                "account.payment",
                "create",
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "partner_id": supplier,
                    "partner_bank_id": bank_account,
                    "journal_id": self.journal,
                    "payment_method_line_id": line,
                    "amount": amount,
                    "memo": f"FV {amount}",
                },
            )
            for amount in amounts
        ]
        rpc("account.payment", "action_post", ids)
        return ids

    def prepare(self, *amounts):
        """A package of payments, as the wizard prepares it. Runs *Test connection* first."""
        rpc = caller(self.stack, self.login, PASSWORD)
        rpc("res.partner.bank", "action_test_connection", [self.account])
        payments = self.payments(*amounts)
        wizard = rpc("bank.send", "create", {"payment_ids": [(6, 0, payments)]})
        rpc("bank.send", "action_prepare", [wizard])
        order = rpc("account.payment", "read", payments[:1], ["bank_order_id"])[0]["bank_order_id"]
        return rpc("bank.order", "read", [order[0]], ["package_id"])[0]["package_id"][0]

    def read(self, package):
        return caller(self.stack, self.login, PASSWORD)("bank.package", "read", [package])[0]

    def state(self, package):
        return self.read(package)["state"]


@pytest.fixture(scope="module")
def wallet(tmp_path_factory):
    """A software card with an RSA and an EC certificate."""
    authority = Authority()
    card = Card(tmp_path_factory.mktemp("card"))
    keys = {"rsa": rsa_key(), "ec": ec_key(), "roubles": rsa_key()}
    certificates = {kind: authority.issue(f"Jan {kind}", key) for kind, key in keys.items()}
    for number, kind in enumerate(keys, 1):
        card.put(keys[kind], certificates[kind], f"{number:02}")
    card.certificates = certificates
    return card


def free_signer_port():
    for port in SIGNER_PORTS:
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise AssertionError("no port of the signer is free")


@pytest.fixture
def start_signer(wallet, stack, tmp_path):
    """Start the signer where a page looks for it; it approves by itself (software token)."""
    programs = []

    def start(port=None):
        port = port or free_signer_port()
        home = tmp_path / f"home{port}"
        options = ("--port", str(port))
        programs.append(Program(home, wallet.environment, *options, site=stack.odoo.url))
        return programs[-1]

    yield start
    for program in programs:
        program.stop()


@pytest.fixture(scope="module")
def bank(stack):
    return Bank(stack, "card_user")


def open_registration(page):
    page.goto("/odoo/action-bank_webservice.action_bank_certificate")
    page.wait_for_selector(".o_list_view")
    assert_accessible(page)
    page.click("button[name=action_register_card]")
    return page.locator(".o_bank_register_card")


def test_without_a_signer_the_page_says_how_to_get_it(bank, log_in, stack):
    page = log_in(bank.login, PASSWORD)
    dialog = open_registration(page)
    dialog.locator(".o_bank_signer_title").wait_for()
    expect(dialog).to_contain_text("does not answer")
    assert_accessible(page, ".modal-content")
    href = dialog.locator("a[download]").get_attribute("href")
    answer = page.request.get(f"{stack.odoo.url}{href}")
    assert answer.status == 200
    assert answer.body().startswith(b"#!/usr/bin/env python3")
    digest = hashlib.sha256(answer.body()).hexdigest()
    expect(dialog.locator(".o_bank_signer_digest")).to_have_text(digest)
    release = dialog.get_by_role("link", name="Set-up for").get_attribute("href")
    assert release.endswith(f"/releases/tag/signer-{__version__}")


WHY = """async (isLocalPage) => {
    const name = "@bank_webservice/signer/signer_client";
    const { SignerClient, isOlder } = odoo.loader.modules.get(name);
    const client = new SignerClient("db", "anna");
    client.isLocalPage = isLocalPage;
    const older = [["1.9.9", "2.0.0"], ["2.0.0", "2.0.0"], ["2.10.0", "2.9.0"], ["", "2.0.0"]];
    return [await client.whyNobody("prompt"), ...older.map(([a, b]) => isOlder(a, b))];
}"""


def test_a_closed_question_of_the_browser_is_not_a_signer_that_is_missing(bank, log_in):
    """Headless, the browser asks nobody: the permission stays as after a closed question."""
    page = log_in(bank.login, PASSWORD)
    page.goto("/odoo")
    page.wait_for_selector(".o_main_navbar")
    assert page.evaluate(WHY, False) == ["permission_dismissed", True, False, False, True]
    assert page.evaluate(WHY, True)[0] == "not_running"


def test_a_signer_below_the_floor_is_not_used(bank, log_in):
    """A page of tomorrow meets a signer of today: it says so, and does not pair."""
    page = log_in(bank.login, PASSWORD)
    old = {"program": "bank-signer", "version": "1.0.0", "protocol": 1, "paired": False}
    page.route("http://127.0.0.1:176*/v1/hello", lambda route: route.fulfill(json=old))
    dialog = open_registration(page)
    expect(dialog.locator(".o_bank_signer_title")).to_contain_text("too old")
    expect(dialog.locator("a[download]")).to_be_visible()


def test_the_signer_is_not_given_to_strangers(stack):
    url = f"{stack.odoo.url}/bank_webservice/signer.pyz"
    answer = requests.get(url, timeout=30, allow_redirects=False)
    assert answer.status_code in (302, 303)


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_from_the_card_to_the_first_payment(
    bank, log_in, start_signer, wallet, kind, stack, screenshot
):
    certificate = wallet.certificates[kind]
    signer = start_signer()
    page = log_in(bank.login, PASSWORD)
    register(page, certificate)
    bank.use(certificate)
    read_balance(page, bank)
    package = bank.prepare(348.50, 12999.99, 1230)
    if os.environ.get("PICTURES") and kind == "rsa":
        take_pictures(page, package, signer, wallet, screenshot)
        start_signer(signer.port)
    sign_three_payments(page, bank, package)
    state = wait_for(lambda: bank.state(package), lambda state: state not in UNDER_WAY)
    assert state in ("accepted", "executed"), bank.read(package)
    # The bank took the signature of this very certificate: unsigned it would wait there.
    signature = bank.read(package)["signature_ids"]
    assert len(signature) == 1


def test_log_in_to_the_rouble_bank_with_the_card(log_in, start_signer, wallet, stack, screenshot):
    """LogonCert: the bank encrypts the session's id, the card opens it, the account is tested."""
    certificate = wallet.certificates["roubles"]
    start_signer()
    page = log_in()
    register(page, certificate)
    call = stack.rpc()
    with rouble_operator(call, stack, certificate):
        account = call("res.partner.bank", "search", [("client_identifier", "=", "RU000001")])[0]
        page.goto(f"/odoo/res.partner.bank/{account}")
        held = []  # the question to the card, to see the dialog while it waits
        page.route("**/v2/open-login", lambda route: held.append(route))
        page.click("button[name=action_test_connection]")
        dialog = page.locator(".o_bank_confirm", has_text="Log in with your card")
        dialog.locator("[data-step=waiting]").wait_for()
        expect(dialog).to_contain_text("which bank and which login")
        screenshot("rouble_card")
        held.pop().continue_()
        expect(page.locator("body")).to_contain_text("Everything works.")


@contextlib.contextmanager
def rouble_operator(call, stack, certificate):
    """The demo bank in roubles, whose operator logs in with this certificate for a while."""
    banks = call("res.bank", "search", [("bank_channel", "=", "directbank")])
    call("res.bank", "write", banks, {"webservice_address": f"{stack.sandbox.url}/directbank"})
    operators = call("bank.operator", "search", [("bank_id", "in", banks)])
    (before,) = call("bank.operator", "read", operators, ["default_method", "certificate_id"])
    domain = [("fingerprint", "=", fingerprint(certificate))]
    (record,) = call("bank.certificate", "search_read", domain, ["certificate_pem"])
    url = f"{stack.sandbox.url}/control/certificates"
    body = {"login": "demo-ru", "pem": record["certificate_pem"]}
    requests.post(url, json=body, timeout=10).raise_for_status()
    card = {"default_method": "certificate", "certificate_id": record["id"]}
    call("bank.operator", "write", operators, card)
    yield
    kept = before["certificate_id"] and before["certificate_id"][0]
    values = {"default_method": before["default_method"], "certificate_id": kept}
    call("bank.operator", "write", operators, values)


def register(page, certificate):
    dialog = open_registration(page)
    dialog.locator(".o_bank_signer_pair, .o_bank_certificate_choice").first.wait_for()
    if dialog.locator(".o_bank_signer_pair").count():
        dialog.locator(".o_bank_signer_pair").click()
    choice = dialog.locator(f"[data-fingerprint='{fingerprint(certificate)}']")
    choice.wait_for()
    page.mouse.move(0, 0)
    assert_accessible(page, ".o_bank_register_card")
    choice.click()
    page.wait_for_selector(".o_form_view [name=fingerprint]")
    assert_accessible(page)
    expect(page.locator(".o_form_view")).to_contain_text(fingerprint(certificate))


def test_from_a_way_that_the_bank_refuses_back_to_the_card(bank, log_in):
    """*Try again* asks in the way that was chosen; the other way stays in reach."""
    end_sessions(bank)
    page = log_in(bank.login, PASSWORD)
    page.goto("/odoo/action-account.open_account_journal_dashboard_kanban")
    page.locator("a[name=action_refresh_balance]").first.click()
    dialog = page.locator(".o_bank_confirm")
    dialog.get_by_role("button", name="Use the phone instead").click()
    dialog.locator(".alert:has-text('cannot log in in this way')").wait_for()
    assert_accessible(page, ".modal-content")
    with page.expect_request("**/bank.session/dialog_start") as asked:
        dialog.get_by_role("button", name="Try again").click()
    assert asked.value.post_data_json["params"]["args"][1] == "mobile"
    dialog.get_by_role("button", name="Use the card instead").click()
    dialog.locator(".o_bank_signer_title").wait_for()
    with page.expect_response("**/bank.session/dialog_cancel"):
        page.keyboard.press("Escape")
    domain = [("operator_id", "=", bank.operator), ("state", "!=", "ended")]
    assert not bank.rpc("bank.session", "search_count", domain)


def end_sessions(bank):
    domain = [("operator_id", "=", bank.operator), ("state", "!=", "ended")]
    bank.rpc("bank.session", "action_end", bank.rpc("bank.session", "search", domain))


def read_balance(page, bank):
    """The log-in is signed by the card; then the balance comes, without asking again."""
    page.goto("/odoo/action-account.open_account_journal_dashboard_kanban")
    page.locator("a[name=action_refresh_balance]").first.click()
    page.locator("a[name=action_refresh_balance]:text-is('Refresh')").wait_for()


def take_pictures(page, package, signer, wallet, screenshot):
    """What Odoo and the signer show while a person is asked; then nobody answers."""
    signer.stop()
    with hidden_screen() as display, asking_signer(signer, wallet.environment, display):
        page.set_viewport_size({"width": 1100, "height": 620})
        page.goto(f"/odoo/action-bank_webservice.action_bank_package/{package}")
        page.click("button[name=action_sign]")
        page.wait_for_selector(".o_bank_card_sign :text('Look at the signer')")
        screenshot("card_dialog")
        assert_accessible(page, ".modal-content")
        picture(display, "Sign payments: 3", RUN / "screenshots" / "signer_window.png")
        shutil.copy(RUN / "screenshots" / "signer_window.png", PICTURES)


def sign_three_payments(page, bank, package):
    """Signed in the dialog, then sent."""
    page.goto(f"/odoo/action-bank_webservice.action_bank_package/{package}")
    page.click("button[name=action_sign]")
    page.wait_for_selector("button[name=action_sign]", state="detached")
    assert bank.state(package) == "signed"
    page.click("button[name=action_send]")


def wait_for(read, good, seconds=60):
    """The value once it is good, or the last one."""
    deadline = time.monotonic() + seconds
    while not good(value := read()) and time.monotonic() < deadline:
        time.sleep(0.3)
    return value


def test_a_public_site_needs_the_browsers_permission(bank, stack, start_signer, browser):
    """Chromium treats this Odoo as a site of the internet, and nobody allows it anything."""
    start_signer()
    with public_browser(browser, stack) as context:
        dialog = open_registration(web_log_in(context, bank))
        dialog.locator(".o_bank_signer_title").wait_for()
        expect(dialog).to_contain_text("browser does not allow it")


def test_a_public_site_with_the_browsers_permission(bank, stack, start_signer, wallet, browser):
    start_signer()
    with public_browser(browser, stack, "local-network-access") as context:
        dialog = open_registration(web_log_in(context, bank))
        dialog.locator(".o_bank_signer_pair").click()
        dialog.locator(f"[data-fingerprint='{fingerprint(wallet.certificates['ec'])}']").wait_for()


def test_another_site_cannot_use_the_token_of_odoo(bank, stack, start_signer, log_in, wallet):
    signer = start_signer()
    page = log_in(bank.login, PASSWORD)
    dialog = open_registration(page)
    dialog.locator(".o_bank_signer_pair").click()
    dialog.locator(".o_bank_certificate_choice").first.wait_for()
    name = page.evaluate("Object.keys(localStorage).find((key) => key.includes('signer'))")
    token = page.evaluate("(name) => JSON.parse(localStorage[name]).token", name)
    ours = Page(signer.url, stack.odoo.url, stack.database, bank.login, token)
    content = json.dumps({"user": bank.login, "database": stack.database})

    def ask(origin):
        header = ours.authorization("/v2/certificates", content.encode(), origin=origin)
        return page.evaluate(ASK, [signer.port, header, content])

    assert ask(stack.odoo.url) == 200
    page.goto(stack.sandbox.url + "/phone")
    assert ask(stack.odoo.url) == ask(stack.sandbox.url) == "Failed to fetch"


ASK = """async ([port, Authorization, body]) => {
    const headers = { "Content-Type": "application/json", Authorization };
    try {
        const url = `http://127.0.0.1:${port}/v2/certificates`;
        return (await fetch(url, { method: "POST", headers, body })).status;
    } catch (error) {
        return error.message;
    }
}"""


@contextlib.contextmanager
def public_browser(browser, stack, *permissions):
    """A browser that takes Odoo's address for one of the internet."""
    host = stack.odoo.url.removeprefix("http://")
    flags = [*FLAGS, f"--ip-address-space-overrides={host}=public"]
    other = chromium.launch(browser.browser_type, flags)
    context = chromium.new_context(other, base_url=stack.odoo.url, permissions=list(permissions))
    context.set_default_timeout(60_000)
    yield context
    other.close()


def web_log_in(context, bank):
    page = context.new_page()
    daily.log_in(page, bank.login, PASSWORD)
    return page
