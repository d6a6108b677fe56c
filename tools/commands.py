# SPDX-License-Identifier: LGPL-3.0-only
"""The commands of `python3 -m tools`, one function each."""

import argparse
import shutil
import subprocess
import sys

from tools import beside, core, days, testing
from tools import key as keys
from tools import lint as linting
from tools import mutants as mutating
from tools import package as packing
from tools import po as translating
from tools import run as running
from tools import signer_try as trying
from tools.ground import config, packages, postgres
from tools.ground import setup as setting_up
from tools.ground.paths import CHECKOUT, RUN, RUNNING, is_locked, prepare
from tools.ground.say import Stop, say


def setup(_arguments):
    """Install what is missing and make the databases."""
    packages.ensure(packages.FOR_TESTS)
    with setting_up.ready():
        say("Ready.")


def run(arguments):
    """Start Odoo and the sandbox, until Ctrl-C."""
    return running.main(arguments)


def test(arguments):
    """Run pytest on all tests, or on what the arguments name."""
    return testing.main(arguments)


def test_days(arguments):
    """The tests under the clocks of a weekend, the ends of years and months, summer time."""
    return days.main(arguments)


def test_core(arguments):
    """Odoo's own accounting tests: with the add-on they end as without it."""
    return core.main(arguments)


def test_odoo(arguments):
    """Our tests in Odoo's own runner."""
    return core.own(arguments)


def test_beside(arguments):
    """The tests of what other add-ons may change, in an Odoo with many of them."""
    return beside.main(arguments)


def lint(arguments):
    """Style, Odoo's rules, XML, translations."""
    return linting.main(arguments)


def po(arguments):
    """Write new terms into i18n/, or check them."""
    return translating.main(arguments)


def bench(arguments):
    """The figures of tools/bench, or of the modules that the arguments name."""
    return _module("tools.bench", arguments)


def faults(arguments):
    """Payments through faults and killed workers: none lost, none twice; --clock DAY."""
    words = argparse.ArgumentParser(prog="make faults ARGS=", add_help=False, allow_abbrev=False)
    words.add_argument("--clock", choices=days.DAYS)
    chosen, arguments = words.parse_known_args(arguments)
    if chosen.clock:
        return days.under(chosen.clock, "faults", *arguments)
    packages.ensure(packages.FOR_TESTS)
    return _module("tools.faults", arguments)


def mutants(arguments):
    """The safety rules broken on purpose: every break must turn tests red. --short: CI's."""
    return mutating.main(arguments)


def fuzz(arguments):
    """Damaged documents into every reader: --count N --seed TEXT; --api N: what the API gets."""
    return _module("tools.fuzz", arguments)


def _module(name, arguments):
    """Run one of our modules with Odoo's interpreter, where odoo and the add-on can be imported."""
    odoo = setting_up.tools()
    command = [odoo.python, "-m", name, *arguments]
    environment = odoo.environment(pure=True)
    return subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode


def odoo(arguments):
    """Odoo's own command line with this checkout's configuration: `odoo shell -d NAME`."""
    with setting_up.ready() as databases:
        conf = config.write("command", databases.odoo.home)
        words = list(arguments)
        at = 1 if words and not words[0].startswith("-") else 0  # after the sub-command
        words[at:at] = ["-c", str(conf)]
        environment = databases.odoo.environment()
        return subprocess.run(
            databases.odoo.command(*words), env=environment, check=False
        ).returncode


def shell(arguments):
    """Odoo's Python shell on a copy of the test database; nothing done there is kept."""
    with setting_up.ready() as databases, databases.copy("test_shell") as name:
        conf = config.write("shell", databases.odoo.home, db_name=name)
        command = databases.odoo.command("shell", "-c", conf, "--no-http", *arguments)
        return subprocess.run(command, env=databases.odoo.environment(), check=False).returncode


def psql(arguments):
    """psql in this checkout's cluster; without arguments a list of the databases."""
    with setting_up.ready() as databases:
        program = postgres.programs() / "psql"
        words = arguments or ["-d", "postgres", "-c", r"\l"]
        command = [program, "-h", databases.cluster.host, "-U", postgres.ROLE, *words]
        return subprocess.run(command, check=False).returncode


def clean(_arguments):
    """Remove the databases and everything else that this checkout made; asks while it runs."""
    prepare()
    if is_locked(RUNNING) and not _wanted("make run is up here, with your data. Remove them?"):
        raise Stop("Nothing was removed: make run is up here. Ctrl-C there stops it.")
    postgres.Cluster().remove()
    shutil.rmtree(RUN)
    say("Removed the databases of this checkout. What all checkouts share stays in the cache.")


def package(arguments):
    """The add-on as a wheel and as a source archive, in build/dist; --try: installed from it."""
    return packing.main(arguments)


def key(arguments):
    """A secret key into an odoo.conf: python3 -m tools key FILE."""
    return keys.main(arguments)


def _wanted(question):
    """Yes of a person at a terminal; of nobody else."""
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def signer(_arguments):
    """The card signer as one file beside the Makefile."""
    build = CHECKOUT / "signer" / "build.py"
    return subprocess.run([sys.executable, build, CHECKOUT / "signer.pyz"], check=False).returncode


def signer_packages(arguments):
    """The card signer as people install it, in build/signer/; --try: installed and used."""
    if set(arguments) - {"--try"}:
        raise Stop("make signer-packages knows ARGS=--try only.")
    build = CHECKOUT / "tools" / "signer_packages.py"
    failed = subprocess.run([sys.executable, build], check=False).returncode
    return failed or (trying.main() if arguments else 0)
