# SPDX-License-Identifier: LGPL-3.0-only
"""The id of a session, encrypted for the card: CMS EnvelopedData (RFC 5652), and nothing else.

One recipient, the chosen certificate; RSA key transport (PKCS#1 v1.5, or OAEP with a hash that the
card knows), AES in CBC mode, a short content. What is wrong with the structure is said before
anybody is asked for a PIN: it does not depend on the key. After that there is one refusal for
everything (`not_opened`), so that the card answers no questions about paddings, and whatever is no
session id stays here: this is no way to read other people's mail.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass

from asn1crypto import cms, x509

from .card_certificate import CardCertificate
from .errors import Refusal

LARGEST = 8192  # bytes of the whole structure
LONGEST = 512  # bytes of its encrypted content
BLOCK = 16
HASHES = ("sha1", "sha256", "sha384", "sha512")
#: what banks make of it: a UUID, or a token in base64 or hex; no words, no numbers of a few digits
SESSION_ID = re.compile(rb"\{?[A-Za-z0-9._+/=-]{16,128}\}?")


@dataclass(frozen=True)
class Envelope:
    """What the card is to open. `oaep`: (hash, hash of MGF1), or None for PKCS#1 v1.5."""

    encrypted_key: bytes
    oaep: tuple[str, str] | None
    key_size: int  # bytes of the AES key
    iv: bytes
    content: bytes


def read(data: bytes, certificate: CardCertificate) -> Envelope:
    """The envelope in these bytes; Refusal with the reason when it is anything else."""
    if certificate.key_type != "rsa":
        raise Refusal("key_not_rsa", kind=certificate.key_type)
    if importlib.util.find_spec("cryptography") is None:
        raise Refusal("no_cryptography")
    if not 0 < len(data) <= LARGEST:
        raise _refused("it is empty or too long")
    try:
        info = cms.ContentInfo.load(data, strict=True)
        info.native  # parse all of it now  # noqa: B018
        if info["content_type"].native != "enveloped_data":
            raise _refused("it is no encrypted message (CMS EnvelopedData)")
        own = x509.Certificate.load(certificate.der)
        return _read(info["content"], own)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _refused("it cannot be read") from None


def _read(enveloped: cms.EnvelopedData, own: x509.Certificate) -> Envelope:
    recipients = enveloped["recipient_infos"]
    if len(recipients) != 1:
        raise _refused("it is not for exactly one recipient")
    if recipients[0].name != "ktri":
        raise _refused("its key is not transported by RSA")
    recipient = recipients[0].chosen
    if not _is_for(recipient["rid"], own):
        raise _refused("it was encrypted for another certificate")
    encrypted_key = recipient["encrypted_key"].native
    if len(encrypted_key) != own.public_key.byte_size:
        raise _refused("its key does not have the length of the card's key")
    inside = enveloped["encrypted_content_info"]
    cipher = inside["content_encryption_algorithm"]
    if (cipher.encryption_cipher, cipher.encryption_mode) != ("aes", "cbc"):
        raise _refused("its content is not encrypted by AES in CBC mode")
    iv, content = cipher.encryption_iv, inside["encrypted_content"].native
    if inside["content_type"].native != "data" or len(iv) != BLOCK:
        raise _refused("its content is of another kind")
    if not content or len(content) > LONGEST or len(content) % BLOCK:
        raise _refused("its content is too long for a session id, or cut off")
    oaep = _oaep(recipient["key_encryption_algorithm"])
    return Envelope(encrypted_key, oaep, cipher.key_length, iv, content)


def _is_for(rid: cms.RecipientIdentifier, own: x509.Certificate) -> bool:
    if rid.name == "issuer_and_serial_number":
        issuer, serial = rid.chosen["issuer"], rid.chosen["serial_number"].native
        return issuer == own.issuer and serial == own.serial_number
    return own.key_identifier is not None and rid.native == own.key_identifier


def _oaep(algorithm: cms.KeyEncryptionAlgorithm) -> tuple[str, str] | None:
    name = algorithm["algorithm"].native
    if name == "rsaes_pkcs1v15":
        return None
    if name != "rsaes_oaep":
        raise _refused("its key is encrypted in a way that is not known here")
    parameters = algorithm["parameters"]
    mask, label = parameters["mask_gen_algorithm"], parameters["p_source_algorithm"]
    hashes = (
        parameters["hash_algorithm"]["algorithm"].native,
        mask["parameters"]["algorithm"].native,
    )
    if mask["algorithm"].native != "mgf1" or not set(hashes) <= set(HASHES):
        raise _refused("its key is encrypted with a hash that is not known here")
    if label["parameters"].native:
        raise _refused("its key is encrypted with a label")
    return hashes


def session_id(sealed: Envelope, key: bytes) -> str:
    """The content, when it is a session id; Refusal "not_opened" for whatever else."""
    content = _decrypted(sealed, key).strip(b" \t\r\n")
    if not SESSION_ID.fullmatch(content):
        raise Refusal("not_opened")
    return content.decode("ascii")


def _decrypted(sealed: Envelope, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    cipher = Cipher(algorithms.AES(key), modes.CBC(sealed.iv)).decryptor()
    padded = cipher.update(sealed.content) + cipher.finalize()
    unpadder = PKCS7(BLOCK * 8).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return b""


def _refused(why: str) -> Refusal:
    return Refusal("envelope_refused", why=why)
