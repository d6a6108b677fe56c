# SPDX-License-Identifier: LGPL-3.0-only
"""A restored and a duplicated database try to pay what the first one has paid."""

import contextlib
import uuid
import xmlrpc.client

from tools.faults.clock import pass_time
from tools.faults.settle import Settling
from tools.ground.stack import Stack


@contextlib.contextmanager
def copied(stack, name, new_uuid=False):
    """An Odoo on a copy of the database as it is now; `stack.odoo` must not run meanwhile."""
    databases = stack.databases
    database = f"test_{name}_{stack.database.removeprefix('test_')}"
    databases.drop(database)
    databases.create(database, stack.database)
    copy = Stack(databases, database, database)
    if new_uuid:
        copy.sql(
            f"UPDATE ir_config_parameter SET value = '{uuid.uuid4()}' WHERE key = 'database.uuid'"
        )
    try:
        yield copy
    finally:
        copy.stop()
        databases.drop(database)


def pay_again(copy, shop, signed, unpacked):
    """Presses everything that can be pressed.

    Returns (states of the copy's orders, refusals, the end-to-end ids that the bank got from it).
    `signed`: packages that were ready when the copy was made; `unpacked`: payments without one.
    """
    bank, call = shop.bank, shop.user(stack=copy)
    bank.count_from_here()
    refusals = []
    for package in signed:
        try:
            call("bank.package", "action_send", [package])
        except xmlrpc.client.Fault as fault:
            refusals.append(fault.faultString)
    try:
        shop.wizard(unpacked, stack=copy)
    except xmlrpc.client.Fault as fault:
        refusals.append(fault.faultString)
    settling = Settling(copy, shop)
    while settling.packages(["to_send", "sending"]):
        shop.run_cron("send", copy)
    pass_time(copy, 10)
    shop.run_cron("status", copy)
    handed = [order for _message, orders in bank.calls() for order in orders]
    bank.count_from_here()
    return settling.states(), refusals, handed
