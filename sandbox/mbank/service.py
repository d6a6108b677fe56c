# SPDX-License-Identifier: LGPL-3.0-only
"""The SOAP endpoint: which operation does what, and the faults that were ordered."""

from __future__ import annotations

import base64
import contextlib
import re

from lxml import etree

from ..http import Request, Response
from ..spoiling import spoiled
from ..world import LateMessage
from . import login, reading, release, sending, soap
from .soap import NAMESPACE, E, SoapFault

# Operation -> function(world, session, request element, kind of spoiling).
OPERATIONS = {
    "LogOut": lambda world, session, request, spoil: login.log_out(world, session),
    "GetAccounts": lambda world, session, request, spoil: reading.accounts(world, session),
    "GetBalance": lambda world, session, request, spoil: reading.balance(world, session, request),
    "GetStatement": reading.statements,
    "GetStatementsSince": reading.statements_since,
    "GetHistory": reading.history,
    "SendPackage": lambda world, session, request, spoil: sending.send(world, session, request),
    "GetStatus": lambda world, session, request, spoil: sending.status(world, session, request),
    "GetPending": lambda world, session, request, spoil: release.pending(world, session),
    "GetConfirmation": lambda world, session, request, spoil: reading.confirmation(
        world, session, request
    ),
}
MEDIA_TYPE = "text/xml; charset=utf-8"
READING = ("wrong_account_statement", "bad_balance", "wrong_currency")
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>&c;'
    b"</soap:Body></soap:Envelope>"
)


def call(world, http: Request) -> Response:
    """One SOAP call, with the fault that is due for it."""
    name = http.headers.get("SOAPAction", "").strip('"').rpartition("/")[2]
    with world.lock:
        if name == "SendPackage":
            _note(world, http)
        fault = world.faults.take(name)
    return spoiled(world, fault, lambda: _answer(world, http, name, fault), MEDIA_TYPE, BOMB)


def _note(world, http: Request) -> None:
    """The call as it came in, before anything is checked or breaks."""
    with contextlib.suppress(SoapFault, ValueError):
        request, _token = soap.read(http.body, http.headers.get("SOAPAction", ""))
        content = base64.b64decode(soap.text(request, "Content"))
        orders = [found.decode() for found in re.findall(rb"<EndToEndId>(.+?)</", content)]
        world.handed_over.append({"message_id": soap.text(request, "MessageId"), "orders": orders})


def _answer(world, http: Request, name: str, fault) -> Response:
    kind = fault.kind if fault else ""
    try:
        if kind == "busy":
            raise SoapFault("BUSY", "The bank is busy. Try again later.")
        request, token = soap.read(http.body, http.headers.get("SOAPAction", ""))
        element = _operate(world, request, token, fault)
        if kind == "other_message_id":
            _other_message_id(element)
        data = soap.answer(element)
    except SoapFault as error:
        return Response(500, MEDIA_TYPE, error.envelope())
    return Response(200, MEDIA_TYPE, data)


def _operate(world, request, token: str, fault):
    name = etree.QName(request).localname
    if name == "LogIn":
        return login.log_in(world, request)
    if name == "Confirm":
        return login.confirm(world, request, lambda package: sending.receipt(world, package))
    if name == "Withdraw":
        return login.withdraw(world, request)
    if fault and fault.kind == "session_lost" and token in world.state.sessions:
        world.state.sessions[token].ended = "control"
    session = login.session_of(world, token)
    if fault and fault.kind == "take_late" and name == "SendPackage":
        return _take_late(world, session, request, fault)
    if name == "GetStatus":
        count_question(world, soap.text(request, "MessageId"))
    spoil = fault.kind if fault and fault.kind in READING else ""
    return OPERATIONS[name](world, session, request, spoil)


def _take_late(world, session, request, fault):
    """Keep the call aside; the caller gets no answer. It is worked on after some questions."""

    def take():
        # Handed over again meanwhile, or wrong: then the late one is refused unseen.
        with contextlib.suppress(SoapFault):
            sending.take(world, session, request)

    message_id = soap.text(request, "MessageId")
    world.late.append(LateMessage(message_id, take, fault.questions, fault))
    return E.GetPendingResponse()  # never leaves the bank: the connection is dropped


def count_question(world, message_id: str) -> None:
    """A status question: the late message is still unknown for so many of them."""
    for late in list(world.late):
        if late.message_id == message_id:
            if late.questions_left <= 0:
                world.late.remove(late)
                late.take()
            late.questions_left -= 1


def _other_message_id(element) -> None:
    for part in element.iter(f"{{{NAMESPACE}}}MessageId"):
        part.text = "OTHER-" + (part.text or "")[:29]


def wsdl(world, http: Request) -> Response:
    """The contract, with the address at which this server is reached."""
    address = f"{world.settings.banner}/mbank/ws".encode()
    data = soap.WSDL.replace(b"http://127.0.0.1:8070/mbank/ws", address)
    return Response(200, MEDIA_TYPE, data)
