# SPDX-License-Identifier: LGPL-3.0-only
"""Odoo's command line: the environment it needs, and one-off commands with their log."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.ground import config, odoo_home, venv
from tools.ground.paths import ADDON, CHECKOUT, LINK, LOGS, RUN
from tools.ground.say import Stop, say

# A file, not `python -m odoo`: with worker processes Odoo runs its own first argument again for the
# live messages, and for ever when that fails at once.
START = RUN / "python" / "odoo-bin"
# What a shell may have set for another Python or PostgreSQL. tools/days.py sets what is kept.
DROPPED, KEPT = ("PYTHON", "PG"), {"PYTHONPYCACHEPREFIX"}
# Demo data: our databases are thrown away, and their administrator works in the demo companies.
DEMO = {"BANK_WEBSERVICE_DEMO_USER": "base.user_admin"}
_START = "from odoo.cli.command import main\n\nmain()\n"


class Odoo:
    """One Odoo (home) run by one interpreter (python)."""

    def __init__(self):
        self.home = odoo_home.find()
        self.python = str(venv.python())

    def environment(self, pure=False):
        """Variables for a process that imports odoo; with the add-on's root too for pytest."""
        path = RUN / "python"
        path.mkdir(exist_ok=True)
        link = path / "odoo"
        if not link.is_symlink() or link.resolve() != self.home.package.resolve():
            link.unlink(missing_ok=True)
            link.symlink_to(self.home.package)
        START.write_text(_START)
        roots = [str(path), *([str(LINK)] if pure else [])]
        kept = {k: v for k, v in os.environ.items() if k in KEPT or not k.startswith(DROPPED)}
        roots = os.pathsep.join(roots)
        # A server that starts itself again calls its interpreter by its bare name.
        programs = os.pathsep.join((str(Path(self.python).parent), os.environ.get("PATH", "")))
        own = {"PATH": programs, "PYTHONPATH": roots, "PYTHONUNBUFFERED": "1"}
        return {**kept, **own, **DEMO}

    def command(self, *arguments):
        return [self.python, str(START), *map(str, arguments)]

    def run(self, *arguments, log):
        """Run `odoo ... --stop-after-init`; shows what went wrong, or was warned of."""
        self._run("-c", self._conf(), *arguments, "--stop-after-init", "--no-http", log=log)

    def run_command(self, *arguments, log):
        """Run another of Odoo's commands (neutralize, module ...) with our odoo.conf."""
        self._run(*arguments, "-c", self._conf(), log=log)

    def shell(self, database, statements, log="shell"):
        """Run Python statements in Odoo's shell; what they print is in the log."""
        arguments = ["shell", "-c", self._conf(), "-d", database, "--no-http"]
        return self._run(*arguments, log=log, text=f"{statements}\n")

    def export_terms(self, database, path):
        """Write the translatable terms of the installed add-on as a .pot file.

        Odoo follows links: inside the checkout it would walk .run/addons for ever. So it reads a
        copy, without the folders that have no terms.
        """
        with tempfile.TemporaryDirectory(dir=RUN) as folder:
            shutil.copytree(CHECKOUT, Path(folder, ADDON), ignore=_no_terms)
            addons = ",".join(map(str, (*self.home.addons, folder)))
            conf = config.write("terms", self.home, addons_path=addons)
            arguments = ["i18n", "export", "-c", conf, "-d", database, "-o", path, ADDON]
            self._run(*arguments, log="terms")

    def _conf(self):
        return config.write("command", self.home)

    def _run(self, *arguments, log, text=""):
        path = LOGS / f"{log}.log"
        with path.open("w") as output:
            done = subprocess.run(
                self.command(*arguments),
                env=self.environment(),
                input=text,
                text=True,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        problems = complaints(path.read_text(errors="replace"))
        for problem in problems:
            say(problem)
        if done.returncode or any(re.search(r" (ERROR|CRITICAL) ", line) for line in problems):
            raise Stop(f"Odoo failed; its whole log is {path}.")
        return path


def _no_terms(folder, names):
    if Path(folder) != CHECKOUT:
        return {name for name in names if name == "__pycache__"}
    return {name for name in names if name.startswith(".") or name in WITHOUT_TERMS}


WITHOUT_TERMS = {"tests", "tools", "sandbox", "signer", "build", "docs"}
# Said by every Odoo of Debian's package, and of no consequence here. Nothing that we say ourselves:
# each with the whole of its logger's name and its first words.
EXPECTED = re.compile(
    r"odoo\.addons\.base\.models\.assetsbundle: .*selfie_segmentation"
    # Odoo knows the options of its own add-ons only; a misspelt one of ours is told.
    r"|odoo\.tools\.config: unknown option 'bank_webservice_(secret_key|licence_keys)' "
)


def complaints(log):
    """The warnings and errors of a log, each with its traceback."""
    found, taking = [], False
    for line in log.splitlines():
        head = re.match(r"\d{4}-\d\d-\d\d [\d:,]+ \d+ (\w+) ", line)
        if head:
            taking = head[1] in ("WARNING", "ERROR", "CRITICAL") and not EXPECTED.search(line)
        if taking:
            found.append(line)
    return found
