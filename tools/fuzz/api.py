# SPDX-License-Identifier: LGPL-3.0-only
"""Moe Delo's API against its own description: schemathesis asks what nobody thought of.

Everything that it finds fails. Where an answer is right and yet not what schemathesis expects,
`schemathesis.toml` beside this file says which, and why.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.ground import stack as stacks
from tools.moedelo.service import Service, Vendor

CONFIG = Path(__file__).with_name("schemathesis.toml")
SCOPE = "payments statements accounts calendar client"
LONG = ("bank_webservice.jwt_access_timeout", "86400")
# What it presents is made up: blocked after some, it would only see that it is blocked.
NEVER_BLOCKED = "CREATE RULE never AS ON INSERT TO moedelo_failure DO INSTEAD NOTHING"


def run(examples: int, seed: str, *words: str) -> str:
    """What schemathesis says of an Odoo of its own; AssertionError when it finds anything."""
    with tempfile.TemporaryDirectory() as folder:
        vendor = Vendor(Path(folder))
        options = {"demo": True, "workers": 2, "sandbox": None, **vendor.conf}
        with stacks.running("moedelo_described", **options) as running:
            service = Service.of_demo(running, vendor)
            running.rpc()("ir.config_parameter", "set_param", *LONG)
            running.sql(NEVER_BLOCKED)
            done = _ask(service, folder, ["-n", str(examples), "--seed", seed, *words])
            assert "Traceback" not in running.odoo.log.read_text(errors="replace")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _ask(service: Service, folder: str, words: list[str]) -> subprocess.CompletedProcess:
    """`folder`: where it may leave what it leaves behind."""
    pair = base64.b64encode(f"{service.identifier}:{service.secret}".encode()).decode()
    known = {"CLIENT": f"Basic {pair}", "TOKEN": service.connect(SCOPE)["access_token"]}
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
    command += [f"{service.url}/moedelo/v1/openapi.json", "-u", service.url, *words]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        check=False,
    )
