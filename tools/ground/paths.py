# SPDX-License-Identifier: LGPL-3.0-only
"""Where things lie: the checkout, its state (.run), and the cache that all checkouts share."""

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path

from tools.ground.say import say

ADDON = "bank_webservice"
CHECKOUT = Path(__file__).resolve().parents[2]
STATE = "BANK_WEBSERVICE_STATE"  # the variable that names another folder than .run
RUN = CHECKOUT / os.environ.get(STATE, ".run")
LOGS = RUN / "logs"
ADDONS = RUN / "addons"
LINK = ADDONS / ADDON  # Odoo and pytest-odoo need a folder that is called like the add-on
DATA = RUN / "data"
RUNNING = RUN / "running.lock"  # held by `make run`
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / ADDON
CHECKOUT_KEY = hashlib.sha256(str(RUN.parent).encode()).hexdigest()[:10]


def prepare():
    """Make the folders of this checkout, and the link by which Odoo finds the add-on."""
    for folder in (RUN, LOGS, ADDONS, DATA, CACHE):
        folder.mkdir(parents=True, exist_ok=True)
    RUN.chmod(0o700)  # odoo.conf with the key of the vault lies in it
    with locked(RUN / "link.lock"):
        if not LINK.is_symlink() or LINK.resolve() != CHECKOUT:
            LINK.unlink(missing_ok=True)
            LINK.symlink_to(CHECKOUT)


@contextlib.contextmanager
def locked(path, waiting_for=None):
    """Hold an exclusive file lock; says what it waits for when somebody else holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting_for:
                say(f"Waiting for another start, which {waiting_for} ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_locked(path):
    """Does another process hold this lock?"""
    if not path.exists():
        return False
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
