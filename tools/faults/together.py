# SPDX-License-Identifier: LGPL-3.0-only
"""Two users, two workers and two Odoo processes press Send on the same payments at once."""

import threading
import xmlrpc.client

from tools.faults.shop import LOST
from tools.ground.say import Stop


def press_at_once(stack, shop, payments, others=()):
    """Each of `others` (stacks) and this one, each person: all at the same moment.

    Returns how many of them pressed, and how many Odoo took; Stop when a payment got two packages.
    """
    who = [(login, each) for each in (stack, *others) for login in shop.people]
    ready, taken = threading.Barrier(len(who)), []

    def press(login, each):
        call = shop.user(login, each)
        wizard = call("bank.send", "create", {"payment_ids": [(6, 0, payments)]})
        ready.wait()
        try:
            call("bank.send", "action_send", [wizard])
        except (*LOST, xmlrpc.client.Fault):
            return
        taken.append(login)

    threads = [threading.Thread(target=press, args=pair) for pair in who]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = ", ".join(map(str, payments))
    rows = stack.sql(
        "SELECT payment_id, count(DISTINCT package_id) FROM bank_order "
        f"WHERE payment_id IN ({ids}) GROUP BY 1"
    )
    if len(rows) != len(payments) or any(row[1] != "1" for row in rows):
        raise Stop(f"Payments pressed at once have these packages: {rows}")
    return len(who), len(taken)


def send_one_package_at_once(stack, shop, payments, others=()):
    """The same for one prepared package: “Send” by everybody. Returns how many were refused.

    Where each order is a package of its own, the others of them are sent afterwards.
    """
    shop.wizard(payments, action="action_prepare")
    package = int(stack.sql("SELECT max(id) FROM bank_package")[0][0])
    who = [(login, each) for each in (stack, *others) for login in shop.people]
    ready, refused = threading.Barrier(len(who)), []

    def press(login, each):
        call = shop.user(login, each)
        ready.wait()
        try:
            call("bank.package", "action_send", [package])
        except (*LOST, xmlrpc.client.Fault):
            refused.append(login)
        shop.run_cron("send", each)

    threads = [threading.Thread(target=press, args=pair) for pair in who]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(refused)
