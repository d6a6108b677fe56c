"""The pretend bank as the fault suite sees it: control routes over HTTP, and its ledger."""

import json
import urllib.request
from collections import Counter
from datetime import date

KINDS = (
    "drop_before",
    "drop_after",
    "take_late",
    "http_500",
    "delay",
    "garbage",
    "truncated",
    "other_message_id",
    "session_lost",
    "busy",
)
WEEKEND = (5, 6)


class Bank:
    def __init__(self, url):
        self.url = url

    def ask(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def certificate(self, login):
        with urllib.request.urlopen(f"{self.url}/demo/{login}.p12", timeout=60) as answer:
            return answer.read()

    def plan(self, operation, limit, *, rate=0.9, seed=3, kinds=KINDS, seconds=3.5):
        """Random faults for `operation` from now on; the same seed gives the same row."""
        body = {"seed": seed, "operation": operation, "kinds": list(kinds), "rate": rate}
        self.ask("/control/faults/plan", {**body, "limit": limit, "seconds": seconds})

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

    def execute(self):
        """A working day comes, and everything that was accepted is booked."""
        while date.fromisoformat(self.ask("/control/clock")["today"]).weekday() in WEEKEND:
            self.ask("/control/clock", {"days": 1})
        return self.ask("/control/run", {})["executed"]

    def today(self):
        return self.ask("/control/clock")["today"]

    def paid(self):
        """[(end-to-end id, amount)] of every movement out of an account by an order."""
        rows = self.ask("/control/ledger?orders=1")["movements"]
        return [(row["end_to_end_id"], row["amount"]) for row in rows if row["amount"][0] == "-"]
