# SPDX-License-Identifier: LGPL-3.0-only
"""What can go wrong between us and a bank, as one tree.

::

    BankError
    ├── NotSent                 the bank certainly did not take it: may be tried again
    │   ├── Unreachable         no connection, name not found, connection refused
    │   ├── CertificateRefused  TLS: their certificate or ours was not accepted
    │   ├── Busy                the bank asked us to come back later
    │   └── SessionEnded        a call met a session that the bank no longer knows
    ├── OutcomeUnknown          the call left us and no usable answer came back
    │   ├── Timeout             nothing came back in time
    │   └── BadAnswer           an answer that cannot be understood
    ├── Later                   the bank took the question; its answer is not ready yet
    ├── Refused                 the bank understood us and said no
    │   ├── LoginRefused        login, certificate or code not accepted
    │   │   └── ConfirmationRefused  the person said no on the phone
    │   ├── ConfirmationExpired nobody confirmed in time
    │   ├── AccountRefused      the account is unknown or outside the agreement
    │   ├── NoStatement         there is no statement for the period: not an error for its users
    │   ├── NotKnown            the bank does not know the message that was asked for
    │   └── Duplicate           the bank already has a message or order with this id
    └── Invalid                 our own data or a document cannot be right
        ├── InvalidDocument     a document received: with its line or path
        ├── InvalidOrder        an order to be sent: with its record and field
        ├── BadCertificate      a certificate is expired, untrusted or none at all
        ├── BadSignature        a signature is not the expected person's over the expected bytes
        ├── VaultError          a secret kept here cannot be used (vault.py)
        └── MissingLibrary      an optional library is needed and not installed

Each class knows three things: `retry` (the same call may simply be made again), `outcome_unknown`
(money may or may not move: only a status question or a statement settles it), and `message` (what
the user may read; never a secret, an envelope or a traceback).

`NotSent` and its leaves are about *reading and log-in*; while an order is being sent, the caller
treats everything except `Unreachable`, `CertificateRefused`, `Refused` and `Invalid` as unknown:
see `settles_sending`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .wording import _, joined

LINE = _("line {line}")
LONGEST_PAUSE = 24 * 60 * 60  # seconds


class BankError(Exception):
    """Root of the tree. `message` is for the user; `detail` is for the log, without secrets."""

    retry = False
    outcome_unknown = False

    def __init__(self, message: str = "", *, code: str = "", detail: str = ""):
        super().__init__(message or type(self).__doc__)
        self.message = message or (type(self).__doc__ or "").strip()
        self.code = code
        self.detail = detail

    @property
    def settles_sending(self) -> bool:
        """True when this error, met while sending, proves that the bank did not take it."""
        return False


class NotSent(BankError):
    """The bank did not take the call."""

    retry = True


class Unreachable(NotSent):
    """The bank's address cannot be reached."""

    @property
    def settles_sending(self) -> bool:
        return True


class CertificateRefused(NotSent):
    """The secure connection to the bank could not be made."""

    retry = False

    @property
    def settles_sending(self) -> bool:
        return True


class Busy(NotSent):
    """The bank is busy. Try again later."""

    def __init__(self, message: str = "", *, asked: str = "", **more):
        """`asked`: its header Retry-After; a date, which is rare, is taken for none."""
        super().__init__(message, **more)
        seconds = int(asked) if re.fullmatch("[0-9]{1,6}", asked) else 0
        self.retry_after = min(seconds, LONGEST_PAUSE)  # 0: it asks for no time


class SessionEnded(NotSent):
    """The session at the bank has ended. Log in again."""


class OutcomeUnknown(BankError):
    """No usable answer came back from the bank."""

    retry = True
    outcome_unknown = True


class Timeout(OutcomeUnknown):
    """The bank did not answer in time."""


class BadAnswer(OutcomeUnknown):
    """The bank's answer cannot be understood."""


class Later(BankError):
    """The bank is preparing its answer. It comes later."""

    retry = True

    def __init__(self, state: Mapping[str, str], message: str = "", **more):
        """`state`: plain JSON values; with them as `resume` the same question is asked on."""
        super().__init__(message, **more)
        self.state = dict(state)


class Refused(BankError):
    """The bank refused."""

    @property
    def settles_sending(self) -> bool:
        return True


class LoginRefused(Refused):
    """The bank did not accept the login."""


class ConfirmationRefused(LoginRefused):
    """The confirmation was refused."""


class ConfirmationExpired(Refused):
    """The confirmation was not given in time."""


class AccountRefused(Refused):
    """The bank does not serve this account under the agreement."""


class NoStatement(Refused):
    """The bank has no statement for this period."""


class NotKnown(Refused):
    """The bank does not know this message."""


class Duplicate(Refused):
    """The bank already has a message with this id."""

    # The bank HAS something under this id: that settles nothing, its status must be asked.
    outcome_unknown = True

    @property
    def settles_sending(self) -> bool:
        return False


class Invalid(BankError):
    """The data cannot be right."""

    @property
    def settles_sending(self) -> bool:
        return True


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: which record, which field, and what to do about it.

    An *error* stops the order, a *warning* is for a person to decide. `template` and `values`
    are the message before it was put together, for translation; `values["proposal"]`, where it
    is there, is what the field could hold instead.
    """

    record: str
    field: str
    message: str
    severity: str = "error"  # or "warning"
    template: str = ""
    values: Mapping[str, object] = dataclasses.field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def of(cls, record: str, field: str, template: str, severity: str = "error", **values):
        """A problem whose message is `template` with its named parts filled in."""
        return cls(record, field, template.format(**values), severity, template, values)

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def __str__(self) -> str:
        return ": ".join(part for part in (self.record, self.field, self.message) if part)


class InvalidDocument(Invalid):
    """A document cannot be understood. `line` counts from 1, `path` is an element path."""

    def __init__(self, message: str = "", *, line: int | None = None, path: str = "", **more):
        where = LINE.format(line=line) if line is not None else path
        super().__init__(joined(": ", where, message) if where else message, **more)
        self.text = message  # without its place
        self.line = line
        self.path = path


class InvalidOrder(Invalid):
    """Orders cannot be sent as they are. `problems` holds every problem of the batch."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...], **more):
        super().__init__("\n".join(str(problem) for problem in problems), **more)
        self.problems = tuple(problems)


class BadCertificate(Invalid):
    """The certificate cannot be used."""


class BadSignature(Invalid):
    """The signature does not hold."""


class MissingLibrary(Invalid):
    """An optional library is needed for this and is not installed."""
