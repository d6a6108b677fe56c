# SPDX-License-Identifier: LGPL-3.0-only
"""The card signer's packages: what a release of all systems holds."""

import re
from pathlib import Path

from tools import signer_packages
from tools.ground.paths import CHECKOUT

WORKFLOW = CHECKOUT / ".github" / "workflows" / "signer.yml"
SYSTEMS = [
    ("Linux", "x86_64"),
    ("Windows", "AMD64"),
    ("Darwin", "arm64"),
    ("Darwin", "x86_64"),
]


def test_no_system_puts_its_file_over_that_of_another():
    names = {signer_packages.name_of(*system, "2.0.0") for system in SYSTEMS}
    assert len(names) == len(SYSTEMS)
    assert "bank-signer-2.0.0-macos-arm64.zip" in names
    assert "bank-signer-2.0.0-windows-amd64.exe" in names


def test_the_release_is_made_once_of_what_all_systems_built():
    text = WORKFLOW.read_text()
    builds = re.search(r"os: \[(.*)\]", text)[1]
    assert {re.match("[a-z]+", name)[0] for name in builds.split(", ")} == {
        *("ubuntu", "windows", "macos")
    }
    build, release = text.split("\n  release:\n")
    assert "action-gh-release" not in build
    assert "needs: build" in release
    scripts = re.findall(r"python (\S+\.py)", text)
    assert scripts
    assert all(Path(CHECKOUT, script).is_file() for script in scripts)
