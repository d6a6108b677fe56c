# SPDX-License-Identifier: LGPL-3.0-only
"""Control routes that break things: faults, planned refusals, messages kept aside."""

from __future__ import annotations

from .directbank import orders as rouble_orders
from .faults import Fault, Plan
from .http import BadRequest, NotFound, locked, truth, whole


@locked
def refuse(world, request):
    """{code, text, count, when: accept|execute}: the next orders are refused."""
    body = request.json()
    when = body.get("when", "accept")
    if when not in ("accept", "execute"):
        raise BadRequest("when is accept or execute.")
    code, text = body.get("code", "NARR"), body.get("text", "Refused by the bank.")
    if not (isinstance(code, str) and code and isinstance(text, str)):
        raise BadRequest("code and text are text.")
    count = whole(body, "count", 1, least=1)
    world.refusals.append({"code": code, "text": text, "count": count, "when": when})
    return {"waiting": world.refusals}


@locked
def contradict(world, request):
    """{end_to_end_id}: the bank says that it refused an order, be it booked; its books stay."""
    wanted = request.json()["end_to_end_id"]
    for package in world.state.packages.values():
        for order in package.orders:
            if order.end_to_end_id != wanted:
                continue
            if package.bank == "directbank":
                rouble_orders.change(world, package, order, "03", "Счёт закрыт")
            else:
                order.status, order.code, order.reason = "RJCT", "AC04", "The account is closed."
            return {"refused": wanted, "booked": bool(order.tnr)}
    raise NotFound("There is no such order.")


@locked
def add_fault(world, request):
    """{kind, operation, count, seconds, after, before, questions}."""
    world.faults.queue.append(Fault(**request.json()))
    return world.faults.report()


@locked
def plan_faults(world, request):
    """{seed, operation, kinds, rate, limit, seconds}."""
    world.faults.plan = Plan(**request.json())
    return world.faults.report()


@locked
def faults(world, request):
    return world.faults.report()


@locked
def clear_faults(world, request):
    """Forget the waiting faults and the plan; what was applied stays counted."""
    world.faults.queue.clear()
    world.faults.plan = None
    return world.faults.report()


@locked
def take_late(world, request):
    """Take the messages that were kept aside; {message_id} for one of them."""
    wanted = request.json().get("message_id")
    taken = [late for late in world.late if wanted in (None, late.message_id)]
    for late in taken:
        world.late.remove(late)
        late.take()
    return {"taken": [late.message_id for late in taken]}


@locked
def handed_over(world, request):
    """Every call that handed orders over, as it came in: also those that were dropped or refused.

    [{"message_id", "orders": [end-to-end ids]}], the oldest first; since the start or a reset.
    """
    return {"calls": world.handed_over}


@locked
def repeats(world, request):
    """{"checked": bool}: false makes a bank that takes repeated ids as if they were new ones."""
    world.checks_repeats = truth(request.json(), "checked", True)
    return {"checked": world.checks_repeats}


@locked
def white_list_down(world, request):
    """{down: bool, retry_after: seconds}: the register of VAT payers answers 500, and asks to be
    left alone so long."""
    world.white_list_down = truth(request.json(), "down", True)
    world.white_list_wait = whole(request.json(), "retry_after", 0, least=0)
    return {"down": world.white_list_down}


@locked
def white_list_again(world, request):
    """{count}: so many questions are answered with “ask again”. Says how many came since reset."""
    world.white_list_again = whole(request.json(), "count", 0, least=0)
    return {"questions": world.white_list_questions}


ROUTES = (
    ("POST", "/control/refuse", refuse),
    ("POST", "/control/contradict", contradict),
    ("GET", "/control/faults", faults),
    ("POST", "/control/faults", add_fault),
    ("POST", "/control/faults/plan", plan_faults),
    ("DELETE", "/control/faults", clear_faults),
    ("POST", "/control/late", take_late),
    ("GET", "/control/handed-over", handed_over),
    ("POST", "/control/repeats", repeats),
    ("POST", "/control/whitelist/down", white_list_down),
    ("POST", "/control/whitelist/again", white_list_again),
)
