# SPDX-License-Identifier: LGPL-3.0-only
"""THE SEAM: what the rest of the house knows of a bank."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from .errors import Invalid, Refused
from .records import (
    Account,
    Agreement,
    Balance,
    Challenge,
    Document,
    KeyFile,
    Operator,
    Order,
    Package,
    Party,
    PendingPackage,
    Receipt,
    Session,
)
from .wording import _

NOT_OFFERED = _("This bank does not offer this.")
NOT_SET = _("Fill in what the bank gave: {label}.")
TOO_LONG = _("{label}: at most {longest} characters.")


@dataclass(frozen=True)
class Connection:
    """How to reach a bank. `ca_file`: PEM bundle to trust instead of the system's, or empty."""

    address: str
    ca_file: str = ""
    timeout: float = 30.0  # seconds for one whole call; well under Odoo's limit_time_real
    #: with what the company appears at banks that have `shows_certificate`
    identity: KeyFile | None = None
    #: what the bank gave the company, by the names of `Bank.settings`
    values: Mapping[str, str] = field(default_factory=dict)
    #: the exchange settings of banks that have them, as `Bank.agreement` gave them
    agreement: str = ""
    #: signs requests where the bank wants that: a `Signer` whose key is here
    signer: object | None = None
    #: where fetched documents are kept until their owner asks: see `banks.directbank.post`
    post: object | None = None


@dataclass(frozen=True)
class Setting:
    """A value that the bank gives a company, beside its client identifier."""

    name: str
    label: str  # what users and the bank's papers call it
    default: str = ""
    required: bool = True
    longest: int = 35

    def of(self, values: Mapping[str, str]) -> str:
        """The value, or the default; Invalid where it is missing or too long."""
        value = (values.get(self.name) or self.default).strip()
        if (self.required and not value) or not value.isprintable():
            raise Invalid(NOT_SET.format(label=self.label), code=self.name)
        if len(value) > self.longest:
            words = TOO_LONG.format(label=self.label, longest=self.longest)
            raise Invalid(words, code=self.name)
        return value


class Bank(ABC):
    """One bank's web service. Every call has a timeout and raises only `BankError`.

    Some banks answer at once, some prepare the answer and have it fetched. The second kind waits a
    few seconds and then raises `errors.Later`: keep its `state` (JSON) with the question, and give
    it as `resume` to the same call some minutes later. A caller that drops it asks anew, which is
    slower and otherwise harmless. Banks that answer at once ignore `resume`.
    """

    #: what a bank's card calls this web service
    title = ""
    #: login methods that the bank offers, in the order to propose them
    methods: tuple[str, ...] = ("certificate", "mobile")
    #: True where an operator has a password beside his login
    wants_password = False
    #: currencies of accounts that also pay orders in another currency, at the bank's rate
    converts_from: tuple[str, ...] = ()
    #: True where SEPA Instant can be asked for
    has_instant = False
    #: False where a payment chooses neither a way nor who bears the charges
    has_charges = True
    #: formats of packages it takes and of statements it gives; the first one is the default
    package_formats: tuple[str, ...] = ()
    statement_formats: tuple[str, ...] = ()
    #: formats of intraday history; empty where the bank has none
    history_formats: tuple[str, ...] = ()
    #: how many orders a package may hold; None: as many as the format can
    orders_per_package: int | None = None
    #: where the bank is: its days begin and end there
    time_zone = "UTC"
    #: the longest period of one statement call, in days
    days_at_once = 31
    #: False for a bank without log-in: `log_in` then returns a session without a secret at once,
    #: which knows the client identifier
    has_session = True
    #: True where the company itself appears with a certificate (mutual TLS): `Connection.identity`
    shows_certificate = False
    #: what the bank wants to be told in each call beside the client identifier
    settings: tuple[Setting, ...] = ()
    #: the form of signatures on its packages: "cms" (detached), or "xades" (needs signxml)
    signature_form = "cms"
    #: how many signatures go with a package; None: all that were given
    signatures_per_package: int | None = None
    #: False where the contract has no such call: the button is not shown
    has_recall = False
    has_pending = False
    #: True where what is new of today can be asked for: see `history_since`
    has_increments = False
    has_confirmation = False
    has_probe = False
    #: True where the bank tells how it wants to be spoken to: see `agreement`
    has_agreement = False
    #: minutes after which "not known" is believed, at the earliest
    longest_delay_minutes = 60

    def __init__(self, connection: Connection):
        self.connection = connection

    @abstractmethod
    def log_in(self, operator: Operator, client_identifier: str) -> Session | Challenge: ...

    @abstractmethod
    def confirm(
        self, challenge: Challenge, answer: bytes | str | None = None
    ) -> Session | Challenge:
        """Go on with a log-in. A `Challenge` back means: not confirmed yet."""

    def withdraw(self, challenge: Challenge) -> None:  # noqa: B027 (optional)
        """The log-in was given up: nobody shall be asked any more. Where a bank has no call for
        it, the challenge ends by its time."""

    def completed(self, session: Session, operator: Operator) -> Session:
        """An open session with what else the bank's settings (`agreement`) ask for."""
        return session

    @abstractmethod
    def log_out(self, session: Session) -> None: ...

    @abstractmethod
    def accounts(self, session: Session, wanted: Account | None = None) -> list[Account]:
        """The accounts of this client identifier. A bank that has no list of them answers only
        for the `wanted` one, or AccountRefused."""

    @abstractmethod
    def balance(
        self, session: Session, account: Account, resume: Mapping[str, str] | None = None
    ) -> Balance: ...

    @abstractmethod
    def statements(
        self,
        session: Session,
        account: Account,
        since: date,
        until: date,
        format: str = "",
        resume: Mapping[str, str] | None = None,
    ) -> Iterator[Document]:
        """Raw documents of the period, both days included. Days without a statement give none."""

    @abstractmethod
    def send(self, session: Session, package: Package) -> Receipt:
        """Hand a package over ONCE. What its errors prove says `BankError.settles_sending`."""

    @abstractmethod
    def status(
        self,
        session: Session,
        message_id: str,
        end_to_end_ids: Sequence[str] = (),
        since: datetime | None = None,
        account: Account | None = None,
    ) -> Receipt:
        """What became of a message; state `unknown_to_bank` when the bank does not have it.

        `end_to_end_ids`: its orders; `since`: when it was handed over; `account`: the payer's.
        Banks that know orders rather than messages need all three.
        """

    @classmethod
    def apart(cls, order: Order) -> str:
        """Orders with different answers go into different packages."""
        return ""

    @staticmethod
    def initiator(party: Party, agreement: str) -> Party:
        """The company as this bank knows it, by the `agreement` that is kept."""
        return party

    def agreement(self, session: Session, account: Account) -> str:
        """How the bank wants to be spoken to, as text for `Connection.agreement`."""
        raise Refused(NOT_OFFERED)

    @staticmethod
    def read_agreement(data: bytes, older: str = "") -> Agreement:
        """The same from a file of the bank (or a kept text), and what a person should know of it.

        `older`: what was kept before. BadAnswer where it is none.
        """
        raise Refused(NOT_OFFERED)

    @classmethod
    def initiator_name(cls, name: str) -> str:
        """The company's name as this bank lets it stand for who hands a package over."""
        return name

    # What only some banks have. The flags above say whether a button is shown.

    def pending(self, session: Session) -> list[PendingPackage]:
        """Packages of this client that wait for a signature or the phone."""
        return []

    def history(
        self,
        session: Session,
        account: Account,
        since: date,
        until: date,
        format: str = "",
        resume: Mapping[str, str] | None = None,
    ) -> Iterator[Document]:
        """Intraday documents, today included; their entries come again in final statements."""
        return iter(())

    def statements_since(
        self, session: Session, account: Account, number: int, year: int | None, format: str = ""
    ) -> Iterator[Document]:
        """Statements of `year` (default: the bank's current one) with a number above `number`."""
        return iter(())

    def history_since(
        self, session: Session, account: Account, cursor: str = ""
    ) -> tuple[str, list[Document]]:
        """What was booked since `cursor` (empty: today), and the cursor to go on from.

        Documents may overlap with those before. Only banks with `has_increments`.
        """
        return cursor, []

    def confirmation(self, session: Session, end_to_end_id: str) -> Document:
        """The bank's paper (PDF) that a transfer was executed."""
        raise Refused(NOT_OFFERED)

    def probe(self, session: Session, account: Account) -> Receipt:
        """The bank's answer to a message that changes nothing: messages go both ways."""
        raise Refused(NOT_OFFERED)

    def recall(
        self, session: Session, account: Account, end_to_end_id: str, reason: str
    ) -> Receipt:
        """Ask the bank not to execute an order that it has. Its state says what the bank did."""
        raise Refused(NOT_OFFERED)
