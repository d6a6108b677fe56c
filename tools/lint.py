# SPDX-License-Identifier: LGPL-3.0-only
"""make lint: style, Odoo's own rules, well-formed XML, complete translations."""

import subprocess
import xml.etree.ElementTree as ElementTree

from tools import po
from tools.ground import setup as setting_up
from tools.ground.paths import CHECKOUT, LINK
from tools.ground.say import Stop, say

# Not Odoo's: its rules do not fit these folders.
NOT_ODOO = "protocol,sandbox,signer,tools,build,.run,.git"
# Odoo's rules that do not hold here, and why.
NOT_OURS = {
    "manifest-required-author": "wants the OCA's name",
    "missing-readme": "wants README.rst; ours is README.md",
    "method-required-super": "append-only models refuse write and unlink",
    "no-raise-unlink": "guards hold for every caller",
}


def main(_arguments):
    failed = []
    with setting_up.ready() as databases:
        python = databases.odoo.python
        steps = {
            "ruff check": lambda: _call(python, "-m", "ruff", "check", "--quiet", "."),
            "ruff format": lambda: _call(
                python, "-m", "ruff", "format", "--quiet", "--check", "--diff", "."
            ),
            "pylint-odoo": lambda: _pylint(databases.odoo),
            "XML": _xml,
            "translations": lambda: po.translations(databases, "check"),
        }
        for name, step in steps.items():
            say(f"{name} ...")
            if step():
                failed.append(name)
    if failed:
        raise Stop(f"lint found something: {', '.join(failed)}.")
    say("lint: nothing found.")


def _call(*command, where=CHECKOUT, environment=None):
    return subprocess.run(
        [str(word) for word in command], cwd=where, env=environment, check=False
    ).returncode


def _pylint(odoo):
    command = [odoo.python, "-m", "pylint", "--rcfile", CHECKOUT / "pyproject.toml"]
    chosen = ["--disable=all", "--enable=odoolint", f"--disable={','.join(NOT_OURS)}"]
    options = [*chosen, f"--ignore={NOT_ODOO}", "--score=no", LINK.name]
    return _call(*command, *options, where=LINK.parent, environment=odoo.environment())


def _xml():
    """1 when a file is not well-formed; each one is named with its line."""
    found = 0
    for path in sorted(CHECKOUT.rglob("*.xml")):
        inside = path.relative_to(CHECKOUT)
        # Samples of documents may be broken on purpose.
        if inside.parts[0] in ("tests", "build") or inside.parts[0].startswith("."):
            continue
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            say(f"{inside}: {error}")
            found = 1
    return found
