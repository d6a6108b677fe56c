# SPDX-License-Identifier: LGPL-3.0-only
"""Notices of the DirectBank exchange (documents 01 and 02): what the bank says of what it got.

They may come late, twice and out of order: of several about one document the newest by its time of
creation counts, of those of one second the one that says more. *Executed* by a notice is only
*accepted* here: the statement entry with our id proves that money moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from ...errors import BadAnswer, BankError, Refused
from ...formats.directbank import NAMESPACE
from ...formats.safe_xml import text_of
from ...formats.values import MOSCOW
from ...records import OrderReceipt, Receipt
from .codes import error_of
from .packet import NO_FIELD, PACKET_NOTICE, Incoming, guid

#: status of a document -> state of a receipt
STATES = {
    "01": "accepted",
    "02": "accepted",  # executed, says the bank
    "03": "rejected",
    "04": "paused",  # no money on the account
    "05": "recalled",
    "06": "waiting",  # to be confirmed by a code or in the bank's own program
}
_NAMES = {"01": "Принят", "02": "Исполнен", "03": "Отклонен банком", "04": "Приостановлен",
          "05": "Аннулирован", "06": "Не подтвержден"}  # fmt: skip
# "the bank has this already" is no word about the document itself
_DUPLICATES = ("2002", "2202")
_UNKNOWN = "2207"
_BY_WEIGHT = ("06", "01", "04", "02", "05", "03")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FRACTION = re.compile(r"\.\d+")


@dataclass(frozen=True)
class Notice:
    """One notice. `about`: id of our document, or (`of_packet`) of our packet, which some banks
    name only by the id that they gave it."""

    about: str
    of_packet: bool
    answers: str  # id of our status request, or empty
    at: datetime
    status: str  # code, or empty where there is an error
    name: str
    more: str
    error: str  # code, or empty
    data: bytes

    @property
    def state(self) -> str:
        if self.error:
            return "unknown_to_bank" if self.error == _UNKNOWN else "rejected"
        if self.of_packet:
            return "rejected" if self.status == "03" else "sent"
        return STATES.get(self.status, "sent")

    @property
    def reason(self) -> str:
        return error_of(self.error, self.name, self.more).message if self.error else self.more

    @property
    def bank_status(self) -> str:
        """The bank's own name of the status."""
        return "" if self.error else (self.name or _NAMES.get(self.status, self.status))


def refusal(notice: Notice) -> BankError | None:
    """The error that a notice about a request of ours means; None where it means none."""
    if notice.error:
        return error_of(notice.error, notice.name, notice.more)
    if notice.state in ("rejected", "recalled"):
        return Refused(notice.more or notice.bank_status, code=notice.status)
    return None


def read(document: Incoming) -> Notice:
    """BadAnswer where the document is no notice."""
    root = document.root()
    of_packet = document.kind == PACKET_NOTICE
    about = _text(root, "ExtID")
    if of_packet:
        about = _text(root, "ExtIDPacket") or _text(root, "IDResultSuccessResponse")
    error, status = root.find(_path("Result/Error")), root.find(_path("Result/Status"))
    said = status if error is None else error
    if said is None or not about:
        raise BadAnswer(NO_FIELD.format(name="Result" if said is None else "ExtID"))
    code = _text(said, "Code")
    return Notice(
        about=guid(about),
        of_packet=of_packet,
        answers=_text(root, "ExtIDStatusRequest"),
        at=instant(root.get("creationDate", "")),
        status=code if error is None else "",
        name=_text(said, "Name") or _text(said, "Description"),
        more=_text(said, "MoreInfo"),
        error=code if error is not None else "",
        data=document.data,
    )


def newest(notices: Iterable[Notice]) -> Notice | None:
    """What counts of all notices about one document or packet, whatever their order in lists."""
    counted = [notice for notice in notices if notice.error not in _DUPLICATES]
    return max(counted, key=lambda notice: (notice.at, _weight(notice)), default=None)


def _weight(notice: Notice) -> int:
    """How much a notice settles: what is final more than what goes on, an error most."""
    if notice.error:
        return -1 if notice.error == _UNKNOWN else len(_BY_WEIGHT)
    return _BY_WEIGHT.index(notice.status) if notice.status in _BY_WEIGHT else 0


def order_receipt(notice: Notice, end_to_end_id: str) -> OrderReceipt:
    return OrderReceipt(
        end_to_end_id=end_to_end_id,
        state=notice.state,
        bank_status=notice.bank_status,
        code=notice.error or notice.status,
        reason=notice.reason,
    )


def receipt(notice: Notice, message_id: str, orders: tuple[OrderReceipt, ...] = ()) -> Receipt:
    return Receipt(
        message_id=message_id,
        state=notice.state,
        bank_status=notice.bank_status,
        code=notice.error or notice.status,
        reason=notice.reason,
        orders=orders,
        content=notice.data,
        format="directbank.notice",
    )


def _path(path: str) -> str:
    return "/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))


def _text(element, name: str) -> str:
    return text_of(element.find(_path(name)))


def instant(text: str) -> datetime:
    """A time of the bank; one without a zone is Moscow's, one that cannot be read EPOCH."""
    try:
        # Python 3.10 reads fractions of 3 or 6 digits only; a second is fine enough here.
        at = datetime.fromisoformat(_FRACTION.sub("", text.strip()).replace("Z", "+00:00"))
    except ValueError:
        return EPOCH
    return at if at.tzinfo else at.replace(tzinfo=MOSCOW)


def receipt_of(message_id: str, told: dict) -> Receipt:
    """One receipt from the notices about each order; a package holds one order."""
    orders = tuple(order_receipt(n, item) for item, n in told.items() if n is not None)
    first = next(notice for notice in told.values() if notice is not None)
    return receipt(first, message_id, orders)
