# SPDX-License-Identifier: LGPL-3.0-only
"""Signatures by calls that go to the module directly, where python-pkcs11 cannot make them.

The key of a reader with keys of its own wants the PIN before each signature: between C_SignInit and
C_Sign the card must be logged in to once more (CKU_CONTEXT_SPECIFIC), with no PIN, since it is
typed at the reader. And some mechanisms have numbers of the maker's own. The module is open in this
process already.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from .tokens import library

CONTEXT_SPECIFIC = 2
CKR_OK = 0
#: places in CK_FUNCTION_LIST (PKCS#11 2.40)
LOGIN, SIGN_INIT, SIGN = 18, 42, 43
LONGEST = 1024  # bytes of a signature
PACKED = {"_pack_": 1} if sys.platform == "win32" else {}
ULONG = ctypes.c_ulong


class Mechanism(ctypes.Structure):
    locals().update(PACKED)
    _fields_ = (("kind", ULONG), ("parameter", ctypes.c_void_p), ("length", ULONG))


class FunctionList(ctypes.Structure):
    locals().update(PACKED)
    _fields_ = (("version", ctypes.c_ubyte * 2), ("functions", ctypes.c_void_p * 68))


class DirectKey:
    """A private key of python-pkcs11. `again`: it wants the PIN before each signature; None: typed
    at the reader."""

    def __init__(self, key: Any, path: str, *, again: bool = True, pin: str | None = None):
        self.handle, self.session = key.handle, key.session.handle
        self.functions = functions_of(path)
        self.again, self.pin = again, None if pin is None else pin.encode()

    def sign(self, content: bytes, *, mechanism: int) -> bytes:
        how = Mechanism(int(mechanism), None, 0)
        self._call(SIGN_INIT, self.session, ctypes.byref(how), ULONG(self.handle))
        if self.again:
            size = ULONG(len(self.pin or b""))
            self._call(LOGIN, self.session, ULONG(CONTEXT_SPECIFIC), self.pin, size)
        signature, length = ctypes.create_string_buffer(LONGEST), ULONG(LONGEST)
        size = ULONG(len(content))
        self._call(SIGN, self.session, content, size, signature, ctypes.byref(length))
        return signature.raw[: length.value]

    def _call(self, place: int, session: int, *arguments: Any) -> None:
        function = ctypes.CFUNCTYPE(ULONG)(self.functions[place])
        function.argtypes = None
        result = function(ULONG(session), *arguments)
        if result != CKR_OK:
            raise error_of(result)


def functions_of(path: str) -> Any:
    """The table of the module's functions."""
    table = ctypes.POINTER(FunctionList)()
    ctypes.CDLL(path).C_GetFunctionList(ctypes.byref(table))
    return table.contents.functions


def error_of(result: int) -> Exception:
    """python-pkcs11's own exception for a return value."""
    from pkcs11 import exceptions

    known = {
        0xA0: exceptions.PinIncorrect,
        0xA2: exceptions.PinLenRange,
        0xA3: exceptions.PinExpired,
        0xA4: exceptions.PinLocked,
        0x32: exceptions.DeviceRemoved,
        0xE0: exceptions.TokenNotPresent,
        0xB3: exceptions.SessionHandleInvalid,
        0x50: exceptions.FunctionCancelled,
    }
    return known.get(result, library().exceptions.FunctionFailed)()
