# SPDX-License-Identifier: LGPL-3.0-only
"""The thin line at a bank without log-in: balance, statement, three kinds of payments signed by a
card, sent, and executed by the statement. Mutual TLS is real, nobody logs in."""

import base64
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import requests
import test_browser_card as cards
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from daily import assert_accessible, choose_days
from playwright.sync_api import expect
from sandbox_bank import Bank as Sandbox
from test_browser_card import start_signer  # noqa: F401  a fixture

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "signer"))

from signer_world import Card, fingerprint, rsa_key

from tools.ground import stack as stacks

CLIENT, PASS, PASSWORD = "10500001", "ERP01", "demo"
OWN, OWN_EURO = "PL16105010121000009000010001", "PL59105010121000009000010003"
PAYEE_EURO = "DE89370400440532013000"
PACKAGES = "/odoo/action-bank_webservice.action_bank_package"


class Company(cards.Bank):
    """A company that ING knows by its certificate; its user is entered nowhere at the bank."""

    def __init__(self, stack, name):
        self.sandbox = Sandbox(stack.sandbox.url)
        super().__init__(stack, name)
        self.call = cards.caller(stack, name, cards.PASSWORD)

    def download(self, path):
        return requests.get(f"{self.sandbox.url}/demo/cdc/{path}", timeout=30).content

    def _connect(self):
        self.bank = self._create(
            "res.bank",
            name="ING",
            bic="INGBPLPWXXX",
            bank_channel="ing",
            webservice_address=self.stack.sandbox.addresses["ing"],
            webservice_ca=self.download("ca.pem").decode(),
        )
        self.identity = self._create("bank.identity", bank_id=self.bank, company_id=self.company)
        content = base64.b64encode(self.download(f"{CLIENT}/communication.p12")).decode()
        dialog = self._create(
            "bank.identity.certificate",
            **{"identity_id": self.identity, "way": "file"},
            **{"content": content, "password": PASSWORD},
        )
        self.rpc("bank.identity.certificate", "action_apply", [dialog], context=self.context)
        domain = [("identity_id", "=", self.identity), ("name", "=", "pass")]
        rows = self.rpc("bank.identity.value", "search", domain, context=self.context)
        self.rpc("bank.identity.value", "write", rows, {"value": PASS}, context=self.context)
        self.account, self.journal = self._own(OWN, "ING PLN", "INP", False)
        euro = self.rpc("res.currency", "search", [("name", "=", "EUR")],
                        context={"active_test": False})  # fmt: skip
        self.rpc("res.currency", "write", euro, {"active": True})
        self.account_euro, self.journal_euro = self._own(OWN_EURO, "ING EUR", "INE", euro[0])
        self.euro = euro[0]

    def _own(self, number, name, code, currency):
        """(account, journal) of the company at ING."""
        partner = self.rpc("res.company", "read", [self.company], ["partner_id"])[0]["partner_id"]
        account = self._create(
            "res.partner.bank",
            acc_number=number,
            partner_id=partner[0],
            bank_id=self.bank,
            client_identifier=CLIENT,
        )
        journal = self._create(
            "account.journal",
            name=name,
            code=code,
            type="bank",
            company_id=self.company,
            currency_id=currency,
            bank_account_id=account,
            bank_statements_source="bank_webservice",
        )
        return account, journal

    def sign_with(self, certificate):
        """What an administrator enters on the bank's card: who signs with which certificate."""
        domain = [("fingerprint", "=", fingerprint(certificate))]
        record = self.rpc("bank.certificate", "search", domain)[0]
        domain = [("bank_id", "=", self.bank), ("user_id", "=", self.user)]
        operators = self.rpc("bank.operator", "search", domain)
        self.rpc("bank.operator", "write", operators, {"certificate_id": record})

    def three_payments(self):
        """A domestic one, one with split payment, and a SEPA one."""
        pl = self._supplier("Papier i Biuro Sp. z o.o.", cards.SUPPLIER_ACCOUNT, "PL7781001014")
        de = self._supplier("Lieferant GmbH", PAYEE_EURO, "DE811569869", "base.de")
        split = {"bank_kind": "mpp", "bank_vat_amount": 23.0, "bank_vat_invoice": "FV 2"}
        return [
            self._payment(pl, self.journal, 100.0, "FV 1"),
            self._payment(pl, self.journal, 123.0, "FV 2", **split),
            self._payment(de, self.journal_euro, 50.0, "RE 3", currency_id=self.euro),
        ]

    def _supplier(self, name, number, vat, country="base.pl"):
        supplier = self._create(
            "res.partner",
            name=name,
            is_company=True,
            vat=vat,
            street="ul. Zielona 4",
            zip="60-001",
            city="Poznań",
            country_id=self._ref(country),
        )
        account = self._create(
            "res.partner.bank", acc_number=number, partner_id=supplier, allow_out_payment=True
        )
        return {"partner_id": supplier, "partner_bank_id": account}

    def _payment(self, payee, journal, amount, memo, **more):
        domain = [("journal_id", "=", journal), ("code", "=", "bank_webservice")]
        line = self.rpc("account.payment.method.line", "search", domain)[0]
        values = {
            **payee,
            **{"payment_type": "outbound", "partner_type": "supplier", "journal_id": journal},
            **{"payment_method_line_id": line, "amount": amount, "memo": memo, **more},
        }
        payment = self.call("account.payment", "create", values)
        self.call("account.payment", "action_post", [payment])
        return payment

    def orders(self):
        domain = [("company_id", "=", self.company)]
        fields = ["kind", "bank_state", "bank_reason", "package_id", "end_to_end_id"]
        return self.rpc("bank.order", "search_read", domain, fields, context=self.context)


@pytest.fixture(scope="module")
def stack():
    """A stack of its own: the bank's clock is moved here."""
    with stacks.running("cdc", demo=True, cron_threads=1) as running:
        yield running


@pytest.fixture(scope="module")
def company(stack):
    return Company(stack, "ing_user")


@pytest.fixture(scope="module")
def wallet(company, tmp_path_factory):
    """A card whose certificate the bank's portal gave for a request."""
    card, key = Card(tmp_path_factory.mktemp("card")), rsa_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Anna")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    csr = request.public_bytes(Encoding.PEM).decode()
    answer = company.sandbox.control("cdc/certificate", client=CLIENT, use="authorisation", csr=csr)
    card.certificate = x509.load_pem_x509_certificate(answer["pem"].encode())
    card.put(key, card.certificate, "01")
    return card


def test_from_the_balance_to_the_executed_payments(
    company, wallet, log_in, start_signer, screenshot  # noqa: F811
):  # fmt: skip
    start_signer()
    page = log_in(company.login, cards.PASSWORD)
    cards.register(page, wallet.certificate)

    # Nobody logs in: the balance comes at once.
    card = open_card(page)
    with page.expect_response("**/action_refresh_balance"):
        card.locator("a[name=action_refresh_balance]").click()
    card.get_by_text("At the bank").wait_for()
    expect(page.locator(".o_bank_confirm")).to_have_count(0)
    company.sign_with(wallet.certificate)

    page.goto(f"/odoo/res.partner.bank/{company.account}")
    page.click("button[name=action_test_connection]")
    page.wait_for_selector("text=Everything works.")
    assert_accessible(page, ".modal-content")
    screenshot("cdc_test_connection")
    company.call("res.partner.bank", "action_test_connection", [company.account_euro])

    # The statements of a week are read, without a double.
    today = company.sandbox.today("ing")
    fetch(page, today - timedelta(days=7), today - timedelta(days=1))
    lines = [("journal_id", "=", company.journal)]
    count = company.rpc("account.bank.statement.line", "search_count", lines)
    assert "Nothing new" in fetch(page, today - timedelta(days=7), today - timedelta(days=1))
    assert company.rpc("account.bank.statement.line", "search_count", lines) == count

    # Domestic and split payments stand in one package, SEPA in another; one PIN signs both.
    wizard = company.call(
        "bank.send", "create", {"payment_ids": [(6, 0, company.three_payments())]}
    )
    company.call("bank.send", "action_prepare", [wizard])
    orders = company.orders()
    assert {order["kind"] for order in orders} == {"domestic", "mpp", "sepa"}
    packages = sorted({order["package_id"][0] for order in orders})
    assert len(packages) == 2
    first, second = packages
    page.goto(f"{PACKAGES}/{first}")
    sign(page)
    # What the bank says of the first one while the second one opens does not shut the second one.
    opening = []
    page.route("**/bank.package/web_read*", lambda route: opening.append(route), times=1)
    page.goto(f"{PACKAGES}/{second}")
    company.call("bank.package", "action_send", [first])
    page.wait_for_selector(".o_notification")
    opening[0].continue_()
    sign(page)
    page.click("button[name=action_send]")
    cards.wait_for(
        lambda: {order["bank_state"] for order in company.orders()},
        lambda states: states == {"accepted"},
    )

    # Accepted is not executed: the statement proves it.
    working_day = company.sandbox.control("clock", working_day=True)["today"]["ing"]
    company.sandbox.control("run")
    company.sandbox.control("clock", days=1)
    until = date.fromisoformat(working_day)
    fetch(page, today, until)
    fetch(page, today, until, "ING EUR")
    assert {order["bank_state"] for order in company.orders()} == {"executed"}
    ids = {order["end_to_end_id"] for order in orders}
    moved = [row for row in company.sandbox.ledger() if row["end_to_end_id"] in ids]
    assert len(moved) == 3
    page.goto("/odoo/action-bank_webservice.action_bank_order")
    page.wait_for_selector(".o_data_row:has-text('Executed')")
    screenshot("cdc_executed")


def sign(page):
    page.click("button[name=action_sign]")
    page.wait_for_selector("button[name=action_sign]", state="detached")


def open_card(page, name="ING PLN"):
    page.goto("/odoo/action-account.open_account_journal_dashboard_kanban")
    card = page.locator(".o_kanban_record", has_text=name)
    card.wait_for()
    return card


def fetch(page, since, until, name="ING PLN"):
    """Fetches through the wizard of the card. Returns what it says."""
    open_card(page, name).get_by_role("button", name="Fetch", exact=True).click()
    page.wait_for_selector(".modal .o_field_widget[name=date_from]")
    choose_days(page, since, until)
    page.click(".modal-footer button[name=action_fetch]")
    page.wait_for_selector(".modal .o_field_widget[name=result]")
    return page.inner_text(".modal .o_field_widget[name=result]")
