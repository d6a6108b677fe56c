# SPDX-License-Identifier: LGPL-3.0-only
"""The day of execution: past, free of work, too far, or today after the cut-off time.

A new day is proposed, never taken silently: it stands in the problem's `values["proposal"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ..errors import Problem
from ..records import Order
from ..wording import _
from .context import Context, record_of

PAST = _("{day} is in the past; proposed: {proposal}")
FREE = _("{day} is not a working day of the bank; proposed: {proposal}")
LATE = _("the bank takes such orders until {cut_off} today; proposed: {proposal}")
TOO_FAR = _("{day} is further away than the bank takes orders for (until {furthest})")

_EVERY_DAY = (
    "express",
    "instant",
)  # routes that settle at any hour, where the bank has no hours for them


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, day, today = record_of(order), order.execute_on, context.today
    if day < today:
        proposal = proposed_day(order, context)
        yield Problem.of(record, "execute_on", PAST, day=day, proposal=proposal)
    elif day > today + context.furthest:
        furthest = today + context.furthest
        yield Problem.of(record, "execute_on", TOO_FAR, day=day, furthest=furthest)
    elif _is_every_day(order, context):
        return
    elif not context.is_working_day(day, order.currency):
        proposal = context.next_working_day(day, order.currency)
        yield Problem.of(record, "execute_on", FREE, "warning", day=day, proposal=proposal)
    elif day == today and _is_late(order, context):
        proposal, cut_off = proposed_day(order, context), f"{_cut_off(order, context):%H:%M}"
        yield Problem.of(record, "execute_on", LATE, "warning", cut_off=cut_off, proposal=proposal)


def proposed_day(order: Order, context: Context) -> date:
    """The first day from today on that the bank would still execute the order on."""
    if _is_every_day(order, context):
        return context.today
    today, currency = context.today, order.currency
    late = context.is_working_day(today, currency) and _is_late(order, context)
    return context.next_working_day(today + timedelta(days=1 if late else 0), currency)


def executed_on(order: Order, context: Context) -> date:
    """The day on which the bank executes an order that it gets now and nobody changes."""
    day = max(order.execute_on, context.today)
    if _is_every_day(order, context):
        return day
    if day == context.today and _is_late(order, context):
        day += timedelta(days=1)
    return context.next_working_day(day, order.currency)


def _is_every_day(order: Order, context: Context) -> bool:
    return order.route in _EVERY_DAY and order.route not in context.cut_offs


def _cut_off(order: Order, context: Context):
    return context.cut_offs.get(order.route) or context.cut_offs.get(order.kind)


def _is_late(order: Order, context: Context) -> bool:
    cut_off = _cut_off(order, context)
    return cut_off is not None and context.now.time() > cut_off
