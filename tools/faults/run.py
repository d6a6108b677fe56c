# SPDX-License-Identifier: LGPL-3.0-only
"""The run: payments through faults and deaths, and then the bank's ledger against Odoo."""

import os
import random
import threading
import xmlrpc.client
from pathlib import Path

from tools.faults import ledger
from tools.faults.bank import READING, SENDING
from tools.faults.clock import OPEN as ALL_OPEN
from tools.faults.settle import Settling
from tools.ground.paths import RUN
from tools.ground.say import Stop

STEPS = (
    "marked",
    "picked",
    "before_sending_commit",
    "after_sending_commit",
    "answered",
    "before_result_commit",
    "after_result_commit",
)


def pieces(items, size):
    return [items[start : start + size] for start in range(0, len(items), size)]


class Deaths:
    """Orders workers to die; see addons/bank_webservice_steps."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def order(self, step):
        (self.folder / step).touch()

    def cancel(self):
        for step in STEPS:
            (self.folder / step).unlink(missing_ok=True)

    def happened(self):
        """{step: times}."""
        done = [path.name.split(".")[0] for path in self.folder.glob("*.done")]
        return {step: done.count(step) for step in STEPS}


def pay(shop, payments, deaths, chosen):
    """Sends all `payments` while everything breaks, as far as nothing is open; returns Settling.

    `chosen`: see the options of the command.
    """
    bank, settling = shop.bank, Settling(shop.stack, shop)
    orders = [step for step in STEPS for _ in range(chosen.deaths)]
    random.Random(chosen.seed).shuffle(orders)
    packages = pieces(payments, chosen.package)
    # Spread over most of them, and all used up, however the dice fall.
    rate = min(1, 1.3 * chosen.faults / len(packages))
    kinds = getattr(chosen, "kinds", SENDING)
    bank.plan(shop.sending, chosen.faults, seed=chosen.seed, kinds=kinds, rate=rate)
    _press_all(shop, packages, deaths, orders)
    # What is left of the orders to die goes to the sending that is still to be done.
    while orders and settling.packages(["to_send"]):
        deaths.order(orders.pop(0))
        shop.run_cron("send")
    settling.until_quiet()
    _all_drawn(bank, kinds, chosen.faults)
    bank.plan(shop.asking, chosen.status_faults, seed=chosen.seed + 1, kinds=READING)
    settling.until_settled()
    bank.calm()
    deaths.cancel()
    return settling


def _press_all(shop, packages, deaths, orders):
    """Two persons press “Send” for package after package; now and then a worker is to die."""
    every = max(len(packages) // (len(orders) + 1), 1)
    lock, at = threading.Lock(), iter(range(len(packages)))
    problems = []

    def person(login):
        while True:
            with lock:
                number = next(at, None)
                if number is None or problems:
                    return
                if number % every == 0 and orders:
                    deaths.order(orders.pop(0))
            try:
                shop.press(packages[number], login)
            except Exception as error:
                problems.append(error)

    people = [threading.Thread(target=person, args=(login,)) for login in shop.people]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    if problems:
        raise Stop(f"A payment cannot be sent: {str(problems[0])[-500:]}")


def _all_drawn(bank, kinds, limit):
    """Stop where a kind of fault did not come up although there were as many faults as kinds."""
    missing = set(kinds) - set(bank.faults())
    if missing and limit >= len(kinds):
        raise Stop(f"Faults that did not happen: {', '.join(sorted(missing))}")


def finish(shop, count):
    """Executed at the bank, asked, and proved by the statement. Returns movements."""
    shop.patience(30)
    # What the bank kept aside comes now, after the same was handed over again.
    shop.bank.take_late()
    shop.bank.execute()
    Settling(shop.stack, shop).ask(600, ALL_OPEN)
    fetch(shop)
    return ledger.compare(shop.stack, shop.bank, count)


def fetch(shop, day=None, tries=3):
    """The statement of the bank's day; pressed again when another job wrote the same rows."""
    call, day = shop.user(), day or shop.booked_on()
    for left in reversed(range(tries)):
        wizard = call(
            "bank.fetch",
            "create",
            {"journal_id": shop.journal, "date_from": day, "date_to": day},
        )
        try:
            call("bank.fetch", "action_fetch", [wizard])
            return
        except xmlrpc.client.Fault as fault:
            if not left or "could not serialize" not in fault.faultString:
                raise Stop(f"The statement cannot be fetched: {fault.faultString[-500:]}") from None


def odoo_options():
    """Keys of odoo.conf with which workers can be told to die."""
    return {
        "server_wide_modules": "base,rpc,web,bank_webservice,bank_webservice_steps",
        # A statement of a thousand entries on a busy machine.
        "limit_time_real": 1200,
        "limit_time_cpu": 1200,
        "limit_time_real_cron": 1200,
        "more_addons": [Path(__file__).parent / "addons"],
    }


def steps_folder(name):
    """The folder for orders to die, told to servers that start from now on."""
    folder = RUN / f"steps_{name}"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    os.environ["BANK_WEBSERVICE_STEPS"] = str(folder)
    return folder
