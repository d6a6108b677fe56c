# SPDX-License-Identifier: LGPL-3.0-only
"""Real server processes: Odoo (threads or workers) and the sandbox, for `make run` and for tests.

    with stack.running(workers=2) as stack:       # a copy of the test database, free ports
        stack.odoo.url, stack.sandbox.url         # http://127.0.0.1:...
        stack.sandbox.addresses["phone"]          # and mbank, control, ...
        stack.start_moedelo()                     # the pretend Moe Delo: tools/moedelo/story.py
        stack.rpc()("res.partner", "search_count", [])
        stack.sql("SELECT ...")                   # rows as lists of text
        stack.odoo.pid                            # Odoo's main process; its workers are children

All of it ends with the context, and also when the process that started it is killed.
"""

import contextlib
import itertools
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import xmlrpc.client
from pathlib import Path

from tools.ground import config
from tools.ground import setup as setting_up
from tools.ground.paths import LINK, LOGS, RUN
from tools.ground.say import Stop

HOST = "127.0.0.1"
START_TIME = 120  # seconds that a server may take to answer for the first time
_numbers = itertools.count(1)


class Server:
    """One program in a process group of its own, logging into .run/logs."""

    def __init__(self, name, command, environment):
        self.name = name
        self.log = LOGS / f"{name}.log"
        self.url = None
        self.addresses = {}
        leash = [sys.executable, "-I", str(Path(__file__).with_name("leash.py"))]
        with self.log.open("w") as log:
            process = subprocess.Popen(
                [*leash, *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=LINK.parent,
                env=environment,
                start_new_session=True,
            )
        process.wait()  # it goes on as nobody's child; we keep the ends of its pipes
        self._leash, self._life = process.stdin, process.stdout
        line = self._life.readline()
        if not line:
            raise Stop(f"{name} could not be started; see {self.log}.")
        self.pid = int(line)

    def ended(self):
        return self._life.closed or bool(select.select([self._life], [], [], 0)[0])

    def stop(self):
        """End it in order: SIGTERM, and SIGKILL when that does not help."""
        self._leash.close()
        if not self._life.closed:
            self._life.read()  # until it is closed at the other end
            self._life.close()

    def kill(self):
        """SIGKILL to the whole process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.stop()

    def wait_until(self, answers):
        """Poll until answers() is true."""
        deadline = time.monotonic() + START_TIME
        while not answers():
            if self.ended():
                raise Stop(f"{self.name} ended by itself: {self._last_words()}")
            if time.monotonic() > deadline:
                raise Stop(f"{self.name} did not answer in {START_TIME} s; see {self.log}.")
            time.sleep(0.1)

    def _last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} (all of it: {self.log})."


class Stack:
    """Odoo on one database, the sandbox, the pretend Moe Delo. running() has a throw-away one."""

    def __init__(self, databases, database, name="stack"):
        self.databases = databases
        self.database = database
        self.name = name
        self.odoo = None
        self.sandbox = None
        self.moedelo = None
        self._servers = []
        self._users = {}

    def start_sandbox(self, *arguments, port=0):
        """Start the pretend banks; it says itself where it listens."""
        require_free(port, "SANDBOX_PORT")
        server = self._start_pretend("sandbox", "sandbox", port, (*arguments, *self._history()))
        self.sandbox = server
        # The demo data name the sandbox's usual address.
        self.sql(
            "UPDATE res_bank SET webservice_address = regexp_replace(webservice_address, "
            rf"'^http://127\.0\.0\.1:\d+', '{server.url}')"
        )
        secured = server.addresses["ing"].rpartition("/ing-ccs")[0]
        self.sql(
            "UPDATE res_bank SET webservice_address = regexp_replace(webservice_address, "
            rf"'^https://127\.0\.0\.1:\d+', '{secured}')"
        )
        return server

    def _history(self):
        """The demo data hold a month of the sandbox's history, counted from their own day."""
        first = "SELECT (min(create_date) - interval '30 days')::date FROM bank_document"
        ((day,),) = self.sql(first)
        return ("--history-from", day) if day else ()

    def start_moedelo(self, *arguments, port=0):
        """Start the pretend Moe Delo; tools.moedelo.pretend makes the two known to each other."""
        require_free(port, "MOEDELO_PORT")
        self.moedelo = self._start_pretend("moedelo", "sandbox.moedelo", port, arguments)
        return self.moedelo

    def _start_pretend(self, what, module, port, arguments):
        """A program of ours that says itself where it listens, and then its addresses."""
        odoo = self.databases.odoo
        command = [odoo.python, "-m", module, "--port", port, *arguments]
        server = self._start(what, command, odoo.environment(pure=True))

        def answers():
            # The line with the addresses comes after that one.
            found = re.search(r"ready on (http://\S+)\n.*\n", server.log.read_text())
            server.url = found and found[1].rstrip("/")
            return found

        server.wait_until(answers)
        server.addresses = _json_line(server.log.read_text())
        return server

    def start_odoo(self, workers=0, cron_threads=0, port=0, conf=None, arguments=(), **options):
        """Start Odoo; `options` (and the dict `conf`) are keys of odoo.conf."""
        require_free(port, "ODOO_PORT")
        odoo = self.databases.odoo
        port = port or free_port()
        settings = {
            "db_name": self.database,
            "dbfilter": f"^{self.database}$",
            "http_port": port,
            "gevent_port": free_port(),
            "workers": workers,
            "max_cron_threads": cron_threads,
            **(conf or {}),
            **options,
        }
        path = config.write(self.name, odoo.home, **settings)
        server = self._start("odoo", odoo.command("-c", path, *arguments), odoo.environment())
        server.url = f"http://{HOST}:{port}"
        server.wait_until(lambda: _answers(f"{server.url}/web/login"))
        self.odoo = server
        return server

    def rpc(self, login="admin", password="admin"):
        """A function call(model, method, *args, **kwargs) that works as that user."""
        uid = self._user(login, password)
        models = xmlrpc.client.ServerProxy(f"{self.odoo.url}/xmlrpc/2/object", allow_none=True)

        def call(model, method, *args, **kwargs):
            try:
                return models.execute_kw(self.database, uid, password, model, method, args, kwargs)
            except xmlrpc.client.Fault as fault:
                # Odoo committed, and has no word of XML-RPC for its answer "nothing".
                if "cannot marshal None" in fault.faultString:
                    return None
                raise

        return call

    def _user(self, login, password):
        """The user's id; asked once, since a password costs Odoo half a second each time."""
        if (login, password) not in self._users:
            common = xmlrpc.client.ServerProxy(f"{self.odoo.url}/xmlrpc/2/common")
            uid = common.authenticate(self.database, login, password, {})
            if not uid:
                raise Stop(f"Odoo refused the log-in of {login}.")
            self._users[login, password] = uid
        return self._users[login, password]

    def sql(self, statement):
        return self.databases.cluster.sql(statement, database=self.database)

    def stop(self):
        for server in reversed(self._servers):
            server.stop()
        self._servers.clear()

    def _start(self, what, command, environment):
        server = Server(f"{self.name}-{what}", command, environment)
        self._servers.append(server)
        return server


@contextlib.contextmanager
def running(name="stack", demo=False, sandbox=(), **odoo):
    """Odoo and the sandbox on a throw-away copy of the add-on's database.

    `sandbox`: more arguments for it, or None for no sandbox; the rest goes to start_odoo().
    """
    name = f"test_{name}_{next(_numbers)}"
    with setting_up.ready() as databases, databases.copy(name, demo=demo) as database:
        stack = Stack(databases, database, database)
        try:
            port = free_port()
            if sandbox is not None:
                stack.start_sandbox("--odoo", f"http://{HOST}:{port}", *sandbox)
            stack.start_odoo(port=port, **odoo)
            yield stack
        finally:
            stack.stop()
            (RUN / f"{database}.conf").unlink(missing_ok=True)


def free_port():
    with socket.create_server((HOST, 0)) as listener:
        return listener.getsockname()[1]


def require_free(port, variable):
    """One sentence when somebody else listens there already."""
    if not port:
        return
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        raise Stop(
            f"Port {port} is in use; stop what listens there, or name another port: "
            f"make run {variable}={port + 10}"
        ) from None


def _json_line(log):
    """What the sandbox says of its addresses: {"phone": "http://...", ...}."""
    lines = [line for line in log.splitlines() if line.startswith("{") and line.endswith("}")]
    return json.loads(lines[0]) if lines else {}


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False
