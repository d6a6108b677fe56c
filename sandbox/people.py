# SPDX-License-Identifier: LGPL-3.0-only
"""Who is a customer of the pretend banks, and what waits for a person's yes or no."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Client:
    """A company and its agreement: how many signatures a package needs, and if a phone will do."""

    identifier: str
    name: str
    address: str = ""
    nip: str = ""
    signatures_required: int = 1
    phone_release: bool = True
    bank: str = "mbank"
    inn: str = ""
    kpp: str = ""
    pass_id: str = ""  # CDC: the technical user of the company's certificate


@dataclass
class User:
    """A person: `login` is given by the bank; `clients` he may act for; `methods` he may use."""

    login: str
    name: str
    clients: list[str]
    methods: list[str]
    bank: str = "mbank"
    password: str = ""
    otp: bool = False
    wrong_otps: int = 0
    locked: bool = False


@dataclass
class Certificate:
    """A registered certificate of a user."""

    login: str
    pem: str
    fingerprint: str  # SHA-256 of the DER, hex


@dataclass
class Challenge:
    """Something that waits for a person.

    kind: log-in, package, otp. state: pending -> confirmed -> used, or refused, or expired.
    """

    id: str
    kind: str
    method: str
    client: str
    login: str
    code: str
    text: str
    created_at: datetime
    expires_at: datetime
    payload: bytes = b""
    message_id: str = ""
    state: str = "pending"
    bank: str = "mbank"


@dataclass
class Session:
    """A running session of a user for one client."""

    token: str
    client: str
    login: str
    method: str
    started_at: datetime
    used_at: datetime
    ended: str = ""  # why it ended: idle, age, log-out, control
    bank: str = "mbank"
    details: dict = field(default_factory=dict)
