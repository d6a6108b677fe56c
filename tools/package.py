# SPDX-License-Identifier: LGPL-3.0-only
"""`make package`: the wheel and the source archive of the add-on, in build/dist.

    make package ARGS=--try     and install the wheel by itself: is everything in it?

Built by whool, the way of the OCA: odoo-addon-bank-webservice, with the name, version and needs of
__manifest__.py. It holds what git knows; from a clone whose folder has the add-on's name.
"""

import subprocess
import tempfile
import venv
import zipfile
from pathlib import Path

from tools.ground import setup as setting_up
from tools.ground.paths import ADDON, CHECKOUT, RUN
from tools.ground.say import Stop, say

OUT = CHECKOUT / "build" / "dist"
LEFT_OUT = {"pyproject.toml"}  # by whool


def main(arguments):
    if set(arguments) - {"--try"}:
        raise Stop("make package knows ARGS=--try only.")
    with tempfile.TemporaryDirectory(dir=RUN) as folder:
        clone, python = Path(folder, ADDON), Path(folder, "venv", "bin", "python")
        _call("git", "clone", "-q", CHECKOUT, clone)
        venv.create(Path(folder, "venv"), with_pip=True)
        _call(python, "-m", "pip", "install", "-q", "build")
        _call(python, "-m", "build", "--outdir", OUT, clone)
        wheel = max(OUT.glob("*.whl"), key=lambda path: path.stat().st_mtime)
        _complete(wheel, clone)
        if arguments:
            _try(wheel, Path(folder, "site"), python)
    say(f"Made: {wheel.relative_to(CHECKOUT)}.")
    return 0


def _complete(wheel, clone):
    """Stop where a file that git knows is not in the wheel."""
    done = _call("git", "-C", clone, "ls-files", capture_output=True, text=True)
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = set(done.stdout.splitlines()) - LEFT_OUT
    missing = {name for name in wanted if f"odoo/addons/{ADDON}/{name}" not in inside}
    if missing:
        raise Stop(f"The wheel lacks {', '.join(sorted(missing)[:5])}.")


def _try(wheel, site, python):
    """Install the add-on from the wheel alone into a database without it, and uninstall it."""
    _call(python, "-m", "pip", "install", "-q", "--no-deps", "--target", site, wheel)
    with setting_up.ready() as databases, databases.copy("test_wheel", addon=False) as database:
        folders = ",".join(map(str, (*databases.odoo.home.addons, site / "odoo" / "addons")))
        say("Installing the wheel into a database ...")
        options = ["-d", database, "--addons-path", folders]
        databases.odoo.run(*options, "-i", ADDON, log="test_wheel")
        state = f"SELECT state FROM ir_module_module WHERE name = '{ADDON}'"
        if databases.cluster.sql(state, database=database) != [["installed"]]:
            raise Stop("The add-on in the wheel was not installed.")


def _call(*words, **options):
    done = subprocess.run([str(word) for word in words], check=False, **options)
    if done.returncode:
        raise Stop(f"{' '.join(map(str, words[:4]))} ended with {done.returncode}.")
    return done
