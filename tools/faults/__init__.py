"""The fault suite: real workers, a bank that breaks, workers that die. `make faults`.

`main` is the long form; tests/processes runs the same with a few payments.
"""

import argparse
import contextlib
import time

from tools import stack as stacks
from tools.faults import copies, run, together
from tools.faults.bank import Bank
from tools.faults.settle import Settling
from tools.faults.shop import Shop
from tools.say import Stop, say


def main(arguments):
    words = argparse.ArgumentParser(prog="make faults ARGS=")
    words.add_argument("--payments", type=int, default=1000)
    words.add_argument("--package", type=int, default=4, help="payments in a package")
    words.add_argument("--faults", type=int, default=185, help="while sending")
    words.add_argument("--status-faults", type=int, default=30)
    words.add_argument("--deaths", type=int, default=3, help="at each step")
    chosen = words.parse_args(arguments)
    started = time.monotonic()
    with company("faults") as (stack, shop, bank, deaths):
        rows = two_databases(stack, shop, bank)
        rows += at_once(stack, shop)
        rows += breaking(stack, shop, bank, deaths, chosen)
    say(table(rows))
    say(f"{time.monotonic() - started:.0f} s.")


class company:
    """Odoo with workers, the bank, and a shop that is set up, as a context."""

    def __init__(self, name, workers=2):
        self.folder = run.steps_folder(name)
        self.options = {"workers": workers, "cron_threads": 1, "conf": run.odoo_options()}
        self.stack = stacks.running(name, sandbox=("--execute-after", "manual"), **self.options)

    def __enter__(self):
        stack = self.stack.__enter__()
        stack.options = self.options
        bank = Bank(stack.sandbox.url)
        return stack, Shop(stack, bank), bank, run.Deaths(self.folder)

    def __exit__(self, *error):
        return self.stack.__exit__(*error)


def two_databases(stack, shop, bank):
    """Restored and duplicated databases. The first database goes on afterwards."""
    payments = shop.payments(9)
    shop.wizard(payments[:3], action="action_prepare")
    shop.wizard(payments[3:6], action="action_prepare")
    packages = list(Settling(stack, shop, bank).packages(["prepared"]))
    stack.odoo.stop()
    with (
        copies.copied(stack, "restored") as restored,
        copies.copied(stack, "duplicated", new_uuid=True) as duplicated,
    ):
        stack.start_odoo(**stack.options)
        pay_first(stack, shop, bank, packages, payments[6:])
        rows = []
        for copy, name in ((restored, "restored from before"), (duplicated, "duplicated, new id")):
            copy.start_odoo(**stack.options)
            states, refusals = copies.pay_again(copy, shop, bank, packages, payments[6:])
            copy.odoo.stop()
            words = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
            rows.append(
                (f"database {name}", 9, f"{len(refusals)} refused; {words}", "0 paid again")
            )
    return rows


def pay_first(stack, shop, bank, packages, unpacked):
    for package in packages:
        call = shop.user()
        call("bank.package", "action_send", [package])
    shop.wizard(unpacked)
    Settling(stack, shop, bank).until_settled()
    bank.execute()
    if len(bank.paid()) != 9:
        raise Stop(f"The first database paid {len(bank.paid())} of 9.")


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
    Settling(stack, shop, shop.bank).until_settled()
    return [
        ("the same payments, pressed at once", 5, f"{pressed} pressed, {taken} taken", "1 package"),
        ("the same package, pressed at once", 5, f"{refused} refused", "1 message"),
    ]


def breaking(stack, shop, bank, deaths, chosen):
    """The long run; its rows."""
    payments = shop.payments(chosen.payments)
    settling = run.pay(
        stack,
        shop,
        bank,
        payments,
        size=chosen.package,
        send_faults=chosen.faults,
        status_faults=chosen.status_faults,
        deaths_each=chosen.deaths,
        deaths=deaths,
    )
    total = int(stack.sql("SELECT count(*) FROM bank_order WHERE bank_state != 'cancelled'")[0][0])
    moved = run.finish(stack, shop, bank, total)
    faults, died = bank.faults(), deaths.happened()
    rows = [(f"bank: {kind}", times, "", "") for kind, times in sorted(faults.items())]
    rows += [(f"worker killed: {step}", times, "", "") for step, times in died.items()]
    broken = sum(faults.values()) + sum(died.values())
    shown = {what: len(messages) for what, messages in settling.shown.items()}
    if shown["taken"]:
        raise Stop(f"Shown as not at the bank, and it has them: {settling.shown['taken']}")
    seen = f"{shown['']} packages shown as never had, {shown['aside']} kept aside by the bank"
    return [
        *rows,
        ("faults in all", broken, "", ""),
        ("payments", total, seen, f"{moved} executed once, 0 twice, 0 lost"),
    ]


def table(rows):
    """The rows as a Markdown table."""
    head = ("what", "number", "seen", "at the end")
    lines = [head, ("---",) * 4, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
