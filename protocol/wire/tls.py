# SPDX-License-Identifier: LGPL-3.0-only
"""Mutual TLS: a company appears at its bank with a certificate of its own.

Python's ssl reads keys from files only. So the key is written encrypted, under a password that
nobody but this process ever has, and the file is gone before anything is connected.
"""

from __future__ import annotations

import functools
import os
import secrets
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from urllib3.util.ssl_ import create_urllib3_context

from ..records import KeyFile
from ..signatures import certificates


def context_of(identity: KeyFile | None, ca_file: str) -> ssl.SSLContext | None:
    """For calls in which this certificate is shown; None where there is none to show.

    BadCertificate where it cannot be used, or is not valid today. `ca_file` keeps what one bank
    trusts away from another: requests adds it to the context.
    """
    if identity is None:
        return None
    context, certificate = _loaded(identity, ca_file)
    certificates.check_time(certificate)
    return context


@functools.lru_cache(maxsize=64)
def _loaded(identity: KeyFile, ca_file: str) -> tuple[ssl.SSLContext, x509.Certificate]:
    """Once in each process: to open a key file is slow on purpose."""
    key, certificate, issuers = certificates.open_key_file(identity.data, identity.password)
    password = secrets.token_bytes(32).hex().encode()
    # the form that OpenSSL reads from files, everywhere
    form, lock = PrivateFormat.PKCS8, BestAvailableEncryption(password)
    parts = [key.private_bytes(Encoding.PEM, form, lock)]
    parts += [one.public_bytes(Encoding.PEM) for one in (certificate, *issuers)]
    context = create_urllib3_context()
    descriptor, path = tempfile.mkstemp()  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"".join(parts))
        context.load_cert_chain(path, password=password)
    finally:
        Path(path).unlink()
    return context, certificate
