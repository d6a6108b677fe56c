# SPDX-License-Identifier: LGPL-3.0-only
"""The pretend bank as the fault suite sees it: control routes over HTTP, and its ledger."""

import json
import urllib.request
from collections import Counter

from tools.ground.say import Stop

READING = (
    "drop_before",
    "drop_after",
    "http_500",
    "delay",
    "garbage",
    "truncated",
    "entity_bomb",
    "session_lost",
    "busy",
)
SENDING = (*READING, "take_late", "other_message_id", "repeated")
# Longer than Odoo waits for an answer in the run: see Shop.patience.
DELAY = 1.4


class Bank:
    def __init__(self, url):
        self.url = url
        self.counted_from = 0  # calls before this one are not counted any more

    def ask(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def certificate(self, login):
        with urllib.request.urlopen(f"{self.url}/demo/{login}.p12", timeout=60) as answer:
            return answer.read()

    def plan(self, operation, limit, *, seed, kinds, rate=1):
        """Random faults for `operation` from now on; the same seed gives the same row."""
        body = {"seed": seed, "operation": operation, "kinds": list(kinds), "rate": rate}
        self.ask("/control/faults/plan", {**body, "limit": limit, "seconds": DELAY})

    def calm(self):
        self.ask("/control/faults", method="DELETE")

    def faults(self):
        """Counter: kind -> how often it was applied."""
        return Counter(self.ask("/control/faults")["applied"])

    def has(self, message_id):
        """ "taken", "aside" (it will be taken late), or "" when the bank never had the message."""
        said = self.ask(f"/control/packages?message_id={message_id}")
        if said["packages"]:
            return "taken"
        return "aside" if message_id in said["late"] else ""

    def calls(self):
        """[(message id, [end-to-end ids])] of every call that handed orders over, also of those
        that were dropped, refused or spoiled: as they came in."""
        calls = self.ask("/control/handed-over")["calls"][self.counted_from :]
        return [(call["message_id"], call["orders"]) for call in calls]

    def count_from_here(self):
        self.counted_from += len(self.calls())

    def check_repeats(self, checked):
        """Whether the bank refuses ids that it has seen before; a bank need not."""
        self.ask("/control/repeats", {"checked": checked})

    def take_late(self):
        """The bank takes what it still keeps aside, or finds that it has it; how many."""
        return len(self.ask("/control/late", {})["taken"])

    def next_day(self):
        """Another working day, whose statement is not closed yet."""
        self.ask("/control/clock", {"days": 1})
        self.ask("/control/clock", {"working_day": True})

    def execute(self):
        """A working day comes, and everything that was accepted is booked."""
        self.ask("/control/clock", {"working_day": True})
        return self.ask("/control/run", {})["executed"]

    def refuse_next(self):
        """The next order that is to be executed is refused."""
        self.ask("/control/refuse", {"code": "AC04", "text": "Closed.", "when": "execute"})

    def contradict(self, reference):
        """What it has executed it says to have refused."""
        if not self.ask("/control/contradict", {"end_to_end_id": reference})["booked"]:
            raise Stop(f"{reference} was not executed: there is nothing to contradict.")

    def close(self, account):
        """A payee's account; what is paid to it comes back on the next working day."""
        self.ask("/control/close-account", {"account": account})

    def today(self, bank="mbank"):
        return self.ask("/control/clock")["today"][bank]

    def paid(self):
        """[(end-to-end id, amount)] of every movement out of an account by an order."""
        rows = self.ask("/control/ledger?orders=1")["movements"]
        return [(row["end_to_end_id"], row["amount"]) for row in rows if row["amount"][0] == "-"]

    def balance(self, account, references):
        """What left an account under these ids, less what came back under them."""
        rows = self.ask(f"/control/ledger?account={account}")["movements"]
        return -sum(float(row["amount"]) for row in rows if row["end_to_end_id"] in references)
