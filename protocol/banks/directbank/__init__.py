# SPDX-License-Identifier: LGPL-3.0-only
"""1C DirectBank 2.3.2: XML over HTTPS, a published standard of Russian banks.

Quite another kind of bank than a SOAP service: what it says of a document comes in packets that
are fetched, so a question may be answered *later* (see `Bank`). The session's id travels in a
header, lives about five minutes and is prolonged by each request. A package holds one order,
since each document is signed by itself. There is no log-out, and no list of accounts.

Log-in "mobile": login and password, then, where the bank wants it, a one-time code that the person
types. Log-in "certificate": the session's id comes encrypted, and the certificate's RSA key opens
it: a file on this server at once, a card in the user's computer through its signer.
Source: github.com/1C-Company/DirectBank (documentation and schemas; no part of it is copied here).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from ... import errors, records
from ...bank import Bank, Connection
from ...formats import directbank as statement_format
from ...formats.directbank import NAMESPACE
from ...formats.safe_xml import node, text_of
from ...formats.values import CURRENCIES, MOSCOW
from ...wording import _
from . import agreement as agreements
from . import login, notices
from . import packet as packets
from .mail import Mailbox, footprint
from .post import MEMORY
from .service import Service

NEEDS = _("The bank wants to know the {what} of the account {account}: fill it in.")
OTHER_CLIENT = _("The order was prepared for another client identifier than that of the session.")
OPEN_DAYS = 4  # before today: a long weekend


class DirectBank(Bank):
    title = "1C DirectBank"
    methods = ("mobile", "certificate")
    package_formats = ("directbank.order",)
    statement_formats = history_formats = ("directbank.statement",)
    orders_per_package = 1
    time_zone = "Europe/Moscow"
    wants_password = has_recall = has_probe = has_agreement = True
    has_charges = False
    #: seconds to wait before each look into the mailbox; then the answer comes `Later`
    patience = (0, 1, 2)

    wait = staticmethod(time.sleep)

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self.agreed = agreements.of_kept(connection.agreement)
        self.service = Service(connection, self.agreed.version)
        self.post = connection.post or MEMORY

    def log_in(self, operator, client_identifier):
        return login.log_in(self, operator, self.agreed.client or client_identifier)

    def confirm(self, challenge, answer=None):
        return login.confirm(self, challenge, answer)

    def completed(self, session, operator):
        return login.with_statements(self, operator, session)

    def log_out(self, session):
        """The standard has no such call: the bank ends the session by itself."""

    # Reading

    def accounts(self, session, wanted=None):
        if wanted is None:
            return []
        self._get_settings(session, wanted)
        return [replace(wanted, currency=CURRENCIES.get(wanted.number[5:8], wanted.currency))]

    def agreement(self, session, account):
        answer = self._get_settings(session, account)
        data = packets.decoded(answer.find(f"{{{NAMESPACE}}}Data"), "GetSettingsResponse/Data")
        return agreements.read(data).after(self.agreed).kept()

    @staticmethod
    def read_agreement(data, older=""):
        if data.lstrip()[:1] == b"{":
            agreed = agreements.of_kept(data.decode())
        else:
            agreed = agreements.read(data).after(agreements.of_kept(older))
        return records.Agreement(
            agreed.kept(),
            agreed.client,
            agreed.tax_id,
            agreed.statement_login,
            tuple(agreed.words()),
        )

    @staticmethod
    def initiator(party, agreement):
        return agreements.of_kept(agreement).sender(party)

    def _get_settings(self, session, account):
        _need(account, "bank_code", "owner_tax_id")
        sid, client, _statements = self._parts(session)
        about = {"Account": account.number, "Inn": account.owner_tax_id, "Bic": account.bank_code}
        return login.post_as(self, "GetSettings", client, SID=sid, **about)

    def balance(self, session, account, resume=None):
        today = _today()
        document = self._statement(session, account, statement_format.BALANCE, today, today, resume)
        try:
            (said,) = statement_format.parse(document.data)
        except errors.InvalidDocument as error:
            raise errors.BadAnswer(error.message) from None
        at = min(notices.instant(said.details.get("read_at", "")), _now())
        return records.Balance(said.account_number, said.currency, said.closing_balance, None, at)

    def statements(self, session, account, since, until, format="", resume=None):
        """Final statements. Banks close a day when it is over, some of them after the weekend, and
        refuse as a whole a period with an open day in it: then it is asked for without that day."""
        kind, refusal = statement_format.FINAL, None
        for last in _last_days(since, until):
            try:
                document = self._statement(session, account, kind, since, last, resume)
            except errors.NoStatement as error:
                refusal, resume = error, None
            else:
                yield _with_last_day(self._as_document(document), since)
                return
        if since != _today():  # today alone has no final statement: that is no error
            raise refusal

    def history(self, session, account, since, until, format="", resume=None):
        kind = statement_format.INTERIM
        yield self._as_document(self._statement(session, account, kind, since, until, resume))

    def _statement(self, session, account, kind: str, since: date, until: date, resume):
        """The document 15 that answers a request 14."""
        _need(account, "bank_code")
        wish = packets.statement_wish(account, kind, since, until)
        mailbox = self._mailbox(session, statements=True)
        return mailbox.ask(packets.STATEMENT_REQUEST, account, [wish], _is_statement, resume)

    def _as_document(self, document: packets.Incoming) -> records.Document:
        return records.Document(document.data, "directbank.statement", f"{document.id}.xml")

    # Sending

    def send(self, session, package):
        sid, client, _statements = self._parts(session)
        order = packets.order_root(package.content)
        sender = order[0].get("id")
        if sender != client and sender not in self.agreed.former:
            raise errors.Invalid(OTHER_CLIENT)
        outgoing = packets.Outgoing(
            order.get("id"), packets.ORDER, package.content, package.signatures
        )
        payer = records.Account(
            "", "", owner=order[0].get("name", ""), owner_tax_id=order[0].get("inn", ""),
            bank_code=order[1].get("bic"),
        )  # fmt: skip
        body = packets.packet(
            package.message_id,
            package.created_at,
            self.agreed_for(client),
            payer,
            outgoing,
            footprint(self.connection.address),
        )
        said = self.service.post("SendPack", client, body=body, SID=sid)
        code = self._mailbox(session).sent(package.message_id, said)
        return records.Receipt(
            message_id=package.message_id,
            state="sent",
            orders=(records.OrderReceipt(outgoing.id, "sent"),),
            code=code,
        )

    def status(self, session, message_id, end_to_end_ids=(), since=None, account=None):
        mailbox = self._mailbox(session)
        mailbox.fetch_since(since or _now() - timedelta(days=10))
        told = {item: notices.newest(mailbox.about_document(item)) for item in end_to_end_ids}
        silent = [item for item, notice in told.items() if notice is None]
        of_packet = notices.newest(mailbox.about_packet(message_id))
        if of_packet and of_packet.state != "sent" and not any(told.values()):
            return notices.receipt(of_packet, message_id)
        for item in silent if account else ():
            told[item] = self._ask_status(mailbox, account, item)
        if not any(told.values()):
            if of_packet:
                return notices.receipt(of_packet, message_id)
            raise errors.Later({})
        return notices.receipt_of(message_id, told)

    def _ask_status(self, mailbox: Mailbox, account, end_to_end_id: str):
        """The notice that answers a status request, or None: it comes later."""
        _need(account, "bank_code")

        def wanted(document: packets.Incoming, request: str) -> bool:
            notice = notices.read(document) if document.kind == packets.NOTICE else None
            return notice is not None and packets.guid(notice.answers) == request

        parts = [node("ExtID", end_to_end_id)]
        try:
            answer = mailbox.ask(packets.STATUS_REQUEST, account, parts, wanted, None)
        except errors.Later:
            return None
        return notices.read(answer)

    def recall(self, session, account, end_to_end_id, reason):
        _need(account, "bank_code")
        mailbox = self._mailbox(session)
        about = packets.guid(end_to_end_id)

        def wanted(document: packets.Incoming, request: str) -> bool:
            notice = notices.read(document) if document.kind == packets.NOTICE else None
            return notice is not None and (
                notice.about == request or (notice.about == about and notice.status == "05")
            )

        parts = [node("ExtID", end_to_end_id), *([node("Reason", reason)] if reason else [])]
        try:
            notice = notices.read(mailbox.ask(packets.RECALL, account, parts, wanted, None, about))
        except errors.Later:
            return records.Receipt(end_to_end_id, "sent")
        return notices.receipt(notice, end_to_end_id)

    def probe(self, session, account):
        _need(account, "bank_code")

        def wanted(document: packets.Incoming, request: str) -> bool:
            return document.kind == packets.NOTICE and notices.read(document).about == request

        answer = self._mailbox(session).ask(packets.PROBE, account, [], wanted, None)
        return notices.receipt(notices.read(answer), "")

    def _mailbox(self, session, *, statements: bool = False) -> Mailbox:
        sid, client, statement_sid = self._parts(session)
        if statements and self.agreed.statement_login:
            sid = statement_sid or login.missing(self.agreed.statement_login)
        box = next(iter(self.agreed.former), client)
        return Mailbox(self, sid, client, box)

    def _parts(self, session) -> tuple[str, str, str]:
        """Of the session; the customer's id is what the bank said last."""
        sid, client, statement_sid = login.session_parts(session)
        return sid, self.agreed.client or client, statement_sid

    def agreed_for(self, client: str) -> agreements.Agreement:
        return self.agreed if self.agreed.client else replace(self.agreed, client=client)


def _is_statement(document: packets.Incoming, request: str) -> bool:
    """True when the document is the statement that the request asked for."""
    if document.kind != packets.STATEMENT:
        return False
    answered = document.root().find(f"{{{statement_format.NAMESPACE}}}ExtIDStatementRequest")
    return packets.guid(text_of(answered)) == request


def _last_days(since: date, until: date) -> Iterator[date]:
    """Where a period may end: as asked, then before the days that may still be open."""
    yield until
    for ago in range(1, OPEN_DAYS + 1):
        day = _today() - timedelta(days=ago)
        if since <= day < until:
            yield day


def _with_last_day(document: records.Document, since: date) -> records.Document:
    """A bank may give less than it was asked for: fewer days, or a statement that is not final."""
    try:
        (said,) = statement_format.parse(document.content)
    except errors.InvalidDocument:
        return document  # it is kept as it is, and the import says what is wrong with it
    last = said.closed_on if said.final else since - timedelta(days=1)
    return replace(document, final_until=last)


def _need(account: records.Account, *names: str) -> None:
    words = {"bank_code": _("BIK"), "owner_tax_id": _("INN")}
    for name in names:
        if not getattr(account, name):
            raise errors.Invalid(NEEDS.format(what=words[name], account=account.number))


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _today() -> date:
    """The bank's day."""
    return _now().astimezone(MOSCOW).date()
