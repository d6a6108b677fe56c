# SPDX-License-Identifier: LGPL-3.0-only
"""Packets of the DirectBank exchange: documents with their signatures, out and in.

A document's bytes are exactly what is signed; the packet around them is only transport. So a
packet is written when it is sent, from the package's id, time, content and signatures alone.
"""

from __future__ import annotations

import base64
import binascii
import io
import uuid
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from ...errors import BadAnswer, Invalid, InvalidDocument
from ...formats.directbank import NAMESPACE
from ...formats.directbank.order import bank, customer, document, to_bytes
from ...formats.safe_xml import node, parse_safely, text_of
from ...records import Account
from ...signatures.certificates import describe
from ...signatures.cms_verify import certificates_inside
from ...signatures.signers import Signer
from ...wording import _
from .agreement import WITH_FOOTPRINT, Agreement

PACKET_NOTICE, NOTICE, STATUS_REQUEST, RECALL, PROBE = "01", "02", "03", "04", "05"
ORDER, STATEMENT_REQUEST, STATEMENT = "10", "14", "15"
NAMES = {
    STATUS_REQUEST: "StatusRequest",
    RECALL: "CancelationRequest",
    PROBE: "Probe",
    STATEMENT_REQUEST: "StatementRequest",
}
LARGEST = 64 * 1024 * 1024  # bytes of an unpacked document

NO_FIELD = _("The bank's answer lacks {name}.")
ENCRYPTED = _("The bank sent an encrypted document: switch encryption off in its settings.")
NOT_UNPACKED = _("A document of the bank cannot be unpacked.")
NEEDS_SIGNER = _(
    "The bank wants every request signed. Give the operator a certificate whose key is a file on "
    "this server: it signs questions, not payments."
)
NOT_AN_ORDER = _("The package is no payment order of this format.")


@dataclass(frozen=True)
class Outgoing:
    """A document on its way to the bank: exact bytes, CMS signatures over them."""

    id: str
    kind: str
    data: bytes
    signatures: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Incoming:
    """A document from the bank, unpacked."""

    id: str
    kind: str
    data: bytes

    def root(self) -> etree._Element:
        try:
            return parse_safely(self.data)
        except InvalidDocument as error:
            raise BadAnswer(error.message) from None


def new_id() -> str:
    return str(uuid.uuid4())


def guid(identifier: str) -> str:
    """An id as a GUID where it is one; ids are compared in this form."""
    try:
        return str(uuid.UUID(identifier))
    except ValueError:
        return identifier


def packet(
    identifier: str,
    created_at: datetime,
    agreement: Agreement,
    account: Account,
    sent: Outgoing,
    footprint: Mapping[str, str] | None = None,
) -> bytes:
    """The packet with one document, as the bank's settings want it.

    `account`: whose owner sends it, at which bank. `footprint`: from where, IP and MAC.
    """
    root = document("Packet", guid(identifier), created_at, agreement.version)
    sender = agreement.party(account)
    client = sender.details["client_identifier"]
    root.append(node("Sender", customer("Customer", client, sender)))
    root.append(node("Recipient", bank("Bank", account.bank_code)))
    inside = etree.SubElement(root, "Document", id=sent.id, dockind=sent.kind)
    inside.set("formatVersion", agreement.version)
    data = sent.data
    if agreement.compress:
        inside.set("compressed", "true")
        data = _packed(f"{sent.id}.xml", data)
    inside.append(node("Data", base64.b64encode(data).decode()))
    for signature in sent.signatures:
        inside.append(_signature(signature))
    if footprint and agreement.version == WITH_FOOTPRINT:
        parts = (node(tag, text) for tag, text in sorted(footprint.items()))
        root.append(node("SenderFootprint", *parts))
    return to_bytes(root)


def _packed(name: str, data: bytes) -> bytes:
    """A ZIP archive with one file; what was signed is the file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _signature(signature: bytes) -> etree._Element:
    """A signature with the issuer and serial number of its certificate."""
    issuer, serial = _names(certificates_inside(signature)[0])
    element = etree.Element("Signature", x509IssuerName=issuer, x509SerialNumber=serial)
    element.append(node("SignedData", base64.b64encode(signature).decode()))
    return element


def request(
    kind: str,
    created_at: datetime,
    agreement: Agreement,
    account: Account,
    signer: Signer | None,
    *parts,
) -> Outgoing:
    """A request document of that kind with these children, signed where the bank wants that."""
    identifier = new_id()
    root = document(NAMES[kind], identifier, created_at, agreement.version)
    sender = agreement.party(account)
    root.append(customer("Sender", sender.details["client_identifier"], sender))
    root.append(bank("Recipient", account.bank_code))
    for part in parts:
        root.append(part)
    data, signatures = to_bytes(root), ()
    if agreement.signs(kind):
        if signer is None or not signer.here:
            raise Invalid(NEEDS_SIGNER, code="2013")
        signatures = (signer.sign_document(data),)
    return Outgoing(identifier, kind, data, signatures)


def statement_wish(account: Account, kind: str, since: date, until: date) -> etree._Element:
    """Which statement: its type and days, both included, in the bank's local time."""
    return node(
        "Data",
        node("StatementType", kind),
        node("DateFrom", f"{since}T00:00:00"),
        node("DateTo", f"{until}T23:59:59"),
        node("Account", account.number),
        node("Bank", node("BIC", account.bank_code)),
    )


def certificate_wish(certificate: bytes, created_at: datetime) -> bytes:
    """Which certificate logs in."""
    issuer, serial = _names(certificate)
    root = document("X509Data", new_id(), created_at)
    root.append(node("X509IssuerName", issuer))
    root.append(node("X509SerialNumber", serial))
    root.append(node("X509Certificate", base64.b64encode(certificate).decode()))
    return to_bytes(root)


def _names(certificate: bytes) -> tuple[str, str]:
    """Common name of the issuer, and serial number as whole bytes in hex."""
    facts = describe(certificate)
    return facts.issuer_common_name, facts.serial.zfill(len(facts.serial) + len(facts.serial) % 2)


def documents(inside: etree._Element) -> Iterator[etree._Element]:
    """The documents of a packet from the bank, closed."""
    yield from inside.iterfind(f"{{{NAMESPACE}}}Document")


def opened(element: etree._Element) -> Incoming:
    """One of them; BadAnswer where it cannot be opened."""
    if element.get("encrypted") in ("true", "1"):
        raise BadAnswer(ENCRYPTED)
    data = decoded(element.find(f"{{{NAMESPACE}}}Data"), "Document/Data")
    if element.get("compressed") in ("true", "1"):
        data = _unpacked(data)
    return Incoming(element.get("id", ""), element.get("dockind", ""), data)


def decoded(element: etree._Element | None, name: str) -> bytes:
    """The bytes of a base64 element; BadAnswer where there are none."""
    try:
        data = base64.b64decode("".join(text_of(element).split()), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise BadAnswer(NO_FIELD.format(name=name))
    return data


def _unpacked(data: bytes) -> bytes:
    """The only file of a ZIP archive, as far as it is not too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (name,) = archive.namelist()
            with archive.open(name) as file:
                content = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, EOFError):
        raise BadAnswer(NOT_UNPACKED) from None
    if len(content) > LARGEST:
        raise BadAnswer(NOT_UNPACKED)
    return content


def order_root(content: bytes):
    """The root of an order's document, whose bytes were signed; Invalid where it is none."""
    try:
        root = Incoming("", ORDER, content).root()
    except BadAnswer:
        raise Invalid(NOT_AN_ORDER) from None
    if root.tag != f"{{{NAMESPACE}}}PayDocRu" or len(root) < 3:
        raise Invalid(NOT_AN_ORDER)
    return root
