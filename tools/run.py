# SPDX-License-Identifier: LGPL-3.0-only
"""make run: Odoo with demo data and the pretend banks, until Ctrl-C."""

import os
import subprocess
import time

from tools.ground import packages
from tools.ground import setup as setting_up
from tools.ground.database import addon_hash
from tools.ground.paths import ADDON, CHECKOUT, RUN, RUNNING, locked
from tools.ground.say import Stop, say
from tools.ground.stack import HOST, Stack, require_free

DATABASE = ADDON
ODOO_PORT = 8069
SANDBOX_PORT = 8070  # the demo data name this address
MOEDELO_PORT = 8071
CDC_PORT = 8072  # the demo data name it too: the banks with mutual TLS

ADDRESSES = """
  Odoo      {odoo}     admin / admin
  Sandbox   {base}     the pretend banks
  Phone     {phone}     where log-ins and payments are confirmed
  Moe Delo  {moedelo}     the pretend accounting service; press Connect there

  First: open Odoo, log in, go to Accounting (Invoicing) and look at the bank journal's card;
  Fetch statements asks for a log-in, which you confirm on the phone page of the sandbox.

  Ctrl-C stops all of it; your data stay until `make clean`.
"""


def main(_arguments):
    odoo_port, sandbox_port = _port("ODOO_PORT", ODOO_PORT), _port("SANDBOX_PORT", SANDBOX_PORT)
    require_free(odoo_port, "ODOO_PORT")
    require_free(sandbox_port, "SANDBOX_PORT")
    moedelo_port = _port("MOEDELO_PORT", MOEDELO_PORT)
    require_free(moedelo_port, "MOEDELO_PORT")
    packages.ensure_optional(packages.OPTIONAL, "PDF reports cannot be printed")
    try:
        with setting_up.ready() as databases, locked(RUNNING):
            _database(databases)
            stack = Stack(databases, DATABASE, "run")
            try:
                _serve(stack, odoo_port, sandbox_port, moedelo_port)
            finally:
                stack.stop()
    except KeyboardInterrupt:
        say("\nStopped.")


def _serve(stack, odoo_port, sandbox_port, moedelo_port):
    say("Starting ...")
    stack.start_sandbox(
        *("--odoo", f"http://{HOST}:{odoo_port}", "--state", RUN / "sandbox.json"),
        *("--cdc-port", _port("CDC_PORT", CDC_PORT)),
        port=sandbox_port,
    )
    stack.start_moedelo("--state", RUN / "moedelo.json", port=moedelo_port)
    # Threads, not workers: only they serve the live messages without a reverse proxy.
    _moedelo(stack, "keys", RUN)  # made on the spot: no private key is in the repository
    keys = {"bank_webservice_licence_keys": RUN / "licence_keys.json"}
    stack.start_odoo(port=odoo_port, cron_threads=2, conf=keys)
    _moedelo(stack, "offer", RUN, stack.odoo.url, DATABASE, stack.moedelo.url)
    addresses = {"odoo": stack.odoo.url, "moedelo": stack.moedelo.url}
    say(ADDRESSES.format(**{**stack.sandbox.addresses, **addresses}))
    while True:
        for server in (stack.odoo, stack.sandbox, stack.moedelo):
            if server.ended():
                raise Stop(f"{server.name} ended by itself; its log is {server.log}.")
        time.sleep(0.5)


def _moedelo(stack, *words):
    """tools/moedelo/service.py in the interpreter that has its libraries."""
    odoo = stack.databases.odoo
    command = [odoo.python, "-m", "tools.moedelo.service", *map(str, words)]
    subprocess.run(command, cwd=CHECKOUT, env=odoo.environment(pure=True), check=False)


def _database(databases):
    """The database with demo data: made once, updated when the add-on's files changed."""
    stamp = RUN / f"{DATABASE}.installed"
    state = addon_hash()
    if DATABASE not in databases.names():
        databases.install(DATABASE, databases.base(demo=True), ADDON, demo=True)
    elif not stamp.exists() or stamp.read_text() != state:
        say("Updating the add-on ...")
        databases.odoo.run("-d", DATABASE, "-u", ADDON, log=DATABASE)
    stamp.write_text(state)


def _port(variable, default):
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Stop(f"{variable}={text} is no port number.")
    return int(text)
