"""Who may import whom, as drawn in CONTRIBUTING.md: read out of every file's imports.

controllers, wizards --> models --> protocol --> zeep, lxml, cryptography, jwt, requests
sandbox --> (nothing of ours)        signer --> (nothing of ours)
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"controllers", "wizards", "models", "protocol", "sandbox", "signer", "tools", "tests"}
WIRE = {"zeep", "requests", "lxml", "jwt"}  # what speaks with a bank: protocol's alone
FORBIDDEN = {
    "protocol": OURS - {"protocol"} | {"odoo"},
    "sandbox": OURS - {"sandbox"} | {"odoo"},
    "signer": OURS - {"signer"} | {"odoo"},
    "models": OURS - {"models", "protocol"} | WIRE,
    "wizards": OURS - {"wizards", "models", "protocol"} | WIRE,
    "controllers": OURS - {"controllers", "models", "protocol"} | WIRE,
}


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_folder_imports_only_what_it_may(folder):
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name, line in imports(path)
        if name in FORBIDDEN[folder]
    ]
    assert not found, "\n".join(found)


def test_relative_and_late_imports_are_seen(tmp_path):
    path = ROOT / "models" / "example.py"
    text = "from ..protocol import bank\nfrom . import x\ndef f():\n    import lxml.etree\n"
    assert list(imports(path, text)) == [("protocol", 1), ("models", 2), ("lxml", 4)]


def imports(path, text=None):
    """(top-level name, line) of each import in a file; relative ones are resolved."""
    tree = ast.parse(text if text is not None else path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _top(alias.name), node.lineno
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                yield _top(node.module), node.lineno
                continue
            parts = path.relative_to(ROOT).parts[: -node.level]
            for alias in node.names:
                yield [*parts, *(node.module or alias.name).split(".")][0], node.lineno


def _top(name):
    """odoo.addons.bank_webservice.models -> models."""
    return name.removeprefix("odoo.addons.bank_webservice.").split(".")[0]
