# SPDX-License-Identifier: LGPL-3.0-only
"""docs/payments.md names tests that exist, at least one a point, and every kind's golden file."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "payments.md").read_text(encoding="utf-8")
NAME = r"`((?:\w+/)?test_\w+(?:\.py)?)`"
KINDS = ("domestic", "own", "mpp", "tax", "zus", "sepa", "foreign", "express", "sorbnet")


def test_every_point_has_a_test():
    points = re.findall(r"^- \*\*((?:.|\n  )+?)\*\*:(.*\n(?:  .+\n)*)", TEXT, re.M)
    points += re.findall(r"^\| (?!point|check|---)(.+?) \| (.*) \|$", TEXT, re.M)
    assert len(points) > 35
    for point, held in points:
        assert re.search(NAME, held), point


def test_every_named_test_exists():
    files = {
        path.relative_to(ROOT / "tests").as_posix(): path for path in (ROOT / "tests").rglob("*.py")
    }
    code = "\n".join(path.read_text(encoding="utf-8") for path in files.values())
    for name in set(re.findall(NAME, TEXT)):
        known = name in files if name.endswith(".py") else f"def {name}(" in code
        assert known, name


def test_every_kind_has_its_golden_file():
    samples = ROOT / "tests" / "protocol" / "samples" / "pain001"
    for kind in KINDS:
        for version in ("03", "09"):
            assert (samples / f"{kind}.{version}.xml").exists(), (kind, version)
