# SPDX-License-Identifier: LGPL-3.0-only
"""Debian packages of the system: what is missing is installed by apt, as root or with sudo."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.ground import postgres
from tools.ground.say import Stop, say

LOCK_PATIENCE = 300  # seconds; unattended upgrades hold apt's lock for minutes


def _softhsm():
    return any(Path("/usr").glob("lib*/**/libsofthsm2.so"))


def _gost_engine():
    return any(Path("/usr").glob("lib*/**/engines-3/gost.so"))


def _has_font(name):
    return lambda: any(Path("/usr/share/fonts").glob(f"**/{name}"))


def libfaketime():
    """The library that gives a program another clock, for programs with threads."""
    return next(Path("/usr").glob("lib*/**/faketime/libfaketimeMT.so.1"), None)


# Debian package -> is it there already?
NEEDED = {
    "postgresql": lambda: postgres.programs(required=False),
    "libmagic1": lambda: ctypes.util.find_library("magic"),
    "python3-venv": lambda: importlib.util.find_spec("ensurepip"),
}
FOR_TESTS = {
    "chromium-headless-shell": lambda: shutil.which("chromium-headless-shell"),
    "fonts-dejavu-core": _has_font("DejaVuSans.ttf"),
    "softhsm2": _softhsm,
    "libengine-gost-openssl": _gost_engine,
    "curl": lambda: shutil.which("curl"),
    "openssl": lambda: shutil.which("openssl"),
    "xmlsec1": lambda: shutil.which("xmlsec1"),
    "xvfb": lambda: shutil.which("Xvfb"),
    "python3-tk": lambda: importlib.util.find_spec("tkinter"),
}
FOR_CLOCKS = {"libfaketime": libfaketime}
# PDF reports. Debian 13 no longer has it; everything but printing works without.
OPTIONAL = {"wkhtmltopdf": lambda: shutil.which("wkhtmltopdf")}


def ensure(wanted):
    """Install the packages of `wanted` (name -> is it there?) that are missing."""
    missing = [name for name, there in wanted.items() if not there()]
    if not missing:
        return
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        raise Stop(f"Please install these first (there is no apt-get to do it): {names}.")
    if os.geteuid() != 0 and not shutil.which("sudo"):
        raise Stop(f"Neither root nor sudo: please have an administrator install {names}.")
    _apt("update", "-q")
    say(f"Installing Debian packages: {names} ...")
    done = _apt("install", "-q", "-y", "--no-install-recommends", *missing)
    if done.returncode:
        reason = _reason(done.stdout)
        raise Stop(f"apt could not install {names}: {reason}")
    still = [name for name in missing if not wanted[name]()]
    if "python3-venv" in still:
        raise Stop(f"{sys.executable} has no ensurepip; run make with PYTHON=/usr/bin/python3.")
    if still:
        raise Stop(f"apt installed {' '.join(still)}, but the programs are still not found.")


def ensure_optional(wanted, what_is_lost):
    """Like ensure(), but a package that is not to be had costs only a sentence."""
    try:
        ensure(wanted)
    except Stop as stop:
        say(f"Going on without {', '.join(wanted)}: {what_is_lost} ({stop})")


def _apt(*arguments):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    sudo = ["sudo", "DEBIAN_FRONTEND=noninteractive"] if os.geteuid() != 0 else []
    command = [*sudo, "apt-get", *arguments]
    deadline = time.monotonic() + LOCK_PATIENCE
    told = False
    while True:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL if os.geteuid() == 0 else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode == 0 or "Could not get lock" not in done.stdout:
            return done
        if time.monotonic() > deadline:
            raise Stop("Another program has held apt's lock for five minutes; try again later.")
        if not told:
            say("Another program is installing packages; waiting for it (five minutes at most) ...")
            told = True
        time.sleep(3)


def _reason(output):
    errors = [line for line in output.splitlines() if line.startswith("E: ")]
    return (errors or output.strip().splitlines() or ["no reason given"])[0].removeprefix("E: ")
