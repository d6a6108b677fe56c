# SPDX-License-Identifier: LGPL-3.0-only
"""Every command that the Makefile and the documents name, and what it says of itself."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import commands
from tools.ground import paths
from tools.ground.say import Stop

ROOT = Path(__file__).resolve().parents[2]
TARGETS = re.search(r"^(setup .*):$", (ROOT / "Makefile").read_text(), re.M)[1].split()
TEXTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile")]


def advertised():
    texts = [*TEXTS, *sorted((ROOT / "docs").glob("*.md"))]
    found = {name for text in texts for name in re.findall(r"\bmake ([a-z-]+)\b", text.read_text())}
    return found & set(re.findall(r"`make ([a-z-]+)", "\n".join(map(Path.read_text, texts))))


def test_what_is_advertised_is_there():
    assert advertised() - {"help"} <= set(TARGETS)
    assert len(advertised()) > 10


@pytest.mark.parametrize("target", TARGETS)
def test_help_says_what_it_does_and_fetches_nothing(target, tmp_path):
    """With empty folders for its state and its cache, and no network to speak of."""
    nowhere = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "https_proxy": "http://127.0.0.1:9"}
    environment = {**os.environ, **nowhere, "BANK_WEBSERVICE_STATE": str(tmp_path / "run")}
    environment.pop("PYTHONPATH", None)
    words = ["make", "--no-print-directory", target, "ARGS=--help", f"PYTHON={sys.executable}"]
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) > 20
    assert not list(tmp_path.iterdir())


def test_an_old_python_gets_a_sentence(tmp_path):
    """As one of 3.8 sees it: nothing newer is read before the sentence."""
    start = "import sys, runpy; sys.version_info = (3, 8, 20); sys.argv = ['tools', 'test']; "
    start += "runpy.run_module('tools', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Odoo 19 needs Python 3.10 or newer, this is 3.8:")
    head = (ROOT / "tools" / "__main__.py").read_text().partition("from tools")[0]
    compile(head, "head", "exec")
    assert "match " not in head


def test_clean_removes_nothing_while_run_is_up(monkeypatch, tmp_path):
    lock = tmp_path / "running.lock"
    monkeypatch.setattr(commands, "RUNNING", lock)
    monkeypatch.setattr(commands, "prepare", lambda: None)
    removed = []
    monkeypatch.setattr(shutil, "rmtree", removed.append)
    monkeypatch.setattr(commands.postgres, "Cluster", lambda: pytest.fail("it was removed"))
    monkeypatch.setattr(commands, "_wanted", lambda _question: False)
    with paths.locked(lock), pytest.raises(Stop, match="make run is up"):
        commands.clean([])
    assert removed == []
