# SPDX-License-Identifier: LGPL-3.0-only
"""`make signer-packages ARGS=--try`: what was built, as people install and use it.

1. The package of Python, from signer/: installed by pip, and by uv, into environments of their own.
2. The .deb: unpacked, and its program started.
3. The browser's test of the card, with this program in place of the checkout's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools import testing
from tools.ground.paths import CHECKOUT, prepare
from tools.ground.say import Stop, say

OUT = CHECKOUT / "build" / "signer"
BROWSER = "tests/browser/test_browser_card.py"


def main():
    prepare()
    with tempfile.TemporaryDirectory() as folder:
        _by_pip(Path(folder, "pip"))
        _by_uv(Path(folder, "uv"))
        program = _from_deb(Path(folder, "deb"))
        say("The browser signs with the installed program ...")
        os.environ["SIGNER_PROGRAM"] = str(program)
        return testing.main([BROWSER, "-q"])


def _by_pip(folder):
    venv.create(folder, with_pip=True)
    _call(folder / "bin" / "python", "-m", "pip", "install", "-q", _sources(folder))
    _starts("pip", folder / "bin" / "bank-signer")


def _by_uv(folder):
    """uv itself comes from where pip gets everything."""
    venv.create(folder, with_pip=True)
    _call(folder / "bin" / "python", "-m", "pip", "install", "-q", "uv")
    places = {"UV_TOOL_DIR": folder / "tools", "UV_TOOL_BIN_DIR": folder / "tools-bin"}
    words = [
        "tool",
        "install",
        "-q",
        "--no-python-downloads",
        "--python",
        sys.executable,
        f"{_sources(folder)}[open]",
    ]
    _call(folder / "bin" / "uv", *words, environment=places)
    _starts("uv tool", folder / "tools-bin" / "bank-signer")


def _sources(folder):
    """A copy of signer/, since setuptools writes beside what it builds."""
    copy = folder / "sources"
    shutil.copytree(CHECKOUT / "signer", copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def _from_deb(folder):
    packages = list(OUT.glob("bank-signer_*.deb"))
    if not packages or not shutil.which("dpkg-deb"):
        say("No .deb was built here; the program is tried as it is.")
        return next(OUT.glob("bank-signer-*"))
    _call("dpkg-deb", "--extract", packages[0], folder)
    program = folder / "usr" / "bin" / "bank-signer"
    _starts("the .deb", program)
    return program


def _starts(how, program):
    """It tells its version, and listens for the browser until it is ended."""
    home = Path(program).parent / "home"
    said = _call(program, "--version", stdout=subprocess.PIPE, text=True).stdout.strip()
    words = [program, "--terminal", "--port", "0", "--home", home]
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([str(word) for word in words], **options) as process:
        line = process.stdout.readline()
        process.terminate()
    if "listens at http://127.0.0.1:" not in line:
        raise Stop(f"The signer from {how} does not start.")
    say(f"{how}: version {said} starts.")


def _call(*words, environment=None, **options):
    environment = {**os.environ, **{name: str(path) for name, path in (environment or {}).items()}}
    words = [str(word) for word in words]
    done = subprocess.run(words, check=False, env=environment, **options)
    if done.returncode:
        raise Stop(f"{' '.join(words[:4])} ended with {done.returncode}.")
    return done
