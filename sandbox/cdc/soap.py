# SPDX-License-Identifier: LGPL-3.0-only
"""SOAP 1.1 by hand, and strict: what the contract's schemas do not allow is refused.

Errors are ISO error reports (tsmt.016). Public of their codes are E201 and E502 alone; the others
here are the sandbox's own, so that no client may rely on them.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from lxml import etree
from lxml.builder import ElementMaker

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "http://www.w3.org/2001/XMLSchema"
BODIES = "urn:ca:std:cdc:tech:xsd:"
HEADER = "urn:ca:std:ccs:ing:tech:xsd:mhdr.001.001.01"
ACTIONS = "urn:ca:std:cdc:tech:wsdl:"
# operation -> (end of the space of its body, end of that of its action)
STANDARD = ("cdc.001.01", "cdc.ws.001.01")
ADDED = {"GetTransferConfirmation": ("ing.cdc.001.01", "ing.cdc.001.01")}
ERROR = "urn:iso:std:iso:20022:tech:xsd:tsmt.016.001.03"
DS = "http://www.w3.org/2000/09/xmldsig#"
ISO = "urn:iso:std:iso:20022:tech:xsd:"
PAIN001, PAIN002, CAMT052, CAMT053 = (
    f"{ISO}{name}" for name in
    ("pain.001.001.03", "pain.002.001.03", "camt.052.001.02", "camt.053.001.02")
)  # fmt: skip
WSDL = (Path(__file__).parent.parent / "contracts" / "cdc" / "cdc.wsdl").read_bytes()
_SCHEMAS = {
    one.get("targetNamespace"): etree.XMLSchema(etree.fromstring(etree.tostring(one)))
    for one in etree.fromstring(WSDL).iter(f"{{{XSD}}}schema")
    if not one.get("targetNamespace").startswith(BODIES)
}
_TRANSFER = (PAIN001, PAIN002)
#: operation -> (namespace of the question's message, namespaces that an answer may have)
OPERATIONS = {
    "GetAccountBalance": ("urn:swift:xsd:camt.003.001.04", "urn:swift:xsd:camt.004.001.04"),
    "GetAccountReport": ("urn:ca:std:ccs:tech:xsd:cmrq.001.001.02", CAMT052),
    "GetIncrementalAccountReport": ("urn:ca:std:ccs:tech:xsd:cmrq.001.001.02", CAMT052),
    "GetStatement": ("urn:ca:std:ccs:tech:xsd:cmrq.002.001.02", CAMT053),
    "GetPaymentStatusReport": ("urn:ca:std:ccs:tech:xsd:past.001.001.02", PAIN002),
    "GetTransferConfirmation": (
        "urn:ca:std:ccs:ing:tech:xsd:trco.001.001.01",
        "urn:ca:std:ccs:tech:xsd:rpts.005.001.02",
    ),
    "DomesticTransfer": _TRANSFER,
    "InternalTransfer": _TRANSFER,
    "ForeignTransfer": _TRANSFER,
    "SEPATransfer": _TRANSFER,
}


class Fault(Exception):
    """Becomes the answer: an error report about the message that was asked."""

    def __init__(self, code: str, words: str, path: str = ""):
        super().__init__(f"{code}: {words}")
        self.code, self.words, self.path = code, words, path

    def envelope(self, about: str, now) -> bytes:
        """`about`: the message id of the question, where it had one."""
        make = ElementMaker(namespace=ERROR, nsmap={None: ERROR})
        at = instant(now)
        description = make.ErrDesc(
            make.SeqNb("1"), make.RuleId(self.code), make.RuleDesc(self.words[:350] or "?")
        )
        if self.path:
            name = re.sub(r".*[/:]|\[.*", "", self.path)[:35] or "?"
            description.append(make.Elmt(make.ElmtPth(self.path[-350:]), make.ElmtNm(name)))
        report = make.Document(
            make.ErrRpt(
                make.RptId(make.Id(uuid.uuid4().hex), make.CreDtTm(at)),
                make.RjctdMsgRef(make.Id(about[:35] or "NONE"), make.CreDtTm(at)),
                make.NbOfErrs(make.Nb("1")),
                description,
            )
        )
        _SCHEMAS[ERROR].assertValid(report)
        fault = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap={"soap": ENVELOPE})
        etree.SubElement(fault, "faultcode").text = "soap:Server"
        etree.SubElement(fault, "faultstring").text = self.words
        etree.SubElement(fault, "detail").append(report)
        return _envelope(fault)


class Question:
    """One request: `operation`, its `document`, its `message_id`, its `header` and `signature`."""

    def __init__(self, data: bytes, action: str):
        header, body = _parts(_parse(data))
        self.header = header
        children = list(body.iterchildren(tag=etree.Element)) if body is not None else []
        name = etree.QName(children[0]) if len(children) == 1 else None
        self.operation = name.localname if name is not None else ""
        body, wanted = ADDED.get(self.operation, STANDARD)
        if self.operation not in OPERATIONS or name.namespace != f"{BODIES}{body}":
            raise _invalid("the body must hold one request of this contract")
        wanted = f"{ACTIONS}{wanted}/{self.operation}"
        if action.strip('"') != wanted:
            raise _invalid(f"SOAPAction must be {wanted}")
        self.document, self.signature = self._inside(children[0])
        found = self.document.find("*/{*}MsgId/{*}Id")
        if found is None:
            found = self.document.find("*/{*}GrpHdr/{*}MsgId")
        if found is not None and len(found):
            found = found[0]
        self.message_id = (found.text or "").strip() if found is not None else ""

    def _inside(self, request):
        space = OPERATIONS[self.operation][0]
        children = list(request.iterchildren(tag=etree.Element))
        signature = None
        if len(children) == 2 and children[1].tag == f"{{{DS}}}Signature" and space == PAIN001:
            signature = children.pop()
        if len(children) != 1 or children[0].tag != f"{{{space}}}Document":
            raise _invalid(f"{self.operation} takes one Document of {space}")
        if space in _SCHEMAS:
            _validate(children[0])
        return children[0], signature

    def text(self, path: str) -> str:
        """Text below the message's root; plain names with `/`. Empty where there is none."""
        return (self.document.findtext("*/" + _any(path)) or "").strip()


def _any(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))


def _parse(data: bytes):
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _invalid(f"not XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _invalid("a DOCTYPE is not allowed")
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise _invalid("not a SOAP 1.1 envelope")
    return root


def _parts(root):
    """(the only header element or None, the body)."""
    header, body = None, None
    for part in root.iterchildren(tag=etree.Element):
        if part.tag == f"{{{ENVELOPE}}}Header" and body is None:
            found = list(part.iterchildren(tag=etree.Element))
            if len(found) > 1:
                raise _invalid("more than one header", found[1].tag)
            header = found[0] if found else None
        elif part.tag == f"{{{ENVELOPE}}}Body" and body is None:
            body = part
        else:
            raise _invalid("unexpected part of the envelope", part.tag)
    if header is not None:
        if header.tag != f"{{{HEADER}}}CcsHeader":
            raise _invalid("unknown header", header.tag)
        _validate(header)
    return header, body


def _validate(element) -> None:
    schema = _SCHEMAS[etree.QName(element).namespace]
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    if not schema.validate(alone):
        error = schema.error_log[0]
        raise _invalid(error.message, error.path or etree.QName(element).localname)


def _invalid(message: str, path: str = "") -> Fault:
    return Fault("E001", f"The request is not valid: {message}", path)


def answer(operation: str, document: bytes | etree._Element) -> bytes:
    """The envelope of an answer. It is checked too: the bank keeps its own contract."""
    if isinstance(document, bytes):
        document = etree.fromstring(document)
    schema = _SCHEMAS.get(etree.QName(document).namespace)
    if schema is not None:
        schema.assertValid(document)
    space = BODIES + ADDED.get(operation, STANDARD)[0]
    response = etree.Element(f"{{{space}}}{operation}Response", nsmap={"cdc": space})
    response.append(document)
    return _envelope(response)


def _envelope(content) -> bytes:
    soap = ElementMaker(namespace=ENVELOPE, nsmap={"soap": ENVELOPE})
    tree = soap.Envelope(soap.Body(content))
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


def instant(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
