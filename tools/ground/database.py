# SPDX-License-Identifier: LGPL-3.0-only
"""Databases of this checkout: templates that are kept, and copies of them that are quick.

    base_<odoo>     base, account, l10n_pl, languages Polish and Russian; no demo data
    demo_<odoo>     the same with demo data
    addon_<hash>    base_... with the add-on in its present state; addondemo_<hash> from demo_...
    books_<hash>    addon_... with a company that has a chart of accounts, for the tests

The first two are made once a machine: the whole cluster is then packed into the cache, and the
next checkout unpacks it in seconds.
"""

import contextlib
import hashlib
import os
import shutil

from tools.ground import postgres
from tools.ground.paths import ADDON, CHECKOUT, DATA, RUN, locked
from tools.ground.say import say

LANGUAGES = "en_US,pl_PL,ru_RU"
MODULES = "base,account,l10n_pl"
BUNDLES = ("web.assets_web", "web.assets_frontend", "web.assets_frontend_minimal")
# Changes in these folders need no update of a database.
OUTSIDE_DATABASE = {"protocol", "sandbox", "signer", "tests", "tools", "static", "docs", "build"}
IN_DATABASE = {".py", ".xml", ".csv", ".po", ".sql"}


class Databases:
    """The databases of one running cluster, for one Odoo."""

    def __init__(self, cluster, odoo):
        self.cluster = cluster
        self.odoo = odoo  # tools.ground.odoo.Odoo: runs the server's commands
        self.key = hashlib.sha256(
            f"{odoo.home.version} {MODULES} {LANGUAGES}".encode()
        ).hexdigest()[:8]

    def names(self):
        return {row[0] for row in self.cluster.sql("SELECT datname FROM pg_database")}

    def base(self, demo=False):
        """The template without the add-on."""
        name = f"{'demo' if demo else 'base'}_{self.key}"
        with self._lock():
            if name not in self.names():
                what = "with demo data " if demo else ""
                say(f"Making an Odoo database {what}(a minute or two, once) ...")
                self.install(name, None, MODULES, demo, "--load-language", LANGUAGES)
                if demo:
                    self._warm_up(name)
        return name

    def _addon(self, base, demo):
        """The template with the add-on as its files are now; older ones go."""
        kind = "addondemo" if demo else "addon"
        name = f"{kind}_{self.key}_{addon_hash()}"
        if name not in self.names():
            self._drop_all(f"{kind}_")
            say(f"Installing the add-on into a test database{' with demo data' * demo} ...")
            self.install(name, base, ADDON, demo)
            if demo:
                self._warm_up(name)
        return name

    def _books(self, template):
        """The template with a company that keeps books."""
        made_by = hashlib.sha256((CHECKOUT / "tests/common.py").read_bytes()).hexdigest()[:4]
        name = f"books_{template.partition('_')[2]}_{made_by}"
        if name not in self.names():
            self._drop_all("books_")
            building = f"{name}_building"
            self.drop(building)
            self.create(building, template)
            common = f"odoo.addons.{ADDON}.tests.common"
            program = f"from {common} import keep_company\nkeep_company(env)"
            self.odoo.shell(building, program, log=name)
            self.rename(building, name)
        return name

    def _warm_up(self, name):
        """Bundle the web client's scripts and styles, which the first page would wait for."""
        self.odoo.shell(
            name,
            f"for name in {BUNDLES}:\n"
            "    bundle = env['ir.qweb']._get_asset_bundle(name, css=True, js=True)\n"
            "    bundle.css(), bundle.js()\n\n"
            "env.cr.commit()",
            log=f"{name}-bundles",
        )

    def install(self, name, template, modules, demo=False, *options):
        """Make a database with these modules; it is there complete, or not at all."""
        building = f"{name}_building"
        self.drop(building)
        self.create(building, template)
        demo_options = ["--with-demo"] if demo else []
        try:
            self.odoo.run("-d", building, "-i", modules, *demo_options, *options, log=name)
        except BaseException:
            self.drop(building)
            raise
        self.rename(building, name)

    def _lock(self):
        return locked(RUN / "database.lock", "makes a database")

    def create(self, name, template=None):
        """A new database, empty or a copy."""
        source = f'"{template}"' if template else "template0"
        self.cluster.sql(f'CREATE DATABASE "{name}" OWNER {postgres.ROLE} TEMPLATE {source}')
        if template and _filestore(template).exists():
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
    def copy(self, name, demo=False, addon=True, books=False):
        """A copy, with the add-on, for as long as the context lasts. `name` starts with "test"."""
        template = self.base(demo)
        name = f"{name}_{os.getpid()}"
        with self._lock():
            self.drop_leftovers()
            self.drop(name)
            if addon:
                template = self._addon(template, demo)
            self.create(name, self._books(template) if books else template)
        try:
            yield name
        finally:
            self.drop(name)

    def _drop_all(self, prefix):
        for old in self.names():
            if old.startswith(prefix):
                self.drop(old)

    def drop_leftovers(self):
        """Copies whose process was killed before it could drop them."""
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
