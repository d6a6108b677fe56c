# SPDX-License-Identifier: LGPL-3.0-only
"""What the bank says: ResultBank, its errors, and the documents and packets it makes."""

from __future__ import annotations

import base64
import uuid

from lxml import etree

from ..clock import MOSCOW
from ..http import Response
from ..seed import SEED
from ..world import OutPacket
from . import profiles
from .errors import E
from .shapes import NAMESPACE

VERSION = "2.3.2"
AGENT = "SandboxDirectBank"
BANK = SEED["directbank"]
STATUSES = {
    "01": "Принят",
    "02": "Исполнен",
    "03": "Отклонен банком",
    "04": "Приостановлен",
    "05": "Аннулирован",
    "06": "Не подтвержден",
}


def result(child) -> Response:
    """ResultBank with Success (or Error, when `child` is one)."""
    part = child if child.tag == f"{{{NAMESPACE}}}Error" else E.Success(child)
    root = E.ResultBank(part, formatVersion=VERSION, userAgent=AGENT)
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Response(200, "application/xml; charset=utf-8", body)


def moment(instant) -> str:
    """The bank's server time: Moscow, without a zone, to the second."""
    return instant.astimezone(MOSCOW).strftime("%Y-%m-%dT%H:%M:%S")


def root_attributes(world, ident: str = "") -> dict[str, str]:
    return {
        "id": ident or str(uuid.uuid4()),
        "formatVersion": profiles.version(world),
        "creationDate": moment(world.now()),
        "userAgent": AGENT,
    }


def customer(world, client) -> dict[str, str]:
    own = profiles.public_id(world, client.identifier)
    values = {"id": own, "name": client.name, "inn": client.inn, "kpp": client.kpp}
    return {key: value for key, value in values.items() if value}


def bank() -> dict[str, str]:
    return {"bic": BANK["bik"], "name": BANK["name"]}


def status(code: str, more: str = ""):
    element = E.Status(E.Code(code), E.Name(STATUSES[code]))
    if more:
        element.append(E.MoreInfo(more))
    return element


def document_notice(world, client, document_id: str, outcome, request_id: str = "") -> None:
    """Queue a notice (02) about a document; `outcome`: a Status or Error element."""
    notice = E.StatusDocNotice(
        E.Sender(E.Bank(**bank())),
        E.Recipient(E.Customer(**customer(world, client))),
        E.ExtID(document_id),
        E.Result(outcome),
        **root_attributes(world),
    )
    if request_id:
        notice.append(E.ExtIDStatusRequest(request_id))
    queue(world, client, "02", notice, document_id)


def packet_notice(world, client, bank_id: str, packet_id: str) -> None:
    """Queue a notice (01): the packet was taken apart."""
    notice = E.StatusPacketNotice(
        E.Sender(E.Bank(**bank())),
        E.Recipient(E.Customer(**customer(world, client))),
        E.IDResultSuccessResponse(bank_id),
        E.Result(status("01")),
        E.ExtIDPacket(packet_id),
        **root_attributes(world),
    )
    queue(world, client, "01", notice, packet_id)


def queue(world, client, kind: str, document, ext_id: str = "") -> None:
    """Put a document into a packet of its own and let that wait for its client."""
    data = profiles.BOM + etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    ident = str(uuid.uuid4())
    name = f"{document.get('id')}.xml"
    compressed = profiles.profile(world).compressed
    data = profiles.packed(name, data) if compressed else data
    holder = E.Document(
        E.Data(base64.b64encode(data).decode(), fileName=name),
        id=document.get("id"),
        dockind=kind,
        formatVersion=profiles.version(world),
    )
    if compressed:
        holder.set("compressed", "true")
    if ext_id:
        holder.set("extID", ext_id)
    packet = E.GetPacketResponse(
        E.Sender(E.Bank(**bank())),
        E.Recipient(E.Customer(**customer(world, client))),
        holder,
        **root_attributes(world, ident),
    )
    out = OutPacket(ident, client.identifier, world.now(), etree.tostring(packet))
    world.state.outbox.append(out)
