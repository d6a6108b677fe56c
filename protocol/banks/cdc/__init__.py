# SPDX-License-Identifier: LGPL-3.0-only
"""Comarch Data Connect (CDC), the web-service standard of Comarch: ING and BNP Paribas in Poland.

A bank without log-in: the company appears with its *communication certificate* (mutual TLS), and a
person's *authorisation certificate* signs packages (XAdES). There is no session, no list of
accounts and no phone. Messages are ISO 20022 in typed elements, errors are ISO error reports.

Written from facts, since a bank gives the contract to its customers: no real bank was tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ... import errors, formats, ids, records
from ...bank import NOT_OFFERED, Bank, Connection, Setting
from ...formats import pain001, pain002
from ...wording import _
from . import questions, transfers
from .envelope import ANOTHER_MESSAGE, Said, Service, refusal, unclear, write

STATEMENT_FORMS = {"camt.053": "XML", "pdf": "PDF"}

# The codes that are known. In answers to questions any other one is a refusal in the bank's words.
FAULTS = {
    # A wrong number, an account of somebody else and one outside the agreement: all the same.
    "E201": errors.AccountRefused,
    "E502": errors.NoStatement,
}
#: the only codes that prove that a transfer was not taken
SETTLED = {"E201": errors.AccountRefused}

NEEDS_CERTIFICATE = _("This bank knows the company by its communication certificate: add it.")
ONE_SIGNATURE = _("This bank takes one signature with a package: a second person signs there.")
CURSOR_LOST = _("This is no place to go on from: {cursor}")

NOT_KNOWN = Setting(
    "not_known", _("Error code for a message that the bank does not have"), required=False
)


class Cdc(Bank):
    methods = ()
    package_formats = ("pain.001.001.03",)
    statement_formats = tuple(STATEMENT_FORMS)
    history_formats = ("camt.052",)
    time_zone = "Europe/Warsaw"
    has_session = False
    shows_certificate = has_increments = True
    settings = (NOT_KNOWN,)
    signature_form = "xades"
    signatures_per_package = 1
    days_at_once = 7  # each of them is a call of its own
    #: a longer report is asked for in pieces of so many days
    days_a_report = 31
    #: what may stand in InitgPty/Nm
    initiator_letters = ""

    def __init__(self, connection: Connection):
        super().__init__(connection)
        if connection.identity is None:
            raise errors.Invalid(NEEDS_CERTIFICATE, code="no-certificate")
        self._service = Service(connection)

    def log_in(self, operator, client_identifier):
        return records.Session(client_identifier)

    def confirm(self, challenge, answer=None):
        raise errors.Refused(NOT_OFFERED)

    def log_out(self, session):
        """There is nothing to end."""

    def accounts(self, session, wanted=None):
        if wanted is None:
            return []
        return [records.Account(wanted.number, self.balance(session, wanted).currency)]

    def balance(self, session, account, resume=None):
        message_id = ids.message_id()
        question = questions.balance(message_id, account.number)
        try:
            _form, answer = self._call(session, "GetAccountBalance", message_id, write(question))
            return questions.read_balance(answer, account)
        except Said as said:
            raise _refused(said) from None

    def statements(self, session, account, since, until, format="", resume=None):
        for ago in range((until - since).days + 1):
            with suppress(errors.NoStatement):  # a weekend, a day without movements
                yield self._statement(session, account, format, since + timedelta(days=ago))

    def statements_since(self, session, account, number, year=None, format=""):
        year = year or self._today().year
        for following in range(number + 1, 1000):
            try:
                yield self._statement(session, account, format, None, year, following)
            except errors.NoStatement:
                return

    def history(self, session, account, since, until, format="", resume=None):
        step = timedelta(days=self.days_a_report)
        while since <= until:
            last = min(since + step - timedelta(days=1), until)
            with suppress(errors.NoStatement):
                yield self._report(session, account, last, since)
            since = last + timedelta(days=1)

    def history_since(self, session, account, cursor=""):
        """The bank numbers the operations of each day anew: a cursor is a day and a number."""
        today = self._today()
        day, number = _cursor(cursor) if cursor else (today, 0)
        found = []
        if day < today:  # what came to it after we looked, and the days between
            found += self.history(session, account, day, today - timedelta(days=1))
            number = 0
        with suppress(errors.NoStatement):
            found.append(self._report(session, account, today, number=number))
            number = max(number, _highest_number(found[-1]))
        return f"{today} {number}", found

    def send(self, session, package):
        content = package.content
        operation = transfers.of_content(content)
        if len(package.signatures) > 1:
            raise errors.Invalid(ONE_SIGNATURE, code="signatures")
        if self.initiator_letters:
            transfers.check_initiator(content, self.initiator_letters)
        try:
            _form, answer = self._call(
                session, operation, package.message_id, content, *package.signatures
            )
        except Said as said:
            if said.code in SETTLED:
                raise refusal(said, SETTLED[said.code]) from None
            raise unclear(said) from None
        return _receipt(answer, package.message_id, pain001.payments_of(content))

    def status(self, session, message_id, end_to_end_ids=(), since=None, account=None):
        asked = ids.message_id()
        question = write(questions.status(asked, message_id))
        try:
            _form, answer = self._call(session, "GetPaymentStatusReport", asked, question)
        except Said as said:
            # Which code says so is not public: it is asked of the bank, and set.
            if said.code and said.code == NOT_KNOWN.of(self.connection.values):
                return records.Receipt(
                    message_id, "unknown_to_bank", code=said.code, reason=said.text
                )
            raise _refused(said) from None
        return _receipt(answer, message_id)

    @classmethod
    def apart(cls, order):
        return transfers.of_order(order)

    def _header(self, session) -> bytes:
        """What stands in the SOAP header of each call."""
        return b""

    def _call(self, session, operation, message_id, content, *more) -> tuple[str, bytes]:
        header = self._header(session)
        return self._service.call(operation, message_id, content, *more, header=header)

    def _statement(self, session, account, format, day, year=0, number=0) -> records.Document:
        """One final statement; NoStatement where the bank has none."""
        form, message_id = format or self.statement_formats[0], ids.message_id()
        question = questions.statement(
            message_id, account.number, STATEMENT_FORMS[form], day, year, number
        )
        try:
            space, content = self._call(session, "GetStatement", message_id, write(question))
            name = ""
            if space == questions.FILE:
                name, content = questions.read_file(content)
                form = "pdf" if content.startswith(b"%PDF") else "camt.053"
        except Said as said:
            raise _refused(said) from None
        name = name or f"{questions.iban(account.number)}-{day or f'{year}-{number}'}.xml"
        return records.Document(content, form, name, account.number, day)

    def _report(self, session, account, day, since=None, number=0) -> records.Document:
        """What was booked from `since` until `day`, or today above a number."""
        message_id = ids.message_id()
        if since:
            question = questions.report(message_id, account.number, since, day)
        else:
            question = questions.increment(message_id, account.number, number)
        operation = "GetAccountReport" if since else "GetIncrementalAccountReport"
        try:
            _form, content = self._call(session, operation, message_id, write(question))
        except Said as said:
            raise _refused(said) from None
        name = f"{questions.iban(account.number)}-{since or day}.xml"
        return records.Document(content, "camt.052", name, account.number, day)

    def _today(self) -> date:
        return datetime.now(ZoneInfo(self.time_zone)).date()


def _refused(said: Said) -> errors.BankError:
    """The error that a report means when nothing but a question was asked."""
    if not said.code:
        return unclear(said)
    return refusal(said, FAULTS.get(said.code, errors.Refused))


def _receipt(content: bytes, message_id: str, payments_of=None) -> records.Receipt:
    """The bank's words on our message; BadAnswer when they are about another one."""
    try:
        receipt = pain002.parse(content, payments_of)
    except errors.InvalidDocument as error:
        raise errors.BadAnswer(error.message) from None
    if receipt.message_id != message_id:
        raise errors.BadAnswer(ANOTHER_MESSAGE)
    return receipt


def _cursor(text: str) -> tuple[date, int]:
    day, _blank, number = text.partition(" ")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        raise errors.Invalid(CURSOR_LOST.format(cursor=text[:40])) from None


def _highest_number(document: records.Document) -> int:
    """The highest number of the day that an operation of this report has; 0 where none is said."""
    numbers = [0]
    for statement in formats.parse(document.content, document.format):
        for entry in statement.entries:
            said = (entry.details.get(key, "") for key in ("entry_reference", "message_id"))
            numbers += [int(text) for text in said if text.isdecimal() and len(text) < 10][:1]
    return max(numbers)
