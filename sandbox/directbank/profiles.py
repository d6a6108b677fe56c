# SPDX-License-Identifier: LGPL-3.0-only
"""In what DirectBank banks differ: each profile is one kind of bank, as strict as such a bank is.

What every profile wants: the sender's INN in a packet, a BOM before packet and documents, GUIDs as
ids. `POST /control/settings {"directbank_profile": name}` chooses one for the whole bank.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from .errors import BankSays

BOM = b"\xef\xbb\xbf"
REQUESTS = ("03", "04", "05", "14")
VERSIONS = ("2.3.2", "2.3.1", "2.2.2", "2.2.1", "2.1.1")


@dataclass(frozen=True)
class Profile:
    versions: tuple[str, ...] = VERSIONS
    signed: tuple[str, ...] = ()  # kinds of requests that need one signature
    compressed: bool = False
    unread_only: bool = False  # a packet that was fetched is never listed again
    new_id: bool = False  # the customer's id is another one than yesterday
    statement_login: bool = False  # statements only to `<login>-st`, which may nothing else


PROFILES = {
    "plain": Profile(),
    "signs everything": Profile(signed=REQUESTS),
    "old version": Profile(versions=("2.1.1",)),
    "compressed": Profile(compressed=True),
    "unread only": Profile(unread_only=True),
    "changes its customer id": Profile(new_id=True),
    "own statement log-in": Profile(statement_login=True),
    "everything at once": Profile(("2.1.1",), REQUESTS, True, True, True, True),
}
OF_STATEMENTS = "-st"


def profile(world) -> Profile:
    return PROFILES[world.settings.directbank_profile]


def version(world) -> str:
    """What the settings name, and what the bank's own documents have."""
    return profile(world).versions[0]


def public_id(world, identifier: str) -> str:
    """How the bank calls a customer today."""
    return f"{identifier}-N" if profile(world).new_id else identifier


def names(world, identifier: str) -> tuple[str, ...]:
    """Under which ids a customer's documents are taken: an older one was right when they were
    signed."""
    return tuple(dict.fromkeys((public_id(world, identifier), identifier)))


def check_version(world, said: str, code: str) -> None:
    if said not in profile(world).versions:
        raise BankSays(code, said)


def check_bom(data: bytes, code: str) -> None:
    if not data.startswith(BOM):
        raise BankSays(code, "нет BOM")


def check_guid(identifier: str, code: str) -> None:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", identifier):
        raise BankSays(code, f"id: {identifier}")


def check_login(world, login: str, kind: str) -> None:
    """Statements for the log-in that has no other right, and nothing else for it."""
    of_statements = login.endswith(OF_STATEMENTS)
    wants = profile(world).statement_login and kind == "14"
    if of_statements != wants:
        raise BankSays("1013", login)


def unpacked(world, document, data: bytes) -> bytes:
    """The bytes of a document; 2011 where it is compressed and should not be, or the reverse."""
    compressed = document.get("compressed") in ("true", "1")
    if compressed != profile(world).compressed:
        raise BankSays("2011", "сжатие не по настройкам")
    if not compressed:
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (name,) = archive.namelist()
            return archive.read(name)
    except (zipfile.BadZipFile, ValueError) as error:
        raise BankSays("2011") from error


def packed(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return made.getvalue()
