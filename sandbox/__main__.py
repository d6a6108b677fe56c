# SPDX-License-Identifier: LGPL-3.0-only
"""`python -m sandbox`: pretend banks as a server of their own. See README.md."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
from datetime import date

from . import seed, start_page
from .cdc.service import ROUTES as CDC
from .listener import Listener
from .mbank import pain001
from .server import Server, compiled, keep_time
from .world import Settings, World


def arguments(argv=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8070, help="0: a free one")
    parser.add_argument("--odoo", default="http://127.0.0.1:8069", help="where Odoo is")
    parser.add_argument("--state", default="", help="keep the data in this file")
    parser.add_argument("--idle", type=int, default=600, help="seconds until a session ends")
    parser.add_argument(
        "--execute-after", default="5",
        help="seconds from accepting an order to booking it, or `manual`: by /control/run",
    )  # fmt: skip
    parser.add_argument(
        "--statements", choices=("day-end", "on-request"), default="on-request",
        help="when today's statement is made",
    )  # fmt: skip
    parser.add_argument(
        "--history-from", type=_day, metavar="YYYY-MM-DD",
        help="first day of the made-up history; usually 30 days ago",
    )  # fmt: skip
    parser.add_argument("--camt", choices=("02", "08"), default="02", help="version of camt.053")
    parser.add_argument("--tls-cert", default="", help="PEM; with --tls-key the server speaks TLS")
    parser.add_argument("--tls-key", default="")
    parser.add_argument("--cdc-port", type=int, default=0, help="of the banks with mutual TLS")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args(argv)


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def settings_of(options: argparse.Namespace) -> Settings:
    manual = options.execute_after == "manual"
    return Settings(
        odoo=options.odoo,
        idle=options.idle,
        execute_after=None if manual else float(options.execute_after),
        statements=options.statements,
        camt_version=options.camt,
        history_from=options.history_from or "",
    )


def main(argv=None) -> int:
    options = arguments(argv)
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.WARNING)
    world = World(settings_of(options), seed.fill, options.state)
    tls = (options.tls_cert, options.tls_key) if options.tls_cert else None
    port = options.port
    try:
        server = Server(world, options.host, port, tls)
        port = options.cdc_port
        secured = Listener(world, options.host, port, compiled(*CDC))
    except OSError as error:
        print(f"sandbox: cannot listen on {options.host}:{port}: {error.strerror}",
              file=sys.stderr)  # fmt: skip
        return 1
    world.cdc_listener = secured
    if pain001.schema("03") is None:
        print("sandbox: the package sepaxml is missing, packages are checked less strictly",
              file=sys.stderr)  # fmt: skip
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    for one in (server, secured):
        threading.Thread(target=one.serve_forever, daemon=True).start()
    print(f"sandbox ready on {world.settings.banner}", flush=True)
    print(json.dumps(start_page.addresses(world)), flush=True)
    keep_time(world, stop)
    server.shutdown()
    secured.shutdown()
    world.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
