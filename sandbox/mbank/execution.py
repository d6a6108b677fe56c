# SPDX-License-Identifier: LGPL-3.0-only
"""The bank's day: accepted orders become movements, some money comes back, some waits end."""

from __future__ import annotations

from datetime import timedelta

from .. import ledger
from ..clock import next_working_day, working_day
from ..ledger import Account
from ..world import Package, PaymentOrder
from . import rates
from .release import reject
from .rules import CLEARING
from .sending import planned_refusal

CODES = {"own": "963", "internal": "970", "zus": "945", "tax": "946", "sorbnet": "947",
         "sepa": "983", "foreign": "983", "elixir": "944"}  # fmt: skip
WAITS = timedelta(days=7)  # for a signature


def run(world, *, everything: bool) -> int:
    """Execute what is due and return how many orders were booked.

    `everything` False: only orders that were accepted `execute_after` seconds ago.
    """
    done = 0
    for package in world.state.packages.values():
        if package.bank not in CLEARING:
            continue
        if package.waits_for and world.now() - package.received_at > WAITS:
            reject(package, "DS0H", "Nobody released the package in time.")
        batches: dict[str, list[PaymentOrder]] = {}
        for order in package.orders:
            if _is_due(world, order, everything):
                if order.details.get("batch"):
                    batches.setdefault(order.group_id, []).append(order)
                else:
                    done += _execute(world, package, order)
            if order.return_on and order.return_on <= world.clock.today():
                _give_back(world, package, order)
        for orders in batches.values():
            done += _execute_as_one(world, package, orders)
    return done


def _is_due(world, order: PaymentOrder, everything: bool) -> bool:
    if order.status != "ACCP" and not (order.status == "PDNG" and order.code == "AM04"):
        return False
    today = world.clock.today()
    day = max(order.execute_on, today)
    if (day if order.details.get("instant") else working_day(day)) > today:
        return False
    delay = world.settings.execute_after
    if everything or delay is None:
        return everything
    return (world.now() - order.accepted_at).total_seconds() >= delay


def _execute(world, package: Package, order: PaymentOrder) -> int:
    """1 when the order was booked, 0 when it was refused or waits for money."""
    account = world.ledger.accounts[order.debit_account]
    if _refused(world, order, account):
        return 0
    if account.balance() < rates.cost(order, account):
        _wait_for_money(world, order)
        return 0
    _book(world, package, order, account)
    return 1


def _execute_as_one(world, package: Package, orders: list[PaymentOrder]) -> int:
    """One movement for all orders of a group, which says its id and how many they are."""
    account = world.ledger.accounts[orders[0].debit_account]
    orders = [order for order in orders if not _refused(world, order, account)]
    total = sum(rates.cost(order, account) for order in orders)
    if account.balance() < total:
        for order in orders:
            _wait_for_money(world, order)
        return 0
    if orders:
        world.ledger.book(
            account, -total, world.now(), world.clock.today(),
            code=CODES["elixir"],
            title=orders[0].title,
            end_to_end_id=orders[0].group_id,
            message_id=package.message_id,
            details={"batch": str(len(orders))},
        )  # fmt: skip
    for order in orders:
        _hand_over(world, package, order, account, world.ledger.next_tnr(world.clock.today()))
    return len(orders)


def _refused(world, order: PaymentOrder, account: Account) -> bool:
    found = planned_refusal(world, "execute")
    if account.closed:
        found = "AC04", "The debit account is closed."
    if found:
        order.status, (order.code, order.reason) = "RJCT", found
    return bool(found)


def _wait_for_money(world, order: PaymentOrder) -> None:
    """Not enough money: wait until the end of the first day of trying, then refuse."""
    today = world.clock.today().isoformat()
    first = order.details.setdefault("no money since", today)
    order.status = "PDNG" if first == today else "RJCT"
    order.code, order.reason = "AM04", "There is not enough money on the account."


def _book(world, package: Package, order: PaymentOrder, account: Account) -> None:
    debit = world.ledger.book(
        account, -rates.cost(order, account), world.now(), world.clock.today(),
        code=CODES[order.kind],
        party_name=order.payee_name,
        party_address=order.payee_address,
        party_account=order.payee_account,
        instruction_id=order.instruction_id,
        **_common(package, order, account),
    )  # fmt: skip
    _hand_over(world, package, order, account, debit.tnr)


def _common(package: Package, order: PaymentOrder, account: Account) -> dict:
    """What both sides of an order's movements say."""
    return {
        "title": order.title,
        "end_to_end_id": order.reference,
        "message_id": package.message_id,
        "details": {
            **{k: v for k, v in order.details.items() if k.isupper()},
            **rates.told(order, account),
        },
    }


def _hand_over(world, package: Package, order: PaymentOrder, account: Account, tnr: str) -> None:
    """The order is done: its payee has the money, or it will come back."""
    day = world.clock.today()
    order.status, order.code, order.reason = "ACSC", "", ""
    order.tnr, order.executed_on = tnr, day
    payee = world.ledger.accounts.get(order.payee_account)
    if payee is not None and not payee.closed and payee.bank == account.bank:
        world.ledger.book(
            payee, order.amount, world.now(), day, tnr=ledger.second_leg(tnr),
            code="963" if order.kind == "own" else "973",
            party_name=account.owner,
            party_address=account.address,
            party_account=account.number,
            **_common(package, order, account),
        )  # fmt: skip
    elif order.kind in ("own", "internal") or order.payee_account in world.state.closed_elsewhere:
        order.return_on = next_working_day(day)


def _give_back(world, package: Package, order: PaymentOrder) -> None:
    """The payee's account is closed or unknown: the money comes back with the first id."""
    account = world.ledger.accounts[order.debit_account]
    world.ledger.book(
        account, rates.cost(order, account), world.now(), world.clock.today(),
        code="770",
        title=f"ZWROT: {order.title}"[:140],
        party_name=order.payee_name,
        party_account=order.payee_account,
        end_to_end_id=order.reference,
        message_id=package.message_id,
        reversal_reason="AC04",
    )  # fmt: skip
    order.return_on = None
    order.details["returned on"] = world.clock.today().isoformat()
