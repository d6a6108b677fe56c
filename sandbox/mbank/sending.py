# SPDX-License-Identifier: LGPL-3.0-only
"""Taking packages, and their receipts."""

from __future__ import annotations

import base64

from .. import certificates, cms
from ..people import Session
from ..world import Package
from . import elixir, pain001, pain002, rules
from .login import challenge_parts
from .release import ask_for_release, may_release
from .soap import E, SoapFault, text, texts


def send(world, session: Session, request):
    """SendPackage -> receipt. Any SoapFault but MESSAGE_DUPLICATE means: nothing was taken."""
    package = take(world, session, request)
    return E.SendPackageResponse(receipt(world, package))


def take(world, session: Session, request) -> Package:
    """Check everything, then keep the package with all its ids."""
    message_id, form = text(request, "MessageId"), text(request, "Format")
    if world.checks_repeats and (
        message_id in world.state.packages or f"msg:{message_id}" in world.state.used_ids
    ):
        raise SoapFault("MESSAGE_DUPLICATE", f"The message {message_id} was taken earlier.")
    content = base64.b64decode(text(request, "Content"))
    header, orders = _read(content, form, message_id)
    if header.message_id != message_id:
        raise SoapFault("CONTENT_NOT_VALID", "MsgId is not the message id of the call.",
                        "GrpHdr/MsgId")  # fmt: skip
    signers = _signers(world, session, content, texts(request, "Signature"))
    package = Package(
        message_id=message_id,
        client=session.client,
        login=session.login,
        format=form,
        content=content,
        received_at=world.now(),
        orders=orders,
        signers=signers,
    )
    judge(world, package, header)
    # A bank that takes a message twice has it twice.
    again = f" again {len(world.state.packages)}" if message_id in world.state.packages else ""
    world.state.packages[f"{message_id}{again}"] = package
    ask_for_release(world, package, phone=text(request, "ConfirmOnPhone") in ("true", "1"))
    return package


def _read(content: bytes, form: str, message_id: str):
    try:
        if form == "ELIXIR0":
            return elixir.read(content, message_id)
        return pain001.read(content, form[-2:])
    except pain001.NotValid as error:
        raise SoapFault("CONTENT_NOT_VALID", f"The content is not valid: {error}",
                        error.path) from error  # fmt: skip


def _signers(world, session: Session, content: bytes, signatures: list[str]) -> list[str]:
    logins: list[str] = []
    for signature in signatures:
        try:
            logins += certificates.signing_logins(world, content, base64.b64decode(signature))
        except (cms.BadSignature, ValueError) as error:
            raise SoapFault("SIGNATURE_NOT_VALID", f"A signature is not valid: {error}.") from error
    for login in logins:
        if session.client not in world.state.users[login].clients:
            raise SoapFault("SIGNATURE_NOT_VALID", "The signer may not act for this client.")
    return list(dict.fromkeys(logins))


def judge(world, package: Package, header, kinds=()) -> None:
    """Give every order its first status and use up all ids. `kinds`: the only ones taken here."""
    used = world.state.used_ids
    package.code, package.reason = _group_problem(world, header) or ("", "")
    for order in package.orders:
        order.kind = rules.kind(world, package.client, order)
        found = (package.code, package.reason) if package.code else None
        if kinds and order.kind not in kinds:
            found = found or ("NARR", f"This operation does not take {order.kind} transfers.")
        found = found or rules.problem(world, package.client, order)
        found = found or planned_refusal(world, "accept")
        if found:
            order.status, (order.code, order.reason) = "RJCT", found
        used.setdefault(f"e2e:{order.end_to_end_id}", package.message_id)
        if order.instruction_id:
            used.setdefault(f"instr:{order.instruction_id}", package.message_id)
    used[f"msg:{package.message_id}"] = package.message_id
    for group_id in header.group_ids:
        used.setdefault(f"group:{group_id}", package.message_id)


def _group_problem(world, header) -> tuple[str, str] | None:
    for count, total, found, found_sum in header.announced:
        if count not in (-1, found):
            return "AM18", f"NbOfTxs says {count}, there are {found}."
        if total is not None and total != found_sum:
            return "AM10", f"CtrlSum says {total}, the sum is {found_sum}."
    for index, group_id in enumerate(header.group_ids):
        used = world.checks_repeats and f"group:{group_id}" in world.state.used_ids
        if group_id in header.group_ids[:index] or used:
            return "DU02", f"PmtInfId {group_id} is repeated."
    return None


def planned_refusal(world, when: str) -> tuple[str, str] | None:
    """A refusal that was ordered over the control route."""
    for refusal in world.refusals:
        if refusal["when"] == when:
            refusal["count"] -= 1
            if refusal["count"] <= 0:
                world.refusals.remove(refusal)
            return refusal["code"], refusal["text"]
    return None


def receipt(world, package: Package, message_id: str = ""):
    """The Receipt element; `message_id`: another id, for the fault that mixes answers up."""
    element = E.Receipt(
        E.MessageId(message_id or package.message_id),
        E.Status(pain002.group_status(package)),
    )
    code, reason = _first_reason(package)
    if code:
        element.append(E.Reason(E.Code(code), E.Text(reason)))
    element.append(E.Content(base64.b64encode(pain002.render(package, world.now())).decode()))
    challenge = world.state.challenges.get(package.challenge_id)
    if challenge and package.waits_for == "phone" and world.expire(challenge).state == "pending":
        element.append(E.Challenge(*challenge_parts(challenge)))
    if package.waits_for:
        element.extend(E.ReleaseBy(f"{user.name} ({user.login})") for user in
                       may_release(world, package))  # fmt: skip
    return element


def _first_reason(package: Package) -> tuple[str, str]:
    if package.code:
        return package.code, package.reason
    return next(((o.code, o.reason) for o in package.orders if o.code), ("", ""))


def status(world, session: Session, request):
    """GetStatus; SoapFault MESSAGE_NOT_KNOWN also for another client's message."""
    package = world.state.packages.get(text(request, "MessageId"))
    if package is None or package.client != session.client:
        raise SoapFault("MESSAGE_NOT_KNOWN", "There is no message with this id.")
    return E.GetStatusResponse(receipt(world, package))
