# SPDX-License-Identifier: LGPL-3.0-only
"""Tests run beside each other: what shares a server must stay together."""

import subprocess
import sys

EXAMPLE = """
from pathlib import Path

import pytest

SEEN = Path(__file__).with_suffix(".seen")

@pytest.mark.parametrize("number", range(4))
def test_number(number, worker_id):
    with SEEN.open("a") as seen:
        seen.write(worker_id + " ")
"""
FILES = ("tests/browser/test_a.py", "tests/browser/test_b.py", "tests/test_c.py", "tests/test_d.py")


def test_browser_tests_and_those_of_a_file_stay_together(tmp_path):
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(EXAMPLE)
    command = [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "tools.pytest_plugin"]
    words = ["-n", "2", "--no-loadscope-reorder", tmp_path]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert "16 passed" in done.stdout, done.stdout
    seen = {name: (tmp_path / name).with_suffix(".seen").read_text().split() for name in FILES}
    for name, workers in seen.items():
        assert len(workers) == 4
        assert len(set(workers)) == 1, name
    assert seen[FILES[0]] == seen[FILES[1]], "the browser's files share one server"
    assert len({workers[0] for workers in seen.values()}) == 2, "two processes had work"
