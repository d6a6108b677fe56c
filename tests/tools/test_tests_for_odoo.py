# SPDX-License-Identifier: LGPL-3.0-only
"""Odoo's own runner imports the tests of every installed add-on, on whatever server it is."""

import ast
import re
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
ROOMS = sorted(path.parent for path in TESTS.glob("*/__init__.py"))
FILES = [TESTS / "common.py", *(file for room in ROOMS for file in sorted(room.glob("*.py")))]
# Imported by our tests alone, where a test needs them: not when the file is read.
LATE = {TESTS / "moedelo" / "openapi_check.py"}
# What an Odoo with this add-on has, by the names that one imports.
THERE = {"odoo", "psycopg2", "lxml", "freezegun", "requests", "cryptography", "zeep", "jwt"}
BASES = {"TransactionCase", "HttpCase"}


def _imported(file):
    """Names of the packages that a file imports when it is read."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            beside = file.parent.joinpath(*[".."] * (node.level - 1), f"{node.module}.py").resolve()
            assert beside not in LATE, f"{file.name} imports {beside.name} when it is read"


def test_no_package_of_development_is_imported_when_a_test_is_read():
    known = THERE | sys.stdlib_module_names
    found = {(file.name, name) for file in FILES if file not in LATE for name in _imported(file)}
    assert {one for one in found if one[1] not in known} == set()


def test_each_runs_after_the_installation():
    # At the installation of one add-on, others of the same database are not there yet.
    missing = []
    for file in FILES:
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef) and BASES & {ast.unparse(one) for one in node.bases}:
                tags = " ".join(ast.unparse(one) for one in node.decorator_list)
                if not re.search(r"'post_install', '-at_install'", tags):
                    missing.append(f"{file.name}: {node.name}")
    assert missing == ["common.py: OrdersCase"]  # a BankCase, and tagged as that
