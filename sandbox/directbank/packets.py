# SPDX-License-Identifier: LGPL-3.0-only
"""SendPack: checks of the packet at once, checks of its documents as notices afterwards.

At once (nothing is taken): form, size, version, parties, a repeated packet, kinds, signatures.
As a notice (the packet was taken): everything about a single document, 1013 and 22xx.
"""

from __future__ import annotations

import base64
import uuid

from .. import certificates, cms
from ..http import Request
from ..people import Session
from ..world import Package
from . import orders, profiles, shapes, statement
from .answers import BANK, document_notice, packet_notice, status
from .errors import BankSays, E
from .login import check_dates

ROOTS = {"03": "StatusRequest", "04": "CancelationRequest", "05": "Probe", "10": "PayDocRu",
         "14": "StatementRequest"}  # fmt: skip


def send(world, session: Session, request: Request):
    """SendPack -> the id that the bank gives to the packet."""
    packet = check(world, session, request.body)
    return E.SendPacketResponse(E.ID(take(world, session, packet, request.body)))


def note(world, body: bytes) -> None:
    """A packet with orders as it came in, before anything is checked or breaks."""
    try:
        packet = shapes.read(body, "Packet")
    except shapes.WrongShape:
        return
    orders = [one.get("id") for one in packet.iterfind("Document") if one.get("dockind") == "10"]
    world.handed_over.append({"message_id": packet.get("id"), "orders": orders})


def check(world, session: Session, body: bytes):
    """The packet as an element; BankSays when nothing of it can be taken."""
    if len(body) > world.settings.directbank_limit:
        raise BankSays("2003", f"до {world.settings.directbank_limit}")
    profiles.check_bom(body, "2001")
    try:
        packet = shapes.read(body, "Packet")
    except shapes.WrongShape as error:
        raise BankSays("2001", str(error)) from error
    profiles.check_version(world, packet.get("formatVersion"), "2006")
    if packet.find("SenderFootprint") is not None and packet.get("formatVersion") != "2.3.2":
        raise BankSays("2001", "SenderFootprint")
    profiles.check_guid(packet.get("id"), "2001")
    if world.checks_repeats and f"pack:{packet.get('id')}" in world.state.used_ids:
        raise BankSays("2002", packet.get("id"))
    sender, recipient = packet.find("Sender/Customer"), packet.find("Recipient/Bank")
    client = world.state.clients[session.client]
    if sender is None or sender.get("id") != profiles.public_id(world, session.client):
        raise BankSays("2004")
    if sender.get("inn") != client.inn or sender.get("kpp", client.kpp) != client.kpp:
        raise BankSays("2004", f"ИНН {sender.get('inn', '')}, КПП {sender.get('kpp', '')}")
    if recipient is None or recipient.get("bic") != BANK["bik"]:
        raise BankSays("2005")
    for document in packet.iterfind("Document"):
        _check_document(world, session, document)
    return packet


def _check_document(world, session: Session, document) -> None:
    kind = document.get("dockind")
    if kind not in ROOTS:
        raise BankSays("2007", kind)
    profiles.check_version(world, document.get("formatVersion"), "2008")
    profiles.check_login(world, session.login, kind)
    if document.get("encrypted") in ("true", "1"):
        raise BankSays("2010")
    content = _content(world, document)
    signers = {_signer(world, session, content, part) for part in document.iterfind("Signature")}
    client = world.state.clients[session.client]
    if kind == "10" and len(signers) < client.signatures_required and not client.phone_release:
        raise BankSays("2013")
    if kind in profiles.profile(world).signed and not signers:
        raise BankSays("2013", "запросы подписываются одной подписью")


def _content(world, document) -> bytes:
    return profiles.unpacked(world, document, base64.b64decode(document.findtext("Data")))


def _signer(world, session: Session, content: bytes, signature) -> str:
    """The login behind a signature of a document; BankSays 11xx, 2014, 2015."""
    try:
        data = base64.b64decode(signature.findtext("SignedData"))
        found = cms.signers(content, data, world.now(), check_dates=False)
    except cms.BadSignature as error:
        raise BankSays("2014" if error.broken else "2015", str(error)) from error
    for certificate in found:
        if int(signature.get("x509SerialNumber") or "0", 16) != certificate.serial_number:
            raise BankSays("1101", "x509SerialNumber")
        login = certificates.owner(world, certificate)
        if not login or session.client not in world.state.users[login].clients:
            raise BankSays("1101")
        check_dates(certificate, world.now())
    return login


def take(world, session: Session, packet, body: bytes) -> str:
    """Keep the packet, then work on its documents. Returns the bank's id of it."""
    client = world.state.clients[session.client]
    packet_id, bank_id = packet.get("id"), str(uuid.uuid4())
    world.state.used_ids[f"pack:{packet_id}"] = bank_id
    package = Package(
        message_id=packet_id, client=client.identifier, login=session.login, format="DIRECTBANK",
        content=body, received_at=world.now(), bank="directbank", details={"bank_id": bank_id},
    )  # fmt: skip
    packet_notice(world, client, bank_id, packet_id)
    for document in packet.iterfind("Document"):
        try:
            _work(world, client, package, document)
        except BankSays as error:
            document_notice(world, client, document.get("id"), error.element())
    if package.orders:
        again = f" again {len(world.state.packages)}" if packet_id in world.state.packages else ""
        world.state.packages[f"{packet_id}{again}"] = package
        _ask_phone(world, package)
    return bank_id


def _work(world, client, package: Package, document) -> None:
    """One document; BankSays becomes its notice."""
    ident, kind = document.get("id"), document.get("dockind")
    if world.checks_repeats and f"doc:{ident}" in world.state.used_ids:
        raise BankSays("2202", ident)
    content = _content(world, document)
    profiles.check_bom(content, "2201")
    profiles.check_guid(ident, "2201")
    try:
        root = shapes.read(content, ROOTS[kind])
    except shapes.WrongShape as error:
        raise BankSays("2201", str(error)) from error
    sender = root.find("Sender").get("id")
    if root.get("id") != ident or sender not in profiles.names(world, client.identifier):
        raise BankSays("2201", "id, Sender")
    profiles.check_version(world, root.get("formatVersion"), "2008")
    world.state.used_ids[f"doc:{ident}"] = package.message_id
    if kind == "10":
        _order(world, client, package, document, root)
    elif kind == "03":
        _status(world, client, root)
    elif kind == "04":
        orders.recall(world, client, root.findtext("ExtID"))
        document_notice(world, client, ident, status("01"))
    else:
        document_notice(world, client, ident, status("01"))
        if kind == "14":
            statement.answer(world, client, root)


def _order(world, client, package: Package, document, root) -> None:
    order = orders.read(root)
    refusal = orders.planned_refusal(world, "accept")
    try:
        orders.check(world, client, order)
        if refusal:
            raise BankSays("2205", refusal[1])
    except BankSays as error:
        order.status, order.code, order.reason = "03", error.code, str(error)
        package.orders.append(order)
        raise
    world.state.used_ids[orders.key_of(order)] = order.end_to_end_id
    package.orders.append(order)
    signatures = document.findall("Signature")
    if len(signatures) < client.signatures_required:
        orders.change(world, package, order, "06")
    else:
        order.accepted_at = world.now()
        orders.change(world, package, order, "01")


def _ask_phone(world, package: Package) -> None:
    """One confirmation for all orders of the packet that came without a signature."""
    waiting = [order for order in package.orders if order.status == "06"]
    if not waiting:
        return
    package.waits_for = "phone"
    total = sum(order.amount for order in waiting)
    challenge = world.challenge(
        kind="package", method="mobile", client=package.client, login=package.login,
        message_id=package.message_id, bank="directbank",
        text=f"{len(waiting)} payment(s), {total:.2f} RUB, packet {package.message_id}",
    )  # fmt: skip
    package.challenge_id = challenge.id


def _status(world, client, root) -> None:
    """A status request (03): a notice about the document asked for."""
    wanted, request_id = root.findtext("ExtID"), root.get("id")
    count_question(world, wanted)
    outcome = None
    for package in world.state.packages.values():
        if package.bank == "directbank" and package.client == client.identifier:
            for order in package.orders:
                if order.end_to_end_id == wanted:
                    outcome = _outcome(order)
    if outcome is None:
        outcome = BankSays("2207", wanted).element()
    document_notice(world, client, wanted, outcome, request_id)


def _outcome(order):
    if order.code in ("1013", "2203", "2205"):
        return BankSays(order.code, order.reason).element()
    return status(order.status, order.reason)


def count_question(world, document_id: str) -> None:
    """A message kept aside is still unknown for so many questions."""
    for late in list(world.late):
        if document_id in late.documents:
            if late.questions_left <= 0:
                world.late.remove(late)
                late.take()
            late.questions_left -= 1
