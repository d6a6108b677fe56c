"""Refresh and a verified API call, beside Odoo's own bare `type='http'` route in the same server.

Two workers, two callers, 100,000 refresh tokens stored. The three kinds of call take turns, so that
what else the machine does weighs on all of them alike. The limits are shares of the bare route's
requests a second: 0.8 for a refresh, 0.9 for a call; here as time for one request.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil

from tools import stack as stacks
from tools.bench import Figure
from tools.moedelo import Service, Vendor

CALLERS = 2
ROUNDS = 10
CALLS = 50  # of one caller in one round
STORED = 100_000
BARE = "/web/health"  # Odoo's own route without session, user or page
CALL = "/moedelo/v1/client"
REFRESH = "/moedelo/refresh"
FORM = "application/x-www-form-urlencoded"

_FILL = f"""
    INSERT INTO moedelo_token (grant_id, generation, hash, issued_at, expires_at, retired_at)
    SELECT (SELECT min(id) FROM moedelo_grant), number + 1000,
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
        self._ask("GET", BARE, None, {})

    def call(self) -> None:
        self._ask("GET", CALL, None, {"Authorization": f"Bearer {self.said['access_token']}"})

    def refresh(self) -> None:
        form = urlencode({"refresh_token": self.said["refresh_token"]})
        headers = {"Authorization": self.basic, "Content-Type": FORM}
        self.said = json.loads(self._ask("POST", REFRESH, form, headers))

    def _ask(self, method: str, path: str, body: str | None, headers: dict) -> bytes:
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
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
    kinds: dict[str, Callable] = {
        "bare": Caller.bare,
        "call": Caller.call,
        "refresh": Caller.refresh,
    }
    times = {name: [] for name in kinds}
    cpu = {name: [] for name in kinds}
    with ThreadPoolExecutor(CALLERS) as pool:
        for number in range(ROUNDS + 1):
            for name, kind in kinds.items():
                spent = _processor_time(running)
                start = time.perf_counter()
                single = list(pool.map(lambda caller, kind=kind: _round(caller, kind), callers))
                whole = time.perf_counter() - start
                if number:  # the first round warms up
                    cpu[name].append(_processor_time(running) - spent)
                    times[name].append((whole, [one for some in single for one in some]))
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


def _round(caller: Caller, kind: Callable) -> list[float]:
    seconds = []
    for _number in range(CALLS):
        start = time.perf_counter()
        kind(caller)
        seconds.append(time.perf_counter() - start)
    return seconds


def _figures(times, cpu, log: str) -> Iterator[Figure]:
    each = {
        name: statistics.median(whole for whole, _single in rounds) / (CALLERS * CALLS) * 1000
        for name, rounds in times.items()
    }
    for name, title, share in (("refresh", "refresh", 0.8), ("call", "verified API call", 0.9)):
        limit = each["bare"] / share
        yield Figure(f"{title}, time for one", each[name], "ms", each["bare"], limit)
        yield Figure(f"{title}, share of bare requests/s", each["bare"] / each[name], "of 1")
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
