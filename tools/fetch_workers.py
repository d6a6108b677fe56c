"""Two cron workers against one: 40 journals of a pretend bank, fetched by processes of their own.

The bank answers after LATENCY seconds, as banks do over the internet. Each worker is a process
with Odoo in it that runs `_cron_fetch`, which is what a cron worker runs.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools import config
from tools.bench import Figure
from tools.paths import CHECKOUT

JOURNALS = 40
LATENCY = 0.3
PROGRAMS = Path(__file__).parent / "bench" / "programs"
READY = "READY"

# The pretend bank with as many accounts as there are journals; each answer takes its time.
_BANK = """
import sys, time
from sandbox import seed
from sandbox.mbank import reading
from sandbox.__main__ import main
first = seed.SEED["accounts"][0]
for number in range({journals}):
    bban = f"11401010{{9000 + number:016}}"
    check = 98 - int(bban + "252100") % 97
    seed.SEED["accounts"].append({{**first, "number": f"{{check:02}}{{bban}}"}})
answer = reading.statements
def statements(*args, **more):
    time.sleep({latency})
    return answer(*args, **more)
reading.statements = statements
from sandbox.mbank import service
for name, value in list(vars(service).items()):
    if value is answer:
        setattr(service, name, statements)
main(["--port", "0"])
"""


class Workers:
    """Measures in a database of its own; every run begins with nothing fetched."""

    def __init__(self, databases):
        self.databases = databases

    def run(self) -> Iterator[Figure]:
        one, two = self._fetch(1), self._fetch(2)
        title = f"{JOURNALS} journals, two cron workers, floor one"
        yield Figure(title, two, "s", one, one / 1.7)

    def _fetch(self, count: int) -> float:
        """Seconds until `count` workers have fetched everything, each entry once."""
        bank = self._bank()
        try:
            url = bank.stdout.readline().split()[-1]
            with self.databases.copy("test_bench") as name:
                self._program(name, "fetch_setup", url).communicate(timeout=600)
                workers = [self._program(name, "fetch_worker", url) for _ in range(count)]
                for worker in workers:
                    self._wait_for(worker)
                started = time.perf_counter()
                for worker in workers:
                    worker.stdin.write("\n")
                    worker.stdin.flush()
                for worker in workers:
                    worker.wait(timeout=600)
                seconds = time.perf_counter() - started
                self._check(name, url)
                return seconds
        finally:
            bank.terminate()
            bank.wait()

    def _bank(self):
        program = _BANK.format(journals=JOURNALS, latency=LATENCY)
        return subprocess.Popen(
            [sys.executable, "-c", program], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
        )

    def _program(self, name: str, program: str, url: str):
        odoo = self.databases.odoo
        conf = config.write(f"bench_{program}", odoo.home, db_name=name)
        environment = odoo.environment() | {
            "BENCH_DATABASE": name, "BENCH_CONF": str(conf), "BENCH_BANK": url,
            "BENCH_JOURNALS": str(JOURNALS),
        }  # fmt: skip
        return subprocess.Popen(
            [odoo.python, str(PROGRAMS / f"{program}.py")], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _wait_for(self, worker):
        for line in worker.stdout:
            if line.strip() == READY:
                return
        raise RuntimeError("a worker did not start")

    def _check(self, name: str, url: str):
        """Every journal was fetched, by one worker, and no entry is there twice."""
        output, _errors = self._program(name, "fetch_check", url).communicate(timeout=600)
        if "FETCHED" not in output:
            raise RuntimeError(f"not everything was fetched once: {output[-500:]}")
