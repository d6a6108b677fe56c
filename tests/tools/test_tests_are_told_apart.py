# SPDX-License-Identifier: LGPL-3.0-only
"""pytest knows a test file in a folder without __init__ by its name alone."""

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_no_two_test_files_have_one_name():
    names = Counter(path.name for path in TESTS.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_conftest_at_the_top():
    # It would make pytest import the add-on, and with it Odoo, for the pure tests too.
    assert not (TESTS / "conftest.py").exists()


def test_every_odoo_test_is_imported():
    # Odoo's own runner knows only what tests/__init__.py names: rooms, and in them their files.
    named = (TESTS / "__init__.py").read_text()
    for room in sorted(path.parent for path in TESTS.glob("*/__init__.py")):
        assert f"from .{room.name} import *\n" in named
        files = [f"from . import {path.stem}\n" for path in sorted(room.glob("test_*.py"))]
        listed = (room / "__init__.py").read_text().splitlines(keepends=True)
        assert [line for line in listed if not line.startswith("#")] == files
    assert not list(TESTS.glob("test_*.py"))
