# SPDX-License-Identifier: LGPL-3.0-only
"""The bank's books held against Odoo's orders."""

from collections import Counter

from tools.ground.say import Stop


def count_calls(bank, pressed):
    """Every message was handed over at most once, and once more each time a person said so; and
    every order in one message only. Stop names what differs; else the number of calls.

    `pressed`: Counter of *Hand over again*, by the bank's message id.
    """
    calls = bank.calls()
    times = Counter(message for message, _orders in calls)
    problems = [
        f"message {message}: handed over {n} times, {pressed[message]} of them again by a person"
        for message, n in times.items()
        if n > 1 + pressed[message]
    ]
    messages = {}
    for message, orders in calls:
        for order in orders:
            messages.setdefault(order, set()).add(message)
    problems += [
        f"order {order}: handed over in {len(found)} messages"
        for order, found in messages.items()
        if len(found) > 1
    ]
    if problems:
        found = "\n".join(problems[:20])
        raise Stop(f"Handed over more than once, and nobody said so:\n{found}")
    return len(calls)


def compare(stack, bank, executed_count):
    """Every order executed once, with its amount, and nothing else; Stop names what differs."""
    orders = {row[0]: row[1:] for row in stack.sql(
        "SELECT end_to_end_id, amount, bank_state FROM bank_order WHERE bank_state != 'cancelled'"
    )}  # fmt: skip
    paid = bank.paid()
    times = Counter(reference for reference, _amount in paid)
    problems = [f"{ref}: paid {n} times" for ref, n in times.items() if n > 1]
    problems += [f"{ref}: paid, and not ours" for ref in times if ref not in orders]
    for reference, (_amount, state) in orders.items():
        if (state == "executed") != (times[reference] == 1):
            problems.append(f"{reference}: {state} in Odoo, paid {times[reference]} times")
    for reference, amount in paid:
        if reference in orders and abs(float(amount) + float(orders[reference][0])) > 0.001:
            problems.append(f"{reference}: {amount} paid, {orders[reference][0]} ordered")
    if problems or len(paid) != executed_count:
        found = "\n".join(problems[:20])
        raise Stop(f"{len(paid)} movements for {executed_count} payments.\n{found}")
    return len(paid)
