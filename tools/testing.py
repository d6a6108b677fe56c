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
    words, paths = _linked(arguments)
    if paths and all(path.startswith(PURE) for path in paths):
        odoo = setting_up.tools()
        # Rooted in tests/: pytest imports the packages above a test, and the add-on needs Odoo.
        return _pytest(odoo, ["-p", "no:odoo", *words], root=LINK / "tests")
    with setting_up.ready() as databases, contextlib.ExitStack() as until_end:
        lanes = 1 if paths else LANES
        names = [until_end.enter_context(_database(databases, lane)) for lane in range(lanes)]
        options = ["--odoo-database", names[0], "--odoo-http"]
        options += ["--odoo-config", str(RUN / f"{names[0]}.conf")]
        if not paths:
            # In the order of collection: the browser's tests take longest, and come first.
            options += ["-n", str(lanes), "--no-loadscope-reorder", str(LINK / "tests")]
        return _pytest(databases.odoo, [*options, *words])


@contextlib.contextmanager
def _database(databases, lane):
    """A database with its odoo.conf for one process: tools/pytest_plugin.py chooses by the name."""
    with databases.copy(f"test_gw{lane}") as name:
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


def _linked(arguments):
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
