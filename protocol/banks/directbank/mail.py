"""The mailbox of a DirectBank service: requests go out in packets, answers are fetched.

`GetPackList` lists packets since a moment of the bank's own clock; a packet never changes. So each
reading starts from a cursor and may be repeated; nothing is taken away by it. Notices that were
read are remembered in the process, since every status question walks over the same days.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone

from lxml import etree

from ...errors import BadAnswer, Later
from ...formats.directbank import NAMESPACE
from ...formats.safe_xml import text_of
from ...formats.values import MOSCOW
from ...records import Account
from ...wording import _
from . import notices
from . import packet as packets
from .service import Service

_logger = logging.getLogger(__name__)

# The bank's clock may be in another zone of Russia, and two clocks are never equal.
MARGIN = timedelta(days=1)
REMEMBERED = 20_000  # packets
BAD_TIME = _("The bank's time of its last packet cannot be read.")

_read: OrderedDict[tuple[str, str], tuple[notices.Notice, ...]] = OrderedDict()
_lock = threading.Lock()


class Mailbox:
    """One client's mailbox in one session."""

    def __init__(
        self,
        service: Service,
        sid: str,
        client: str,
        patience: Sequence[float],
        wait: Callable[[float], None],
    ):
        self._service, self._sid, self._client = service, sid, client
        self._patience, self._wait = patience, wait

    def check(self) -> None:
        """A question that changes nothing; raises where this is no session of this client."""
        self._list(_cursor(datetime.now(timezone.utc)))

    def ask(
        self,
        kind: str,
        account: Account,
        parts: list[etree._Element],
        wanted: Callable[[packets.Incoming, str], bool],
        resume: Mapping[str, str] | None,
    ) -> packets.Incoming:
        """Send a request document and fetch the document that answers it; `Later` without one.

        `wanted(document, id of the request)`. An error notice about the request is raised.
        """
        if resume:
            request, cursor = resume["request"], resume["cursor"]
        else:
            cursor = self._list(_cursor(datetime.now(timezone.utc) - MARGIN))[1]
            request = self._send(kind, account, parts)
        seen: set[str] = set()
        for pause in self._patience:
            self._wait(pause)
            for document in self._new(cursor, seen):
                if wanted(document, request):
                    return document
                _raise_refusal(document, request)
        raise Later({"request": request, "cursor": cursor})

    def notices_since(self, since: datetime) -> list[notices.Notice]:
        """All notices of the packets from that instant on, in the bank's order."""
        listed, _cursor_now = self._list(_cursor(since - MARGIN))
        found = []
        for identifier in listed:
            found += self._notices(identifier)
        return found

    def _send(self, kind: str, account: Account, parts: list[etree._Element]) -> str:
        now = datetime.now(timezone.utc)
        sent = packets.request(kind, now, self._client, account, *parts)
        body = packets.packet(packets.new_id(), now, self._client, account.bank_code, sent)
        self._service.text(
            self._service.post("SendPack", self._client, body=body, SID=self._sid), "ID"
        )
        return sent.id

    def _new(self, cursor: str, seen: set[str]) -> Iterator[packets.Incoming]:
        for identifier in self._list(cursor)[0]:
            if identifier not in seen:
                seen.add(identifier)
                yield from map(packets.opened, self._packet(identifier))

    def _list(self, cursor: str) -> tuple[list[str], str]:
        """(ids of packets since the cursor, the cursor after them)."""
        said = self._service.get("GetPackList", self._client, {"date": cursor}, SID=self._sid)
        found = [text_of(item) for item in said.iterfind(f"{{{NAMESPACE}}}PacketID")]
        last = said.get("TimeStampLastPacket", "")
        return [item for item in found if item], _as_cursor(last) if last else cursor

    def _packet(self, identifier: str) -> list[etree._Element]:
        said = self._service.get("GetPack", self._client, {"id": identifier}, SID=self._sid)
        return list(packets.documents(said))

    def _readable(self, identifier: str) -> Iterator[notices.Notice]:
        """One that cannot be read is passed over: it comes again with every question, and would
        hide for ever what the bank says of others."""
        for element in self._packet(identifier):
            if element.get("dockind") not in (packets.PACKET_NOTICE, packets.NOTICE):
                continue
            try:
                yield notices.read(packets.opened(element))
            except BadAnswer as error:
                _logger.warning("packet %s of the bank: %s", identifier, error.message)

    def _notices(self, identifier: str) -> tuple[notices.Notice, ...]:
        key = (self._client, identifier)
        with _lock:
            if key in _read:
                return _read[key]
        found = tuple(self._readable(identifier))
        with _lock:
            _read[key] = found
            while len(_read) > REMEMBERED:
                _read.popitem(last=False)
        return found


def _raise_refusal(document: packets.Incoming, request: str) -> None:
    """The bank's error about our request, as an exception."""
    if document.kind != packets.NOTICE:
        return
    notice = notices.read(document)
    error = notices.refusal(notice) if notice.about == packets.guid(request) else None
    if error is not None:
        raise error


def _cursor(at: datetime) -> str:
    return f"{at.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}"


def _as_cursor(text: str) -> str:
    """The bank's own time as it writes it in lists -> as it wants it in questions."""
    try:
        at = datetime.fromisoformat(text[:19])
    except ValueError:
        raise BadAnswer(BAD_TIME) from None
    return f"{at:%d.%m.%Y %H:%M:%S}"
