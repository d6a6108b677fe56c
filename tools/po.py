# SPDX-License-Identifier: LGPL-3.0-only
"""Translations: which terms the add-on has is asked of Odoo itself, in the add-on's database."""

import subprocess

from tools.ground import setup as setting_up
from tools.ground.paths import ADDON, CHECKOUT, RUN
from tools.ground.say import Stop, say


def main(arguments):
    """`update` writes new terms into i18n/, `check` (as in lint) finds what is missing there."""
    action = arguments[0] if arguments else "update"
    if action not in ("update", "check"):
        raise Stop("make po knows ARGS=update (the default) and ARGS=check.")
    with setting_up.ready() as databases:
        return translations(databases, action)


def translations(databases, action):
    template = RUN / f"{ADDON}.pot"
    with databases.copy("test_po") as name:
        databases.odoo.export_terms(name, template)
    command = [databases.odoo.python, "-m", "tools.translations", action, str(template)]
    done = subprocess.run(command, cwd=CHECKOUT, check=False)
    if action == "update" and not done.returncode:
        say("i18n/ has all terms now; translate the empty ones in pl.po and ru.po.")
    return done.returncode
