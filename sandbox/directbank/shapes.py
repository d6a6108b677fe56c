# SPDX-License-Identifier: LGPL-3.0-only
"""The shapes of DirectBank's messages as data, and a strict check against them.

A shape is a list of (name, rule): the name ends with ? (optional), * (any number) or + (one or
more); the rule is a regular expression for the text, or another list. Order counts, what is not
named is refused. Attributes of an element stand in ATTRIBUTES. Written from the standard's
description; its own schemas are not part of this repository.
"""

from __future__ import annotations

import re

from lxml import etree

NAMESPACE = "http://directbank.1c.ru/XMLSchema"

ANY = r"(?s).*"
TEXT = r"(?s).*\S.*"
AMOUNT = r"\d{1,16}(\.\d{1,2})?"
DAY = r"\d{4}-\d\d-\d\d"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
BASE64 = r"[A-Za-z0-9+/=\s]*"
ACCOUNT = r"\w{20}"


def upto(length: int, least: int = 0) -> str:
    return rf"(?s).{{{least},{length}}}"


BANK = [
    ("BIC", r"\d{9}"),
    ("Name?", upto(160)),
    ("City?", upto(30)),
    ("CorrespAcc?", ACCOUNT),
]
CUSTOMER = [
    ("Name", TEXT),
    ("INN?", ANY),
    ("KPP?", upto(9, 1)),
    ("Account?", ACCOUNT),
    ("Bank", BANK),
]
BUDGET = [
    ("DrawerStatus?", upto(2, 1)),
    ("CBC?", upto(20)),
    ("OKTMO?", upto(11, 1)),
    ("Reason?", upto(2, 1)),
    ("TaxPeriod?", upto(10, 1)),
    ("DocNo?", upto(15)),
    ("DocDate?", upto(10, 1)),
    ("PayType?", upto(2, 1)),
]
PAYMENT = [
    ("DocNo", TEXT),
    ("DocDate", DAY),
    ("Sum", AMOUNT),
    ("Payer", CUSTOMER),
    ("Payee", CUSTOMER),
    ("PaymentKind?", upto(15)),
    ("TransitionKind?", upto(2, 2)),
    ("Priority?", upto(1, 1)),
    ("Code?", upto(25)),
    ("IncomeTypeCode?", upto(1, 1)),
    ("Purpose", upto(210)),
    ("BudgetPaymentInfo?", BUDGET),
]
PARTIES = [("Sender", ""), ("Recipient", "")]
DIGEST = [("Digest?", [("Data", BASE64)])]
PARTICIPANT = [("Customer?", ""), ("Bank?", "")]
SHAPES = {
    "Packet": [
        ("Sender", PARTICIPANT),
        ("Recipient", PARTICIPANT),
        ("Document+", [("Data", BASE64), ("Signature*", [("SignedData", BASE64)])]),
        ("SenderFootprint?", [("IP*", upto(39)), ("MAC*", upto(17))]),
    ],
    "PayDocRu": [*PARTIES, ("Data", PAYMENT), *DIGEST],
    "StatementRequest": [
        *PARTIES,
        (
            "Data",
            [
                ("StatementType", "[012]"),
                ("DateFrom", MOMENT),
                ("DateTo", MOMENT),
                ("Account", ACCOUNT),
                ("Bank", BANK),
            ],
        ),
        *DIGEST,
    ],
    "StatusRequest": [*PARTIES, ("ExtID", TEXT)],
    "CancelationRequest": [*PARTIES, ("ExtID", TEXT), ("Reason?", ANY), *DIGEST],
    "Probe": [*PARTIES, *DIGEST],
    "X509Data": [
        ("X509IssuerName", TEXT),
        ("X509SerialNumber", r"([0-9A-Fa-f]{2})+"),
        ("X509Certificate", BASE64),
    ],
}
# Required and allowed attributes; a root's own ones are ROOT.
ROOT = ({"id", "formatVersion", "creationDate"}, {"userAgent"})
_CUSTOMER = ({"id"}, {"name", "inn", "kpp"})
_BANK = ({"bic"}, {"name"})
ATTRIBUTES = {
    "Packet/Document": (
        {"id", "dockind", "formatVersion"},
        {"testOnly", "compressed", "encrypted", "signResponse", "notifyRequired", "extID"},
    ),
    "Packet/Document/Data": (set(), {"fileName", "contentType"}),
    "Packet/Document/Signature": ({"x509IssuerName", "x509SerialNumber"}, set()),
    **{f"Packet/{side}/Customer": _CUSTOMER for side in ("Sender", "Recipient")},
    **{f"Packet/{side}/Bank": _BANK for side in ("Sender", "Recipient")},
    **{f"{name}/Sender": _CUSTOMER for name in SHAPES if name not in ("Packet", "X509Data")},
    **{f"{name}/Recipient": _BANK for name in SHAPES if name not in ("Packet", "X509Data")},
    **{f"{name}/Digest/Data": ({"algorithmVersion"}, set()) for name in SHAPES},
}


class WrongShape(Exception):
    """The XML is not what the standard describes; the text says where."""


def read(data: bytes, name: str):
    """The root element `name`, checked whole; its tags lose the namespace. WrongShape otherwise."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise WrongShape(f"not XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise WrongShape("a DOCTYPE is not allowed")
    if root.tag != f"{{{NAMESPACE}}}{name}":
        raise WrongShape(f"{name} expected, found {etree.QName(root).localname}")
    for element in root.iter(etree.Element):
        qname = etree.QName(element)
        if qname.namespace != NAMESPACE:
            raise WrongShape(f"unexpected namespace at {qname.localname}")
        element.tag = qname.localname
    _attributes(root, name, ROOT)
    _children(root, SHAPES[name], name)
    return root


def _attributes(element, path: str, rule: tuple[set, set]) -> None:
    required, allowed = rule
    found = {key for key in element.attrib if not key.startswith("{")}
    if required - found:
        raise WrongShape(f"{path} needs the attribute {min(required - found)}")
    if found - required - allowed:
        raise WrongShape(f"{path} has the unknown attribute {min(found - required - allowed)}")


def _children(element, shape, path: str) -> None:
    left = list(element.iterchildren(tag=etree.Element))
    for name, rule in shape:
        bare, count = name.rstrip("?*+"), 0
        while left and left[0].tag == bare and not (count and name[-1] not in "*+"):
            _check(left.pop(0), rule, f"{path}/{bare}")
            count += 1
        if not count and name[-1] not in "?*":
            raise WrongShape(f"{path}/{bare} is missing")
    if left:
        raise WrongShape(f"{path}/{left[0].tag} is not expected here")


def _check(element, rule, path: str) -> None:
    _attributes(element, path, ATTRIBUTES.get(path, (set(), set())))
    if isinstance(rule, list):
        _children(element, rule, path)
    elif len(element) or not re.fullmatch(rule, element.text or ""):
        raise WrongShape(f"{path} has a wrong value")
