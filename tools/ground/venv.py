# SPDX-License-Identifier: LGPL-3.0-only
"""The virtual environment with Odoo's needs, ours and the test tools; shared by all checkouts."""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys

from tools.ground.paths import CACHE, CHECKOUT, LOGS, locked
from tools.ground.say import Stop, say

LISTS = ("tools/requirements-odoo.txt", "requirements.txt", "test-requirements.txt")
# The oldest versions that will do, in the place of the newest: with the variable LOWEST.
LOWEST = "tools/requirements-lowest.txt"
PYTHONS = (10, 13)  # minor versions of Python 3 for which Odoo 19 and its packages are made


def python():
    """The environment's interpreter; the environment is built on first use."""
    folder = CACHE / "venv" / _key()
    if not (folder / "complete").exists():
        with locked(CACHE / "venv.lock", "installs Python packages"):
            if not (folder / "complete").exists():
                _build(folder)
    return folder / "bin" / "python"


def _key():
    texts = [*_lines(), platform.python_version(), sys.base_prefix]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def _lines():
    """pip's words, one for each package: what a later list says of it counts."""
    found = {}
    for name in (*LISTS, *([LOWEST] if os.environ.get("LOWEST") else [])):
        for line in (CHECKOUT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                found[re.split("[<>=]", line)[0].lower()] = line
    return list(found.values())


def _build(folder):
    low, high = PYTHONS
    if not low <= sys.version_info.minor <= high:
        raise Stop(
            f"Odoo 19 needs Python 3.{low} to 3.{high}, this is {platform.python_version()}: run "
            f"make with PYTHON=python3.{high} (or another of these)."
        )
    shutil.rmtree(folder, ignore_errors=True)
    say("Installing Python packages (half a minute or more) ...")
    _run([sys.executable, "-m", "venv", str(folder)], "No virtual environment could be made")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--progress-bar", "off"]
    _run([*pip, *_lines()], "The Python packages could not be installed (is there a network?)")
    (folder / "complete").touch()


def _run(command, complaint):
    log = LOGS / "venv.log"
    with log.open("w") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        lines = [line for line in log.read_text().splitlines() if line.startswith("ERROR")]
        reason = f": {lines[0].removeprefix('ERROR: ')}" if lines else ""
        raise Stop(f"{complaint}{reason} (all of it: {log}).")
