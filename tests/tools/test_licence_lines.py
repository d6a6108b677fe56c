# SPDX-License-Identifier: LGPL-3.0-only
"""The same licence everywhere, and its line in every file."""

import ast
import json
import re

import pytest
from test_imports import ROOT

from tools import licence_lines

OURS = "LGPL-3.0-only"


def test_every_file_names_it():
    without = [str(path.relative_to(ROOT)) for path in licence_lines.missing()]
    assert without == [], "python3 -m tools.licence_lines adds the line"


@pytest.mark.parametrize("text", ["import os\n", "", "#!/usr/bin/env python3\nimport os\n"])
def test_the_line_is_the_first_below_what_must_be_first(tmp_path, text):
    path = tmp_path / "one.py"
    path.write_text(text)
    licence_lines.add(path)
    first, line = text.startswith("#!"), licence_lines.FORMS[".py"]
    assert path.read_text().splitlines(keepends=True)[first] == line
    assert path.read_text().replace(line, "") == text


def test_whoever_names_a_licence_names_this_one():
    manifest = ast.literal_eval((ROOT / "__manifest__.py").read_text())
    assert manifest["license"] == "LGPL-3"  # Odoo's word for it
    described = json.loads((ROOT / "protocol/moedelo/openapi.json").read_text())
    assert described["info"]["license"]["identifier"] == OURS
    for name in ("pyproject.toml", "signer/pyproject.toml"):
        text = (ROOT / name).read_text()
        assert re.findall(r'"(\w*GPL[^"]*)"', text) in ([OURS], []), name
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text()
