# SPDX-License-Identifier: LGPL-3.0-only
"""The vendor's command, run as the vendor runs it."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.access import licence as licences
from protocol.access import signing_keys

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(tmp_path):
    def call(*arguments):
        command = [sys.executable, str(ROOT / "tools" / "licence.py"), *arguments]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60
        )

    return call


def test_an_existing_key_is_never_overwritten(run, tmp_path):
    (tmp_path / "vendor.pem").write_text("precious")
    done = run("keys", "--private", "vendor.pem", "--public", "keys.json")
    assert done.returncode == 1
    assert "not overwritten" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "vendor.pem").read_text() == "precious"


def test_keys_and_a_licence(run, tmp_path):
    assert run("keys", "--private", "old.pem", "--public", "keys.json").returncode == 0
    assert run("keys", "--private", "vendor.pem", "--public", "keys.json").returncode == 0
    assert stat.S_IMODE((tmp_path / "vendor.pem").stat().st_mode) == 0o600
    assert "PRIVATE" not in (tmp_path / "keys.json").read_text()
    done = run(
        *("make", "--private", "vendor.pem", "--licensee", "Romashka", "--database", "d-1"),
        *("--tax-id", "7707083893", "--package", "integration", "--until", "2099-12-31"),
    )
    keys = signing_keys.read_jwks((tmp_path / "keys.json").read_bytes())
    assert len(keys) == 2
    granted = licences.parse(done.stdout, keys)
    assert (granted.licensee, granted.packages) == ("Romashka", ("integration",))


def test_a_missing_key_is_said_in_a_sentence(run):
    done = run(
        *("make", "--private", "absent.pem", "--licensee", "X"),
        *("--database", "d", "--tax-id", "1"),
    )
    assert done.returncode == 1
    assert "absent.pem" in done.stderr
    assert "Traceback" not in done.stderr
