# SPDX-License-Identifier: LGPL-3.0-only
"""`make mutants`: the safety rules broken on purpose, one after the other; every one must be seen.

A mutant is a patch in tests/mutants/ with a head of its own:

    A time-out counts as not sent.          what is broken, one line
    Tests: tests/orders/test_x.py -k word   pytest's words; they have to turn red
    Suite: restored                         -k of the short fault suite, by hand only
    Form: short                             it belongs to the short form as well (`--short`)

The patches are applied to a copy of the checkout, never to the checkout. One that does not apply
any more is an error: the named place has moved, and the patch has to follow it.
"""

import argparse
import concurrent.futures
import contextlib
import os
import queue
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tools.ground import config, packages
from tools.ground import setup as setting_up
from tools.ground.paths import ADDON, CHECKOUT, RUN, STATE
from tools.ground.say import Stop, say
from tools.testing import PURE

MUTANTS = CHECKOUT / "tests" / "mutants"
COPIES = RUN / "mutants"
LANES = min(2, os.cpu_count() or 1)
LONGEST = 900  # seconds of one mutant's tests, however busy the machine is
SUITE = "tests/processes/test_faults_short.py"


@dataclass(frozen=True)
class Mutant:
    name: str
    patch: Path
    what: str
    tests: str
    suite: str
    short: bool


def read(path):
    """One patch; Stop where its head is not whole."""
    head = path.read_text().partition("\ndiff --git ")[0].splitlines()
    said = dict(re.findall(r"^(Tests|Suite|Form): (.+)$", "\n".join(head), re.MULTILINE))
    if not head or "Tests" not in said:
        raise Stop(f"{path.name}: its head must say what is broken, and Tests: which see it.")
    return Mutant(
        path.stem, path, head[0], said["Tests"], said.get("Suite", ""), said.get("Form") == "short"
    )


def main(arguments):
    words = argparse.ArgumentParser(prog="make mutants ARGS=")
    words.add_argument("--short", action="store_true", help="those of CI, without the fault suite")
    words.add_argument("--only", choices=["tests", "suite"], help="not the other one")
    words.add_argument("names", nargs="*", help="parts of names")
    chosen = words.parse_args(arguments)
    mutants = [read(path) for path in sorted(MUTANTS.glob("*.patch"))]
    packages.ensure(packages.FOR_TESTS)
    with copies(LANES) as folders:
        for mutant in mutants:
            with broken(folders[0], mutant):
                pass
        mutants = [
            mutant
            for mutant in mutants
            if (mutant.short or not chosen.short)
            and any(part in mutant.name for part in chosen.names or [""])
        ]
        alive = [] if chosen.only == "suite" else by_tests(mutants, folders)
        if not chosen.short and chosen.only != "tests":
            alive += by_suite([mutant for mutant in mutants if mutant.suite], folders[0])
    if alive:
        raise Stop(f"Nothing turned red: {', '.join(alive)}.")
    say(f"{len(mutants)} mutants, all of them seen.")


@contextlib.contextmanager
def copies(count):
    """Copies of the checkout as it stands, tracked or not; each is called like the add-on."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    names = [name for name in done.stdout.split("\0") if name and (CHECKOUT / name).is_file()]
    folders = [COPIES / str(number) / ADDON for number in range(count)]
    try:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / name, folder / name)
        yield folders
    finally:
        shutil.rmtree(COPIES, ignore_errors=True)


@contextlib.contextmanager
def broken(folder, mutant):
    """The copy with this patch; Stop where it does not apply."""
    # Not inside a repository: git would look for the paths from its root.
    command = ["git", "apply", "--whitespace=nowarn", str(mutant.patch)]
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(COPIES.parent)}

    def run(*more):
        return subprocess.run(
            [*command, *more],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = run()
    if done.returncode:
        raise Stop(f"{mutant.patch.name} does not apply any more: {done.stderr.strip()}")
    try:
        yield
    finally:
        if run("-R").returncode:
            raise Stop(f"{mutant.patch.name} cannot be taken back.")


# -------------------------------------------------------------------------
# BY NAMED TESTS
# -------------------------------------------------------------------------


def by_tests(mutants, folders):
    """Names of the mutants that their tests do not see."""
    with setting_up.ready() as databases, contextlib.ExitStack() as until_end:
        free = queue.Queue()
        for number, folder in enumerate(folders):
            name = until_end.enter_context(databases.copy(f"test_mutants{number}"))
            free.put((folder, name, _conf(databases.odoo, name, folder)))

        def seen(mutant):
            lane = free.get()
            try:
                with broken(lane[0], mutant):
                    return _is_red(databases.odoo, mutant, *lane)
            finally:
                free.put(lane)

        with concurrent.futures.ThreadPoolExecutor(len(folders)) as lanes:
            results = list(lanes.map(seen, mutants))
    return [mutant.name for mutant, red in zip(mutants, results, strict=True) if not red]


def _conf(odoo, name, folder):
    """odoo.conf that takes the add-on from the copy."""
    addons = ",".join(map(str, (*odoo.home.addons, folder.parent)))
    more = {"db_name": name, "dbfilter": f"^{name}$", "limit_memory_hard": 0}
    return config.write(name, odoo.home, addons_path=addons, **more)


def _is_red(odoo, mutant, folder, database, conf):
    """Whether a named test fails; Stop where it did not run at all."""
    started = time.monotonic()
    words = mutant.tests.split(" -k ")
    paths = [str(folder / path) for path in words[0].split()]
    pure = all(path.startswith(PURE) for path in words[0].split())
    root = folder / "tests" if pure else folder
    options = ["-c", str(folder / "pyproject.toml"), "--rootdir", str(root), "-q", "-x"]
    options += ["-p", "tools.pytest_plugin", "-p", "no:cacheprovider"]
    if pure:
        options += ["-p", "no:odoo"]
    else:
        options += ["--odoo-database", database, "--odoo-config", str(conf), "--odoo-http"]
    if len(words) > 1:
        options += ["-k", words[1].strip('"')]
    environment = odoo.environment(pure=True)
    first = environment["PYTHONPATH"].split(os.pathsep)[0]
    environment["PYTHONPATH"] = os.pathsep.join([first, str(folder)])
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        done = subprocess.run(
            [odoo.python, "-m", "pytest", *options, *paths],
            cwd=folder.parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        raise Stop(f"{mutant.name}: its tests did not end in {LONGEST} s.") from None
    failed = re.search(r"\b[1-9]\d* failed\b", done.stdout)
    if done.returncode not in (0, 1) or (done.returncode and not failed):
        raise Stop(
            f"{mutant.name}: its tests did not run.\n{done.stdout[-3000:]}{done.stderr[-500:]}"
        )
    _tell(mutant, "tests", bool(failed), started)
    return bool(failed)


# -------------------------------------------------------------------------
# BY THE FAULT SUITE
# -------------------------------------------------------------------------


def by_suite(mutants, folder):
    """The same for the short fault suite, which makes databases of its own below the copy."""
    alive = []
    environment = {key: value for key, value in os.environ.items() if key != STATE}
    tools = [sys.executable, "-m", "tools"]
    try:
        for mutant in mutants:
            started = time.monotonic()
            command = [*tools, "test", SUITE, "-q", "-x", "-k", mutant.suite]
            with broken(folder, mutant):
                done = subprocess.run(
                    command,
                    cwd=folder,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                )
            failed = re.search(r"\b[1-9]\d* failed\b", done.stdout)
            if done.returncode and not failed:
                raise Stop(f"{mutant.name}: the fault suite did not run.\n{done.stdout[-3000:]}")
            why = re.findall(r"^E +(.+)$", done.stdout, re.MULTILINE)
            _tell(mutant, "fault suite", bool(failed), started, why[0][:200] if why else "")
            if not failed:
                alive.append(f"{mutant.name} (fault suite)")
    finally:
        subprocess.run([*tools, "clean"], cwd=folder, env=environment, check=False)
    return alive


def _tell(mutant, by, red, started, why=""):
    word = "seen" if red else "NOT SEEN"
    say(f"{time.monotonic() - started:6.1f} s  {word} by the {by}: {mutant.what} {why}".rstrip())
