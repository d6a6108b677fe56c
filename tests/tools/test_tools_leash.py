# SPDX-License-Identifier: LGPL-3.0-only
"""Servers end with the process that started them, however that dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

LEASH = Path(__file__).resolve().parents[2] / "tools" / "ground" / "leash.py"
PARENT = """
import subprocess, sys, time
leash = subprocess.Popen([sys.executable, *sys.argv[1:]], stdin=-1, stdout=-1)
print(leash.stdout.readline().decode(), flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)"


def test_child_ends_when_the_parent_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(LEASH), sys.executable, "-c", STUBBORN],
        stdout=subprocess.PIPE,
        text=True,
    )
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.ppid() != parent.pid  # Odoo's test classes end all children
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 15
    while child.is_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.is_running()


def test_output_closes_when_the_command_ends():
    leash = subprocess.Popen(
        [sys.executable, LEASH, sys.executable, "-c", "import time; time.sleep(60)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    pid = int(leash.stdout.readline())
    os.kill(pid, signal.SIGKILL)
    assert leash.communicate()[0] == b""
