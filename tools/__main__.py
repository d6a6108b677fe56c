"""python3 -m tools COMMAND: what the Makefile calls."""

import importlib
import signal
import sys

from tools.ground.say import Stop, say

COMMANDS = (
    *("setup", "run", "test", "test-days", "test-core", "test-odoo", "lint", "clean"),
    *("odoo", "shell", "psql", "po"),
    *("bench", "faults", "mutants", "fuzz", "signer", "signer-packages"),
)


def main(arguments):
    if not arguments or arguments[0] not in COMMANDS:
        say(f"Commands: {', '.join(COMMANDS)}.")
        return 2
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)  # a shell's background job would ignore SIGINT
    try:
        module = importlib.import_module("tools.commands")
        return getattr(module, arguments[0].replace("-", "_"))(arguments[1:]) or 0
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
