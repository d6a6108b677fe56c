# SPDX-License-Identifier: LGPL-3.0-only
"""SOAP 1.1 by hand, and strict: every request is validated against the schema in the WSDL."""

from __future__ import annotations

from pathlib import Path

from lxml import etree
from lxml.builder import ElementMaker

NAMESPACE = "urn:mbank:companyws:1"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "http://www.w3.org/2001/XMLSchema"
WSDL_FILE = Path(__file__).parent.parent / "contracts" / "mbank" / "companyws.wsdl"
WSDL = WSDL_FILE.read_bytes()
E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})
_SOAP = ElementMaker(namespace=ENVELOPE, nsmap={"soap": ENVELOPE})
SCHEMA = etree.XMLSchema(etree.fromstring(WSDL).find(f".//{{{XSD}}}schema"))


class SoapFault(Exception):
    """Becomes the answer: a SOAP fault whose detail is `Fault{Code, Message, Path?}`."""

    def __init__(self, code: str, message: str, path: str = ""):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.path = code, message, path

    def envelope(self) -> bytes:
        side = "Server" if self.code in ("BUSY", "INTERNAL") else "Client"
        detail = E.Fault(E.Code(self.code), E.Message(self.message[:1000]))
        if self.path:
            detail.append(E.Path(self.path[:1000]))
        fault = _SOAP.Fault(
            etree.fromstring(f"<faultcode xmlns:soap='{ENVELOPE}'>soap:{side}</faultcode>"),
            _plain("faultstring", self.message),
            _plain("detail", detail),
        )
        return _envelope(fault)


def _plain(tag: str, content):
    element = etree.Element(tag)
    if isinstance(content, str):
        element.text = content
    else:
        element.append(content)
    return element


def read(data: bytes, action: str) -> tuple[etree._Element, str]:
    """The request element and the session token ("" when there is none).

    SoapFault REQUEST_NOT_VALID when the envelope or the request is not valid.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _invalid(f"not XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _invalid("a DOCTYPE is not allowed")
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise _invalid("not a SOAP 1.1 envelope")
    token, body = "", None
    for part in root.iterchildren(tag=etree.Element):
        if part.tag == f"{{{ENVELOPE}}}Header":
            token = _token(part)
        elif part.tag == f"{{{ENVELOPE}}}Body" and body is None:
            body = part
        else:
            raise _invalid("unexpected part of the envelope", part.tag)
    request = _single(body)
    wanted = f"{NAMESPACE}/{etree.QName(request).localname}"
    if action.strip('"') != wanted:
        raise _invalid(f"SOAPAction must be {wanted}")
    _validate(request)
    return request, token


def _single(body):
    children = list(body.iterchildren(tag=etree.Element)) if body is not None else []
    if len(children) != 1 or etree.QName(children[0]).namespace != NAMESPACE:
        raise _invalid("the body must hold one request of this contract")
    return children[0]


def _token(header) -> str:
    token = ""
    for child in header.iterchildren(tag=etree.Element):
        if child.tag != f"{{{NAMESPACE}}}Session" or token:
            raise _invalid("unknown header", child.tag)
        _validate(child)
        token = child.findtext(f"{{{NAMESPACE}}}Token").strip()
    return token


def _validate(element) -> None:
    if not SCHEMA.validate(element):
        error = SCHEMA.error_log[0]
        raise _invalid(error.message, f"{etree.QName(element).localname}, {error.path or ''}")


def _invalid(message: str, path: str = "") -> SoapFault:
    return SoapFault("REQUEST_NOT_VALID", f"The request is not valid: {message}", path)


def text(request, name: str) -> str:
    """Text of a child of the request, without surrounding white space; "" when absent."""
    return (request.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def texts(request, name: str) -> list[str]:
    return [(child.text or "").strip() for child in request.findall(f"{{{NAMESPACE}}}{name}")]


def answer(response) -> bytes:
    """The envelope of an answer. It is checked too: the bank keeps its own contract."""
    SCHEMA.assertValid(response)
    return _envelope(response)


def _envelope(content) -> bytes:
    return etree.tostring(
        _SOAP.Envelope(_SOAP.Body(content)), xml_declaration=True, encoding="UTF-8"
    )


def instant(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
