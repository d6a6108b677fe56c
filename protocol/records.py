# SPDX-License-Identifier: LGPL-3.0-only
"""The records that formats, banks and models hand to each other. All frozen.

Amounts are `Decimal` in units of the currency (never grosz or kopecks). Bank dates are plain
`date`: a bank's day has no time zone. Instants are aware `datetime` in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Address:
    """A postal address with its parts kept apart: foreign transfers need country and town."""

    street: str = ""
    postcode: str = ""
    town: str = ""
    country: str = ""  # ISO 3166 alpha-2

    @property
    def is_whole(self) -> bool:
        """With what an address in a message must have, whatever else it has."""
        return bool(self.town.strip() and self.country.strip())

    def lines(self) -> list[str]:
        """The filled parts as at most two lines, for formats that know only lines."""
        return [line for line in (self.street, f"{self.postcode} {self.town}".strip()) if line]


@dataclass(frozen=True)
class Party:
    """Payer or payee as the bank gets them."""

    name: str
    account: str  # IBAN, NRB or national number, without spaces
    bic: str = ""
    bank_code: str = ""  # clearing number of the bank: PL 8 digits, RU BIK 9 digits
    bank_name: str = ""
    tax_id: str = ""
    address: Address = Address()
    details: Mapping[str, str] = field(default_factory=dict)  # e.g. kpp, corr_account, bank_town


@dataclass(frozen=True)
class Operator:
    """The person at the bank: login, how he confirms, and what he signs with."""

    login: str
    method: str  # "certificate" or "mobile"
    signer: object | None = None  # protocol.signatures.signers.Signer when method == "certificate"
    secret: str = field(default="", repr=False)  # a password, where the bank wants one
    bank_name: str = ""  # what he calls the bank: shown where he confirms with his card
    # password of the log-in that some banks give for statements only
    statement_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class KeyFile:
    """A PKCS#12 file (key and certificate) and its password: both are secrets."""

    data: bytes = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class Account:
    """One account that the bank lets this client identifier use."""

    number: str
    currency: str
    name: str = ""
    owner: str = ""
    # what some contracts want to know in a question about the account
    bank_code: str = ""  # clearing number of the bank: RU BIK 9 digits
    owner_tax_id: str = ""


@dataclass(frozen=True)
class Agreement:
    """How a bank wants to be spoken to: the text that is kept, and what it means."""

    kept: str
    client_identifier: str
    tax_id: str
    statement_login: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Balance:
    """Booked and available balance. `at`: when the bank says that it held."""

    account_number: str
    currency: str
    booked: Decimal
    available: Decimal | None
    at: datetime


@dataclass(frozen=True)
class Order:
    """One payment order. `end_to_end_id` is fixed when the order is prepared.

    `kind`: one of vocabulary.KINDS. `details` holds the fields that only some kinds have (tax
    office fields, the Russian form's fields, MPP parts), by field name.
    """

    end_to_end_id: str
    number: str
    kind: str
    amount: Decimal
    currency: str
    execute_on: date
    payer: Party
    payee: Party
    title: str
    charges: str = ""  # of vocabulary.CHARGES; empty where the kind has no choice
    urgent: bool = False
    route: str = ""  # of vocabulary.ROUTES; empty: the bank's ordinary way
    details: Mapping[str, str] = field(default_factory=dict)


def document_number(order: Order) -> str:
    """Field 3 of the Russian form."""
    return order.details.get("document_number") or order.number


def payee_account(order: Order) -> str:
    """Field 17 of the Russian form: empty where the payee is a bank itself.

    Its card has the correspondent account of its own, which stands in field 15.
    """
    payee = order.payee
    return "" if payee.account == payee.details.get("corr_account") else payee.account


def document_date(order: Order) -> date:
    """Field 4 of the Russian form. ValueError when it is not a date."""
    text = order.details.get("document_date")
    return date.fromisoformat(text) if text else order.execute_on


@dataclass(frozen=True)
class Package:
    """One message of orders to a bank.

    `content` is exactly what is signed and sent; `signatures` are detached signatures over it.
    """

    message_id: str
    format: str  # a key of protocol.formats.FORMATS
    content: bytes
    created_at: datetime
    signatures: tuple[bytes, ...] = ()
    confirm_on_phone: bool = True  # where signatures are missing, the sender's phone may release it


# What a bank says of a package or of an order; the vocabulary of `Receipt.state`.
# "unknown_to_bank" is an ANSWER (the bank does not know the message), not a failure to get one.
RECEIPT_STATES = (
    "sent",  # taken, nothing decided yet
    "waiting",  # waits at the bank: another signature, the phone
    "accepted",
    "executed",
    "partly_executed",
    "returned",
    "paused",  # no money, card file 2
    "rejected",
    "recalled",
    "unknown_to_bank",
)


@dataclass(frozen=True)
class OrderReceipt:
    """What the bank says of one order."""

    end_to_end_id: str
    state: str  # one of RECEIPT_STATES
    bank_status: str = ""  # the bank's own name of the state
    code: str = ""
    reason: str = ""
    bank_reference: str = ""
    executed_on: date | None = None


@dataclass(frozen=True)
class Receipt:
    """What the bank says of a message; `orders` only where it speaks of single orders."""

    message_id: str
    state: str  # one of RECEIPT_STATES
    bank_status: str = ""
    code: str = ""
    reason: str = ""
    orders: tuple[OrderReceipt, ...] = ()
    content: bytes = b""  # the raw receipt (pain.002 ...), for the archive
    format: str = ""
    challenge: Challenge | None = None  # the bank wants this package confirmed on the phone
    release_by: tuple[str, ...] = ()  # who can release it, where the bank says so


@dataclass(frozen=True)
class PendingPackage:
    """A package that waits at the bank. `waits_for`: "signature" or "phone"."""

    message_id: str
    received_at: datetime | None
    count: int
    total: Decimal
    waits_for: str = ""
    release_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Challenge:
    """A confirmation that is still owed. Kept as JSON for any worker: `challenges`."""

    id: str
    method: str  # "mobile": a person confirms in the app; "code": a person types a code;
    #              "certificate": `payload` is to be signed;
    #              "envelope": `encrypted` is to be opened, and `payload` says what for
    code: str = ""  # shown in the dialog AND on the phone, so that the user can compare
    text: str = ""  # what is being confirmed
    expires_at: datetime | None = None
    payload: bytes = b""  # bytes to sign, for "certificate"
    encrypted: bytes = b""  # CMS EnvelopedData for the operator's certificate, for "envelope"
    state: Mapping[str, str] = field(default_factory=dict)  # what the bank's file needs to go on


@dataclass(frozen=True)
class Session:
    """A running session at the bank. `token` is a secret: it is kept in the vault only."""

    token: str = field(repr=False)
    expires_at: datetime | None = None  # absolute end, where the bank says one
    idle_seconds: int | None = None  # the bank's own idle limit, where it says one


@dataclass(frozen=True)
class Document:
    """A business document as received: raw bytes, never understood before it is archived."""

    content: bytes
    format: str  # a key of protocol.formats.FORMATS, or "pdf"
    name: str = ""
    account_number: str = ""
    day: date | None = None
    #: of a period that was asked for: the last day that is final in it; None where a bank has a
    #: document for each day with movements, and says nothing of the others
    final_until: date | None = None


@dataclass(frozen=True)
class Entry:
    """One booked (or pending) movement on an account."""

    booked_on: date
    value_on: date | None
    amount: Decimal  # signed: + into the account
    title: str = ""
    counterparty_name: str = ""
    counterparty_account: str = ""
    operation_id: str | None = None  # the bank's own unique id
    bank_code: str = ""  # the bank's own operation code
    our_reference: str | None = None  # our end-to-end id
    details: Mapping[str, str] = field(default_factory=dict)  # all else that the entry says


@dataclass(frozen=True)
class Statement:
    """A statement of one account. `entries` may be lazy: iterate it once, then it is used up."""

    account_number: str
    currency: str
    number: str
    opened_on: date | None
    closed_on: date | None
    opening_balance: Decimal | None
    closing_balance: Decimal | None
    entries: Iterable[Entry]
    available_balance: Decimal | None = None
    final: bool = True  # False: intraday, its entries come again in a final statement
    details: Mapping[str, str] = field(default_factory=dict)
