# SPDX-License-Identifier: LGPL-3.0-only
"""Ids that banks remember for ever: made once, when something is prepared, and then signed.

An order's end-to-end id is derived, so that a restored backup repeats it and the bank refuses the
second payment; a copied database (which has a new uuid) and a correction get another one. Only
characters of the SWIFT X set, 35 at most, no leading or trailing hyphen.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid

from .errors import Invalid
from .wording import _

LENGTH = 35
NO_DATABASE = _("the database has no uuid: ids of orders cannot be made")
NO_SUCH_ORDER = _("order {order}, correction {correction}: no such order")
TOO_LONG = _("the id of order {order} is longer than {limit} characters")


OF_ORDER, OF_PAYMENT = "BO", "BP"
_DERIVED = re.compile(
    r"(?P<head>BO|BP)(?P<number>[1-9]\d{0,10})C(?P<correction>\d{1,3})-[A-Z2-7]{18}"
)


def end_to_end_id(
    database_uuid: str, order_id: int, correction: int = 0, head: str = OF_ORDER
) -> str:
    """Readable head (order and correction), then 90 bits that differ with the database.

    With `OF_PAYMENT` the number is that of the payment in the books. It is older than its orders:
    a database restored from between the two makes orders with other numbers, and the same id.

    Stable for ever: the test holds examples, since changed ids would let a restored backup pay
    again.
    """
    if not database_uuid:
        raise Invalid(NO_DATABASE)
    if order_id <= 0 or correction < 0:
        raise Invalid(NO_SUCH_ORDER.format(order=order_id, correction=correction))
    # the type of each part is fixed, and the divider is in no uuid: no two inputs look the same
    content = f"{database_uuid}|{int(order_id)}|{int(correction)}"
    content = (content if head == OF_ORDER else f"{content}|{head}").encode()
    digest = base64.b32encode(hashlib.sha256(content).digest()).decode()[:18]
    identifier = f"{head}{order_id}C{correction}-{digest}"
    if len(identifier) > LENGTH:
        raise Invalid(TOO_LONG.format(order=order_id, limit=LENGTH))
    return identifier


def is_own(identifier: str, database_uuid: str) -> bool:
    """Whether an order of this database had the id, and be it one that a restore has taken away."""
    found = _DERIVED.fullmatch(identifier or "")
    return bool(found) and identifier == end_to_end_id(
        database_uuid, int(found["number"]), int(found["correction"]), found["head"]
    )


def document_id(database_uuid: str, company_id: int, client: str, external_id: str) -> str:
    """The end-to-end id of an order that a service sent: of its document, not of our rows.

    A database restored from before the document came gets it again, and makes the same id.
    """
    if not (database_uuid and company_id and client and external_id):
        raise Invalid(NO_DATABASE)
    content = f"{database_uuid}|{int(company_id)}|{client}|{external_id}|MD".encode()
    return f"MD-{base64.b32encode(hashlib.sha256(content).digest()).decode()[:26]}"


def as_guid(identifier: str) -> str:
    """The GUID of an id, always the same: DirectBank's banks take no other ids of documents."""
    return str(uuid.UUID(bytes=hashlib.sha256(identifier.encode()).digest()[:16], version=5))


def message_id() -> str:
    """A message's id: random, never repeated; 32 hexadecimal digits."""
    return uuid.uuid4().hex
