# SPDX-License-Identifier: LGPL-3.0-only
"""A driver's process whose card has GOST keys: FOLDER --driver PATH.

The folder is one of `gost_world`; each person in it is an object of the card, and OpenSSL's engine
is its chip. Who is on the card, which number comes first and when it wants the PIN stands in
`card.json`. It answers the calls that the signer makes: python-pkcs11's to look, and the module's
own table to sign.
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import pkcs11  # noqa: E402
from asn1crypto import core, pem, x509  # noqa: E402
from gost_world import World  # noqa: E402
from pkcs11 import Attribute, ObjectClass  # noqa: E402

from signer import direct, driver  # noqa: E402

PIN = "246810"
CKR_PIN_INCORRECT, CKR_MECHANISM_INVALID = 0xA0, 0x70
ULONG, POINTER = ctypes.c_ulong, ctypes.c_void_p


class Item:
    """An object of the card."""

    def __init__(self, session, kind, handle, **values):
        self.session, self.object_class, self.handle = session, kind, handle
        self.values = {Attribute.CLASS: kind, **{Attribute[name]: v for name, v in values.items()}}

    def __getitem__(self, attribute):
        try:
            return self.values[attribute]
        except KeyError:
            raise pkcs11.exceptions.AttributeTypeInvalid from None


class Card:
    """Slot, token and session in one."""

    slot_id, handle, label, manufacturer_id = 1, 7, "Card", "Maker"
    flags = pkcs11.TokenFlag.TOKEN_INITIALIZED | pkcs11.TokenFlag.USER_PIN_INITIALIZED

    def __init__(self, folder: Path):
        self.world = World.__new__(World)
        self.world.folder = folder
        self.world.environment = {"OPENSSL_CONF": str(folder / "openssl.cnf"), "PATH": "/usr/bin"}
        self.settings = json.loads((folder / "card.json").read_text())
        self.names = self.settings["names"]
        self.chosen, self.asked = None, None

    def get_token(self):
        return self

    def get_mechanisms(self):
        return set()

    def open(self, user_pin=None):
        if user_pin not in (None, PIN):
            raise pkcs11.exceptions.PinIncorrect
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def get_objects(self, template):
        for item in self.items():
            if all(item.values.get(name) == value for name, value in template.items()):
                yield item

    def items(self):
        again = self.settings.get("again", False)
        for number, name in enumerate(self.names, 1):
            _kind, _headers, der = pem.unarmor((self.world.folder / f"{name}.pem").read_bytes())
            info = x509.Certificate.load(der)["tbs_certificate"]["subject_public_key_info"]
            bits = core.Sequence.load(info.dump())[1].contents[
                1:
            ]  # without the unused bits' number
            point = core.OctetString.load(bits).native
            # The id of the certificate object is another one: the key is found by its numbers.
            yield Item(self, ObjectClass.CERTIFICATE, number, VALUE=der, ID=b"\xee")
            yield Item(self, ObjectClass.PUBLIC_KEY, 100 + number, VALUE=point, ID=bytes([number]))
            yield Item(
                self, ObjectClass.PRIVATE_KEY, 200 + number, ID=bytes([number]),
                ALWAYS_AUTHENTICATE=again,
            )  # fmt: skip

    # the module's own table

    def table(self):
        """Functions by their places; they are kept, since C does not."""
        calls = {direct.SIGN_INIT: self.init, direct.LOGIN: self.login, direct.SIGN: self.sign}
        kind = ctypes.CFUNCTYPE(ULONG, ULONG, POINTER, POINTER, POINTER, POINTER)
        self.kept = {place: kind(call) for place, call in calls.items()}
        return {place: ctypes.cast(f, POINTER).value for place, f in self.kept.items()}

    def init(self, _session, mechanism, key, *_rest):
        number = ctypes.cast(mechanism, ctypes.POINTER(direct.Mechanism)).contents.kind
        self.chosen, self.asked = self.names[key - 201], number
        self.logged = not self.settings.get("again")
        return 0 if number in (0x1201, 0xD4321006) else CKR_MECHANISM_INVALID

    def login(self, _session, _kind, pin, size, *_rest):
        self.logged = pin is not None and ctypes.string_at(pin, size or 0) == PIN.encode()
        return 0 if self.logged else CKR_PIN_INCORRECT

    def sign(self, _session, data, size, answer, length):
        content = ctypes.string_at(data, size)
        bits = 256 if self.asked == 0x1201 else 512
        if not self.logged or len(content) * 8 != bits:
            return CKR_PIN_INCORRECT
        (self.world.folder / "hash").write_bytes(content)
        self.world.openssl(f"pkeyutl -sign -inkey {self.chosen}.key -in hash -out answer")
        signature = (self.world.folder / "answer").read_bytes()
        if self.settings.get("r_first"):
            half = len(signature) // 2
            signature = signature[half:] + signature[:half]
        if self.settings.get("broken"):
            signature = bytes(len(signature) - 1) + b"\1"
        ctypes.memmove(answer, signature, len(signature))
        ctypes.cast(length, ctypes.POINTER(ULONG))[0] = len(signature)
        return 0


if __name__ == "__main__":
    card = Card(Path(sys.argv[1]))
    driver.slots_of = lambda _path: [card]
    direct.functions_of = lambda _path: card.table()
    sys.exit(driver.serve(sys.argv[3]))
