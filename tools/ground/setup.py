# SPDX-License-Identifier: LGPL-3.0-only
"""Bring everything that the other commands need onto this machine, once."""

import contextlib
import shutil

from tools.ground import packages, postgres
from tools.ground.database import Databases
from tools.ground.odoo import Odoo
from tools.ground.paths import CACHE, DATA, locked, prepare
from tools.ground.postgres import Cluster


def tools():
    """Odoo and the Python packages, without a database."""
    prepare()
    packages.ensure(packages.NEEDED)
    return Odoo()


@contextlib.contextmanager
def ready():
    """All of it: a running cluster with the templates; gives its Databases."""
    odoo = tools()
    cluster = Cluster()
    if not _is_whole(cluster):
        _create(cluster, odoo)
    with cluster:
        databases = Databases(cluster, odoo)
        databases.base()
        yield databases


def _is_whole(cluster):
    """False for one whose files are gone: of a checkout that was removed without `make clean`."""
    return cluster.exists() and (DATA / "filestore").is_dir()


def _create(cluster, odoo):
    """A cluster from the machine's image, or a new one that becomes the image."""
    with locked(CACHE / "cluster.lock", "makes the first databases"):
        if _is_whole(cluster):
            return  # by another command, meanwhile
        cluster.remove()
        key = Databases(cluster, odoo).key
        folder = CACHE / "clusters" / f"pg{postgres.version()}-{key}"
        if (folder / "cluster.tar").exists():
            cluster.create(folder / "cluster.tar")
            part = DATA / "filestore.part"
            shutil.copytree(folder / "filestore", part, dirs_exist_ok=True)
            part.rename(DATA / "filestore")
            return
        cluster.create()
        with cluster:
            databases = Databases(cluster, odoo)
            databases.base()
            databases.base(demo=True)
        folder.mkdir(parents=True, exist_ok=True)
        (DATA / "filestore").mkdir(exist_ok=True)
        shutil.copytree(DATA / "filestore", folder / "filestore", dirs_exist_ok=True)
        cluster.pack(folder / "cluster.tar")
