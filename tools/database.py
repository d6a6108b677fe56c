"""Databases of this checkout: templates that are kept, and copies of them that are quick.

    base_<odoo>     base, account, l10n_pl, languages Polish and Russian; no demo data
    demo_<odoo>     the same with demo data
    addon_<hash>    base_... with the add-on in its present state; addondemo_<hash> from demo_...

The first two are made once a machine: the whole cluster is then packed into the cache, and the
next checkout unpacks it in seconds.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess

from tools import config, postgres
from tools.paths import ADDON, CACHE, CHECKOUT, DATA, LOGS, RUN, locked
from tools.say import Stop, say

LANGUAGES = "pl_PL,ru_RU"
MODULES = "base,account,l10n_pl"
# Changes in these folders need no update of a database.
OUTSIDE_DATABASE = {"protocol", "sandbox", "signer", "tests", "tools", "static", "docs", "build"}
IN_DATABASE = {".py", ".xml", ".csv", ".po", ".sql"}


class Databases:
    """The databases of one running cluster, for one Odoo."""

    def __init__(self, cluster, odoo):
        self.cluster = cluster
        self.odoo = odoo  # tools.odoo.Odoo: runs the server's commands
        self.key = hashlib.sha256(f"{odoo.home.version} {MODULES} {LANGUAGES}".encode()).hexdigest()[:8]

    def names(self):
        return {row[0] for row in self.cluster.sql("SELECT datname FROM pg_database")}

    def base(self, demo=False):
        """The template without the add-on."""
        name = f"{'demo' if demo else 'base'}_{self.key}"
        with locked(RUN / "database.lock", "makes a database"):
            if name not in self.names():
                what = "with demo data " if demo else ""
                say(f"Making an Odoo database {what}(a minute or two, once) ...")
                self._install(name, None, MODULES, demo, "--load-language", LANGUAGES)
        return name

    def addon(self, demo=False):
        """The template with the add-on as its files are now."""
        kind = "addondemo" if demo else "addon"
        name = f"{kind}_{self.key}_{addon_hash()}"
        base = self.base(demo)
        with locked(RUN / "database.lock", "makes a database"):
            if name not in self.names():
                for old in self.names():
                    if old.startswith(f"{kind}_"):
                        self.drop(old)
                say("Installing the add-on into a test database ...")
                self._install(name, base, ADDON, demo)
        return name

    def _install(self, name, template, modules, demo, *options):
        building = f"{name}_building"
        self.drop(building)
        self.create(building, template)
        demo_options = ["--with-demo"] if demo else []
        try:
            self.odoo.run("-d", building, "-i", modules, *demo_options, *options, log=building)
        except BaseException:
            self.drop(building)
            raise
        self.rename(building, name)

    def create(self, name, template=None):
        """A new database, empty or a copy."""
        source = f'"{template}"' if template else "template0"
        self.cluster.sql(f'CREATE DATABASE "{name}" OWNER {postgres.ROLE} TEMPLATE {source}')
        if template and (_filestore(template)).exists():
            shutil.copytree(_filestore(template), _filestore(name), dirs_exist_ok=True)

    def rename(self, old, new):
        self.cluster.sql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
        if _filestore(old).exists():
            shutil.rmtree(_filestore(new), ignore_errors=True)
            _filestore(old).rename(_filestore(new))

    def drop(self, name):
        self.cluster.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(_filestore(name), ignore_errors=True)

    @contextlib.contextmanager
    def copy(self, template, name):
        """A copy for as long as the context lasts; leftovers of killed commands go too."""
        self.drop_leftovers()
        name = f"{name}_{os.getpid()}"
        self.drop(name)
        self.create(name, template)
        try:
            yield name
        finally:
            self.drop(name)

    def drop_leftovers(self):
        for name in self.names():
            pid = name.rpartition("_")[2]
            if name.startswith("test") and pid.isdigit() and not _alive(int(pid)):
                self.drop(name)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _filestore(name):
    return DATA / "filestore" / name


def addon_hash():
    """Changes with every file of the add-on that leaves something in the database."""
    digest = hashlib.sha256()
    for path in sorted(_addon_files()):
        digest.update(f"{path.relative_to(CHECKOUT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _addon_files():
    for path in CHECKOUT.iterdir():
        if path.is_file() and path.suffix in IN_DATABASE:
            yield path
        elif path.is_dir() and path.name not in OUTSIDE_DATABASE and path.name[0] not in "._":
            yield from (
                file
                for file in path.rglob("*")
                if file.suffix in IN_DATABASE and "__pycache__" not in file.parts
            )
