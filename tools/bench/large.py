# SPDX-License-Identifier: LGPL-3.0-only
"""What an operation costs in a company's database after years, beside the same in a small one.

Both databases are filled alike: SQL copies of rows that the product made. BENCH_LINES and
BENCH_JOURNALS make the large one smaller by hand; BENCH_KEEP=1 leaves it there for the next run.
A row that misses its limit leaves the plan of its slowest query in .run/bench/.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tools.bench import Figure
from tools.bench.programs.together import Together
from tools.ground import config
from tools.ground import setup as setting_up
from tools.ground.paths import ADDON, RUN

LINES = int(os.environ.get("BENCH_LINES", "300000"))
JOURNALS = int(os.environ.get("BENCH_JOURNALS", "200"))
FEW_LINES = 2000
PROGRAMS = Path(__file__).parent / "programs"
# Seconds above which a row of the large database is missed, however it does in the small one.
LIMITS = {
    "entries: list": 0.3,
    "entries: list of the open": 0.3,
    "entries: filter With a proposal": 1.0,
    "entries: form of an open one": 0.3,
    "which entries are known, 1,000": 0.03,
    "other numbers of a key": 0.01,
    "orders: list": 0.1,
    "Moe Delo: list of 100": 0.1,
    "two signers: sums of a day": 0.1,
    "orders of the last days": 0.1,
    "bill: its orders": 0.05,
    "a statement's record": 0.01,
}
# Rows that are held against Odoo's own in the same database: times it.
TIMES_ODOO = {
    "dashboard of 20 journals": 1.3,
    "dashboard of all journals": 1.3,
    "journal items": 1.1,
    "entries grouped by journal": 1.2,
}
INSTALLING = 20.0  # seconds more than into an empty database


def run() -> Iterator[Figure]:
    with setting_up.ready() as databases:
        small, large = f"bench_small_{FEW_LINES}", f"bench_large_{LINES}"
        try:
            few = _made(databases, small, FEW_LINES, 20)
            many = _made(databases, large, LINES, JOURNALS)
            if few and many:
                yield Figure("installing, floor a small database", many, "s", few, few + INSTALLING)
            yield from _rows(_measured(databases, small), _measured(databases, large))
            yield from Together(databases, large, _shell).run()
        finally:
            if not os.environ.get("BENCH_KEEP"):
                databases.drop(small)
                databases.drop(large)


def _made(databases, name: str, lines: int, journals: int) -> float | None:
    """Fills a database unless it is there; the seconds that installing the add-on took."""
    if name in databases.names():
        return None
    building = f"{name}_filling"
    databases.drop(building)
    databases.create(building, databases.base())
    _shell(databases, building, "large_fill", "books", lines, journals)
    databases.cluster.sql("VACUUM ANALYZE", database=building)
    started = time.perf_counter()
    databases.odoo.run("-d", building, "-i", ADDON, log=name)
    spent = time.perf_counter() - started
    _shell(databases, building, "large_fill", "ours", lines, journals)
    databases.cluster.sql("VACUUM ANALYZE", database=building)
    databases.rename(building, name)
    return spent


def _measured(databases, name: str) -> dict[str, list]:
    """{row: [seconds, queries, slowest query]}."""
    output = _shell(databases, name, "large_rows")
    (line,) = [line for line in output.splitlines() if line.startswith("BENCH ")]
    found = json.loads(line.partition(" ")[2])
    for row, (seconds, _queries, query) in found.items():
        if seconds >= LIMITS.get(row, seconds + 1):
            _keep_plan(databases, name, row, query)
    return found


def _rows(few: dict[str, list], many: dict[str, list]) -> Iterator[Figure]:
    for name, limit in LIMITS.items():
        yield Figure(f"{name} (large, floor small)", many[name][0], "s", few[name][0], limit)
        more = many[name][1] - few[name][1]
        if more > 2:  # a page more of a batch
            yield Figure(f"{name}: queries more", more, "", few[name][1], 1)
    for name, times in TIMES_ODOO.items():
        ours = many.get(name) or many[f"Odoo's {name}"]
        odoos = many[f"Odoo's own: {name}"][0]
        yield Figure(f"{name} (large, floor Odoo's own)", ours[0], "s", odoos, odoos * times)


def _keep_plan(databases, name: str, row: str, query: str) -> None:
    folder = RUN / "bench"
    folder.mkdir(exist_ok=True)
    if query.lstrip().upper().startswith("SELECT"):
        plan = databases.cluster.sql(f"EXPLAIN (ANALYZE, BUFFERS) {query}", database=name)
        text = "\n".join("|".join(line) for line in plan)
        path = folder / f"{name}-{re.sub('[^a-z0-9]+', '-', row.lower())}.txt"
        path.write_text(f"{query}\n\n{text}\n")


def _shell(databases, name: str, program: str, fill="", lines=0, journals=0) -> str:
    conf = config.write("bench", databases.odoo.home, db_name=name)
    words = ("shell", "-c", conf, "-d", name, "--no-http", "--log-level", "error")
    more = {"BENCH_FILL": fill, "BENCH_LINES": str(lines), "BENCH_JOURNALS": str(journals)}
    done = subprocess.run(
        databases.odoo.command(*words), env=databases.odoo.environment() | more,
        input=(PROGRAMS / f"{program}.py").read_text(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "FILLED" not in done.stdout and "BENCH " not in done.stdout:
        raise RuntimeError(done.stderr[-3000:])
    return done.stdout
