# SPDX-License-Identifier: LGPL-3.0-only
"""Refresh and a verified API call, beside Odoo's own bare `type='http'` route in the same server.

Two workers, two callers (processes: they never wait for each other), 100,000 stored refresh tokens.
The three kinds of call take turns, so that what else the machine does weighs on all of them alike.
The limits are shares of the bare route's requests a second: 0.8 for a refresh, 0.9 for a call; here
as so many times the bare route's time.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import re
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil

from tools.bench import Figure
from tools.ground import stack as stacks
from tools.moedelo.service import Service, Vendor

CALLERS = 2
ROUNDS = 30
CALLS = 50  # of one caller in one round
STORED = 100_000
BARE = "/web/health"  # Odoo's own route without session, user or page
CALL = "/moedelo/v1/client"
REFRESH = "/moedelo/refresh"
FORM = "application/x-www-form-urlencoded"

_FILL = f"""
    INSERT INTO moedelo_token (grant_id, generation, hash, issued_at, expires_at, retired_at)
    SELECT (SELECT min(id) FROM moedelo_grant), number + 1000000,
           md5(number::text) || md5('x' || number), now(), now() + interval '30 days', now()
      FROM generate_series(1, {STORED}) AS number
"""


class Caller:
    """One outside service that calls over and over, each time on a new connection."""

    def __init__(self, service: Service):
        self.host = urlsplit(service.url).netloc
        pair = f"{service.identifier}:{service.secret}".encode()
        self.basic = "Basic " + base64.b64encode(pair).decode()
        self.said = service.connect()

    def bare(self) -> None:
        self._ask("GET", BARE, {})

    def call(self) -> None:
        self._ask("GET", CALL, {"Authorization": f"Bearer {self.said['access_token']}"})

    def refresh(self) -> None:
        form = urlencode({"refresh_token": self.said["refresh_token"]})
        headers = {"Authorization": self.basic, "Content-Type": FORM}
        self.said = json.loads(self._ask("POST", REFRESH, headers, form))

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str = "") -> bytes:
        """One packet there: http.client sends a form as two, and the server would wait between."""
        lines = {"Host": self.host, **headers}
        if body:
            lines["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        with socket.create_connection(self.host.split(":"), timeout=60) as connection:
            connection.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n{body}".encode("ascii"))
            with http.client.HTTPResponse(connection, method=method) as answer:
                answer.begin()
                content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
        return content


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        vendor = Vendor(Path(folder))
        with stacks.running("bench_tokens", workers=2, sandbox=None, **vendor.conf) as running:
            callers = _callers(running, vendor)
            running.sql(_FILL)
            running.sql("ANALYZE moedelo_token")
            times, cpu = _measure(callers, running)
            log = running.odoo.log.read_text(errors="replace")
    yield from _figures(times, cpu, log)


def _callers(running, vendor: Vendor) -> list[Caller]:
    first = Service.register(running, vendor)
    services = [first]
    for _number in range(CALLERS - 1):
        pair = Service.new_client(running.rpc())
        services.append(Service(running, *pair, first.company_id))
    # a company's package names one service; each of the callers is let in as if it were that one
    callers = []
    for service in services:
        running.rpc()("moedelo.subscription", "write", [1], {"client_id": False})
        callers.append(Caller(service))
    return callers


def _measure(callers: list[Caller], running) -> tuple[dict, dict]:
    """For each kind of call, for each round: seconds for the whole round and seconds of each call;
    and the processor time of Odoo and PostgreSQL, which other programs hardly sway."""
    kinds = ("bare", "call", "refresh")
    times = {name: [] for name in kinds}
    cpu = {name: [] for name in kinds}
    with ProcessPoolExecutor(CALLERS) as pool:
        for number in range(ROUNDS + 1):
            for name in kinds:
                spent = _processor_time(running)
                start = time.perf_counter()
                rounds = list(pool.map(_round, callers, [name] * CALLERS))
                whole = time.perf_counter() - start
                callers = [caller for caller, _seconds in rounds]  # they know their next token
                if number:  # the first round warms up
                    cpu[name].append(_processor_time(running) - spent)
                    times[name].append((whole, [one for _caller, some in rounds for one in some]))
    return times, cpu


def _processor_time(running) -> float:
    """Seconds of processor time of Odoo's and PostgreSQL's processes so far."""
    postmaster = Path(running.databases.cluster.data, "postmaster.pid").read_text().split()[0]
    total = 0.0
    for root in (psutil.Process(running.odoo.pid), psutil.Process(int(postmaster))):
        used = root.cpu_times()  # with the children that have ended
        total += used.user + used.system + used.children_user + used.children_system
        for process in root.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += sum(process.cpu_times()[:2])
    return total


def _round(caller: Caller, kind: str) -> tuple[Caller, list[float]]:
    """The caller as it is afterwards, and the seconds of each of its calls."""
    call = getattr(caller, kind)
    seconds = []
    for _number in range(CALLS):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return caller, seconds


def _figures(times, cpu, log: str) -> Iterator[Figure]:
    each = {
        name: statistics.median(whole for whole, _single in rounds) / (CALLERS * CALLS) * 1000
        for name, rounds in times.items()
    }
    for name, title, share in (("refresh", "refresh", 0.8), ("call", "verified API call", 0.9)):
        yield Figure(f"{title}, time for one", each[name], "ms", each["bare"])
        # each round beside the bare round just before it: what the machine did then weighs on both
        pairs = zip(times[name], times["bare"], strict=True)
        longer = statistics.median(own / bare for (own, _single), (bare, _other) in pairs)
        yield Figure(f"{title}, times the bare route's time", longer, "", None, 1 / share)
        yield Figure(f"{title}, share of bare requests/s", 1 / longer, "of 1")
        own, floor = (
            statistics.median(cpu[one]) / (CALLERS * CALLS) * 1000 for one in (name, "bare")
        )
        yield Figure(f"{title}, processor time", own, "ms", floor)
    for name, title in (("bare", "bare route"), ("refresh", "refresh"), ("call", "API call")):
        single = sorted(one * 1000 for _whole, some in times[name] for one in some)
        yield Figure(f"{title}, p50", single[len(single) // 2], "ms")
        yield Figure(f"{title}, p99", single[len(single) * 99 // 100], "ms")
    for path, title in ((BARE, "bare route"), (REFRESH, "refresh"), (CALL, "API call")):
        yield Figure(f"{title}, queries, {STORED} tokens stored", _queries(log, path), "queries")


def _queries(log: str, path: str) -> float:
    """Queries of one call, the median, as Odoo's own access log counts them."""
    found = re.findall(rf'"\w+ {re.escape(path)} HTTP/1\.\d" 200 - (\d+) ', log)
    return float(statistics.median(map(int, found)))
