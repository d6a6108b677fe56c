# SPDX-License-Identifier: LGPL-3.0-only
"""GOST R 34.10-2012 by OpenSSL's engine: an authority, persons, signatures, its word on ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from cryptography import x509

CONFIG = """
openssl_conf = all
[all]
engines = engines
[engines]
gost = gost
[gost]
engine_id = gost
default_algorithms = ALL
[req]
distinguished_name = name
[name]
[ca]
default_ca = house
[house]
database = ./index
new_certs_dir = .
rand_serial = yes
policy = any
default_md = md_gost12_512
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[person]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
"""
#: (bits, OpenSSL's name of the curve): each curve that the law names, CryptoPro's ids too
CURVES = [
    (256, "A"), (256, "B"), (256, "C"), (256, "XA"), (256, "XB"),
    (256, "TCA"), (256, "TCB"), (256, "TCC"), (256, "TCD"),
    (512, "A"), (512, "B"), (512, "C"),
]  # fmt: skip


#: whatever clock a test has
VALID = "-startdate 20200101000000Z -enddate 20490101000000Z"


class World:
    """A folder with keys and certificates: `authority.pem`, and what `person` makes."""

    def __init__(self, folder: Path):
        self.folder = folder
        config = folder / "openssl.cnf"
        config.write_text(CONFIG)
        self.environment = {**os.environ, "OPENSSL_CONF": str(config)}
        (folder / "index").touch()
        self._request("authority", 512, "A")
        self._issue("authority", "-selfsign -extensions authority")

    def person(self, name: str, bits: int, curve: str) -> x509.Certificate:
        """Key `NAME.key`, certificate `NAME.pem`, issued by the authority."""
        self._request(name, bits, curve)
        self._issue(name, "-cert authority.pem -extensions person")
        return self.certificate(name)

    def _request(self, name: str, bits: int, curve: str) -> None:
        self.openssl(
            f"req -newkey gost2012_{bits} -pkeyopt paramset:{curve} -nodes -md_gost12_{bits} "
            f"-subj /CN={name} -keyout {name}.key -out {name}.csr"
        )

    def _issue(self, name: str, how: str) -> None:
        self.openssl(
            f"ca -batch -notext -config openssl.cnf -keyfile authority.key {how} {VALID} "
            f"-in {name}.csr -out {name}.pem"
        )
        (self.folder / f"{name}.csr").unlink()

    def certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.folder / f"{name}.pem").read_bytes())

    def sign(self, name: str, bits: int, content: bytes, *more: str) -> bytes:
        """A detached CMS signature (CAdES-BES) of OpenSSL's making."""
        (self.folder / "content").write_bytes(content)
        self.openssl(
            f"cms -sign -binary -cades -in content -signer {name}.pem -inkey {name}.key "
            f"-md md_gost12_{bits} -outform DER -out signature {' '.join(more)}"
        )
        return (self.folder / "signature").read_bytes()

    def raw(self, name: str, bits: int, content: bytes) -> bytes:
        """The bare signature over the content."""
        (self.folder / "content").write_bytes(content)
        self.openssl(f"dgst -md_gost12_{bits} -sign {name}.key -out signature content")
        return (self.folder / "signature").read_bytes()

    def accepts(self, content: bytes, signature: bytes) -> bool:
        """OpenSSL's own word on a signature, with the path to the authority."""
        (self.folder / "content").write_bytes(content)
        (self.folder / "signature").write_bytes(signature)
        done = self.run(
            "cms -verify -cades -binary -inform DER -in signature -content content "
            "-CAfile authority.pem -purpose any -out out"
        )
        return done.returncode == 0

    def openssl(self, words: str) -> None:
        done = self.run(words)
        assert done.returncode == 0, done.stderr

    def run(self, words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["openssl", *words.split()],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
