# SPDX-License-Identifier: LGPL-3.0-only
"""The list of rules in the documentation is the one that the program works by."""

from datetime import date
from pathlib import Path

from protocol import rules_pl

PAGE = Path(__file__).resolve().parents[2] / "docs" / "poland.md"


def test_documentation_shows_every_rule_with_source_and_day():
    page = " ".join(PAGE.read_text("utf-8").split())
    for rule in rules_pl.RULES:
        said = rule.says if rule.value is None else f"{rule.says}: {rule.value}"
        source = rule.source if rule.confirmed else f"**not confirmed**: {rule.source}"
        line = f"- {rule.valid_from}: {said} *({source})*"
        assert line in page, line


def test_rules_have_different_names_and_a_source():
    names = [rule.name for rule in rules_pl.RULES]
    assert len(set(names)) == len(names)
    assert all(rule.source for rule in rules_pl.RULES)
    assert rules_pl.since("ksef-number") == date(2027, 1, 1)
