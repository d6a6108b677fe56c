# SPDX-License-Identifier: LGPL-3.0-only
"""Open a CMS EnvelopedData (RFC 5652): RSA key transport, AES in CBC mode.

Banks encrypt the id of a session so. The secret inside is short and used at once.
"""

from __future__ import annotations

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from ..errors import BadAnswer, BadCertificate
from ..wording import _

NOT_FOR_US = _(
    "The bank encrypted its answer for another certificate, or in a form not known here."
)
RSA_ONLY = _("Only RSA keys can open what the bank encrypts.")
HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384}


def decrypt(data: bytes, key, certificate: x509.Certificate) -> bytes:
    """The content. BadAnswer where it is not for this key."""
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadCertificate(RSA_ONLY, code="key-kind")
    try:
        envelope = cms.ContentInfo.load(data, strict=True)
        if envelope["content_type"].native != "enveloped_data":
            raise BadAnswer(NOT_FOR_US)
        content = envelope["content"]
        secret = _content_key(content["recipient_infos"], key, certificate)
        return _decrypted(content["encrypted_content_info"], secret)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadAnswer(NOT_FOR_US, detail=type(error).__name__) from None


def _content_key(recipients, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> bytes:
    for recipient in recipients:
        info = recipient.chosen
        if recipient.name != "ktri" or info["rid"].name != "issuer_and_serial_number":
            continue
        if info["rid"].chosen["serial_number"].native == certificate.serial_number:
            return key.decrypt(info["encrypted_key"].native, _padding(info))
    raise BadAnswer(NOT_FOR_US, code="recipient")


def _padding(info) -> padding.AsymmetricPadding:
    algorithm = info["key_encryption_algorithm"]
    if algorithm["algorithm"].native != "rsaes_oaep":
        return padding.PKCS1v15()
    name = algorithm["parameters"]["hash_algorithm"]["algorithm"].native
    return padding.OAEP(padding.MGF1(HASHES[name]()), HASHES[name](), None)


def _decrypted(info, secret: bytes) -> bytes:
    algorithm = info["content_encryption_algorithm"]
    if algorithm.encryption_cipher != "aes" or algorithm.encryption_mode != "cbc":
        raise BadAnswer(NOT_FOR_US, code="cipher")
    cipher = Cipher(algorithms.AES(secret), modes.CBC(algorithm.encryption_iv)).decryptor()
    padded = cipher.update(info["encrypted_content"].native) + cipher.finalize()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(padded) + unpadder.finalize()
