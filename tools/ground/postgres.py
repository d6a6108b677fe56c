# SPDX-License-Identifier: LGPL-3.0-only
"""A PostgreSQL cluster of this checkout's own: no TCP port, one unix socket, stopped when unused.

Several commands may use it at once (`make run` beside `make test`): each holds a shared lock, and
the last one to leave stops the server.
"""

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.ground.paths import ADDON, CHECKOUT, CHECKOUT_KEY, LOGS, RUN, locked
from tools.ground.say import Stop

ROLE = "odoo"  # Odoo refuses the role `postgres`
SYSTEM_USER = "postgres"  # PostgreSQL refuses to run as root
LONGEST_SOCKET = 90  # a unix socket's path has 107 characters at most
# A cluster for trials: a crash of the whole machine may spoil it, a killed process may not.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "jit": "off",
    # A test rolls back: figures taken beside it say that its tables are empty, and the next one
    # reads them row by row.
    "autovacuum_naptime": "1h",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def programs(required=True):
    """The folder with initdb, pg_ctl and psql; the newest version wins."""
    found = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if (path.parent / "pg_ctl").exists()
    ]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    if required:
        raise Stop("PostgreSQL's initdb is not found: install postgresql.")
    return None


def version():
    shown = subprocess.run(
        [programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return re.search(r"\d+", shown)[0]


def folder():
    """Where the cluster lies. As root in a place that the user `postgres` can reach."""
    if os.geteuid() == 0:
        return Path("/var/lib") / ADDON / CHECKOUT_KEY
    return RUN / "postgres"


def socket_folder():
    if len(str(folder())) <= LONGEST_SOCKET:
        return folder()
    return Path(tempfile.gettempdir()) / f"{ADDON}-{os.geteuid()}-{CHECKOUT_KEY}"


class Cluster:
    """The running server, as a context: `with Cluster() as cluster: cluster.sql(...)`."""

    def __init__(self):
        self.data = folder() / "data"
        self.host = str(socket_folder())
        self._use = None

    def exists(self):
        return (self.data / "PG_VERSION").exists()

    def create(self, image=None):
        """A new cluster: unpacked from an image of another one, or by initdb."""
        _make_folder(folder())
        if image:
            with image.open("rb") as packed:
                _as_owner(["tar", "-x", "-C", str(folder())], stdin=packed)
            return
        _as_owner(
            [
                programs() / "initdb",
                *("-D", self.data, "-U", SYSTEM_USER, "-A", "trust", "-E", "UTF8", "--no-sync"),
                *("--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C"),
            ]
        )

    def pack(self, image):
        """Write the stopped cluster into a file from which create() makes the same again."""
        part = image.with_suffix(".part")
        with part.open("wb") as packed:
            _as_owner(
                ["tar", "-c", "-C", str(folder()), "--exclude=postmaster.*", "data"], stdout=packed
            )
        part.rename(image)

    def remove(self):
        if self.exists() and self._running():
            self._stop()
        shutil.rmtree(folder(), ignore_errors=True)
        if socket_folder() != folder():
            shutil.rmtree(socket_folder(), ignore_errors=True)

    def __enter__(self):
        self._use = (RUN / "postgres.use").open("a")
        with locked(RUN / "postgres.lock"):
            fcntl.flock(self._use, fcntl.LOCK_SH)
            if not self._running():
                self._start()
        return self

    def __exit__(self, *_):
        with locked(RUN / "postgres.lock"):
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else works with it
            finally:
                self._use.close()
            self._stop()

    def sql(self, statement, database="postgres", user=SYSTEM_USER):
        """Run SQL; the rows as lists of text."""
        done = subprocess.run(
            [
                programs() / "psql",
                *("-h", self.host, "-U", user, "-d", database),
                *("-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Stop(f"PostgreSQL refused: {done.stderr.strip()}")
        return [line.split("|") for line in done.stdout.splitlines()]

    def _running(self):
        command = [programs() / "pg_ctl", "status", "-D", self.data]
        return _as_owner(command, check=False).returncode == 0

    def _start(self):
        _make_folder(socket_folder())
        options = {**SETTINGS, "unix_socket_directories": self.host}
        flags = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        log = folder() / "postgres.log"
        done = _as_owner(
            [programs() / "pg_ctl", "start", "-w", "-s", "-D", self.data, "-l", log, "-o", flags],
            check=False,
        )
        if done.returncode:
            raise Stop(f"PostgreSQL did not start; its log is {log}.")
        link = LOGS / "postgres.log"
        if not link.is_symlink():
            link.symlink_to(log)
        self.sql(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') "
            f"THEN CREATE ROLE {ROLE} LOGIN CREATEDB; END IF; END $$"
        )

    def _stop(self):
        command = [programs() / "pg_ctl", "stop", "-s", "-m", "fast", "-D", self.data]
        _as_owner(command, check=False)


def _owner():
    """Who runs the server: ourselves, or the user `postgres` where we are root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise Stop("PostgreSQL cannot run as root and there is no user `postgres`.") from None


def _as_owner(command, check=True, stdin=subprocess.DEVNULL, stdout=None):
    owner = _owner()
    identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    # A log, not a pipe: the server inherits it, and a pipe would never see its end.
    with (LOGS / "postgres-commands.log").open("a") as log:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=stdin,
            stdout=stdout or log,
            stderr=log,
            cwd="/",
            check=False,
            **identity,
        )
    if check and done.returncode:
        name = Path(command[0]).name
        raise Stop(f"{name} failed; see {LOGS / 'postgres-commands.log'}.")
    return done


def _make_folder(path):
    """A folder that only the server's user (and root) may enter."""
    path.mkdir(parents=True, exist_ok=True)
    owner = _owner()
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    path.chmod(0o700)
    if path == folder():
        (path / "checkout").write_text(f"{CHECKOUT}\n")
