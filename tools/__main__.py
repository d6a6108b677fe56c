# SPDX-License-Identifier: LGPL-3.0-only
"""python3 -m tools COMMAND: what the Makefile calls."""

import importlib
import inspect
import signal
import sys

# Before anything is read that an older Python does not understand.
if sys.version_info < (3, 10):  # noqa: UP036
    found = "Odoo 19 needs Python 3.10 or newer, this is {}.{}: run make with PYTHON=python3.11."
    sys.exit(found.format(*sys.version_info))

from tools.ground.say import Stop, say

COMMANDS = (
    *(
        "setup",
        "run",
        "test",
        "test-days",
        "test-core",
        "test-odoo",
        "test-beside",
        "lint",
        "clean",
    ),
    *("odoo", "shell", "psql", "po"),
    *("bench", "faults", "mutants", "fuzz", "package", "signer", "signer-packages", "key"),
)
HELP = {"-h", "--help"}


def main(arguments):
    if not arguments or arguments[0] not in COMMANDS:
        say(f"Commands: {', '.join(COMMANDS)}.")
        return 2
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)  # a shell's background job would ignore SIGINT
    try:
        module = importlib.import_module("tools.commands")
        command = getattr(module, arguments[0].replace("-", "_"))
        if HELP & set(arguments[1:]) and arguments[0] != "key":  # nothing is installed for it
            print(inspect.getdoc(command))
            return 0
        return command(arguments[1:]) or 0
    except Stop as stop:
        say(str(stop))
        return 1
    except OSError as error:  # a folder that is not ours, a full disk
        where = f" ({error.filename})" if error.filename else ""
        say(f"It cannot go on: {error.strerror or error}{where}.")
        return 1
    except KeyboardInterrupt:
        return 130


def _interrupt(*_):
    raise KeyboardInterrupt


sys.exit(main(sys.argv[1:]))
