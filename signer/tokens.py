# SPDX-License-Identifier: LGPL-3.0-only
"""PKCS#11 modules and the state of a token: the layer right above python-pkcs11.

Foreign errors are turned into Refusals here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .errors import Refusal

NO_HINT = "The card does not say how many tries are left. The signer will not try again by itself."
TRIES_LOW = "Wrong PINs were entered before: the card has only a few tries left."
TRIES_LAST = "ONE try is left: another wrong PIN locks the card."
SOFTWARE_MAKERS = ("SoftHSM",)


def library() -> Any:
    """python-pkcs11, imported late: the program starts and explains itself without it."""
    try:
        import pkcs11
        import pkcs11.types
    except ImportError:
        raise Refusal("no_library") from None
    return pkcs11


def slots_of(path: str) -> list[Any]:
    """Slots of one module that hold a usable token."""
    pkcs11 = library()
    try:
        module = pkcs11.lib(path)
        slots = module.get_slots(token_present=True)
    except (RuntimeError, OSError) as error:  # the package raises both, and its own RuntimeErrors
        raise Refusal("card_failed", what=f"{path}: {type(error).__name__}") from None
    return [slot for slot in slots if _is_initialized(slot)]


def _is_initialized(slot: Any) -> bool:
    pkcs11 = library()
    try:
        return pkcs11.TokenFlag.TOKEN_INITIALIZED in slot.get_token().flags
    except pkcs11.exceptions.PKCS11Error:
        return False  # an empty or foreign card beside the one we look for


@dataclass(frozen=True)
class CardState:
    """What a token says of its PIN just now. `tries`: words for the person, or empty."""

    tries: str
    locked: bool
    pin_usable: bool
    pin_pad: bool  # the PIN is typed at the reader itself
    software: bool

    @classmethod
    def of(cls, slot: Any) -> CardState:
        pkcs11 = library()
        flag = pkcs11.TokenFlag
        token = slot.get_token()
        flags = token.flags
        if flag.USER_PIN_FINAL_TRY in flags:
            tries = TRIES_LAST
        elif flag.USER_PIN_COUNT_LOW in flags:
            tries = TRIES_LOW
        else:
            tries = ""
        made_by = (token.manufacturer_id or "").strip()
        return cls(
            tries=tries,
            locked=flag.USER_PIN_LOCKED in flags,
            pin_usable=flag.USER_PIN_INITIALIZED in flags,
            pin_pad=flag.PROTECTED_AUTHENTICATION_PATH in flags,
            software=made_by.startswith(SOFTWARE_MAKERS)
            and pkcs11.SlotFlag.HW_SLOT not in slot.flags,
        )

    def refuse_if_unusable(self) -> None:
        if self.locked:
            raise Refusal("card_locked")
        if not self.pin_usable:
            raise Refusal("pin_not_set")


def gone() -> tuple[type[Exception], ...]:
    """The errors that mean: the card is not there any more."""
    errors = library().exceptions
    return (
        errors.DeviceRemoved,
        errors.TokenNotPresent,
        errors.SessionHandleInvalid,
        errors.SlotIDInvalid,
    )


def about_pin() -> tuple[type[Exception], ...]:
    """The errors that are about the PIN, and so for the person to know."""
    errors = library().exceptions
    return (
        errors.PinExpired,
        errors.UserPinNotInitialized,
        errors.PinLocked,
        errors.PinIncorrect,
    )


@contextmanager
def guarded() -> Iterator[None]:
    """Turn the package's errors into words."""
    pkcs11 = library()
    errors = pkcs11.exceptions
    try:
        yield
    except gone():
        raise Refusal("card_removed") from None
    except (errors.PinExpired, errors.UserPinNotInitialized):
        raise Refusal("pin_not_set") from None
    except errors.PinLocked:
        raise Refusal("card_locked") from None
    except errors.PinIncorrect:
        raise Refusal("wrong_pin", tries=NO_HINT) from None
    except errors.PKCS11Error as error:
        raise Refusal("card_failed", what=type(error).__name__) from None
