# SPDX-License-Identifier: LGPL-3.0-only
"""The card's own part in opening an envelope: it decrypts the content key, and only that."""

from __future__ import annotations

from typing import Any

from .envelope import Envelope
from .errors import Refusal
from .tokens import about_pin, gone, library


def content_key(key: Any, offered: Any, sealed: Envelope, again: dict[str, str]) -> bytes | None:
    """The content key; None where the card says that it cannot be had, for whatever reason.

    `key`: the private key in an open session; `offered`: mechanisms of its card; `again`: the PIN,
    for keys that ask for it each time. What the person can mend (card, PIN) is raised.
    """
    pkcs11 = library()
    mechanism, parameter = _mechanism(sealed)
    if not hasattr(key, "decrypt") or mechanism not in offered:
        raise Refusal("key_only_signs")
    try:
        found = key.decrypt(
            sealed.encrypted_key, mechanism=mechanism, mechanism_param=parameter, **again
        )
    except (*gone(), *about_pin()):
        raise
    except pkcs11.exceptions.PKCS11Error:
        return None
    return found if len(found) == sealed.key_size else None


def _mechanism(sealed: Envelope) -> tuple[Any, Any]:
    pkcs11 = library()
    if sealed.oaep is None:
        return pkcs11.Mechanism.RSA_PKCS, None
    digest, mask = sealed.oaep
    hashes = {
        "sha1": pkcs11.Mechanism.SHA_1,
        "sha256": pkcs11.Mechanism.SHA256,
        "sha384": pkcs11.Mechanism.SHA384,
        "sha512": pkcs11.Mechanism.SHA512,
    }
    parameter = (hashes[digest], pkcs11.MGF[mask.upper()], None)
    return pkcs11.Mechanism.RSA_PKCS_OAEP, parameter
