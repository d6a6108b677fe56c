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
    # Odoo's own runner knows only what tests/__init__.py names.
    named = (TESTS / "__init__.py").read_text()
    files = sorted(path.stem for path in TESTS.glob("test_*.py"))
    assert [name for name in files if f"import {name}\n" not in named] == []
