# SPDX-License-Identifier: LGPL-3.0-only
"""The mailbox of a DirectBank service: requests go out in packets, answers are fetched.

`GetPackList` lists packets since a moment of the bank's own clock, at some banks only those that
nobody has read. So each packet is read once and kept (`post`), whoever asked; then each question
looks among what was kept for what speaks of its own request.
"""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from lxml import etree

from ...errors import BadAnswer, Later
from ...formats.directbank import NAMESPACE
from ...formats.safe_xml import text_of
from ...formats.values import MOSCOW
from ...records import Account
from ...wording import _
from . import notices
from . import packet as packets
from .post import SENT, Letter

_logger = logging.getLogger(__name__)

# The bank's clock may be in another zone of Russia, and two clocks are never equal.
MARGIN = timedelta(days=1)
#: kinds of documents that answer ours, and the elements in which they name it
ANSWERS = (packets.PACKET_NOTICE, packets.NOTICE, packets.STATEMENT)
ABOUT = ("ExtID", "ExtIDPacket", "IDResultSuccessResponse", "ExtIDStatusRequest",
         "ExtIDStatementRequest")  # fmt: skip
BAD_TIME = _("The bank's time of its last packet cannot be read.")


class Mailbox:
    """One client's mailbox in one session of `bank`, a `DirectBank`. `box`: the client's id under
    which letters are kept."""

    def __init__(self, bank, sid: str, client: str, box: str = ""):
        self._bank, self._service = bank, bank.service
        self._sid, self._client, self._box = sid, client, box or client
        self._unreadable: list[BadAnswer] = []

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
        also: str = "",
    ) -> packets.Incoming:
        """Send a request document and fetch the document that answers it; `Later` without one.

        `wanted(document, id of the request)`. `also`: another id of ours that answers may speak
        of. An error notice about the request, or the packet that it came in, is raised.
        """
        if resume:
            request, packet = resume["request"], resume.get("packet", "")
            cursor = resume["cursor"]
        else:
            cursor = self._fetch(_cursor(datetime.now(timezone.utc) - MARGIN))
            request, packet = self._send(kind, account, parts)
        self._unreadable = []
        for pause in self._bank.patience:
            self._bank.wait(pause)
            self._fetch(cursor)
            for document in self._letters(also, request):
                if wanted(document, request):
                    return document
            for notice in self.about_document(request) + self.about_packet(packet):
                if (error := notices.refusal(notice)) is not None:
                    raise error
            if self._unreadable:
                raise self._unreadable[0]
        raise Later({"request": request, "cursor": cursor, "packet": packet})

    def fetch_since(self, since: datetime) -> None:
        """Read and keep all packets from that instant on."""
        self._fetch(_cursor(since - MARGIN))

    def about_document(self, identifier: str) -> list[notices.Notice]:
        """The notices about a document of ours; those that cannot be read are left out."""
        found = [notice for notice in self._notices(identifier) if not notice.of_packet]
        return [notice for notice in found if notice.about == packets.guid(identifier)]

    def about_packet(self, identifier: str) -> list[notices.Notice]:
        """The notices about a packet of ours, under our id or under the one the bank gave it."""
        if not identifier:
            return []
        own = packets.guid(identifier)
        letters = self._bank.post.about(self._box, own)
        banks = [letter.data.decode() for letter in letters if letter.kind == SENT]
        found = [notice for one in (own, *banks) for notice in self._notices(one)]
        return [notice for notice in found if notice.of_packet]

    def sent(self, packet: str, answer: etree._Element) -> str:
        """Keep which id the bank gave to our packet: its notices may name only that one."""
        given = self._service.text(answer, "ID")
        own = packets.guid(packet)
        note = Letter(f"{SENT}:{own}", SENT, packets.guid(given).encode(), (own,))
        self._bank.post.keep(self._box, note.packet, [note])
        return given

    def _send(self, kind: str, account: Account, parts: list[etree._Element]) -> tuple[str, str]:
        """(id of the request, id of its packet)."""
        now, agreement = datetime.now(timezone.utc), self._bank.agreed_for(self._client)
        signer = self._bank.connection.signer
        sent = packets.request(kind, now, agreement, account, signer, *parts)
        packet = packets.new_id()
        body = packets.packet(packet, now, agreement, account, sent, self._footprint())
        self.sent(packet, self._service.post("SendPack", self._client, body=body, SID=self._sid))
        return sent.id, packet

    def _footprint(self) -> dict[str, str]:
        return footprint(self._bank.connection.address)

    def _fetch(self, cursor: str) -> str:
        """Read and keep what is new since the cursor; the cursor after it."""
        listed, after = self._list(cursor)
        known = self._bank.post.known(self._box, listed)
        for identifier in listed:
            if identifier not in known:
                self._bank.post.keep(self._box, identifier, self._read(identifier))
        return after

    def _list(self, cursor: str) -> tuple[list[str], str]:
        """(ids of packets since the cursor, the cursor after them)."""
        said = self._service.get("GetPackList", self._client, {"date": cursor}, SID=self._sid)
        found = [text_of(item) for item in said.iterfind(f"{{{NAMESPACE}}}PacketID")]
        last = said.get("TimeStampLastPacket", "")
        return [item for item in found if item], _as_cursor(last) if last else cursor

    def _read(self, identifier: str) -> list[Letter]:
        """Of one packet. What cannot be read is kept for nobody: it would hide what is said of
        others."""
        said = self._service.get("GetPack", self._client, {"id": identifier}, SID=self._sid)
        found = []
        for element in packets.documents(said):
            try:
                document = packets.opened(element)
                found.append(Letter(identifier, document.kind, document.data, _about(document)))
            except BadAnswer as error:
                _logger.warning("packet %s of the bank: %s", identifier, error.message)
                if element.get("dockind") in ANSWERS:
                    self._unreadable.append(error)
        return found

    def _letters(self, *about: str) -> Iterator[packets.Incoming]:
        """What was kept about these ids."""
        for identifier in filter(None, about):
            for letter in self._bank.post.about(self._box, packets.guid(identifier)):
                if letter.kind != SENT:
                    yield packets.Incoming(letter.packet, letter.kind, letter.data)

    def _notices(self, identifier: str) -> list[notices.Notice]:
        found = []
        for document in self._letters(identifier):
            if document.kind in (packets.PACKET_NOTICE, packets.NOTICE):
                try:
                    found.append(notices.read(document))
                except BadAnswer as error:
                    _logger.warning("packet %s of the bank: %s", document.id, error.message)
        return found


def _about(document: packets.Incoming) -> tuple[str, ...]:
    """Of which ids of ours a document speaks."""
    if document.kind not in ANSWERS:
        return ()
    root = document.root()
    said = (text_of(root.find(f"{{{NAMESPACE}}}{name}")) for name in ABOUT)
    return tuple(dict.fromkeys(packets.guid(one) for one in said if one))


def footprint(address: str) -> dict[str, str]:
    """From where packets come: IP address towards the bank, and MAC where the machine has one.

    No packet is sent to find that out.
    """
    found = {}
    parts = urlsplit(address)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((parts.hostname or "", parts.port or 443))
            found["IP"] = probe.getsockname()[0]
    except OSError:
        _logger.debug("no address of our own towards %s", parts.hostname)
    number = uuid.getnode()
    if not number >> 40 & 1:  # set where the number was made up
        digits = f"{number:012X}"
        found["MAC"] = "-".join(digits[at : at + 2] for at in range(0, 12, 2))
    return found


def _cursor(at: datetime) -> str:
    return f"{at.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}"


def _as_cursor(text: str) -> str:
    """The bank's own time as it writes it in lists -> as it wants it in questions."""
    try:
        at = datetime.fromisoformat(text[:19])
    except ValueError:
        raise BadAnswer(BAD_TIME) from None
    return f"{at:%d.%m.%Y %H:%M:%S}"
