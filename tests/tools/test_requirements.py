# SPDX-License-Identifier: LGPL-3.0-only
"""What the add-on needs is said in four places; all of them say the same."""

import ast
import re
import shlex

from test_imports import ROOT


def listed(name):
    lines = (ROOT / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def package(line):
    return re.split(r"[<>=]", line)[0].lower()


def test_the_manifest_names_what_requirements_do():
    manifest = ast.literal_eval((ROOT / "__manifest__.py").read_text())
    assert manifest["external_dependencies"]["python"] == listed("requirements.txt")


def test_the_oldest_that_are_tried_are_the_oldest_that_are_taken():
    oldest = dict(line.split("==") for line in listed("tools/requirements-lowest.txt"))
    versions = [line for line in listed("requirements.txt") if line != "packaging"]
    for line in versions:
        name, least = line.split(">=")
        assert re.sub(r"(\.0)+$", "", oldest[name]).startswith(least), line


def test_what_odoo_reads_versions_with_comes_first():
    """It names a missing one only where it can read it: without `packaging` no version at all."""
    assert listed("requirements.txt")[0] == "packaging"


def test_what_development_takes_is_pinned():
    loose = [line for line in listed("test-requirements.txt") if "==" not in line]
    assert loose == []
    needed = {package(line) for line in listed("requirements.txt")}
    pinned = {package(line) for line in listed("test-requirements.txt")}
    assert not needed & pinned  # CI tries the newest and the oldest of these


def test_a_systems_own_packages_are_left_alone_but_for_those_too_old():
    """All of requirements.txt brought another lxml, and Odoo's html_sanitize gave other HTML."""
    text = (ROOT / "docs" / "install.md").read_text().replace("\\\n", "")
    commands = re.findall(r"pip3? install (?=--break-system|--target)(.+)", text)
    assert len(commands) == 2
    for command in commands:
        words = [word for word in shlex.split(command) if not word.startswith(("-", "/"))]
        assert "-r" not in shlex.split(command)
        assert "pyopenssl" in words  # the system's does not import with a newer cryptography
        assert set(words) - {"pyopenssl"} <= set(listed("requirements.txt"))
        assert not {"lxml", "zeep"} & {package(word) for word in words}
