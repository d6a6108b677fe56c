# SPDX-License-Identifier: LGPL-3.0-only
"""The HTTP side of DirectBank: methods, lists of packets, settings, ordered faults."""

from __future__ import annotations

import base64
import contextlib
import uuid
from datetime import datetime, timezone

from lxml import etree

from ..clock import MOSCOW
from ..http import BadRequest, NotFound, Request, Response, locked
from ..spoiling import broken, spoiled
from ..world import LateMessage
from . import login, packets, profiles
from .answers import (
    BANK,
    STATUSES,
    bank,
    customer,
    document_notice,
    moment,
    result,
    root_attributes,
    status,
)  # fmt: skip
from .errors import BankSays, E

BOMB = (
    b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><ResultBank>&b;</ResultBank>'
)
# A packet with an order in it; to ask for a status is a packet as well.
ORDER = b'dockind="10"'


def pack_list(world, session, request: Request):
    """GetPackList: ids of the packets that were made at or after `date` (Moscow, to the second)."""
    since = _since(request.query.get("date", ""))
    found = [
        out for out in world.state.outbox
        if out.client == session.client
        and (since is None or out.made_at.replace(microsecond=0) >= since)
        and not (out.fetched and profiles.profile(world).unread_only)
    ]  # fmt: skip
    answer = E.GetPacketListResponse(*(E.PacketID(out.id) for out in found))
    if found:
        answer.set("TimeStampLastPacket", moment(found[-1].made_at))
    return answer


def _since(text: str) -> datetime | None:
    if not text:
        return None
    try:
        naive = datetime.strptime(text, "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007 - Moscow, below
    except ValueError as error:
        raise BankSays("2101", text) from error
    return naive.replace(tzinfo=MOSCOW).astimezone(timezone.utc)


def pack(world, session, request: Request):
    """GetPack: one packet of this client."""
    for out in world.state.outbox:
        if out.id == request.query.get("id") and out.client == session.client:
            out.fetched = True
            return etree.fromstring(out.content)
    raise BankSays("2102", request.query.get("id", ""))


def settings(world, session, request: Request):
    """GetSettings: how to talk to this bank (document 06, base64)."""
    client = world.state.clients[session.client]
    account = request.headers.get("Account", "")
    if login.header(request, "Inn") != client.inn:
        raise BankSays("1013", "Inn")
    if login.header(request, "Bic") != BANK["bik"]:
        raise BankSays("1012", "Bic")
    found = world.ledger.accounts.get(account)
    if account and (found is None or found.client != client.identifier):
        raise BankSays("1013", account)
    asked = profiles.profile(world)
    rules = dict.fromkeys(asked.signed, "(1)")
    rules["10"] = f"({'1' * client.signatures_required or '0'})"
    document = E.Settings(
        E.Sender(**bank()),
        E.Recipient(**customer(world, client)),
        E.Data(
            E.CustomerID(profiles.public_id(world, client.identifier)),
            E.BankServerAddress(f"{world.settings.banner}/directbank"),
            E.FormatVersion(profiles.version(world)),
            E.Encoding("UTF-8"),
            *([E.Compress("true")] if asked.compressed else []),
            E.Logon(E.Login(E.User(session.login))),
            *(
                E.Document(E.Signed(E.RuleSignatures(rules.get(kind, "(0)"))), docKind=kind)
                for kind in packets.ROOTS
            ),
            *_receipt_statement(asked, session),
        ),
        **root_attributes(world),
    )
    data = profiles.BOM + etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    values = root_attributes(world)
    return E.GetSettingsResponse(E.Data(base64.b64encode(data).decode(), dockind="06"), **values)


def _receipt_statement(asked, session) -> list:
    """The log-in that may only read statements, where the bank has one."""
    if not asked.statement_login:
        return []
    name = f"{session.login.removesuffix(profiles.OF_STATEMENTS)}{profiles.OF_STATEMENTS}"
    return [E.ReceiptStatement(E.Login(name), E.Instructions("Пароль тот же, без кода."))]


OPEN = {"Logon": login.logon, "LogonOTP": login.logon_otp, "LogonCert": login.logon_cert}
WITH_SESSION = {
    "SendPack": packets.send,
    "GetPackList": pack_list,
    "GetPack": pack,
    "GetSettings": settings,
}


def call(world, request: Request) -> Response:
    """One call, with the fault that is due for it."""
    name = request.args["name"]
    with world.lock:
        if name == "SendPack" and ORDER in request.body:
            packets.note(world, request.body)
        fault = world.faults.take(name)
        if not fault and name == "SendPack" and ORDER in request.body:
            fault = world.faults.take("PaymentOrder")
    return spoiled(
        world, fault, lambda: _answer(world, name, request, fault), "application/xml", BOMB
    )


def _answer(world, name: str, request: Request, fault) -> Response:
    kind = fault.kind if fault else ""
    try:
        if kind == "busy":
            raise BankSays("1001")
        if name in OPEN:
            return result(OPEN[name](world, request))
        if kind == "session_lost" and request.headers.get("SID") in world.state.sessions:
            world.state.sessions[request.headers["SID"]].ended = "control"
        session = login.session_of(world, request)
        if kind == "take_late" and name == "SendPack":
            return _take_late(world, session, request, fault)
        element = WITH_SESSION[name](world, session, request)
        if kind == "other_message_id" and name == "SendPack":
            element[0].text = str(uuid.uuid4())
        return result(element)
    except BankSays as error:
        return result(error.element())


def _take_late(world, session, request: Request, fault) -> Response:
    """Keep the packet aside: its documents are unknown until enough was asked."""
    packet = packets.check(world, session, request.body)

    def take():
        with contextlib.suppress(BankSays):
            again = packets.check(world, session, request.body)
            packets.take(world, session, again, request.body)

    late = LateMessage(packet.get("id"), take, fault.questions, fault)
    late.documents = [document.get("id") for document in packet.iterfind("Document")]
    world.late.append(late)
    return broken()  # never leaves the bank: the connection is dropped


@locked
def notice(world, request: Request):
    """Control: {client, document, status}: a notice out of order, twice, or about nothing."""
    body = request.json()
    client = world.state.clients.get(body["client"])
    if client is None or client.bank != "directbank":
        raise NotFound("There is no such client.")
    if body["status"] not in STATUSES:
        raise BadRequest(f"status is one of {', '.join(STATUSES)}.")
    document_notice(world, client, body["document"], status(body["status"]))
    return {"waiting": len(world.state.outbox)}


_ANY = "|".join((*OPEN, "SendPack", "GetSettings"))
ROUTES = (
    ("POST", rf"/directbank/(?P<name>{_ANY})", call),
    ("GET", r"/directbank/(?P<name>GetPackList|GetPack)", call),
    ("POST", "/control/directbank/notice", notice),
)
