# SPDX-License-Identifier: LGPL-3.0-only
"""Secrets at rest: AES-256-GCM, bound to the place where the secret is stored.

A sealed secret is one line of text, safe in any text column::

    bw1.<key id>.<nonce, 12 bytes>.<ciphertext + tag, 16 bytes>      parts in base64url, no padding

The place (database uuid, model, record, field) is the *associated data*: the same text in a copied
database, on another record or in another field does not open. Keys come as text, ``name:base64``
with 32 bytes behind the base64, separated by commas, blanks or lines: all of them open, the first
one seals. So a key is changed by putting a new one in front and resealing what is stored.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import Invalid
from .wording import _

VERSION = "bw1"
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")

NO_KEY = _("No secret key is configured. Set bank_webservice_secret_key and restart the server.")
BAD_KEY = _(
    "Secret key number {number} cannot be used. A key is name:base64 of 32 bytes, the name made of "
    "letters, digits, '-' and '_'. Correct bank_webservice_secret_key and restart the server."
)
TWICE = _(
    "Two secret keys are named {name}. Give each its own name in bank_webservice_secret_key and "
    "restart the server."
)
UNKNOWN_KEY = _(
    "This secret was stored with the key {name}, which is not configured here. Add that key to "
    "bank_webservice_secret_key, or enter the secret again."
)
NOT_OPENED = _(
    "This secret cannot be opened here: it was changed, or the database was copied. "
    "Enter the secret again."
)


class VaultError(Invalid):
    """A stored secret cannot be used. Enter it again."""


class KeyProblem(VaultError):
    """The secret key of this server is missing or cannot be used."""


class NotOpened(VaultError):
    """The stored secret was changed, or belongs to another place."""


@dataclass(frozen=True)
class Place:
    """Where a secret is stored. `record`: the record's id as text."""

    database: str
    model: str
    record: str
    field: str

    def associated_data(self) -> bytes:
        """Unambiguous bytes: no two places give the same, whatever their parts contain."""
        return json.dumps(
            [VERSION, self.database, self.model, str(self.record), self.field]
        ).encode()


class Vault:
    """Seals and opens secrets. Knows its keys by name; never shows one."""

    def __init__(self, keys: Mapping[str, bytes]):
        """`keys`: key id -> 32 bytes; the first one seals."""
        if not keys:
            raise KeyProblem(NO_KEY, code="no-key")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self.key_ids = tuple(keys)
        self.key_id = self.key_ids[0]

    @classmethod
    def from_text(cls, text: str) -> Vault:
        """A vault from ``name:base64`` keys. KeyProblem says which one is wrong, by its number."""
        keys: dict[str, bytes] = {}
        for number, part in enumerate(re.split(r"[\s,]+", (text or "").strip()), start=1):
            if not part:
                continue
            name, key = _parse_key(part, number)
            if name in keys:
                raise KeyProblem(TWICE.format(name=name), code="key-twice")
            keys[name] = key
        return cls(keys)

    def seal(self, secret: str | bytes, place: Place) -> str:
        """The secret as text that opens at `place` only."""
        plain = secret.encode() if isinstance(secret, str) else bytes(secret)
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.key_id].encrypt(nonce, plain, place.associated_data())
        return ".".join((VERSION, self.key_id, _encode(nonce), _encode(sealed)))

    def open(self, token: str, place: Place) -> bytes:
        """The secret's bytes; KeyProblem or NotOpened where that is not possible."""
        name, nonce, sealed = _split(token)
        if name not in self._ciphers:
            raise KeyProblem(UNKNOWN_KEY.format(name=name), code="unknown-key")
        try:
            return self._ciphers[name].decrypt(nonce, sealed, place.associated_data())
        except InvalidTag:
            raise NotOpened(NOT_OPENED, code="not-opened") from None

    def open_text(self, token: str, place: Place) -> str:
        """The secret as text, for passwords and tokens."""
        return self.open(token, place).decode()

    def needs_reseal(self, token: str) -> bool:
        """True when another key than the first one sealed it."""
        return key_id_of(token) != self.key_id

    def reseal(self, token: str, place: Place) -> str:
        """The same secret under the first key; unchanged when it already is."""
        return self.seal(self.open(token, place), place) if self.needs_reseal(token) else token


def key_id_of(token: str) -> str:
    """The name of the key that sealed it; NotOpened for what is no token."""
    return _split(token)[0]


def generate_key(name: str = "k1") -> str:
    """A new key as configuration text. Show it once; it is a secret."""
    if not KEY_ID.fullmatch(name):
        raise KeyProblem(BAD_KEY.format(number=1), code="bad-key")
    return f"{name}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


def _parse_key(part: str, number: int) -> tuple[str, bytes]:
    name, _colon, encoded = part.partition(":")
    try:
        # Keys are often made with tools that write base64url: both alphabets are read.
        key = base64.b64decode(encoded.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not KEY_ID.fullmatch(name) or len(key) != KEY_BYTES:
        raise KeyProblem(BAD_KEY.format(number=number), code="bad-key")
    return name, key


def _split(token: str) -> tuple[str, bytes, bytes]:
    """Key id, nonce and ciphertext of a token."""
    try:
        version, name, nonce, sealed = token.split(".")
        parts = name, _decode(nonce), _decode(sealed)
    except (AttributeError, ValueError):
        raise NotOpened(NOT_OPENED, code="not-a-token") from None
    if version != VERSION or len(parts[1]) != NONCE_BYTES:
        raise NotOpened(NOT_OPENED, code="not-a-token")
    return parts


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
