# SPDX-License-Identifier: LGPL-3.0-only
"""Reading statements of 100,000 entries: speed beside the mt-940 library, and memory.

Each measurement is a process of its own, and its time is the processor's. Memory: the highest
resident size while reading, above the size when the document stands in memory and the reader is
imported. Every entry is read and checked, none is kept.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.bench import Figure
from tools.bench.programs import large_documents
from tools.ground.paths import CHECKOUT

ENTRIES = 100_000
RUNS = 5
MEMORY = 64  # MB

_OURS = """
import json, sys, time
from pathlib import Path
from protocol import formats
from protocol.formats.camt import stream
def highest():
    # Of this program alone: getrusage also knows how large the one was that started it.
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("VmHWM:"))
data = open(sys.argv[1], "rb").read()
start = highest()
before = time.process_time()
count = 0
for statement in formats.parse(data):
    for entry in formats.check(statement).entries:
        count += 1
seconds = time.process_time() - before
print(json.dumps({"count": count, "seconds": seconds, "megabytes": (highest() - start) / 1024}))
"""
_LIBRARY = """
import json, sys, time
import mt940
data = open(sys.argv[1], "rb").read()
before = time.process_time()
count = len(mt940.parse(data, encoding="iso-8859-2"))
print(json.dumps({"count": count, "seconds": time.process_time() - before}))
"""


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        swift, camt = Path(folder, "large.sta"), Path(folder, "large.xml")
        large_documents.write_mt940(swift, ENTRIES)
        large_documents.write_camt(camt, ENTRIES)
        library, ours, stream = [], [], []
        for _ in range(RUNS):  # in turns: a busy moment of the machine then hits all of them
            library.append(_child(_LIBRARY, swift))
            ours.append(_child(_OURS, swift))
            stream.append(_child(_OURS, camt))
    floor = _median(library, "seconds")
    name = f"MT940, {ENTRIES:,} entries"
    yield Figure(f"{name}, floor mt-940", _median(ours, "seconds"), "s", floor, floor)
    yield Figure(f"{name}, memory", _median(ours, "megabytes"), "MB", None, MEMORY)
    name = f"camt.053, {ENTRIES:,} entries"
    yield Figure(name, _median(stream, "seconds"), "s")
    yield Figure(f"{name}, memory", _median(stream, "megabytes"), "MB", None, MEMORY)


def _median(found: list[dict], key: str) -> float:
    return statistics.median(one[key] for one in found)


def _child(program: str, path: Path) -> dict:
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    if result["count"] != ENTRIES:
        raise RuntimeError(f"{result['count']} entries read instead of {ENTRIES}")
    return result
