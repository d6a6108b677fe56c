# SPDX-License-Identifier: LGPL-3.0-only
"""`python -m sandbox.moedelo`: the pretend Moe Delo as a server of its own."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading

from ..http import BadRequest
from ..server import Server
from . import statements
from .office import Office
from .routes import ROUTES

log = logging.getLogger("sandbox.moedelo")


def arguments(argv=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.moedelo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8071, help="0: a free one")
    parser.add_argument("--state", default="", help="keep the data in this file")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between looks")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args(argv)


def main(argv=None) -> int:
    options = arguments(argv)
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.WARNING)
    office = Office(options.state)
    try:
        server = Server(office, options.host, options.port, routes=ROUTES)
    except OSError as error:
        print(f"moedelo: cannot listen on port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = office.settings.banner
    print(f"moedelo ready on {base}", flush=True)
    addresses = {"base": base, "api": office.api, "back": office.back, "login": f"{base}/login",
                 "cabinet": f"{base}/cabinet", "control": f"{base}/control"}  # fmt: skip
    print(json.dumps(addresses), flush=True)
    while not stop.wait(options.every):
        look_around(office)
    server.shutdown()
    office.save()
    return 0


def look_around(office) -> None:
    """What we do by ourselves, once connected."""
    try:
        if office.state["tokens"]:
            statements.look_after_them(office)
    except (BadRequest, OSError) as error:
        log.warning("the bank's system: %s", error)
    office.save()


if __name__ == "__main__":
    sys.exit(main())
