# SPDX-License-Identifier: LGPL-3.0-only
"""Everything that the pretend banks know, under one lock, and the settings of this run."""

from __future__ import annotations

import math
import random
import secrets
import threading
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from . import store
from .clock import Clock
from .faults import Fault, Faults
from .ksef import Office
from .ledger import Account, Closing, Ledger, Movement
from .people import Certificate, Challenge, Client, Session, User


@dataclass
class Settings:
    """How this run behaves. Seconds everywhere."""

    odoo: str = "http://127.0.0.1:8069"
    idle: int = 600  # a session ends after so much silence
    session_age: int = 8 * 3600  # ... and at this age at the latest
    challenge_age: int = 300  # a confirmation must be given within
    execute_after: float | None = None  # None: orders wait for /control/run
    statements: str = "day-end"  # or "on-request": today's statement is closed when asked for
    camt_version: str = "02"
    history_from: str = ""  # first day of the made-up history; empty: 30 days ago
    banner: str = ""  # where this server is reached, e.g. http://127.0.0.1:8070
    cdc_banner: str = ""  # ... and the listener of the banks with mutual TLS
    directbank_idle: int = 300
    directbank_limit: int = 10 * 1024 * 1024
    directbank_profile: str = "plain"  # a key of directbank.profiles.PROFILES


def checked_setting(name: str, value):
    """The value as the setting holds it; ValueError for one with which the run could not go on."""
    if name in CHOICES:
        good = isinstance(value, str) and value in CHOICES[name]
    elif name == "execute_after":
        good = value is None or (_is_number(value) and 0 <= value < LONGEST)
    elif name == "history_from":
        good = isinstance(value, str) and (not value or bool(date.fromisoformat(value)))
    elif isinstance(getattr(Settings, name), int):
        good = isinstance(value, int) and not isinstance(value, bool) and 0 < value < LONGEST
    else:
        good = isinstance(value, str)
    if not good:
        raise ValueError(f"The setting {name} cannot be {value!r}.")
    return value


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


LONGEST = 2**31  # seconds, or bytes
CHOICES = {"statements": ("day-end", "on-request"), "camt_version": ("02", "08")}


@dataclass
class PaymentOrder:
    """One order of a package, with what became of it. `status`: a code of pain.002."""

    end_to_end_id: str
    instruction_id: str
    amount: object  # Decimal
    currency: str
    execute_on: object  # date
    debit_account: str
    payee_name: str
    payee_account: str
    payee_address: str = ""
    payee_country: str = ""
    payee_town: str = ""
    title: str = ""
    group_id: str = ""  # PmtInfId
    urgent: bool = False
    kind: str = "elixir"
    reference: str = ""  # what the statement gives back as the client's reference
    status: str = "RCVD"
    code: str = ""
    reason: str = ""
    tnr: str = ""
    accepted_at: datetime | None = None
    executed_on: object = None
    return_on: object = None  # the day on which the other bank sends it back
    details: dict = field(default_factory=dict)


@dataclass
class Package:
    """One message as the bank took it. `waits_for`: "", "signature" or "phone"."""

    message_id: str
    client: str
    login: str
    format: str
    content: bytes
    received_at: datetime
    orders: list[PaymentOrder] = field(default_factory=list)
    signers: list[str] = field(default_factory=list)
    waits_for: str = ""
    challenge_id: str = ""
    code: str = ""  # reason for the whole message
    reason: str = ""
    bank: str = "mbank"
    details: dict = field(default_factory=dict)


@dataclass
class State:
    """What survives a restart, as one JSON document."""

    clock: Clock = field(default_factory=Clock)
    ledger: Ledger = field(default_factory=Ledger)
    clients: dict[str, Client] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    certificates: list[Certificate] = field(default_factory=list)
    challenges: dict[str, Challenge] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    used_ids: dict[str, str] = field(default_factory=dict)  # "kind:id" -> message id
    closed_elsewhere: set = field(default_factory=set)
    white_list: list[dict] = field(default_factory=list)
    demo_keys: dict[str, bytes] = field(default_factory=dict)  # PKCS#12 made at run time
    # CDC: fingerprint of a company's certificate -> {"client", "use"}
    company_certificates: dict[str, dict] = field(default_factory=dict)
    # DirectBank: packets that wait for their clients, and who tried wrong passwords or codes.
    outbox: list = field(default_factory=list)
    wrong_attempts: dict = field(default_factory=dict)
    locked_until: dict = field(default_factory=dict)


@dataclass
class OutPacket:
    """A packet that waits for its client: `content` is the element GetPacketResponse as bytes."""

    id: str
    client: str
    made_at: datetime
    content: bytes
    fetched: bool = False


CLASSES = {
    cls.__name__: cls
    for cls in (
        State, Clock, Ledger, Account, Movement, Closing, Client, User, Certificate, Challenge,
        Session, Package, PaymentOrder, OutPacket,
    )
}  # fmt: skip


class World:
    """The state, its lock, and what does not survive: faults, late messages, planned refusals."""

    def __init__(self, settings: Settings, seed, path: str = ""):
        """`seed(world)` fills an empty state; `path` is where the state is kept, or empty."""
        self.settings = settings
        self.path = path
        self.cdc_listener = None
        self.lock = threading.RLock()
        self._seed = seed
        self.dirty = False
        self.reset_volatile()
        loaded = store.load(path, CLASSES) if path else None
        if loaded is None:
            self.reset()
        else:
            self.state = loaded

    def reset_volatile(self) -> None:
        self.faults = Faults()
        self.late: list[LateMessage] = []
        # Each call that hands orders over, as it came in, whatever became of it.
        self.handed_over: list[dict] = []
        self.checks_repeats = True
        self.refusals: list[dict] = []
        self.white_list_down = False
        self.white_list_wait = 0  # seconds: Retry-After
        self.white_list_again = 0  # questions that are to be asked again
        self.white_list_questions = 0
        self.ksef = Office()

    def reset(self, now: datetime | None = None) -> None:
        """Back to the seed, at the real time or at `now` (then the clock stands still)."""
        old, self.state = getattr(self, "state", State()), State()
        # The listener goes on to trust this authority, and companies keep their certificates.
        self.state.company_certificates = old.company_certificates
        keys = {name: key for name, key in old.demo_keys.items() if name.startswith("cdc ")}
        self.state.demo_keys = keys
        if now is not None:
            self.state.clock.offset = now - datetime.now(now.tzinfo)
            self.state.clock.frozen_at = now
        self.reset_volatile()
        self._seed(self)
        self.dirty = True

    def save(self) -> None:
        """Write the state if it changed; does nothing without a path."""
        with self.lock:
            if not (self.path and self.dirty):
                return
            self.dirty = False
            store.dump(self.state, self.path)

    # Short names for what is used everywhere -----------------------------------------------------

    @property
    def clock(self) -> Clock:
        return self.state.clock

    @property
    def ledger(self) -> Ledger:
        return self.state.ledger

    def now(self) -> datetime:
        return self.state.clock.now()

    def challenge(self, **values) -> Challenge:
        """A new pending challenge; an older pending one of the same kind for the same is void."""
        for other in self.state.challenges.values():
            same = (other.kind, other.client, other.login, other.message_id) == (
                values["kind"], values["client"], values["login"], values.get("message_id", ""),
            )  # fmt: skip
            if same and other.state == "pending":
                other.state = "replaced"
        now = self.now()
        challenge = Challenge(
            id=secrets.token_hex(16),
            created_at=now,
            expires_at=now + timedelta(seconds=self.settings.challenge_age),
            code=f"{random.SystemRandom().randrange(1000000):06d}",
            **values,
        )
        self.state.challenges[challenge.id] = challenge
        return challenge

    def expire(self, challenge: Challenge) -> Challenge:
        """Mark it expired when its time is over."""
        if challenge.state == "pending" and self.now() > challenge.expires_at:
            challenge.state = "expired"
        return challenge


@dataclass
class LateMessage:
    """A message that the bank will take later: after so many status questions, or on demand."""

    message_id: str
    take: object  # a function without arguments
    questions_left: int
    fault: Fault
    documents: list = field(default_factory=list)  # DirectBank: ids of the documents inside
