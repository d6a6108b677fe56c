# SPDX-License-Identifier: LGPL-3.0-only
"""Signatures with GOST R 34.10-2012, of which OpenSSL and its GOST engine judge.

Debian has the engine as libengine-gost-openssl; without it every such signature is refused.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from asn1crypto import core, x509

KEYS = "1.2.643.7.1.1.1."
CONFIG = """
openssl_conf = all
[all]
engines = engines
[engines]
gost = gost
[gost]
engine_id = gost
default_algorithms = ALL
"""


class _Algorithm(core.Sequence):
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]


class _PublicKey(core.Sequence):
    _fields = [("algorithm", _Algorithm), ("key", core.BitString)]


def is_key(certificate: x509.Certificate) -> bool:
    """Whether the certificate has such a key."""
    info = certificate["tbs_certificate"]["subject_public_key_info"].dump()
    return _PublicKey.load(info)["algorithm"]["algorithm"].dotted.startswith(KEYS)


def accepts(content: bytes, signature: bytes) -> bool:
    """Whether a detached CMS signature (DER) holds, whoever's the certificate inside is."""
    command = "openssl cms -verify -noverify -binary -inform DER -in signature -content content"
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (
            ("openssl.cnf", CONFIG.encode()), ("content", content), ("signature", signature),
        ):  # fmt: skip
            Path(folder, name).write_bytes(data)
        done = subprocess.run(
            [*command.split(), "-out", "out"],
            cwd=folder,
            env={**os.environ, "OPENSSL_CONF": str(Path(folder, "openssl.cnf"))},
            capture_output=True,
            check=False,
            timeout=30,
        )
    return done.returncode == 0
