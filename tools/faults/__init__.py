# SPDX-License-Identifier: LGPL-3.0-only
"""The fault suite: real workers, banks that break, workers that die. `make faults`.

`main` is the long form; tests/processes runs the same with a few payments.
"""

import argparse
import contextlib
import os
import random
import time
from datetime import datetime, timezone

from tools.ground import stack as stacks
from tools.faults import copies, ledger, run, together
from tools.faults.bank import SENDING, Bank
from tools.faults.bills import between
from tools.faults.cdc import CdcShop
from tools.faults.polish import PolishShop
from tools.faults.rouble import RoubleShop
from tools.faults.settle import Settling
from tools.ground.say import Stop, say

SHOPS = {"mbank": PolishShop, "directbank": RoubleShop, "ing": CdcShop}
# What is chosen where nothing is said: payments, in a package, faults while sending and while
# asking, deaths at each step.
LONG = {
    "mbank": {"payments": 1000, "package": 4, "faults": 190, "status_faults": 30, "deaths": 3},
    "directbank": {"payments": 200, "package": 1, "faults": 90, "status_faults": 20, "deaths": 2},
    "ing": {"payments": 200, "package": 1, "faults": 90, "status_faults": 20, "deaths": 2},
}
TOGETHER = 19  # payments of `two_databases` and `at_once`


def main(arguments):
    words = argparse.ArgumentParser(prog="make faults ARGS=")
    words.add_argument("--bank", choices=[*SHOPS, "all"], default="all")
    words.add_argument("--payments", type=int)
    words.add_argument("--package", type=int, help="payments that are sent together")
    words.add_argument("--faults", type=int, help="while sending")
    words.add_argument("--status-faults", type=int)
    words.add_argument("--deaths", type=int, help="at each step")
    words.add_argument("--seed", type=int, help="the same one draws the same faults and deaths")
    words.add_argument("--bills", action="store_true", help="only what happens to bills in between")
    words.add_argument("--runs", type=int, default=1)
    chosen = words.parse_args(arguments)
    first = random.SystemRandom().randrange(10**6) if chosen.seed is None else chosen.seed
    for seed in range(first, first + chosen.runs):
        for bank in SHOPS if chosen.bank == "all" else [chosen.bank]:
            one_run(bank, choice(bank, chosen, seed))


def choice(bank, chosen, seed):
    """The long form, with what was said otherwise."""
    said = {key: value for key, value in vars(chosen).items() if value is not None}
    return argparse.Namespace(**{**LONG[bank], **said, "seed": seed})


def one_run(name, chosen):
    """One bank, from the set-up to the table."""
    say(f"\n{SHOPS[name].name}, seed {chosen.seed}")
    phase = Phases()
    with company("faults", SHOPS[name]) as (stack, shop, deaths):
        phase.ends("set up")
        if chosen.bills:
            say(table(between(shop, phase)))
            return
        rows = two_databases(stack, shop)
        phase.ends("a restored and a duplicated database")
        rows += at_once(stack, shop)
        phase.ends("two users, workers, processes at once")
        rows += breaking(shop, deaths, chosen, phase)
        rows += unchecked(shop, deaths, chosen, phase)
        rows += between(shop, phase)
    now = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
    say(f"{table(rows)}\n")
    say(
        f"{SHOPS[name].name}, seed {chosen.seed}: {phase.total():.0f} s, {now}, {os.cpu_count()} "
        f"processors, load {os.getloadavg()[2]:.1f}."
    )


class Phases:
    """Says how long each part took."""

    def __init__(self):
        self.started = self.last = time.monotonic()

    def ends(self, what):
        now = time.monotonic()
        say(f"{now - self.last:6.1f} s  {what}")
        self.last = now

    def total(self):
        return time.monotonic() - self.started


class company:
    """Odoo with workers, the bank, and a shop that is set up, as a context."""

    def __init__(self, name, shop=PolishShop, workers=2):
        self.folder, self.shop = run.steps_folder(name), shop
        self.options = {"workers": workers, "cron_threads": 1, "conf": run.odoo_options()}
        self.stack = stacks.running(name, sandbox=("--execute-after", "manual"), **self.options)

    def __enter__(self):
        stack = self.stack.__enter__()
        stack.options = self.options
        shop = self.shop(stack, Bank(stack.sandbox.url))
        return stack, shop, run.Deaths(self.folder)

    def __exit__(self, *error):
        return self.stack.__exit__(*error)


def two_databases(stack, shop):
    """Restored and duplicated databases. The first database goes on afterwards.

    The bank executes nothing before the copies have pressed: on a weekend its clock would go on to
    Monday, and what they hand over would be refused for its date, which proves nothing.
    """
    payments = shop.payments(9)
    shop.wizard(payments[:3], action="action_prepare")
    shop.wizard(payments[3:6], action="action_prepare")
    packages = list(Settling(stack, shop).packages(["prepared"]))
    stack.odoo.stop()
    with (
        copies.copied(stack, "restored") as restored,
        copies.copied(stack, "duplicated", new_uuid=True) as duplicated,
    ):
        stack.start_odoo(**stack.options)
        first = hand_over_first(stack, shop, packages, payments[6:])
        rows = []
        # A database of another name has other ids and cannot open the secrets of the first one.
        for copy, name, wanted in (
            (restored, "restored from before", first),
            (duplicated, "duplicated, new id", set()),
        ):
            copy.start_odoo(**stack.options)
            states, refusals, handed = copies.pay_again(copy, shop, packages, payments[6:])
            copy.odoo.stop()
            if set(handed) != wanted:
                raise Stop(f"The {name} database handed over {sorted(handed)}, not {wanted}.")
            words = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
            seen = f"{len(handed)} handed over, {len(refusals)} refused; {words}"
            rows.append((f"database {name}", 9, seen, "0 paid again"))
    shop.bank.execute()
    paid = [reference for reference, _amount in shop.bank.paid()]
    if sorted(paid) != sorted(first):
        raise Stop(f"Of {sorted(first)} these were paid: {sorted(paid)}.")
    return rows


def hand_over_first(stack, shop, packages, unpacked):
    """The first database sends; the end-to-end ids that the bank got of it."""
    for package in packages:
        shop.user()("bank.package", "action_send", [package])
    shop.wizard(unpacked)
    Settling(stack, shop).until_settled()
    handed = [order for _message, orders in shop.bank.calls() for order in orders]
    if len(handed) != 9 or len(set(handed)) != 9:
        raise Stop(f"The first database handed over {handed}, not 9 orders.")
    return set(handed)


def at_once(stack, shop, others=1):
    """Two users, two workers each, and `others` more Odoo processes."""
    with contextlib.ExitStack() as running:
        more = []
        for number in range(others):
            other = stacks.Stack(stack.databases, stack.database, f"{stack.database}_{number}")
            running.callback(other.stop)
            other.start_odoo(**stack.options)
            more.append(other)
        pressed, taken = together.press_at_once(stack, shop, shop.payments(5), more)
        payments = shop.payments(5)
        refused = together.send_one_package_at_once(stack, shop, payments, more)
    Settling(stack, shop).until_settled()
    return [
        ("the same payments, pressed at once", 5, f"{pressed} pressed, {taken} taken",
         "1 package each"),
        ("the same package, pressed at once", 5, f"{refused} refused", "1 message"),
    ]  # fmt: skip


def breaking(shop, deaths, chosen, phase):
    """The long run; its rows."""
    payments = shop.payments(chosen.payments)
    phase.ends(f"{chosen.payments} payments posted")
    settling, calls, total, moved = settle_all(shop, payments, deaths, chosen, phase)
    return [*broken_rows(shop.bank, deaths), payment_row(settling, total, moved), call_row(calls)]


def unchecked(shop, deaths, chosen, phase):
    """A round against a bank that takes repeated ids as new ones; what holds, holds by us alone.

    Without the faults by which such a bank pays twice whatever we do: those where the request
    comes twice, or late.
    """
    kinds = [kind for kind in SENDING if kind not in ("repeated", "take_late")]
    count = max(len(kinds), chosen.payments // chosen.package // 10) * chosen.package
    few = {"payments": count, "faults": len(kinds), "status_faults": 3, "deaths": 1}
    shop.bank.check_repeats(False)
    shop.bank.next_day()
    payments = shop.payments(count)
    few = argparse.Namespace(**{**vars(chosen), **few, "kinds": kinds})
    _settling, calls, _total, _moved = settle_all(shop, payments, deaths, few, phase)
    shop.bank.check_repeats(True)
    return [("at a bank that refuses no repeated id", count, f"{calls} calls in all", "0 twice")]


def settle_all(shop, payments, deaths, chosen, phase):
    """(Settling, calls that handed over, orders in all, movements), after the books agree."""
    shop.patience(1)
    settling = run.pay(shop, payments, deaths, chosen)
    phase.ends("sent and settled, while all breaks")
    left = "bank_state != 'cancelled'"
    total = int(shop.stack.sql(f"SELECT count(*) FROM bank_order WHERE {left}")[0][0])
    calls = ledger.count_calls(shop.bank, shop.pressed)
    moved = run.finish(shop, total)
    phase.ends("executed, asked, proved by the statement")
    return settling, calls, total, moved


def broken_rows(bank, deaths):
    """What broke, and how often; Stop where a worker did not die at one of the steps."""
    faults, died = bank.faults(), deaths.happened()
    if not all(died.values()):
        raise Stop(f"Not every step has killed a worker: {died}")
    rows = [(f"bank: {kind}", times, "", "") for kind, times in sorted(faults.items())]
    rows += [(f"worker killed: {step}", times, "", "") for step, times in died.items()]
    return [*rows, ("faults in all", sum(faults.values()) + sum(died.values()), "", "")]


def payment_row(settling, total, moved):
    shown = {what: len(messages) for what, messages in settling.shown.items()}
    if shown["taken"]:
        raise Stop(f"Shown as not at the bank, and it has them: {settling.shown['taken']}")
    seen = f"{shown['']} packages shown as never had, {shown['aside']} kept aside by the bank"
    return "payments", total, seen, f"{moved} executed once, 0 twice, 0 lost"


def call_row(calls):
    return "calls that handed orders over", calls, "", "1 a message, unless a person said “again”"


def table(rows):
    """The rows as a Markdown table."""
    head = ("what", "number", "seen", "at the end")
    lines = [head, ("---",) * 4, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
