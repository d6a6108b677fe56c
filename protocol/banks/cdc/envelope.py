# SPDX-License-Identifier: LGPL-3.0-only
"""SOAP 1.1 of Comarch Data Connect by hand: no byte of an ISO message is written anew.

What goes out: the package's own bytes between tags. The envelope declares default namespaces only,
and those of the package end at its root; so its canonical form is the same alone and in the
envelope, whichever canonicalization a signature names, and a bank can verify it in either place.

What comes in may be large (a client of the bank allows 200 MB): the message inside is cut out by
its tags and kept as it came, and only what is around it becomes a tree.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from lxml import etree
from lxml.builder import ElementMaker

from ... import errors
from ...bank import Connection
from ...formats.safe_xml import parse_safely, text_of
from ...wire.http import Http, check_status
from ...wording import _, joined

WSDL = Path(__file__).parent.parent / "contracts" / "cdc.wsdl"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "http://www.w3.org/2001/XMLSchema"
BODIES = "urn:ca:std:cdc:tech:xsd:"
ACTIONS = "urn:ca:std:cdc:tech:wsdl:"
#: (space of bodies, space of actions): of the standard, and of what single banks added
STANDARD = (f"{BODIES}cdc.001.01", f"{ACTIONS}cdc.ws.001.01")
ADDED = {"GetTransferConfirmation": (f"{BODIES}ing.cdc.001.01", f"{ACTIONS}ing.cdc.001.01")}
LARGEST = 200 << 20  # bytes of an answer

NOT_XML = _("The bank's answer is not XML.")
NOT_CONTRACT = _("The bank's answer does not keep to the contract: {path}")
NOT_A_CALL = _("This call cannot be made: {reason}")
ANOTHER_MESSAGE = _("The bank answered for another message than the one that was asked for.")
SAID = _("The bank reported an error: {code} {text}")

_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>\s*")
_SPOT = b"TheMessage"  # where it stood in its envelope
_DOCUMENT = re.compile(rb"<((?:[\w.-]+:)?Document)(?=[\s>])")


class Said(Exception):
    """The bank's error report: never leaves this package. `code` may be empty."""

    def __init__(self, code: str, text: str, path: str = ""):
        super().__init__(code)
        self.code, self.text, self.path = code, text, path

    @property
    def words(self) -> str:
        said = f"{self.code}: {self.text}" if self.code else self.text
        return said[:500]


def nested(make: ElementMaker, path: str, *inside):
    """Elements one in another, `A/B/C`, the innermost with the given children."""
    for tag in reversed(path.split("/")):
        inside = (make(tag, *inside),)
    return inside[0]


def maker(namespace: str) -> ElementMaker:
    return ElementMaker(namespace=namespace, nsmap={None: namespace})


def write(document: etree._Element) -> bytes:
    """The bytes of a question, or of a header; Invalid where the contract does not allow it."""
    schema = contract()[etree.QName(document).namespace]
    if not schema.validate(document):
        error = schema.error_log[0]
        raise errors.Invalid(NOT_A_CALL.format(reason=error.message[:200]), detail=error.path or "")
    return etree.tostring(document, encoding="UTF-8", xml_declaration=False)


@functools.cache
def contract() -> dict[str, etree.XMLSchema]:
    """The contract's schemas by namespace; those of the bodies are held by `Service` itself."""
    root = etree.parse(str(WSDL)).getroot()
    schemas = (etree.fromstring(etree.tostring(one)) for one in root.iter(f"{{{XSD}}}schema"))
    return {
        one.get("targetNamespace"): etree.XMLSchema(one)
        for one in schemas
        if not one.get("targetNamespace").startswith(BODIES)
    }


class Service:
    """One bank's service. `call` gives the message inside the answer, or raises."""

    def __init__(self, connection: Connection):
        self._http = Http(connection, LARGEST)
        self._address = connection.address

    def call(
        self, operation: str, message_id: str, content: bytes, *more: bytes, header: bytes = b""
    ) -> tuple[str, bytes]:
        """(namespace, bytes) of the message in the answer. Raises `Said` and BankError.

        `more`: what stands beside the message, i.e. its signature.
        """
        space, action = ADDED.get(operation, STANDARD)
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{action}/{operation}"',
        }
        body = envelope(operation, header, content, *more)
        answer = self._http.post(self._address, body, headers, operation)
        check_status(answer, self._address, usable=(200, 500))
        # What is no envelope at all is told by its status: a page of a proxy.
        try:
            shell, inside = take_apart(answer.content)
        except errors.BadAnswer:
            check_status(answer, self._address)
            raise
        tag = shell.find(f"{{{SOAP}}}Body")[0]
        if tag.tag == f"{{{SOAP}}}Fault":
            raise report(inside, tag, message_id)
        if answer.status != 200 or tag.tag != f"{{{space}}}{operation}Response" or not inside:
            raise errors.BadAnswer(NOT_CONTRACT.format(path=tag.tag))
        return namespace_of(inside), inside


def envelope(operation: str, header: bytes, *parts: bytes) -> bytes:
    """The request. `parts`: XML documents, with or without declarations."""
    inside = b"".join(_DECLARATION.sub(b"", part) for part in parts)
    head = b"<Header>" + header + b"</Header>" if header else b""
    name, space = operation.encode(), ADDED.get(operation, STANDARD)[0].encode()
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<Envelope xmlns="' + SOAP.encode() + b'">' + head + b"<Body>"
        b"<" + name + b' xmlns="' + space + b'">' + inside + b"</" + name + b">"
        b"</Body></Envelope>"
    )


def take_apart(content: bytes) -> tuple[etree._Element, bytes]:
    """(the envelope without the message inside, the message as it came; empty where none is)."""
    found = list(_DOCUMENT.finditer(content))
    start = end = 0
    if found:
        name = found[0][1]
        start, end = found[0].start(), content.rfind(b"</" + name)
        end = content.find(b">", end) + 1 if end > start else 0
    if len(found) > 1 or (found and not end):
        raise errors.BadAnswer(NOT_CONTRACT.format(path="Document"))
    mark = b"<" + _SPOT + b"/>" if found else b""
    try:
        shell = parse_safely(content[:start] + mark + content[end:])
    except errors.InvalidDocument as error:
        raise errors.BadAnswer(NOT_XML, detail=error.message) from None
    body = shell.find(f"{{{SOAP}}}Body")
    encoding = (shell.getroottree().docinfo.encoding or "UTF-8").upper()
    if shell.tag != f"{{{SOAP}}}Envelope" or body is None or len(body) != 1:
        raise errors.BadAnswer(NOT_CONTRACT.format(path="Envelope/Body"))
    if encoding not in ("UTF-8", "US-ASCII", "ASCII"):
        raise errors.BadAnswer(NOT_CONTRACT.format(path=encoding))
    if not found:
        return shell, b""
    spot = next(shell.iter(f"{{*}}{_SPOT.decode()}"), None)
    around = spot.getparent() if spot is not None else shell
    if around is not body[0] and body[0].tag != f"{{{SOAP}}}Fault":
        raise errors.BadAnswer(NOT_CONTRACT.format(path="Document"))
    around.remove(spot)
    return shell, _with_namespaces(content[start:end], name, around)


def _with_namespaces(message: bytes, name: bytes, around: etree._Element) -> bytes:
    """The message, with what it takes from the tags around it; usually it stands by itself."""
    first, missing = message[: message.index(b">")], b""
    for prefix, uri in around.nsmap.items():
        declared = f"xmlns:{prefix}" if prefix else "xmlns"
        used = prefix is None or f"{prefix}:".encode() in message
        if used and not re.search(rf"\s{re.escape(declared)}\s*=".encode(), first):
            missing += f' {declared}="{uri}"'.encode()
    head = len(name) + 1
    return message[:head] + missing + message[head:] if missing else message


def namespace_of(message: bytes) -> str:
    """Of the root: only its first tag is read."""
    first = message[: message.index(b">") + 1]
    closed = first if first.endswith(b"/>") else first[:-1] + b"/>"
    try:
        return etree.QName(parse_safely(closed)).namespace or ""
    except errors.InvalidDocument as error:
        raise errors.BadAnswer(NOT_XML, detail=error.message) from None


def report(message: bytes, fault: etree._Element, message_id: str) -> Exception:
    """What the bank's error report says, or BadAnswer where it is about another message."""
    if not message:
        return Said("", text_of(fault.find("faultstring")))
    try:
        root = parse_safely(message)
    except errors.InvalidDocument as error:
        return errors.BadAnswer(NOT_XML, detail=error.message)
    about = text_of(root.find("{*}ErrRpt/{*}RjctdMsgRef/{*}Id"))
    if about and about != message_id:
        return errors.BadAnswer(ANOTHER_MESSAGE)
    found = root.findall("{*}ErrRpt/{*}ErrDesc")
    if not found:
        return Said("", text_of(fault.find("faultstring")))
    words = " ".join(text_of(one.find("{*}RuleDesc")) for one in found)
    path = text_of(found[0].find("{*}Elmt/{*}ElmtPth"))
    return Said(text_of(found[0].find("{*}RuleId")), words, path)


def unclear(said: Said) -> errors.OutcomeUnknown:
    """An error report that proves nothing about a payment."""
    words = SAID.format(code=said.code, text=said.text[:500])
    return errors.OutcomeUnknown(words, code=said.code, detail=said.path)


def refusal(said: Said, kind: type[errors.BankError]) -> errors.BankError:
    return kind(joined(" ", said.words), code=said.code, detail=said.path)
