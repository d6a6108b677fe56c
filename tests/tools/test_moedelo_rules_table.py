# SPDX-License-Identifier: LGPL-3.0-only
"""The table of rules in docs/moedelo-tokens.md names tests that exist, at least one a rule."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = 40


def rows():
    text = (ROOT / "docs" / "moedelo-tokens.md").read_text(encoding="utf-8")
    row = r"^(\d+)\. \*\*(?:.|\n    )+?\*\*:(.*\n(?:    .+\n)*)"
    return {int(number): held for number, held in re.findall(row, text, re.M)}


def test_every_rule_has_its_test():
    assert sorted(rows()) == list(range(1, RULES + 1))
    for number, held in rows().items():
        assert re.search(r"`(\w+/)?test_\w+(\.py)?`", held), number


def test_every_named_test_exists():
    text = (ROOT / "docs" / "moedelo-tokens.md").read_text(encoding="utf-8")
    files = {
        path.relative_to(ROOT / "tests").as_posix(): path for path in (ROOT / "tests").rglob("*.py")
    }
    code = "\n".join(path.read_text(encoding="utf-8") for path in files.values())
    named = set(re.findall(r"`((?:\w+/)?test_\w+(?:\.py)?)`", text))
    assert len(named) > 40
    for name in named:
        known = name in files if name.endswith(".py") else f"def {name}(" in code
        assert known, name
