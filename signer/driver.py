# SPDX-License-Identifier: LGPL-3.0-only
"""One driver (PKCS#11 module) in a process of its own: `--driver PATH`.

A driver that hangs or crashes takes only this process with it. Requests come as JSON lines on
standard input: {"do": OPERATION, ...}; each is answered by one line: {"given": ...}, or
{"refusal": CODE, "parts": {...}}. Bytes are base64.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from . import keys, unwrap
from .envelope import Envelope
from .errors import Refusal
from .tokens import NO_HINT, CardState, guarded, library, slots_of


def serve(path: str) -> int:
    """Answer requests until the input ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    # Some drivers print what they do; a program without a console has no place for it (Windows).
    os.dup2(nowhere if sys.stderr is None else 2, 1)
    module = Module(path)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"given": getattr(module, request.pop("do"))(**request)}
        except Refusal as refusal:
            answer = {"refusal": refusal.code, "parts": refusal.parts}
        except Exception as error:
            answer = {"refusal": "card_failed", "parts": {"what": type(error).__name__}}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


class Module:
    """The operations. `slot`: its number; `certificate`: DER, base64."""

    def __init__(self, path: str):
        self.path = path

    def certificates(self) -> dict[str, Any]:
        """What lies on the cards: {"slots": how many cards, "found": [...]}."""
        library()  # the better reason where even the package is missing
        slots = slots_of(self.path)
        found = [entry for slot in slots for entry in _certificates_in(slot)]
        return {"slots": len(slots), "found": found}

    def state(self, slot: int) -> dict[str, Any]:
        with guarded():
            return asdict(CardState.of(self._slot(slot)))

    def sign(
        self, slot: int, certificate: str, key_id: str, pin: str | None, contents: list[str]
    ) -> dict[str, Any]:
        """One signature a content: {"signatures": [...]}; what was signed before a failure is
        there too, with "refusal" and "parts"."""
        der, signatures = base64.b64decode(certificate), []
        try:
            with self._key(slot, der, key_id, pin) as key:
                offered = self._slot(slot).get_mechanisms()
                key, again = keys.with_pin(key, der, pin, self.path)
                for content in map(base64.b64decode, contents):
                    signature = keys.sign(key, der, offered, content, again)
                    signatures.append(base64.b64encode(signature).decode())
        except Refusal as refusal:
            return {"signatures": signatures, "refusal": refusal.code, "parts": refusal.parts}
        return {"signatures": signatures}

    def unwrap(
        self, slot: int, certificate: str, key_id: str, pin: str | None, sealed: dict[str, Any]
    ) -> str | None:
        """The content key of an envelope; None where the card does not give one."""
        der = base64.b64decode(certificate)
        sealed = Envelope(
            encrypted_key=base64.b64decode(sealed["encrypted_key"]),
            oaep=sealed["oaep"] and tuple(sealed["oaep"]),
            key_size=sealed["key_size"],
            iv=b"",
            content=b"",
        )
        with self._key(slot, der, key_id, pin) as key:
            offered = self._slot(slot).get_mechanisms()
            key, again = keys.with_pin(key, der, pin, self.path)
            found = unwrap.content_key(key, offered, sealed, again)
        return None if found is None else base64.b64encode(found).decode()

    def _slot(self, number: int) -> Any:
        found = next((slot for slot in slots_of(self.path) if slot.slot_id == number), None)
        if found is None:
            raise Refusal("card_removed")
        return found

    @contextmanager
    def _key(self, number: int, der: bytes, key_id: str, pin: str | None) -> Iterator[Any]:
        """The private key, in a session of its own: opened with the PIN, closed right after."""
        slot = self._slot(number)
        with guarded(), _session(slot, der, pin) as session:
            yield keys.private_key(session, der, bytes.fromhex(key_id))


def _certificates_in(slot: Any) -> Iterator[dict[str, str]]:
    pkcs11 = library()
    template = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}
    with guarded():
        token = slot.get_token()
        with token.open() as session:
            for entry in session.get_objects(template):
                der = entry[pkcs11.Attribute.VALUE]
                yield {
                    "der": base64.b64encode(der).decode(),
                    "key_id": bytes(entry[pkcs11.Attribute.ID]).hex(),
                    "slot": slot.slot_id,
                    "label": token.label,
                }


@contextmanager
def _session(slot: Any, der: bytes, pin: str | None) -> Iterator[Any]:
    pkcs11 = library()
    CardState.of(slot).refuse_if_unusable()
    token = slot.get_token()
    _refuse_other_card(token, der)
    try:
        session = token.open(user_pin=pkcs11.types.PROTECTED_AUTH if pin is None else pin)
    except pkcs11.exceptions.PinLocked:
        raise Refusal("card_locked") from None
    except (
        pkcs11.exceptions.PinIncorrect,
        pkcs11.exceptions.PinInvalid,
        pkcs11.exceptions.PinLenRange,
    ):
        after = CardState.of(slot)
        after.refuse_if_unusable()
        raise Refusal("wrong_pin", tries=after.tries or NO_HINT) from None
    with session:
        yield session


def _refuse_other_card(token: Any, der: bytes) -> None:
    """The card may have been changed while the person read: then its PIN must not be tried."""
    pkcs11 = library()
    template = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
        pkcs11.Attribute.VALUE: der,
    }
    with token.open() as session:
        if not list(session.get_objects(template)):
            raise Refusal("wrong_card")
