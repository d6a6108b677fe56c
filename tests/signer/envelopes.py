# SPDX-License-Identifier: LGPL-3.0-only
"""EnvelopedData put together by hand, so that each part can be wrong; imported, no test itself."""

from __future__ import annotations

import secrets

from asn1crypto import algos, cms, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding

SESSION_ID = b"0c0ffee0-1111-2222-3333-444455556666"
OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
V15 = padding.PKCS1v15()


def padded(content: bytes) -> bytes:
    missing = 16 - len(content) % 16
    return content + bytes([missing]) * missing


def aes(key: bytes, iv: bytes, blocks: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


def recipient(certificate, encrypted_key: bytes, algorithm=None, rid=None) -> cms.RecipientInfo:
    own = x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    issuer = {"issuer": own.issuer, "serial_number": own.serial_number}
    return cms.RecipientInfo(
        "ktri",
        {
            "version": "v0",
            "rid": rid or cms.RecipientIdentifier("issuer_and_serial_number", issuer),
            "key_encryption_algorithm": algorithm or {"algorithm": "rsaes_pkcs1v15"},
            "encrypted_key": encrypted_key,
        },
    )


def oaep(digest="sha1", mask="sha1", label=b"") -> cms.KeyEncryptionAlgorithm:
    parameters = {
        "hash_algorithm": {"algorithm": digest},
        "mask_gen_algorithm": {
            "algorithm": "mgf1",
            "parameters": algos.DigestAlgorithm({"algorithm": mask}),
        },
        "p_source_algorithm": {"algorithm": "p_specified", "parameters": label},
    }
    return cms.KeyEncryptionAlgorithm({"algorithm": "rsaes_oaep", "parameters": parameters})


def envelope(certificate, content=SESSION_ID, *, scheme=V15, **parts) -> bytes:
    """DER. `parts`: key_size, key (what RSA carries), blocks (padded content), encrypted_key,
    algorithm, recipients, cipher (AlgorithmIdentifier), inner (content type)."""
    key = secrets.token_bytes(parts.get("key_size", 32))
    iv = secrets.token_bytes(16)
    carried = certificate.public_key().encrypt(parts.get("key", key), scheme)
    algorithm = parts.get("algorithm") or (oaep() if scheme is OAEP else None)
    own = recipient(certificate, parts.get("encrypted_key", carried), algorithm)
    enveloped = cms.EnvelopedData(
        {
            "version": "v0",
            "recipient_infos": parts.get("recipients", lambda first: [first])(own),
            "encrypted_content_info": {
                "content_type": parts.get("inner", "data"),
                "content_encryption_algorithm": parts.get("cipher")
                or {"algorithm": f"aes{len(key) * 8}_cbc", "parameters": iv},
                "encrypted_content": aes(key, iv, parts.get("blocks", padded(content))),
            },
        }
    )
    return cms.ContentInfo({"content_type": "enveloped_data", "content": enveloped}).dump()


def signed_data() -> bytes:
    """CMS of the other kind, well formed."""
    signed = {
        "version": "v1",
        "digest_algorithms": [],
        "encap_content_info": {"content_type": "data"},
        "signer_infos": [],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
