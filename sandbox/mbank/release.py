# SPDX-License-Identifier: LGPL-3.0-only
"""Who must still say yes to a package: signers at the bank, or one phone."""

from __future__ import annotations

from ..people import Session
from ..world import Package
from .soap import E, instant


def ask_for_release(world, package: Package, *, phone: bool) -> None:
    """Accept what is signed enough; let the rest wait for the phone or for signatures."""
    client = world.state.clients[package.client]
    live = [order for order in package.orders if order.status != "RJCT"]
    if not live:
        return
    if len(package.signers) >= client.signatures_required:
        accept(world, package)
        return
    for order in live:
        order.status = "PDNG"
    package.waits_for = "signature"
    user = world.state.users[package.login]
    if phone and client.phone_release and "mobile" in user.methods:
        package.waits_for = "phone"
        total = ", ".join(f"{amount:.2f} {currency}" for currency, amount in totals(live).items())
        challenge = world.challenge(
            kind="package", method="mobile", client=package.client, login=package.login,
            message_id=package.message_id,
            text=f"{len(live)} payment(s), {total}, message {package.message_id}",
        )  # fmt: skip
        package.challenge_id = challenge.id


def totals(orders) -> dict:
    """Sum by currency."""
    result: dict = {}
    for order in orders:
        result[order.currency] = result.get(order.currency, 0) + order.amount
    return result


def accept(world, package: Package) -> None:
    """Enough signatures or a confirmation: the orders go into the queue."""
    package.waits_for = ""
    for order in package.orders:
        if order.status in ("RCVD", "PDNG"):
            order.status, order.accepted_at = "ACCP", world.now()


def reject(package: Package, code: str, reason: str) -> None:
    """The whole package is refused while it waits."""
    package.waits_for = ""
    package.code, package.reason = code, reason
    for order in package.orders:
        if order.status == "PDNG":
            order.status, order.code, order.reason = "RJCT", code, reason


def release(world, package: Package, login: str) -> bool:
    """A person signs at the bank itself. True when the package is released now."""
    if package.waits_for and login not in package.signers:
        package.signers.append(login)
        client = world.state.clients[package.client]
        if client.phone_release or len(package.signers) >= client.signatures_required:
            accept(world, package)
    return not package.waits_for


def may_release(world, package: Package) -> list:
    """The users who can still release it."""
    client = world.state.clients[package.client]
    return [
        user for user in world.state.users.values()
        if user.bank == "mbank" and package.client in user.clients
        and user.login not in package.signers
        and ("certificate" in user.methods or client.phone_release)
    ]  # fmt: skip


def settle_challenge(world, challenge) -> None:
    """The phone said yes or no to a package."""
    package = world.state.packages[challenge.message_id]
    if not package.waits_for:
        return
    if challenge.state == "confirmed":
        accept(world, package)
    elif challenge.state == "refused":
        reject(package, "DS02", "Refused on the phone.")


def pending(world, session: Session):
    """GetPending: what waits for a person."""
    response = E.GetPendingResponse()
    for package in world.state.packages.values():
        if package.client != session.client or not package.waits_for:
            continue
        live = [order for order in package.orders if order.status == "PDNG"]
        response.append(E.Package(
            E.MessageId(package.message_id),
            E.ReceivedAt(instant(package.received_at)),
            E.Count(str(len(live))),
            E.Total(f"{sum(order.amount for order in live):.2f}"),
            E.WaitsFor(package.waits_for),
            *(E.ReleaseBy(f"{user.name} ({user.login})") for user in may_release(world, package)),
        ))  # fmt: skip
    return response
