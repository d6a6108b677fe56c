# SPDX-License-Identifier: LGPL-3.0-only
"""The demo company works with its bank over RPC: what an upgrade or uninstall then meets."""

import time
from datetime import date, timedelta

import requests

CLIENT = "10000001"
JOURNAL = [("name", "=", "mBank PLN")]


class Use:
    """One stack with demo data, used by its administrator."""

    def __init__(self, stack):
        self.stack = stack
        self.call = stack.rpc()

    def work(self):
        """Log in, test, fetch a month, pay two bills, see them executed, and set a schedule."""
        journal = self.call("account.journal", "search", JOURNAL)
        account = self.call("res.partner.bank", "search", [("client_identifier", "=", CLIENT)])
        self._log_in(account[:1])
        self.call("res.partner.bank", "action_test_connection", account[:1])
        today = date.today()
        self._fetch(journal[0], today - timedelta(days=30), today)
        package = self._send(journal[0])
        self._phone()
        # Banks execute on working days only.
        self.control("clock", working_day=True)
        self.control("run")
        self.control("clock", days=1)
        self._log_in(account[:1])
        self.call("bank.package", "action_refresh_status", [package])
        self._fetch(journal[0], today, today + timedelta(days=4))
        self.call("account.journal", "write", journal, {"fetch_every": 1})
        return package

    def control(self, path, **body):
        url = f"{self.stack.sandbox.url}/control/{path}"
        requests.post(url, json=body, timeout=30).raise_for_status()

    def _phone(self):
        """Confirms whatever waits on Ewa's phone."""
        url = f"{self.stack.sandbox.url}/phone/api"
        for challenge in requests.get(f"{url}/users/ewa", timeout=30).json()["challenges"]:
            requests.post(f"{url}/challenges/{challenge['id']}/confirm", json={}, timeout=30)

    def _log_in(self, account):
        asked = self.call("res.partner.bank", "action_test_connection", account)
        if asked.get("tag") != "bank_webservice.confirm":
            return
        session = asked["params"]["session_id"]
        self.call("bank.session", "dialog_start", [session])
        self._phone()
        self.call("bank.session", "dialog_poll", [session])
        assert self.call("bank.session", "read", [session], ["state"])[0]["state"] == "open"

    def _fetch(self, journal, since, until):
        values = {"journal_id": journal, "date_from": str(since), "date_to": str(until)}
        wizard = self.call("bank.fetch", "create", values)
        self.call("bank.fetch", "action_fetch", [wizard])

    def _send(self, journal):
        domain = [("journal_id", "=", journal), ("bank_order_ids", "=", False)]
        payments = self.call("account.payment", "search", domain)
        wizard = self.call("bank.send", "create", {"payment_ids": [(6, 0, payments)]})
        self.call("bank.send", "action_send", [wizard])
        order = self.call("bank.order", "search_read", [], ["package_id"], limit=1)[0]
        package = order["package_id"][0]
        deadline = time.monotonic() + 60
        while self._state(package) in ("to_send", "sending") and time.monotonic() < deadline:
            time.sleep(0.2)
        assert self._state(package) == "waiting"
        return package

    def _state(self, package):
        return self.call("bank.package", "read", [package], ["state"])[0]["state"]
