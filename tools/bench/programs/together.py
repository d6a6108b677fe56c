# SPDX-License-Identifier: LGPL-3.0-only
"""Ten people who look around, a statement of 1,000 entries and 1,000 payments, all at once.

Against one server with two workers, over HTTP, in a copy of the large database.
"""

from __future__ import annotations

import base64
import contextlib
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from tools.bench import Figure
from tools.bench.programs import large_documents
from tools.ground.stack import Stack

PEOPLE, ENTRIES = 10, 1000
PAUSE = 1.0  # seconds in which somebody reads what he sees
LONGEST = 5.0
ENTRY = {"date": {}, "payment_ref": {}, "amount": {}, "bank_proposal_id": {}}
PAGE = {"limit": 80, "count_limit": 10001}
# What they look at, in turns: (model, domain, specification).
SCREENS = (
    ("account.journal", [("type", "=", "bank")], {"kanban_dashboard": {}}),
    ("account.bank.statement.line", [], ENTRY),
    ("account.bank.statement.line", [("bank_proposal_id", "!=", False)], ENTRY),
    ("bank.order", [], {"name": {}, "execute_on": {}, "amount": {}, "bank_state": {}}),
)
ON_THE_WAY = ("prepared", "to_send", "sending")
AT_THE_BANK = ("sent", "waiting", "accepted")


class Together:
    """`shell(databases, name, program, fill)` runs a program of this folder in Odoo's shell."""

    def __init__(self, databases, large: str, shell):
        self.databases, self.large, self.shell = databases, large, shell
        self.waits: list[tuple[float, str]] = []
        self.over = threading.Event()
        self.failed: list[Exception] = []

    def run(self) -> Iterator[Figure]:
        name = f"{self.large}_together"
        self.databases.drop(name)
        self.databases.create(name, self.large)
        stack = Stack(self.databases, name, "bench")
        try:
            stack.start_sandbox("--execute-after", "manual")
            output = self.shell(self.databases, name, "together_setup", stack.sandbox.url)
            (line,) = [line for line in output.splitlines() if line.startswith("BENCH ")]
            self.found = json.loads(line.partition(" ")[2])
            stack.start_odoo(workers=2, cron_threads=1)
            yield from self._measured(stack)
        finally:
            stack.stop()
            self.databases.drop(name)

    def _measured(self, stack) -> Iterator[Figure]:
        def person(login):
            return Person(stack, login, self.found["company"], self.waits)

        people = [person(f"bench-{number}") for number in range(PEOPLE)]
        sender, importer = person("bench"), person("bench-0")
        threads = [self._thread(self._look_around, one, place) for place, one in enumerate(people)]
        started = time.perf_counter()
        work = [self._thread(self._import, importer), self._thread(self._send, sender)]
        for thread in work:
            thread.join()
        spent = time.perf_counter() - started
        self.over.set()
        for thread in threads:
            thread.join()
        if self.failed:
            raise self.failed[0]
        usual = statistics.median(seconds for seconds, _what in self.waits)
        seconds, what = max(self.waits)
        title = f"{PEOPLE} people, import and sending: longest wait ({what})"
        yield Figure(title, seconds, "s", usual, LONGEST)
        yield Figure("until both were done", spent, "s", None, 60.0)

    def _thread(self, work, *arguments):
        def guarded():
            try:
                work(*arguments)
            except Exception as error:
                self.failed.append(error)
                self.over.set()

        thread = threading.Thread(target=guarded)
        thread.start()
        return thread

    def _look_around(self, person, place):
        while not self.over.wait(PAUSE):
            model, domain, specification = SCREENS[place % len(SCREENS)]
            place += 1
            person.call(
                model, "web_search_read", domain=domain, specification=specification, **PAGE
            )

    def _import(self, person):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "many.xml")
            large_documents.write_camt(path, ENTRIES)
            values = {"name": path.name, "datas": base64.b64encode(path.read_bytes()).decode()}
        file = person.call("ir.attachment", "create", [values])
        journal = [self.found["journal"]]
        person.call("account.journal", "create_document_from_attachment", journal, file, wait=False)
        lines = [("journal_id", "=", self.found["journal"])]
        if person.call("account.bank.statement.line", "search_count", lines) != ENTRIES:
            raise RuntimeError("the statement did not go in")

    def _send(self, person):
        payments = self.found["payments"]
        values = {"payment_ids": [(6, 0, payments)]}
        shown = {"problems": {}, "totals": {}, "blocked": {}, "payment_ids": {}}
        wizard = person.call("bank.send", "create", [values])
        person.call("bank.send", "web_read", wizard, specification=shown)
        person.call("bank.send", "action_send", wizard)
        waiting = [("payment_id", "in", payments), ("bank_state", "in", ON_THE_WAY)]
        while person.call("bank.order", "search_count", waiting) and not self.over.wait(PAUSE):
            pass
        there = [("payment_id", "in", payments), ("bank_state", "in", AT_THE_BANK)]
        if person.call("bank.order", "search_count", there) != len(payments):
            raise RuntimeError("the payments are not at the bank")


class Person:
    """A user's browser: what he asks for, and how long he waited, in the common list."""

    def __init__(self, stack, login, company, waits):
        self.url, self.waits = stack.odoo.url, waits
        self.context = {"allowed_company_ids": [company], "lang": "en_US"}
        self.http = requests.Session()
        self._ask(
            "/web/session/authenticate", {"db": stack.database, "login": login, "password": login}
        )

    def call(self, model, method, *arguments, wait=True, **more):
        """wait: whether somebody looks at the screen until the answer is there."""
        params = {
            "model": model,
            "method": method,
            "args": arguments,
            "kwargs": {"context": self.context, **more},
        }
        started = time.perf_counter()
        result = self._ask("/web/dataset/call_kw", params)
        if wait:
            self.waits.append((time.perf_counter() - started, f"{model}.{method}"))
        return result

    def _ask(self, path, params):
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        with contextlib.closing(self.http.post(self.url + path, json=body, timeout=300)) as answer:
            found = answer.json()
        if "error" in found:
            raise RuntimeError(f"{path}: {found['error']['data']['message']}")
        return found["result"]
