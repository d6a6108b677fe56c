# SPDX-License-Identifier: LGPL-3.0-only
"""mBank: a company's web service with log-in and session (SOAP 1.1).

The bank gives its WSDL only to its own customers, so the contract beside this file is our own,
modelled on what is public. This is the only file that another WSDL changes.

Log-in by certificate: the bank's challenge is signed; by phone: it is asked until the person has
confirmed there. Faults are mapped by one table. After any fault of `SendPackage` except
``MESSAGE_DUPLICATE`` the bank has not taken the message.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from .. import errors, records
from ..bank import Bank, Connection
from ..formats import pain002
from ..signatures.signers import log_in_of
from ..wire.soap import SoapService
from ..wording import _

WSDL = Path(__file__).parent / "contracts" / "mbank.wsdl"
NAMESPACE = "{urn:mbank:companyws:1}"

FAULTS = {
    "REQUEST_NOT_VALID": errors.Invalid,
    "CLIENT_UNKNOWN": errors.LoginRefused,
    "LOGIN_WRONG": errors.LoginRefused,
    "METHOD_NOT_ALLOWED": errors.LoginRefused,
    "CERTIFICATE_NOT_ACCEPTED": errors.LoginRefused,
    "CHALLENGE_UNKNOWN": errors.ConfirmationExpired,
    "CHALLENGE_REFUSED": errors.ConfirmationRefused,
    "CHALLENGE_EXPIRED": errors.ConfirmationExpired,
    "SESSION_UNKNOWN": errors.SessionEnded,
    "SESSION_ENDED": errors.SessionEnded,
    "ACCOUNT_NOT_IN_AGREEMENT": errors.AccountRefused,
    "NO_STATEMENT": errors.NoStatement,
    "PERIOD_NOT_VALID": errors.Refused,
    "MESSAGE_DUPLICATE": errors.Duplicate,
    "MESSAGE_NOT_KNOWN": errors.NotKnown,
    "CONTENT_NOT_VALID": errors.Refused,
    "SIGNATURE_NOT_VALID": errors.Refused,
    "TRANSFER_NOT_KNOWN": errors.NotKnown,
    "BUSY": errors.Busy,
    "INTERNAL": errors.NotSent,
}
STATEMENTS = {"mt940": "MT940", "camt.053": "CAMT053", "pdf": "PDF"}
HISTORY = {"mt942": "MT942", "camt.052": "CAMT052"}
PACKAGES = {"pain.001.001.09": "PAIN001.09", "pain.001.001.03": "PAIN001.03", "elixir": "ELIXIR0"}
OURS = {theirs: ours for ours, theirs in {**STATEMENTS, **HISTORY}.items()}

ANOTHER_LOG_IN = _("The bank asks to sign a log-in of somebody else: it was not signed.")
ANOTHER_MESSAGE = _("The bank answered for another message than the one that was asked for.")


class MBank(Bank):
    title = "mBank web service"
    converts_from = ("PLN",)
    has_instant = True
    methods = ("certificate", "mobile")
    package_formats = tuple(PACKAGES)
    statement_formats = tuple(STATEMENTS)
    history_formats = tuple(HISTORY)
    time_zone = "Europe/Warsaw"
    days_at_once = 31
    has_pending = has_confirmation = True

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self._soap = SoapService(
            WSDL, f"{NAMESPACE}CompanyBinding", connection, FAULTS, _read_fault
        )

    def log_in(self, operator, client_identifier):
        answer = self._soap.call(
            "LogIn",
            ClientIdentifier=client_identifier,
            Login=operator.login,
            Method=operator.method,
        )
        step = _step(answer)
        signer = operator.signer
        if isinstance(step, records.Challenge) and step.payload and signer and signer.here:
            said = log_in_of(step.payload)
            if (said.get("login"), said.get("client")) != (operator.login, client_identifier):
                raise errors.BadAnswer(ANOTHER_LOG_IN)
            return self.confirm(step, signer.sign_challenge(step.payload))
        return step

    def confirm(self, challenge, answer=None):
        answer = answer.encode() if isinstance(answer, str) else answer
        said = self._soap.call("Confirm", ChallengeId=challenge.id, Answer=answer)
        return _step(said)

    def withdraw(self, challenge):
        self._soap.call("Withdraw", ChallengeId=challenge.id)

    def log_out(self, session):
        with contextlib.suppress(errors.SessionEnded):  # it is out already
            self._call("LogOut", session)

    def accounts(self, session, wanted=None):
        return [
            records.Account(item.Number, item.Currency, item.Name, item.Owner)
            for item in self._call("GetAccounts", session) or ()
        ]

    def balance(self, session, account, resume=None):
        said = self._call("GetBalance", session, AccountNumber=account.number)
        return records.Balance(
            said.AccountNumber, said.Currency, said.Booked, said.Available, _utc(said.At)
        )

    def statements(self, session, account, since, until, format="", resume=None):
        code = STATEMENTS[format or self.statement_formats[0]]
        period = {"From": since, "To": until}
        yield from self._documents("GetStatement", session, account, **period, Format=code)

    def history(self, session, account, since, until, format="", resume=None):
        code = HISTORY[format or self.history_formats[0]]
        period = {"From": since, "To": until}
        yield from self._documents("GetHistory", session, account, **period, Format=code)

    def statements_since(self, session, account, number, year=None, format=""):
        code = STATEMENTS[format or self.statement_formats[0]]
        which = {"Year": (year, None) if year else None, "Number": number}
        yield from self._documents("GetStatementsSince", session, account, **which, Format=code)

    def confirmation(self, session, end_to_end_id):
        return _document(self._call("GetConfirmation", session, EndToEndId=end_to_end_id))

    def send(self, session, package):
        said = self._call(
            "SendPackage",
            session,
            MessageId=package.message_id,
            Format=PACKAGES[package.format],
            Content=package.content,
            Signature=list(package.signatures),
            ConfirmOnPhone=package.confirm_on_phone,
        )
        return _receipt(said, package.message_id)

    def status(self, session, message_id, end_to_end_ids=(), since=None, account=None):
        try:
            return _receipt(self._call("GetStatus", session, MessageId=message_id), message_id)
        except errors.NotKnown as unknown:
            return records.Receipt(
                message_id, "unknown_to_bank", code=unknown.code, reason=unknown.message
            )

    def pending(self, session):
        return [
            records.PendingPackage(
                item.MessageId,
                _utc(item.ReceivedAt),
                item.Count,
                item.Total,
                item.WaitsFor,
                tuple(item.ReleaseBy),
            )
            for item in self._call("GetPending", session) or ()
        ]

    def _call(self, operation, session, **values):
        header = (f"{NAMESPACE}Session", {"Token": session.token})
        return self._soap.call(operation, header, **values)

    def _documents(self, operation, session, account, **values) -> Iterator[records.Document]:
        try:
            found = self._call(operation, session, AccountNumber=account.number, **values)
        except errors.NoStatement:
            return  # a weekend, a day without movements
        yield from map(_document, found)


def _read_fault(detail):
    """(code, words, path) of the contract's own fault element."""
    parts = {child.tag.rpartition("}")[2]: child.text or "" for child in detail.iterfind("*/*")}
    return parts.get("Code", ""), parts.get("Message", ""), parts.get("Path", "")


def _step(said) -> records.Session | records.Challenge:
    if said.Session is not None:
        data = said.Session
        return records.Session(data.Token, _utc(data.ExpiresAt), data.IdleSeconds)
    if said.Challenge is None:
        raise errors.BadAnswer(ANOTHER_MESSAGE)
    return _challenge(said.Challenge)


def _challenge(data) -> records.Challenge:
    return records.Challenge(
        id=data.Id,
        method=data.Method,
        code=data.Code or "",
        text=data.Text,
        expires_at=_utc(data.ExpiresAt),
        payload=data.Payload or b"",
    )


def _receipt(data, message_id: str) -> records.Receipt:
    """The bank's words on our message; BadAnswer when they are about another one."""
    try:
        report = pain002.parse(data.Content)
    except errors.InvalidDocument as error:
        raise errors.BadAnswer(error.message) from None
    if {data.MessageId, report.message_id} != {message_id}:
        raise errors.BadAnswer(ANOTHER_MESSAGE)
    return records.Receipt(
        message_id=message_id,
        state=pain002.STATES[data.Status],
        bank_status=data.Status,
        code=data.Reason.Code if data.Reason else "",
        reason=data.Reason.Text if data.Reason else "",
        orders=report.orders,
        content=data.Content,
        format="pain.002",
        challenge=_challenge(data.Challenge) if data.Challenge else None,
        release_by=tuple(data.ReleaseBy),
    )


def _document(data) -> records.Document:
    return records.Document(
        content=data.Content,
        format=OURS.get(data.Format, data.Format.lower()),
        name=data.Name,
        account_number=data.AccountNumber,
        day=data.Day,
    )


def _utc(at: datetime) -> datetime:
    return at.astimezone(timezone.utc)
