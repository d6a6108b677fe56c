# SPDX-License-Identifier: LGPL-3.0-only
"""The endpoints of the CDC banks: who asks, which operation, and the faults that were ordered."""

from __future__ import annotations

import contextlib
import re

from ..http import BadRequest, Drop, NotFound, Request, Response, locked
from ..mbank.service import BOMB, MEDIA_TYPE, count_question
from ..mbank.service import READING as SPOILING
from ..spoiling import spoiled
from ..world import LateMessage
from . import authority, reading, sending, soap
from .soap import Fault, Question

PATHS = {"ing": "/ing-ccs/cdc00101", "bnp": "/bnpp-cdc/cdc00101"}
INSTITUTION = "INGBankŚląski"
READING = {
    "GetAccountBalance": reading.balance,
    "GetAccountReport": reading.report,
    "GetIncrementalAccountReport": reading.increment,
    "GetStatement": reading.statement,
    "GetTransferConfirmation": reading.confirmation,
    "GetPaymentStatusReport": sending.status,
}
_ID = re.compile(r"[A-Za-z0-9]{1,35}")


def call(world, http: Request) -> Response:
    """One SOAP call, with the fault that is due for it."""
    bank = next(name for name, path in PATHS.items() if path == http.path)
    operation = http.headers.get("SOAPAction", "").strip('"').rpartition("/")[2]
    with world.lock:
        if operation in sending.KINDS:
            _note(world, http)
        number = authority.owner(world, http.peer, "communication")
        client = world.state.clients.get(number)
        if client is None or client.bank != bank:
            return Response(403, "text/html", b"<html><body>Forbidden</body></html>")
        fault = world.faults.take(operation)
    return spoiled(world, fault, lambda: _answer(world, client, http, fault), MEDIA_TYPE, BOMB)


def _note(world, http: Request) -> None:
    """The call as it came in, before anything is checked or breaks."""
    with contextlib.suppress(Fault, ValueError):
        question = Question(http.body, http.headers.get("SOAPAction", ""))
        found = question.document.iter("{*}EndToEndId")
        orders = [one.text for one in found]
        world.handed_over.append({"message_id": question.message_id, "orders": orders})


def _answer(world, client, http: Request, fault) -> Response:
    kind, about = (fault.kind if fault else ""), ""
    try:
        question = Question(http.body, http.headers.get("SOAPAction", ""))
        about = question.message_id
        if kind == "busy":
            raise Fault("E900", "Usługa jest chwilowo niedostępna.")
        data = soap.answer(question.operation, _work(world, client, question, fault))
    except Fault as error:
        return Response(500, MEDIA_TYPE, error.envelope(about, world.now()))
    if kind == "other_message_id":
        data = re.sub(rb"(<[^<>]*OrgnlMsgId>)", rb"\1OTHER", data, count=1)
    return Response(200, MEDIA_TYPE, data)


def _work(world, client, question: Question, fault):
    _check_header(client, question.header)
    if not _ID.fullmatch(question.message_id):
        raise Fault("E301", "Niedozwolony identyfikator komunikatu.", "MsgId")
    if fault and fault.kind == "take_late" and question.operation not in READING:
        return _take_late(world, client, question, fault)
    if question.operation == "GetPaymentStatusReport":
        count_question(world, question.text("OrgnlGrpInfAndSts/OrgnlMsgId"))
    spoil = fault.kind if fault and fault.kind in SPOILING else ""
    function = READING.get(question.operation, sending.send)
    return _once(world, question, lambda: function(world, client, question, spoil))


def _once(world, question: Question, work):
    """No id comes twice, whoever asks and for what; a transfer that was refused used none up."""
    key = f"cdc:{question.message_id}"
    checked = world.checks_repeats or question.operation in READING
    if checked and key in world.state.used_ids:
        raise Fault("E302", "Komunikat o tym identyfikatorze już wpłynął.", "MsgId")
    if question.operation in READING:
        world.state.used_ids[key] = question.operation
    done = work()
    world.state.used_ids[key] = question.operation
    return done


def _check_header(client, header) -> None:
    """ING wants its header in each call; BNP Paribas knows none."""
    if client.bank != "ing":
        if header is not None:
            raise Fault("E101", "Nieoczekiwany nagłówek.", "CcsHeader")
        return
    said = {} if header is None else {child.tag.rpartition("}")[2]: child.text for child in header}
    wanted = {
        "FinInstID": INSTITUTION, "PartnerID": client.identifier, "PassID": client.pass_id,
    }  # fmt: skip
    for name, value in wanted.items():
        if said.get(name) != value:
            raise Fault("E101", f"Nieprawidłowy nagłówek: {name}.", f"CcsHeader/{name}")


def _take_late(world, client, question: Question, fault):
    """Keep the call aside; the caller gets no answer. It is worked on after some questions."""

    def take():
        # Handed over again meanwhile, or wrong: then the late one is refused unseen.
        with contextlib.suppress(Fault):
            _once(world, question, lambda: sending.take(world, client, question))

    world.late.append(LateMessage(question.message_id, take, fault.questions, fault))
    raise Drop()


def wsdl(world, http: Request) -> Response:
    address = f"{world.settings.cdc_banner}{http.path}".encode()
    data = soap.WSDL.replace(b"https://127.0.0.1:8071/cdc00101", address)
    return Response(200, MEDIA_TYPE, data)


#: of the TLS listener
ROUTES = tuple(
    (method, path, function)
    for path in PATHS.values()
    for method, function in (("POST", call), ("GET", wsdl))
)


# On the plain server: what the banks' portals do, and what no bank would do ---------------------


def ca(world, request: Request) -> Response:
    with world.lock:
        return Response(200, "application/x-pem-file", authority.ca_pem(world))


def key_file(world, request: Request) -> Response:
    """A demo key file, registered. Its password is `demo`."""
    client, use = request.args["client"], request.args["use"]
    with world.lock:
        if getattr(world.state.clients.get(client), "bank", "") not in PATHS:
            raise NotFound("There is no such client of a CDC bank.")
        return Response(200, "application/x-pkcs12", authority.demo_pkcs12(world, client, use))


@locked
def certificate(world, request):
    """{client, use, csr, days?}: the bank's portal answers a certificate request."""
    body = request.json()
    days = int(body.get("days", 730))
    pem = authority.answer_request(world, body["client"], body["use"], body["csr"], days)
    return {"pem": pem}


@locked
def revoke(world, request):
    """{client, use}: these certificates are not known any more; a demo key file is made anew."""
    body = request.json()
    world.state.demo_keys.pop(authority.demo_name(body["client"], body["use"]), None)
    rows = world.state.company_certificates
    gone = [key for key, row in rows.items()
            if (row["client"], row["use"]) == (body["client"], body["use"])]  # fmt: skip
    for key in gone:
        del rows[key]
    return {"revoked": len(gone)}


@locked
def server_certificate(world, request):
    """{authority: "own" or "foreign"}: the bank appears with a new certificate from now on."""
    names = {"own": "CA", "foreign": "foreign CA"}
    world.cdc_listener.show(authority.server_pem(world, names[request.json()["authority"]]))
    return {}


@locked
def release(world, request):
    """{message_id}: a person signs at the bank."""
    package = world.state.packages.get(request.json()["message_id"])
    if package is None or package.bank not in PATHS or not package.waits_for:
        raise BadRequest("There is no such package that waits.")
    sending.accept(world, package)
    return {"released": True}


CONTROL = (
    ("GET", r"/demo/cdc/ca\.pem", ca),
    ("GET", r"/demo/cdc/(?P<client>\d+)/(?P<use>communication|authorisation)\.p12", key_file),
    ("POST", "/control/cdc/certificate", certificate),
    ("POST", "/control/cdc/revoke", revoke),
    ("POST", "/control/cdc/server-certificate", server_certificate),
    ("POST", "/control/cdc/release", release),
)
