# SPDX-License-Identifier: LGPL-3.0-only
"""Who may import whom, as drawn in CONTRIBUTING.md: read out of every file's imports.

controllers, wizards --> models --> protocol --> zeep, lxml, cryptography, jwt, requests
sandbox --> (nothing of ours)        signer --> (nothing of ours)

Inside `models` the rooms stand in a row and inside `protocol` on floors: each knows only those
before it. What models call without an import is held in `test_rooms`.
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
#: models/ROOM, each beside those that it may call
ROOMS = (
    "connection", "orders", "roubles", "statements", "fetching",
    "access", "moedelo", "confidential", "desk", "demo",
)  # fmt: skip
#: files and folders of protocol/, from the ground up
FLOORS = (
    ("wording", "errors", "states", "vocabulary"),
    ("records", "bank", "ids", "accounts", "kinds", "calendar_pl", "vault", "whitelist",
     "rules_pl", "bank_codes", "currencies", "titles", "flat_list", "collect",
     "rouble_words", "challenges", "patience"),
    ("wire", "signatures", "formats", "access"),
    ("checks", "matching", "bik", "ksef_api"),
    ("moedelo", "banks"),
)  # fmt: skip


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


def test_a_room_imports_only_rooms_before_it():
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {'.'.join(parts)}"
        for number, room in enumerate(ROOMS)
        for path in sorted((ROOT / "models" / room).rglob("*.py"))
        for parts, line in paths(path)
        if parts[0] == "models" and (len(parts) < 2 or parts[1] not in ROOMS[: number + 1])
    ]
    assert not found, "\n".join(found)


def test_every_model_has_a_room_and_every_part_of_protocol_a_floor():
    assert _parts(ROOT / "models") == set(ROOMS)
    assert _parts(ROOT / "protocol") == {part for floor in FLOORS for part in floor}


def test_a_floor_of_protocol_imports_only_itself_and_those_below():
    floor_of = {part: number for number, floor in enumerate(FLOORS) for part in floor}
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {'.'.join(parts)}"
        for path in sorted((ROOT / "protocol").rglob("*.py"))
        for parts, line in paths(path)
        if parts[0] == "protocol" and floor_of.get(parts[1], 0) > floor_of.get(_part(path), 0)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("folder", ["protocol", "sandbox", "signer"])
def test_no_two_files_import_each_other_even_by_way_of_others(folder):
    files = {_module(path): path for path in (ROOT / folder).rglob("*.py")}
    known = {name: _imported(path, files) for name, path in files.items()}
    assert not _circle(known)


@pytest.mark.parametrize("folder", ["protocol", "sandbox"])
def test_no_two_folders_import_each_other_even_by_way_of_others(folder):
    known = {}
    for path in (ROOT / folder).rglob("*.py"):
        own = _part(path)
        if own != "__init__":
            others = {parts[1] for parts, _line in paths(path) if parts[0] == folder and parts[1:]}
            known.setdefault(own, set()).update(others - {own})
    assert not _circle(known)


def test_a_circle_is_seen():
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
    assert not _circle({"a": {"b", "c"}, "b": {"c"}, "c": {"unknown"}})


def imports(path, text=None):
    """(top-level name, line) of each import in a file; relative ones are resolved."""
    return ((parts[0], line) for parts, line in paths(path, text))


def paths(path, text=None):
    """(parts of the dotted name, line) of each import; a name of a module ends with the name."""
    tree = ast.parse(text if text is not None else path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _split(alias.name), node.lineno
        elif isinstance(node, ast.ImportFrom):
            start = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            module = _split(node.module) if node.module else []
            for alias in node.names:
                yield [*start, *module, alias.name], node.lineno


def _split(name):
    """odoo.addons.bank_webservice.models.orders -> [models, orders]."""
    return name.removeprefix("odoo.addons.bank_webservice.").split(".")


def _parts(folder):
    """The files and folders of a package, without itself."""
    return {
        path.stem
        for path in folder.iterdir()
        if path.suffix == ".py" or list(path.glob("*.py"))
    } - {"__init__"}  # fmt: skip


def _part(path):
    """protocol/formats/camt/entry.py -> formats; protocol/bank.py -> bank."""
    return path.relative_to(ROOT).with_suffix("").parts[1]


def _module(path):
    """protocol/formats/__init__.py -> protocol.formats."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imported(path, files):
    """The files that this one imports, itself excepted: of a.b.c the longest that is a file."""
    found = set()
    for parts, _line in paths(path):
        names = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
        found.update([name for name in names if name in files][:1])
    return found - {_module(path)}


def _circle(known):
    """What is left of {name: names that it imports} after all that can be put in a row."""
    known = dict(known)
    while free := [name for name, others in known.items() if not others & known.keys()]:
        for name in free:
            del known[name]
    return known
