# SPDX-License-Identifier: LGPL-3.0-only
"""pytest for all of tests/, or a part of it, with the Odoo that this checkout uses.

All of it runs in several processes beside each other, each with a database of its own; a part
runs in one.
"""

import contextlib
import os
import subprocess

from tools.ground import config, packages
from tools.ground import setup as setting_up
from tools.ground.paths import CHECKOUT, LINK, RUN

# Folders whose tests need no Odoo inside pytest; alone, they run at once.
PURE = ("tests/protocol", "tests/sandbox", "tests/signer", "tests/tools")
LANES = min(4, os.cpu_count() or 1)


def main(arguments):
    packages.ensure(packages.FOR_TESTS)
    packages.ensure_optional(packages.OPTIONAL, "tests of printed orders will fail")
    words, paths = linked(arguments)
    if paths and all(path.startswith(PURE) for path in paths):
        odoo = setting_up.tools()
        # Rooted in tests/: pytest imports the packages above a test, and the add-on needs Odoo.
        return _pytest(odoo, ["-p", "no:odoo", *words], root=LINK / "tests")
    with setting_up.ready() as databases, contextlib.ExitStack() as until_end:
        lanes = 1 if paths else LANES
        names = [until_end.enter_context(database(databases, f"gw{n}")) for n in range(lanes)]
        options = []
        if not paths:
            # In the order of collection: the browser's tests take longest, and come first.
            options += ["-n", str(lanes), "--no-loadscope-reorder", str(LINK / "tests")]
        return in_odoo(databases.odoo, names[0], [*options, *words])


def in_odoo(odoo, database, words):
    """pytest's exit code, with this database and its odoo.conf."""
    options = ["--odoo-database", database, "--odoo-http"]
    return _pytest(odoo, [*options, "--odoo-config", str(RUN / f"{database}.conf"), *words])


@contextlib.contextmanager
def database(databases, lane, books=True):
    """A database with its odoo.conf for one process: tools/pytest_plugin.py chooses by the name."""
    with databases.copy(f"test_{lane}", books=books) as name:
        conf = config.write(
            name,
            databases.odoo.home,
            db_name=name,
            dbfilter=f"^{name}$",
            limit_memory_hard=0,  # the browser would inherit the limit, and die of it
        )
        try:
            yield name
        finally:
            conf.unlink(missing_ok=True)


def linked(arguments):
    """Arguments with paths below tests/ turned to the link, and those paths as they were given.

    pytest-odoo knows the add-on by the name of its folder, and only the link has that name.
    """
    words, paths = [], []
    for word in arguments:
        path = word.partition("::")[0].rstrip("/")
        if path.startswith("tests") and (CHECKOUT / path).exists():
            paths.append(path)
            word = str(LINK / word)
        words.append(word)
    return words, paths


def _pytest(odoo, words, root=LINK):
    environment = odoo.environment(pure=True)
    # Not started inside the link: the system would hand pytest the folder's real name.
    where = ["-c", str(LINK / "pyproject.toml"), "--rootdir", str(root)]
    command = [odoo.python, "-m", "pytest", *where, "-p", "tools.pytest_plugin", *words]
    done = subprocess.run(command, cwd=LINK.parent, env=environment, check=False)
    return done.returncode
