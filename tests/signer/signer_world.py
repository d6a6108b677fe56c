# SPDX-License-Identifier: LGPL-3.0-only
"""The world around the signer in tests: an authority, a SoftHSM2 card, the program as a process."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from signer_samples import ANY_ENVELOPE

from signer.pairing import Pairings

ROOT = Path(__file__).resolve().parents[2]
PIN = "246810"
OTHER_USAGES = (
    "digital_signature",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "encipher_only",
    "decipher_only",
)
SITE = "https://odoo.example.com"
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


def softhsm_module() -> str:
    """Path of SoftHSM2; the tests need it (Debian: softhsm2)."""
    return next(path for path in MODULES if Path(path).is_file())


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Authority:
    """A certificate authority of the tests."""

    name: str = "Test authority"
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def __post_init__(self):
        self.subject = _name(self.name)
        self.certificate = self._sign(self.subject, self.key, timedelta(days=-2), ca=True)

    def issue(self, person: str, key, *, ends_in: timedelta = timedelta(days=365)):
        """A certificate as qualified ones are: for content commitment only."""
        return self._sign(_name(person), key, ends_in=ends_in)

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def _sign(self, subject, key, starts_in=timedelta(days=-2), *, ca=False, ends_in=None):
        now = utc_now()
        usage = dict.fromkeys(OTHER_USAGES, False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + min(starts_in, (ends_in or starts_in) - timedelta(days=1)))
            .not_valid_after(now + (ends_in or timedelta(days=3650)))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(content_commitment=not ca, key_cert_sign=ca, crl_sign=ca, **usage),
                critical=True,
            )
        )
        return builder.sign(self.key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


class Card:
    """A SoftHSM2 token in a folder of its own. `environment`: for the processes that use it."""

    def __init__(self, folder: Path, label: str = "card"):
        self.label, self.keys = label, 0
        self.tokens = folder / "tokens"
        self.tokens.mkdir(parents=True)
        self.folder = folder
        config = folder / "softhsm2.conf"
        config.write_text(f"directories.tokendir = {self.tokens}\nlog.level = ERROR\n")
        self.environment = {**os.environ, "SOFTHSM2_CONF": str(config)}
        self._util("--init-token", "--free", "--label", label, "--so-pin", "12345678")

    def put(self, key, certificate: x509.Certificate, key_id: str) -> None:
        """Import a private key with its certificate."""
        self.put_key(key, key_id)
        self.put_certificate(certificate, key_id)

    def put_key(self, key, key_id: str) -> None:
        self.keys += 1
        pem = self.folder / "key.pem"
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        more = ("--id", key_id, "--label", f"key {self.keys}", "--force")
        self._util("--import", str(pem), "--token", self.label, *more)
        pem.unlink()

    def put_certificate(self, certificate: x509.Certificate, key_id: str) -> None:
        der = certificate.public_bytes(serialization.Encoding.DER)
        words = [softhsm_module(), self.label, PIN, key_id, base64.b64encode(der).decode()]
        script = Path(__file__).with_name("put_certificate.py")
        subprocess.run([sys.executable, script, *words], env=self.environment, check=True)

    def pull_out(self) -> None:
        """What a reader's slot looks like without its card: the token is gone."""
        shutil.rmtree(self.tokens)
        self.tokens.mkdir()

    def _util(self, *words: str) -> None:
        command = ["softhsm2-util", *words, "--pin", PIN]
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)


def signer_command(home: Path, *more: str) -> list[str]:
    """The signer of this checkout, or the built one that SIGNER_PROGRAM names."""
    built = os.environ.get("SIGNER_PROGRAM")
    program = [built] if built else [sys.executable, "-m", "signer"]
    return [*program, "--module", softhsm_module(), "--home", str(home), *more]


class Program:
    """The signer as a process of its own, that approves by itself (software token only)."""

    def __init__(self, home: Path, environment: dict[str, str], *more: str, site: str = SITE):
        pin = home / "pin"
        home.mkdir(parents=True, exist_ok=True)
        if not pin.exists():
            pin.write_text(PIN)
        options = ("--port", "0", "--pin-from", str(pin), "--approve", "--pair", site)
        self.home = home
        self.process = subprocess.Popen(
            signer_command(home, *options, *more),
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=(home / "log").open("wb"),
            text=True,
        )
        line = self.process.stdout.readline()
        self.port = int(re.search(r":(\d+)$", line.strip()).group(1))
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)

    def log(self) -> str:
        return (self.home / "log").read_text()


@dataclass
class Page:
    """What a page in the browser does: POSTs JSON with its Origin and, once paired, its token."""

    url: str
    origin: str | None = SITE
    database: str = "main"
    user: str = "anna"
    token: str = ""

    def post(self, route: str, headers: dict | None = None, **body) -> requests.Response:
        content = json.dumps({"database": self.database, "user": self.user, **body}).encode()
        own = {"Content-Type": "application/json"}
        if self.origin is not None:
            own["Origin"] = self.origin
        if self.token:
            own["Authorization"] = self.authorization(route, content)
        headers = {**own, **(headers or {})}
        return requests.post(self.url + route, data=content, headers=headers, timeout=30)

    def authorization(self, path: str, content: bytes, **changes) -> str:
        """The proof of one request. `changes`: origin, port, route, nonce, content."""
        pairing, _dot, secret = self.token.partition(".")
        port = int(self.url.rpartition(":")[2])
        nonce = f"{int(time.time())}.{secrets.token_hex(16)}"
        parts = {"origin": self.origin, "port": port, "route": path, "nonce": nonce}
        parts |= {"digest": hashlib.sha256(content).hexdigest(), **changes}
        key = hashlib.sha256(secret.encode()).digest()
        lines = "\n".join(["bank-signer 2", *map(str, parts.values())])
        proof = hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()
        return f"Signer {pairing} {parts['nonce']} {proof}"

    def start_pairing(self) -> tuple[dict, str]:
        """(what to wait with, the code that the page shows)."""
        number = secrets.token_hex(16)
        commitment = hashlib.sha256(number.encode()).hexdigest()
        answer = self.post("/v2/pair", commitment=commitment)
        assert answer.status_code == 200, answer.text
        started = answer.json()
        port = self.url.rpartition(":")[2]
        parts = ("bank-signer 2", "pair", self.origin, port, number, started["number"])
        digest = hashlib.sha256("\n".join(parts).encode()).digest()
        code = f"{int.from_bytes(digest[:8], 'big') % 10**6:06}"
        return {"request": started["request"], "number": number}, f"{code[:3]} {code[3:]}"

    def pair(self) -> Page:
        waiting, _code = self.start_pairing()
        self.token = self.post("/v2/pair/wait", **waiting).json()["token"]
        return self

    def paired_in(self, home: Path) -> Page:
        """Paired without a question: the pairing is written where the program reads it."""
        self.token = Pairings(home).add(self.origin, self.database, self.user)
        return self

    def sign(self, certificate, *contents: bytes, **more) -> requests.Response:
        return self.post(
            "/v2/sign-document",
            certificate=fingerprint(certificate),
            bank="mBank",
            documents=[base64.b64encode(content).decode() for content in contents],
            **more,
        )

    def log_in(self, certificate, payload: bytes) -> requests.Response:
        return self.post(
            "/v2/sign-login",
            certificate=fingerprint(certificate),
            challenge=base64.b64encode(payload).decode(),
        )

    def open(self, certificate, log_in: bytes, envelope: bytes) -> requests.Response:
        digest = hashlib.sha256(envelope).hexdigest()
        log_in = log_in.replace(ANY_ENVELOPE.encode(), digest.encode())
        return self.post(
            "/v2/open-login",
            certificate=fingerprint(certificate),
            log_in=base64.b64encode(log_in).decode(),
            envelope=base64.b64encode(envelope).decode(),
        )


def openssl_verify(folder: Path, signature: bytes, content: bytes, authority: bytes) -> str:
    """What `openssl cms -verify` says of a detached signature: "" when it accepts it."""
    files = {"sig.der": signature, "content.bin": content, "ca.pem": authority}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    command = (
        "openssl cms -verify -binary -inform DER -in sig.der -content content.bin "
        "-CAfile ca.pem -purpose any -out verified.bin"
    )
    run = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True)
    if run.returncode == 0 and (folder / "verified.bin").read_bytes() != content:
        return "verified another content"
    return "" if run.returncode == 0 else run.stderr
