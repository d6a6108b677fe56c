# SPDX-License-Identifier: LGPL-3.0-only
"""The program: its options, its desk, its server."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from . import __version__, autostart, driver, home, modules
from .card import Cards
from .desk import Desk, SoftwareDesk
from .errors import Refusal
from .pairing import Pairings, check_site
from .server import SignerServer
from .service import Service


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="signer", description="Signs with the card of this computer."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--port", type=int, help="port on 127.0.0.1 (default: this user's own)")
    parser.add_argument(
        "--module", action="append", metavar="PATH", help="PKCS#11 module; may be given again"
    )
    parser.add_argument("--home", type=Path, default=home.folder(), help="folder of the pairings")
    parser.add_argument("--terminal", action="store_true", help="ask in the terminal, no windows")
    parser.add_argument(
        "--autostart", choices=("on", "off"), help="start with the computer, and end"
    )
    parser.add_argument("--pairings", action="store_true", help="list the paired sites, and end")
    parser.add_argument("--revoke", metavar="ID", help="revoke a pairing, and end")
    parser.add_argument(
        "--pair-now", action="store_true", help="a site may pair in the first two minutes"
    )
    parser.add_argument("--pair", metavar="ORIGIN", default="", help="only this site may pair now")
    parser.add_argument("--pin-from", type=Path, metavar="FILE", help="tests: software tokens only")
    parser.add_argument("--approve", action="store_true", help="tests: only with --pin-from")
    options = parser.parse_args(words)
    if options.port is not None and not 0 <= options.port < 65536:
        parser.error(f"{options.port} is no port")
    if options.approve and not (options.pin_from and options.pair):
        parser.error("--approve is for tests: it needs --pin-from and --pair")
    if options.pair:
        try:
            check_site(options.pair)
        except Refusal as refusal:
            parser.error(refusal.message)
    return options


def main(words: list[str] | None = None) -> int:
    """The exit code. A folder or file that cannot be used is one sentence."""
    words = sys.argv[1:] if words is None else words
    if words[:1] == ["--driver"]:
        return driver.serve(words[1])
    options = arguments(words)
    try:
        return _run(options)
    except OSError as error:
        print(f"The signer cannot use {error.filename}: {error.strerror}.", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    pairings = Pairings(options.home)
    if options.autostart:
        print(autostart.switch(options.autostart == "on", _kept(options)))
        return 0
    if options.pairings:
        for pairing in pairings.all():
            print(pairing.id, pairing.origin, pairing.database, pairing.user, pairing.paired_at)
        return 0
    if options.revoke:
        revoked = pairings.revoke(options.revoke)
        print("Revoked." if revoked else "There is no such pairing; --pairings lists them.")
        return 0 if revoked else 1
    return _serve(options, pairings)


def _kept(options: argparse.Namespace) -> list[str]:
    """The options that a start with the computer needs too."""
    words = [] if options.port is None else ["--port", str(options.port)]
    for module in options.module or []:
        words += ["--module", str(Path(module).absolute())]
    if options.home != home.folder():
        words += ["--home", str(options.home.absolute())]
    return words


def _serve(options: argparse.Namespace, pairings: Pairings) -> int:
    desk = _desk(options, pairings)
    cards = Cards(options.module or modules.found())
    service = Service(cards, desk, pairings, pair_only=options.pair)
    server = _listen(options, service)
    if server is None:
        print("No port of the signer is free. Is it running already?", file=sys.stderr)
        return 1
    address = f"http://127.0.0.1:{server.port}"
    desk.attach(address, service.talk.open, service.talk.seconds_left, cards.lines)
    if options.pair_now:
        service.talk.open()
    stop = threading.Event()

    def end(*_event) -> None:
        stop.set()
        desk.interrupt()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, end)
    print(f"The signer listens at {address}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    desk.run(stop)
    server.server_close()
    cards.stop()
    return 0


def _listen(options: argparse.Namespace, service: Service) -> SignerServer | None:
    candidates = home.ports(options.home) if options.port is None else [options.port]
    for port in candidates:
        try:
            server = SignerServer(port, service)
        except OSError:
            continue
        home.remember_port(options.home, server.port)
        return server
    return None


def _desk(options: argparse.Namespace, pairings: Pairings) -> Desk:
    if options.pin_from is None:
        return _person(options, pairings)
    pin = options.pin_from.read_text(encoding="utf-8").strip()
    person = None if options.approve else _person(options, pairings)
    return SoftwareDesk(pin, approve=options.approve, pair_with=options.pair, person=person)


def _person(options: argparse.Namespace, pairings: Pairings) -> Desk:
    """Windows where there are any, else the terminal."""
    from .desk_terminal import TerminalDesk

    if options.terminal:
        return TerminalDesk()
    try:
        from .desk_window import WindowDesk, tk
    except ImportError:
        return TerminalDesk()
    try:
        return WindowDesk(pairings)
    except tk.TclError:
        return TerminalDesk()
