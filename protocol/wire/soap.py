# SPDX-License-Identifier: LGPL-3.0-only
"""SOAP 1.1: the only file with zeep. A bank's contract (WSDL) is a local file, its address is set.

`SoapService.call` returns what zeep made of the answer, or raises a `BankError`:

- a SOAP fault becomes what the bank's own table says of its code; a code that is not in the table
  proves nothing, so its outcome is unknown;
- an answer is checked against the contract's schema before zeep reads it, since zeep lets much
  pass: what does not fit is a `BadAnswer`;
- whatever zeep, lxml or the XML types raise before the call left us is `Invalid`, after it
  `BadAnswer`. What the network may do is mapped in `http.py`.

Reading a WSDL takes longer than a call, so it is done once in each process.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsdl import Document

from ..bank import Connection
from ..errors import BadAnswer, BankError, Invalid, OutcomeUnknown
from ..wording import _
from .http import Answer, Http, check_status

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "http://www.w3.org/2001/XMLSchema"

NOT_XML = _("The bank's answer is not XML.")
NOT_CONTRACT = _("The bank's answer does not keep to the contract: {path}")
NOT_A_CALL = _("This call cannot be made: {reason}")
OTHER_FILE = _("the contract names another file")
UNKNOWN_FAULT = _("The bank reported an error that its contract does not know: {code} {text}")

SETTINGS = zeep.Settings(
    strict=True, xml_huge_tree=True, forbid_dtd=True, forbid_entities=True, forbid_external=True
)
#: a bank's table: fault code -> class of error
Faults = Mapping[str, type[BankError]]
#: (code, the bank's words, path) of a fault's detail element
ReadFault = Callable[[etree._Element], tuple[str, str, str]]


class SoapService:
    """One bank's contract, bound to one address."""

    def __init__(
        self, wsdl: Path, binding: str, connection: Connection, faults: Faults, read: ReadFault
    ):
        """`binding`: qualified name of the WSDL's binding, ``{namespace}name``."""
        document, schema = _contract(wsdl)
        self._transport = _Transport(connection, schema)
        self._client = zeep.Client(document, transport=self._transport, settings=SETTINGS)
        self._service = self._client.create_service(binding, connection.address)
        self._faults, self._read_fault = faults, read

    def call(self, operation: str, header: tuple[str, Mapping] | None = None, /, **values):
        """Make the call; `header`: name ``{namespace}name`` and values of one SOAP header element.

        Returns what zeep reads from the answer; raises only BankError.
        """
        self._transport.left = False
        try:
            self._transport.expected = self._service._binding.get(operation).output.body.qname.text
            headers = [self._client.get_element(header[0])(**header[1])] if header else None
            return getattr(self._service, operation)(**values, _soapheaders=headers)
        except BankError:
            raise
        except zeep.exceptions.Fault as fault:
            raise self._refusal(fault) from None
        except Exception as error:
            # zeep lets errors of lxml, decimal, base64, isodate and its own pass.
            raise map_error(error, left=self._transport.left) from None

    def _refusal(self, fault: zeep.exceptions.Fault) -> BankError:
        detail = fault.detail if fault.detail is not None else etree.Element("none")
        code, text, path = self._read_fault(detail)
        kind = self._faults.get(code)
        if kind is None:
            said = UNKNOWN_FAULT.format(code=code or fault.code, text=text or fault.message)
            return OutcomeUnknown(said[:500], code=code)
        return kind(text, code=code, detail=path)


def map_error(error: Exception, *, left: bool) -> BankError:
    """Our error for a foreign one. `left`: the call was already on its way to the bank."""
    name = type(error).__name__
    if left:
        return BadAnswer(NOT_CONTRACT.format(path=name), detail=name)
    reason = str(error.args[0])[:200] if error.args else name
    return Invalid(NOT_A_CALL.format(reason=reason), detail=name)


class _Transport(Transport):
    """zeep's transport over our own HTTP call. Loads nothing from the network."""

    def __init__(self, connection: Connection, schema: etree.XMLSchema):
        super().__init__()
        self._http, self._schema = Http(connection), schema
        self._address = connection.address
        self.left = False
        self.expected = ""  # tag of the answer's element

    def post(self, address, message, headers):
        operation = headers.get("SOAPAction", "").strip('"').rpartition("/")[2]
        self.left = True
        answer = self._http.post(address, message, headers, operation)
        # SOAP 1.1 sends faults with status 500; any other 500 has no envelope in it.
        check_status(answer, self._address, usable=(200, 500))
        _check_envelope(answer, self._schema, self.expected, self._address)
        return _Response(answer)

    def load(self, url):
        raise Invalid(NOT_A_CALL.format(reason=OTHER_FILE))


class _Response:
    """The part of requests' response that zeep looks at."""

    encoding = "utf-8"

    def __init__(self, answer: Answer):
        self.status_code, self.content, self.headers = answer.status, answer.content, answer.headers


def _check_envelope(answer: Answer, schema: etree.XMLSchema, expected: str, address: str) -> None:
    """Refuse what is no SOAP answer to this call, or one that the schema does not allow."""
    try:
        root = etree.fromstring(answer.content, _parser())
    except (etree.XMLSyntaxError, ValueError):
        check_status(answer, address)
        raise BadAnswer(NOT_XML, detail=f"HTTP {answer.status}") from None
    if root.getroottree().docinfo.doctype:
        raise BadAnswer(NOT_CONTRACT.format(path="DOCTYPE"))
    body = root.find(f"{{{ENVELOPE}}}Body")
    if root.tag != f"{{{ENVELOPE}}}Envelope" or body is None or len(body) != 1:
        check_status(answer, address)
        raise BadAnswer(NOT_CONTRACT.format(path="Envelope/Body"))
    if body[0].tag == f"{{{ENVELOPE}}}Fault":
        return
    if answer.status != 200 or body[0].tag != expected:
        raise BadAnswer(NOT_CONTRACT.format(path=body[0].tag), detail=f"HTTP {answer.status}")
    # A copy: validation must not see the envelope around it.
    if not schema.validate(copy.deepcopy(body[0])):
        raise BadAnswer(NOT_CONTRACT.format(path=schema.error_log[0].path))


def _parser() -> etree.XMLParser:
    # huge_tree: a statement is one long base64 text; entities cannot blow it up, they are off.
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


@functools.cache
def _contract(wsdl: Path) -> tuple[Document, etree.XMLSchema]:
    """The parsed WSDL and the schema inside of it."""
    root = etree.parse(str(wsdl), _parser()).getroot()
    # Written out and read again, so that it keeps the prefixes of the elements around it.
    alone = etree.fromstring(etree.tostring(root.find(f".//{{{XSD}}}schema")), _parser())
    schema = etree.XMLSchema(alone)
    return Document(str(wsdl), Transport(), settings=SETTINGS), schema
