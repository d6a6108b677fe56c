"""The run: payments through faults and deaths, and then the bank's ledger against Odoo."""

import os
import threading
from pathlib import Path

from tools.faults import ledger
from tools.faults.clock import pass_time
from tools.faults.settle import Settling
from tools.paths import RUN

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


def pay(stack, shop, bank, payments, *, size, send_faults, status_faults, deaths_each, deaths):
    """Sends all `payments` in packages of `size` while everything breaks; returns Settling."""
    packages = pieces(payments, size)
    orders = [step for step in STEPS for _ in range(deaths_each)]
    every = max(len(packages) // (len(orders) + 1), 1)
    bank.plan("SendPackage", send_faults)
    lock, at = threading.Lock(), iter(range(len(packages)))

    def person():
        while True:
            with lock:
                number = next(at, None)
                if number is None:
                    return
                if number % every == 0 and orders:
                    deaths.order(orders.pop(0))
            shop.press(packages[number])

    people = [threading.Thread(target=person) for _ in range(2)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    settling = Settling(stack, shop, bank)
    # What is left of the orders to die goes to the sending that is still to be done.
    while orders and settling.packages(["to_send"]):
        deaths.order(orders.pop(0))
        shop.run_cron("send")
    settling.until_quiet()
    deaths.cancel()
    bank.plan("GetStatus", status_faults, seed=5)
    shop.run_cron("status")
    settling.until_settled()
    bank.calm()
    return settling


def finish(stack, shop, bank, count):
    """Executed at the bank, asked, and proved by the statement. Returns movements."""
    bank.execute()
    pass_time(stack, 600)
    shop.run_cron("status")
    call = shop.user()
    day = bank.today()
    wizard = call(
        "bank.fetch",
        "create",
        {"journal_id": shop.journal, "date_from": day, "date_to": day},
    )
    call("bank.fetch", "action_fetch", [wizard])
    return ledger.compare(stack, bank, count)


def odoo_options():
    """Keys of odoo.conf with which workers can be told to die."""
    return {
        "server_wide_modules": "base,rpc,web,bank_webservice,bank_webservice_steps",
        # A statement of a thousand entries, and five other builds on this computer.
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
