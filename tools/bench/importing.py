# SPDX-License-Identifier: LGPL-3.0-only
"""Statements into the books: against Odoo's `create`, against OCA's import, and by two workers.

Medians of RUNS runs, in turns within one process, each undone: a busy moment of the machine hits
all ways. BENCH_RUNS and BENCH_ENTRIES make it shorter by hand.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.bench import Figure
from tools.bench.programs import large_documents
from tools.bench.programs.fetch_workers import Workers
from tools.ground import config
from tools.ground import setup as setting_up
from tools.ground.paths import CACHE

ENTRIES = int(os.environ.get("BENCH_ENTRIES", "5000"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
PROGRAMS = Path(__file__).parent / "programs"
OCA = (
    "account-statement-base",
    "account-statement-import-base",
    "account-statement-import-file",
    "account-statement-import-camt",
)


def run() -> Iterator[Figure]:
    with setting_up.ready() as databases, tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.xml")
        large_documents.write_camt(path, ENTRIES)
        yield from _lines(databases, path)
        yield from _lines(databases, path, "sale_management,point_of_sale")
        yield from _oca(databases, path)
        yield from Workers(databases).run()


def _lines(databases, path: Path, beside: str = "") -> Iterator[Figure]:
    with databases.copy("test_bench") as name:
        if beside:
            _install(databases, name, beside)
        found = _shell(databases, name, path)
    words = f", beside {beside}" if beside else ""
    for key, journal in (("", "journal in zloty"), ("_euro", "journal in euro")):
        floor = found[f"plain{key}"]
        title = f"{ENTRIES:,} entries, {journal}, floor create{words}"
        yield Figure(title, found[f"fast{key}"], "s", floor, floor / 8)
    yield Figure(f"the same {ENTRIES:,} entries again{words}", found["again"], "s", None, 1.0)


def _oca(databases, path: Path) -> Iterator[Figure]:
    folder = oca_folder()
    with databases.copy("test_bench") as name:
        _install(databases, name, "account_statement_import_camt", folder)
        found = _shell(databases, name, path, folder)
    floor = found["oca"]
    title = f"camt.053 of {ENTRIES:,} entries, floor OCA's import"
    yield Figure(title, found["file"], "s", floor, floor / 5)


def oca_folder() -> Path:
    """OCA's add-ons from PyPI, without what they depend on, in a folder of their own."""
    folder = CACHE / "oca19"
    if not (folder / "odoo" / "addons" / "account_statement_import_camt").exists():
        names = [f"odoo-addon-{name}==19.*" for name in OCA]
        words = ["install", "--quiet", "--no-deps", "--target", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", *words, *names], check=True)
    return folder


def _shell(databases, name: str, path: Path, oca: Path | None = None) -> dict[str, float]:
    """Medians of what the program measured."""
    more = {"BENCH_ENTRIES": ENTRIES, "BENCH_RUNS": RUNS, "BENCH_FILE": path}
    more |= {"BENCH_OCA": "1"} if oca else {}
    program = (PROGRAMS / "importing_lines.py").read_text()
    conf = config.write("bench", databases.odoo.home, db_name=name)
    command = ("shell", "-c", conf, "-d", name, "--no-http", "--log-level", "warn")
    output = _odoo(databases, oca, *command, text=program, more=more)
    (line,) = [line for line in output.splitlines() if line.startswith("BENCH ")]
    measured = json.loads(line.partition(" ")[2])
    return {key: statistics.median(values) for key, values in measured.items()}


def _install(databases, name: str, addons: str, oca: Path | None = None) -> None:
    _odoo(databases, oca, "-d", name, "-i", addons, "--stop-after-init", "--no-http")


def _odoo(databases, oca, *words, text="", more=None) -> str:
    environment = databases.odoo.environment() | {k: str(v) for k, v in (more or {}).items()}
    if oca:
        environment["PYTHONPATH"] += f"{os.pathsep}{oca}"
    if words[0] != "shell":
        words = ("-c", config.write("bench", databases.odoo.home), *words)
    done = subprocess.run(
        databases.odoo.command(*words), env=environment, input=text, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return done.stdout
