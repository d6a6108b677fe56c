# SPDX-License-Identifier: LGPL-3.0-only
"""The whole Moe Delo story on a running stack with demo data: what its people do, step by step.

story = Story(stack, vendor)     # licence, package, service, an operator who signs by himself
story.connect()                  # the administrator's consent
story.push()                     # three orders: good, wrong, to the budget
story.accept(); story.trust(); story.sign(); story.send(); story.execute()
"""

from __future__ import annotations

import base64
import re
import time
from datetime import date, datetime, timedelta, timezone
from html import unescape

import requests

from tools.moedelo import pretend as moedelo_pretend
from tools.moedelo import service as moedelo

COMPANY = "ООО Демо Торговля"
TIMEOUT = 60
PATIENCE = 60  # seconds for what programs do by themselves
MOSCOW = timezone(timedelta(hours=3))
ACCOUNT = "40702810700000000001"


class Story:
    def __init__(self, stack, vendor):
        self.stack = stack
        stack.start_moedelo("--every", "0.5")
        moedelo.offer(stack, vendor)
        self.call = stack.rpc()
        (self.company,) = self.call("res.company", "search", [("name", "=", COMPANY)])
        self.call("res.users", "write", [2], {"company_id": self.company})
        (self.subscription,) = self.call("moedelo.subscription", "search", [])
        self._to_a_working_day()  # first: the bank's clock ends its sessions
        self._give_certificate()

    def _give_certificate(self):
        """The operator's key lies on the server and may sign: nobody looks for a phone."""
        answer = requests.get(f"{self.stack.sandbox.url}/demo/demo-ru.p12", timeout=TIMEOUT)
        content = base64.b64encode(answer.content).decode()
        wizard = self.call(
            "bank.certificate.upload", "create", {"content": content, "password": "demo"}
        )
        self.call("bank.certificate.upload", "action_upload", [wizard])
        certificates = self.call("bank.certificate", "search", [("user_id", "=", 2)])
        self.call("bank.certificate", "write", certificates, {"may_sign_payments": True})
        operators = self.call("bank.operator", "search", [("login", "=", "demo-ru")])
        vals = {"default_method": "certificate", "certificate_id": certificates[0]}
        self.call("bank.operator", "write", operators, vals)
        accounts = self.call("res.partner.bank", "search", [("client_identifier", "=", "RU000001")])
        self.call("res.partner.bank", "action_test_connection", accounts)

    def _to_a_working_day(self):
        """The bank executes on working days: its clock goes to the next one."""
        self.start = datetime.now(MOSCOW).date()
        clock = self.bank("clock", working_day=True)
        self.day = date.fromisoformat(clock["today"]["directbank"])

    # -- the other programs -----------------------------------------------------

    def bank(self, path, /, **body):
        address = f"{self.stack.sandbox.url}/control/{path}"
        answer = requests.post(address, json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def booked(self, since, until):
        """[(day, amount)] of the account in the bank's own books; days as texts, both included."""
        address = f"{self.stack.sandbox.url}/control/ledger"
        answer = requests.get(address, params={"account": ACCOUNT}, timeout=TIMEOUT)
        rows = [(row["booked_on"], row["amount"]) for row in answer.json()["movements"]]
        return [row for row in rows if since <= row[0] <= until]

    def service(self, path, /, **body):
        return moedelo_pretend.control(self.stack, path, **body)

    def seen(self):
        """Everything that the pretend Moe Delo knows."""
        return moedelo_pretend.state(self.stack)

    def told(self, external_id):
        return [one["code"] for one in self.seen()["notices"] if one["document"] == external_id]

    def wait(self, holds):
        """Until `holds()` gives something; what the programs do by themselves takes its time."""
        deadline = time.monotonic() + PATIENCE
        while not (found := holds()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {PATIENCE} s")
            time.sleep(0.3)
        return found

    # -- people -----------------------------------------------------------------

    def make_clerk(self, login, *groups):
        """A user of the company with these groups; his password is `<login>-password`."""
        wanted = [self.call("ir.model.data", "check_object_reference", *group.split(".", 1))[1]
                  for group in ("base.group_user", *groups)]  # fmt: skip
        self.call(
            "res.users",
            "create",
            [
                {
                    "name": login,
                    "login": login,
                    "password": f"{login}-password",
                    "company_id": self.company,
                    "company_ids": [(6, 0, [self.company])],
                    "group_ids": [(6, 0, wanted)],
                }
            ],
        )

    def use_package(self, package):
        self.call("moedelo.subscription", "write", [self.subscription], {"package": package})

    def browser(self):
        """A browser in which the administrator is logged in to Odoo."""
        browser = requests.Session()
        moedelo.log_in(browser, self.stack.odoo.url)
        return browser

    def connect(self):
        """He presses Connect at the service and consents in Odoo; the page that he ends on."""
        browser = self.browser()
        page = browser.get(f"{self.stack.moedelo.url}/connect", timeout=TIMEOUT)
        found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        form = {name: unescape(value) for name, value in found}
        accounts = re.findall(r'name="account_ids"[^>]*value="(\d+)"', page.text)
        form |= {
            "account_ids": accounts,
            "company_id": str(self.company),
            "password": moedelo.PASSWORD,
        }
        consent = f"{self.stack.odoo.url}/moedelo/authorize/consent"
        return browser.post(consent, data=form, timeout=TIMEOUT)

    def push(self):
        return self.service("push")["orders"]

    def orders(self, *states):
        """Orders that came from the service, in these states or in any."""
        domain = [("moedelo_external_id", "!=", False)]
        if states:
            domain.append(("bank_state", "in", states))
        names = ["name", "bank_state", "moedelo_external_id", "package_id", "payee_account"]
        return self.call("bank.order", "search_read", domain, names, order="id")

    def _ids(self, *states):
        return [one["id"] for one in self.orders(*states)]

    def _packages(self, *states):
        return sorted({one["package_id"][0] for one in self.orders(*states)})

    def accept(self):
        self.call("bank.order", "action_moedelo_accept", self._ids("imported"))

    def trust(self):
        """Somebody with that right trusts the payees' accounts."""
        numbers = [one["payee_account"] for one in self.orders()]
        cards = self.call("res.partner.bank", "search", [("acc_number", "in", numbers)])
        self.call("res.partner.bank", "write", cards, {"allow_out_payment": True})

    def sign(self):
        self.call("bank.package", "action_sign", self._packages("prepared"))

    def send(self):
        self.call("bank.package", "action_send", self._packages("signed"))

    def status(self):
        """The button *Refresh status*; what the states are then."""
        packages = self._packages("sent", "waiting", "accepted", "unknown")
        if packages:
            self.call("bank.package", "action_refresh_status", packages)
        return {one["bank_state"] for one in self.orders() if one["package_id"]}

    def execute(self):
        """The bank moves the money and closes its day."""
        self.bank("run")
        self.bank("clock", days=1)

    def fetch(self):
        """The statement of the bank's day, which proves it."""
        (journal,) = self.call("account.journal", "search", [("code", "=", "DBR")])
        vals = {"journal_id": journal, "date_from": str(self.start), "date_to": str(self.day)}
        wizard = self.call("bank.fetch", "create", vals)
        return self.call("bank.fetch", "action_fetch", [wizard])
