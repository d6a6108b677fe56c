"""THE SEAM: what the rest of the house knows of a bank."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from .records import Account, Balance, Challenge, Document, Operator, Package, Receipt, Session


@dataclass(frozen=True)
class Connection:
    """How to reach a bank. `ca_file`: PEM bundle to trust instead of the system's, or empty."""

    address: str
    ca_file: str = ""
    timeout: float = 30.0  # seconds for one whole call; well under Odoo's limit_time_real


class Bank(ABC):
    """One bank's web service. Every call has a timeout and raises only `BankError`."""

    #: login methods that the bank offers, in the order to propose them
    methods: tuple[str, ...] = ("certificate", "mobile")
    #: formats of packages it takes and of statements it gives; the first one is the default
    package_formats: tuple[str, ...] = ()
    statement_formats: tuple[str, ...] = ()
    #: False for a bank without log-in (mutual TLS): `log_in` then returns an empty session at once
    has_session = True
    #: False where the contract has no such call: the button is not shown
    has_recall = False
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

    @abstractmethod
    def log_out(self, session: Session) -> None: ...

    @abstractmethod
    def accounts(self, session: Session) -> list[Account]: ...

    @abstractmethod
    def balance(self, session: Session, account: Account) -> Balance: ...

    @abstractmethod
    def statements(
        self, session: Session, account: Account, since: date, until: date, format: str = ""
    ) -> Iterator[Document]:
        """Raw documents of the period, both days included. Days without a statement give none."""

    @abstractmethod
    def send(self, session: Session, package: Package) -> Receipt:
        """Hand a package over ONCE. What its errors prove says `BankError.settles_sending`."""

    @abstractmethod
    def status(self, session: Session, message_id: str) -> Receipt:
        """What became of a message; state `unknown_to_bank` when the bank does not have it."""
