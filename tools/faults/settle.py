# SPDX-License-Identifier: LGPL-3.0-only
"""What people and the crons do after a day of faults, until nothing is open any more."""

import time
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor

from tools.faults.clock import pass_time
from tools.ground.say import Stop

IN_THE_HOUSE = ("prepared", "partly_signed", "signed")
UNDER_WAY = ("to_send", "sending")
# Whose outcome nobody knows: their time passes while they are settled.
OPEN = ("sending", "unknown")
DUE = "AND ask_next_at <= now() at time zone 'utc'"


class Settling:
    """`shown`: {what the bank had: messages} of those that Odoo showed as “the bank has nothing”.

    "" is right; "aside": the bank keeps it for longer than its own longest delay; "taken": wrong.
    """

    def __init__(self, stack, shop):
        self.stack, self.shop, self.bank = stack, shop, shop.bank
        self.refusal = ""
        self.pressed = shop.pressed  # of all phases: each of them may hand over again
        self.shown = {"": set(), "aside": set(), "taken": set()}

    def packages(self, states, more=""):
        words = ", ".join(f"'{state}'" for state in states)
        rows = self.stack.sql(
            f"SELECT id, message_id FROM bank_package WHERE state IN ({words}) {more} ORDER BY id"
        )
        return {int(row[0]): row[1] for row in rows}

    def until_quiet(self, patience=120):
        """Until the cron has nothing more to send; Stop when `patience` seconds change nothing."""
        before, since = None, time.monotonic()
        while left := self.packages(["to_send"]):
            if left != before:
                before, since = left, time.monotonic()
            if time.monotonic() > since + patience:
                raise Stop(f"Packages are still to be sent: {left}")
            self.shop.run_cron("send", self.stack)
            time.sleep(0.1)

    def until_settled(self, rounds=15):
        """Nothing is to send, sending or unknown any more; or Stop."""
        for _ in range(rounds):
            self.until_quiet()
            if not self.packages((*UNDER_WAY, "unknown", *IN_THE_HOUSE)):
                return
            self.ask(10)  # workers that died are found
            self.ask(120)  # longer than the bank's longest delay
            self.hand_over_again()
            self.send_again()
        rows = self.stack.sql(
            "SELECT id, state, bank_reason, not_known_since, ask_next_at FROM bank_package "
            "WHERE state IN ('to_send', 'sending', 'unknown', 'prepared', 'signed') LIMIT 5"
        )
        raise Stop(f"Not settled: {rows} ...; last refusal: {self.refusal}")

    def ask(self, minutes, states=OPEN, patience=120):
        """So many minutes later the job asks for the status of all that is due; Stop when
        `patience` seconds change nothing. One run of a job lasts ten seconds."""
        pass_time(self.stack, minutes, states)
        before, since = None, time.monotonic()
        while True:
            ended = self.shop.run_cron("status", self.stack)
            left = self.packages([*states], DUE)
            if ended and not left:
                return
            if left != before:
                before, since = left, time.monotonic()
            if time.monotonic() > since + patience:
                raise Stop(f"The status of these is not asked: {left}")
            time.sleep(0.1)

    def hand_over_again(self):
        """A person does, for what Odoo shows as unknown to the bank."""
        found = self.packages(["unknown"], "AND not_known_confirmed")
        self._refuse_hasty()
        for message in found.values():
            self.pressed[self.shop.message(message)] += 1
            self.shown[self.bank.has(self.shop.message(message))].add(message)
        self._press_each("action_hand_over_again", found)

    def _refuse_hasty(self):
        """Stop where “not known” counted before the bank's longest delay was over."""
        hasty = self.stack.sql(
            "SELECT id, not_known_since, asked_at FROM bank_package WHERE not_known_confirmed "
            "AND (not_known_since IS NULL OR asked_at - not_known_since < interval '1 hour')"
        )
        if hasty:
            raise Stop(f"The first “not known” counted: {hasty[:5]}")

    def send_again(self):
        """A person does, for what went back to him unsent."""
        self._press_each("action_send", self.packages(IN_THE_HOUSE))

    def _press_each(self, button, packages):
        """One person for each worker."""
        with ThreadPoolExecutor(2) as people:
            list(people.map(lambda package: self._press(button, package), packages))

    def _press(self, button, package):
        call = self.shop.user(stack=self.stack)
        try:
            call("bank.package", button, [package])
        except xmlrpc.client.Fault as fault:
            self.refusal = fault.faultString[-500:]
            if button == "action_hand_over_again":
                raise

    def states(self):
        """{state: number of orders}."""
        rows = self.stack.sql("SELECT bank_state, count(*) FROM bank_order GROUP BY 1")
        return {state: int(count) for state, count in rows}
