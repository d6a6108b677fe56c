# SPDX-License-Identifier: LGPL-3.0-only
"""The chosen route (Elixir, Express Elixir, SORBNET, SEPA Instant): for which orders, how much.

Limits are data of the context. Without a chosen route the bank takes the one that fits.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..accounts import is_same_bank
from ..errors import Problem
from ..records import Order
from ..vocabulary import POLISH_KINDS, POLISH_ROUTES, ROUTES
from ..wording import _
from .context import Context, record_of

UNKNOWN = _("{route} is not a route: elixir, express, sorbnet or instant")
NOT_FOR_KIND = _("an order of this kind cannot go by {route}")
OVER_LIMIT = _("{route} takes orders of up to {limit} PLN; proposed: {proposal}")
SAME_BANK = _("a transfer within the bank has no choice of route")
NOT_IN_FORMAT = _("the format {format} cannot ask for the route {route}")

_FORMAT_ROUTES = {"elixir": ("", "elixir")}
_ROUTES = ("", *ROUTES)


def check(order: Order, context: Context) -> Iterator[Problem]:
    record, route = record_of(order), order.route
    if route not in _ROUTES:
        yield Problem.of(record, "route", UNKNOWN, route=route)
    elif route and order.kind not in (POLISH_KINDS if route in POLISH_ROUTES else ("sepa",)):
        yield Problem.of(record, "route", NOT_FOR_KIND, route=route)
    elif route and order.kind == "own" and is_same_bank(order.payer.account, order.payee.account):
        yield Problem.of(record, "route", SAME_BANK)
    elif route not in _FORMAT_ROUTES.get(context.format, _ROUTES):
        yield Problem.of(record, "route", NOT_IN_FORMAT, format=context.format, route=route)
    elif route in context.route_limits and order.amount > context.route_limits[route]:
        limit = context.route_limits[route]
        yield Problem.of(record, "route", OVER_LIMIT, route=route, limit=limit, proposal="sorbnet")
