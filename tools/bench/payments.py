# SPDX-License-Identifier: LGPL-3.0-only
"""From *Send* to the bank's receipt: our own seconds, without Odoo's posting and without the bank.

The floor is Odoo's own posting of the same payments. BENCH_COUNTS makes it shorter by hand.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.bench import Figure
from tools.ground import config
from tools.ground import setup as setting_up
from tools.ground.stack import Stack

# The first one warms up; then few, many, and the largest package.
COUNTS = os.environ.get("BENCH_COUNTS", "10,100,1000,5000")
PROGRAM = Path(__file__).parent / "programs" / "payments_send.py"
# Odoo's defaults for one request or one run of a cron.
CPU, REAL, MEMORY = 60.0, 120.0, 2048.0


def run() -> Iterator[Figure]:
    found = measure()
    few, many = found.get("100"), found.get("1000")
    if many:
        title = "1,000 payments, Send to receipt, floor posting"
        yield Figure(title, many["own"], "s", many["posting"], 2.0)
        yield Figure("the dialog with its checks before it", many["dialog"], "s", many["posting"])
    if few and many:
        growth = many["queries"] - few["queries"]
        # A batch of inserts or reads holds 1,000 rows at most: not one question for each payment.
        yield Figure("queries for 900 payments more", growth, "", few["queries"], 90)
    largest = max(found, key=int)
    title = f"{int(largest):,} payments in one package"
    yield Figure(f"{title}, processor", found[largest]["cpu"], "s", None, CPU)
    yield Figure(f"{title}, longest request", found[largest]["wall"], "s", None, REAL)
    yield Figure(f"{title}, memory", found[largest]["memory"], "MB", None, MEMORY)


def measure() -> dict[str, dict[str, float]]:
    with setting_up.ready() as databases, databases.copy("test_bench") as name:
        stack = Stack(databases, name, "bench")
        try:
            stack.start_sandbox("--execute-after", "manual")
            return _shell(databases, name, stack.sandbox.url)
        finally:
            stack.stop()


def _shell(databases, name: str, bank: str) -> dict[str, dict[str, float]]:
    odoo = databases.odoo
    conf = config.write("bench", odoo.home, db_name=name)
    words = ("shell", "-c", conf, "-d", name, "--no-http", "--log-level", "error")
    environment = odoo.environment() | {"BENCH_COUNTS": COUNTS, "BENCH_BANK": bank}
    done = subprocess.run(
        odoo.command(*words), env=environment, input=PROGRAM.read_text(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("BENCH ")]
    if not lines:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(lines[0].partition(" ")[2])
