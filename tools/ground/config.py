# SPDX-License-Identifier: LGPL-3.0-only
"""odoo.conf for a server or a test run of this checkout."""

import base64
import os
import secrets

from tools.ground.paths import ADDONS, DATA, RUN
from tools.ground.postgres import ROLE, Cluster


def write(name, home, **options):
    """Write .run/<name>.conf and return its path; `options` override what stands here."""
    folders = (*home.addons, ADDONS, *options.pop("more_addons", ()))
    values = {
        "addons_path": ",".join(str(path) for path in folders),
        "data_dir": DATA,
        "db_host": Cluster().host,
        "db_user": ROLE,
        "admin_passwd": secrets.token_urlsafe(24),
        "http_interface": "127.0.0.1",
        "list_db": False,
        "server_wide_modules": "base,rpc,web",
        f"{_SECRET}": secret_key(),
        **options,
    }
    path = RUN / f"{name}.conf"
    lines = ["[options]", *(f"{key} = {value}" for key, value in values.items())]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


_SECRET = "bank_webservice_secret_key"


def secret_key():
    """The key with which the add-on encrypts secrets: made once for this checkout, kept in .run."""
    path = RUN / "secret_key"
    if not path.exists():
        key = f"local:{base64.b64encode(secrets.token_bytes(32)).decode()}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(key)
    return path.read_text()
