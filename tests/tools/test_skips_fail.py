# SPDX-License-Identifier: LGPL-3.0-only
"""A skipped test fails the run: nobody reads a list of skipped tests."""

import subprocess
import sys

EXAMPLE = """
import unittest
import pytest

def test_call():
    pytest.skip("no server")

@pytest.mark.skip(reason="later")
def test_mark():
    pass

class TestUnit(unittest.TestCase):
    def test_unit(self):
        self.skipTest("not today")

@pytest.mark.xfail(strict=True)
def test_expected():
    raise AssertionError
"""


def test_skipped_tests_are_failed_tests(tmp_path):
    (tmp_path / "test_example.py").write_text(EXAMPLE)
    command = [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "tools.pytest_plugin"]
    done = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "2 failed, 1 xfailed, 1 error" in done.stdout.splitlines()[-1]


def test_skipped_module_is_a_failed_module(tmp_path):
    (tmp_path / "test_example.py").write_text("import pytest\npytest.importorskip('nowhere')\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "tools.pytest_plugin"]
    done = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "A skipped test counts as failed" in done.stdout
