# SPDX-License-Identifier: LGPL-3.0-only
"""What the daily stories share: a person of the second demo company, his phone, and axe-core."""

import base64
import re
from datetime import date
from pathlib import Path

import axe_playwright_python
import requests
from playwright.sync_api import expect

CLIENT = "10000002"
PASSWORD = "daily-work-2026"
GROUPS = (
    "bank_webservice.group_operator",
    "bank_webservice.group_signer",
    "bank_webservice.group_sender",
    "account.group_validate_bank_account",
)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Drawn by Odoo's own web client around and inside our screens; nothing there is ours to change.
ODOOS_OWN = [
    ".o_control_panel",
    ".o-mail-Form-chatter, .o-mail-Chatter",
    ".o_notebook_headers",
    ".o_list_record_selector",
    ".o_xxs_form_view .o_group .o_form_label",
    ".o_optional_columns_dropdown",
    ".o_select_menu",
    ".o_account_kanban .o_kanban_record:not(:has(.o_bank_card))",
    ".o_pivot",
    "#boolean_checkbox",
    ".o_clipboard_button",
    ".o_sidebar_toggler",
    ".o_calendar_sidebar",
    ".o_journal_activity_kanban",
    ".o-mail-Avatar, .o_m2o_avatar",
    "canvas",
]
FIND = """async ([root, odoos]) => {
    const exclude = odoos.filter((one) => document.querySelector(one)).map((one) => [one]);
    const rules = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] };
    const found = await axe.run({ include: [[root]], exclude }, rules);
    return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`));
}"""


def log_in(page, login, password):
    """What the form of the log-in sends (it is used in test_browser_log_in.py)."""
    form = page.request.get("/web/login").text()
    token = re.search(r'name="csrf_token" value="(\w+)"', form)[1]
    given = {"csrf_token": token, "login": login, "password": password}
    answer = page.request.post("/web/login", form=given, max_redirects=0)
    assert answer.status == 303, "not logged in"


def assert_accessible(page, root=".o_action_manager"):
    """No rule of WCAG 2.1 A and AA, as far as axe-core can tell, is broken by what is ours."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found = page.evaluate(FIND, [root, ODOOS_OWN])
    assert not found, "\n".join(found)


def assert_fits(page):
    """Nothing is cut at the right, or has to be scrolled to."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    cut = page.evaluate(CUT)
    assert not cut, "\n".join(cut)


# Our cards whose content is wider than they are.
CUT = """() => [...document.querySelectorAll(".o_kanban_renderer .o_kanban_record")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText)"""


class Person:
    """A user who reads Odoo in `lang` and is `login` at the bank, with a key on the server."""

    def __init__(self, stack, login, lang):
        self.stack, self.login, self.lang = stack, login, lang
        self.odoo_login = f"{login}_{lang}"
        call = stack.rpc()
        domain = [("client_identifier", "=", CLIENT)]
        self.account = call("res.partner.bank", "search", domain)[0]
        self.journal = call("account.journal", "search", [("bank_account_id", "=", self.account)])[
            0
        ]
        row = call("account.journal", "read", [self.journal], ["company_id"])[0]
        self.company = row["company_id"][0]
        self._make(call)

    def _make(self, call):
        groups = [call("ir.model.data", "search_read", [("module", "=", name.split(".")[0]),
                       ("name", "=", name.split(".")[1])], ["res_id"])[0]["res_id"]
                  for name in GROUPS]  # fmt: skip
        self.user = call(
            "res.users",
            "create",
            {
                "name": f"{self.login.title()} ({self.lang})",
                "login": self.odoo_login,
                "password": PASSWORD,
                "lang": self.lang,
                "odoobot_state": "disabled",  # its chat would cover a phone's screen
                "company_id": self.company,
                "company_ids": [(6, 0, [self.company])],
                "group_ids": [(4, group) for group in groups],
            },
        )
        # The account's own bank: other tests make banks of their own.
        bank = call("res.partner.bank", "read", [self.account], ["bank_id"])[0]["bank_id"][0]
        values = {"bank_id": bank, "user_id": self.user, "login": self.login}
        self.operator = call("bank.operator", "create", values)

    def give_key(self):
        """His certificate as a file on the server, which an administrator lets sign payments."""
        content = requests.get(f"{self.stack.sandbox.url}/demo/{self.login}.p12", timeout=30)
        mine, call = self.stack.rpc(self.odoo_login, PASSWORD), self.stack.rpc()
        values = {"content": base64.b64encode(content.content).decode(), "password": "demo"}
        mine("bank.certificate.upload", "action_upload",
             [mine("bank.certificate.upload", "create", values)])  # fmt: skip
        domain = [("user_id", "=", self.user)]
        certificate = call("bank.certificate", "search", domain)[0]
        call("bank.certificate", "write", [certificate], {"may_sign_payments": True})
        call("bank.operator", "write", [self.operator], {"certificate_id": certificate})

    def bill(self, amount, number):
        """A posted bill of a supplier with a trusted account. Returns its id."""
        call = self.stack.rpc()
        context = {"allowed_company_ids": [self.company]}
        name = [("name", "=", "Energia Północ S.A.")]
        supplier = call("res.partner", "search", name, limit=1)[0]
        line = {"name": "Energia elektryczna", "quantity": 1, "price_unit": amount, "tax_ids": []}
        values = {
            "move_type": "in_invoice",
            "partner_id": supplier,
            "ref": number,
            "invoice_date": str(date.today()),
            "invoice_line_ids": [(0, 0, line)],
        }
        bill = call("account.move", "create", values, context=context)
        call("account.move", "action_post", [bill], context=context)
        return bill


def choose_days(page, since, until):
    """The period of the dialog *Fetch statements*."""
    for name, day in (("date_from", since), ("date_to", until)):
        # The field is a button with the date until it is clicked.
        field = page.locator(f".modal .o_field_widget[name={name}]")
        field.locator("button, input").first.click()
        field.locator("input").fill(day.strftime("%m/%d/%Y"))
        page.keyboard.press("Enter")
        page.mouse.move(0, 0)  # its tooltip would lie over the next field


def confirm(page, person, screenshot=None):
    """The phone page in a tab of its own: the dialog's very text and code, then Confirm."""
    page.wait_for_selector(".o_bank_confirm_code")
    text = page.inner_text(".o_bank_confirm_text")
    code = page.inner_text(".o_bank_confirm_code")
    assert_accessible(page, ".o_bank_confirm")
    if screenshot:
        screenshot("confirm")
    answer_on_phone(page, person, code, "yes", text, screenshot)


def answer_on_phone(page, person, code, button, text="", screenshot=None):
    """The card with this code, on the phone page in a tab of its own: `yes` or `no`."""
    phone = page.context.new_page()
    phone.goto(f"{person.stack.sandbox.url}/phone#{person.login}")
    phone.select_option("select", person.login)
    card = phone.locator("article", has_text=code)
    expect(card).to_contain_text(text)
    assert_accessible(phone, "main")
    if screenshot:
        screenshot("phone", phone)
    card.locator(f"button.{button}").click()
    expect(card).to_have_count(0)
    phone.close()
