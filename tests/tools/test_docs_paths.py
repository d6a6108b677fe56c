# SPDX-License-Identifier: LGPL-3.0-only
"""The documentation: what it names in backticks is there, and its lines are narrow."""

import re
from fnmatch import fnmatch

import pytest
from test_imports import ROOT

PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
FILE = re.compile(r"[\w./*-]+\.(?:py|xml|csv|js|toml|json|md|txt)|[\w.*-][\w./*-]*/")
WIDEST = 120
# What the reader makes, what a command makes, and patterns of a name.
MADE = (
    ".run/",
    ".run/bench/",
    "/moedelo/jwks.json",
    "build/dist/",
    "build/signer/",
    "kl_to_1c.txt",
    "migrations/",
    "migrations/19.0.2.0.0/pre-what.py",
    "model_topic.py",
    "post-what.py",
    "protocol/banks/yourbank.py",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_of_a_page_exists(page):
    missing = missing_paths(page.read_text(encoding="utf-8"))
    assert not missing, f"{page.name} names what is not there: {', '.join(missing)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_are_narrow_enough_to_be_read_beside_the_code(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    wide = [number for number, line in enumerate(lines, 1) if len(line) > WIDEST]
    assert not wide, f"{page.name}: {wide}"


def test_a_path_that_is_gone_is_found():
    text = "`protocol/states.py`, `orders/`, `states.py`, `gone.py`, `models/gone/`, `a/b`"
    assert missing_paths(text) == ["gone.py", "models/gone/"]


def missing_paths(text):
    """Names in backticks that end no path of the repository; `*` stands for any letters."""
    named = [name for name in re.findall(r"`([^`\n]+)`", text) if FILE.fullmatch(name)]
    return [
        name
        for name in named
        if name not in MADE
        and not re.search(r"[A-Z]{4}", name)  # KIND.VERSION.xml
        and not any(fnmatch(path, f"*/{name}") for path in PATHS)
    ]


def _paths():
    """Every file, and every folder with a slash at its end, below a slash."""
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if not any(part.startswith(".") or part == "__pycache__" for part in parts):
            yield f"/{'/'.join(parts)}" + ("/" if path.is_dir() else "")


PATHS = list(_paths())
