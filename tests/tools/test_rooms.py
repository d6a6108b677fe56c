# SPDX-License-Identifier: LGPL-3.0-only
"""The rooms of models/, read out of the source: who calls whom, and where a method is defined.

A room's files call only rooms before it, and inside a room each method of a model is written once:
what a model does stands in one place, and the order in which files are loaded decides nothing.
Between rooms a method may add to that of a room before it, by way of super().
"""

import ast
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from test_imports import ROOMS, ROOT

MODELS = ROOT / "models"
MOST_FILES = 8


@dataclass(frozen=True)
class Method:
    """A method of one model; `adds`: it calls super() for itself."""

    model: str
    name: str
    room: str
    place: str
    adds: bool


@dataclass(frozen=True)
class Call:
    """A call; `model` is known where it is super()'s."""

    model: str | None
    name: str
    room: str
    place: str


def test_no_private_method_of_a_room_above_is_called():
    owners = {}  # (model, name) -> the first room that defines it without adding; -1 is Odoo
    for (model, name), same in _grouped(lambda m: (m.model, m.name)).items():
        own = [ROOMS.index(method.room) for method in same if not method.adds]
        owners[model, name] = min(own, default=-1)
    lowest = {}
    for (_model, name), room in owners.items():
        lowest[name] = min(room, lowest.get(name, room))
    found = [
        f"{call.place} calls {call.name}"
        for call in calls()
        if owners.get((call.model, call.name), lowest.get(call.name, -1)) > ROOMS.index(call.room)
    ]
    assert not found, "\n".join(found)


def test_every_file_that_defines_a_model_is_loaded():
    for room in ROOMS:
        loaded = (MODELS / room / "__init__.py").read_text()
        models = [
            path.stem for path in (MODELS / room).glob("*.py") if "(models." in path.read_text()
        ]
        assert [name for name in models if f"from . import {name}\n" not in loaded] == [], room


def test_no_method_is_defined_twice_in_one_model_inside_a_room():
    found = [
        f"{model}.{name} in {room}: {', '.join(method.place for method in same)}"
        for (model, name, room), same in _grouped(lambda m: (m.model, m.name, m.room)).items()
        if len(same) > 1
    ]
    assert not found, "\n".join(found)


def test_a_model_of_ours_lies_in_few_files():
    """So that it can be read; steps over several records are plain objects beside it."""
    files, ours = defaultdict(set), set()
    for path in sorted(MODELS.rglob("*.py")):
        for cls in ast.parse(path.read_text(encoding="utf-8")).body:
            names = _names(cls)
            if names:
                ours |= {names["_name"]} if "_name" in names else set()
                files[names.get("_name") or names["_inherit"]].add(
                    path.relative_to(MODELS).as_posix()
                )
    assert "bank.order" in ours
    found = {model: sorted(files[model]) for model in ours if len(files[model]) > MOST_FILES}
    assert not found, found


def test_no_name_is_given_twice_at_the_top_of_a_file():
    """The second one would count for both: two files that became one may each have had it."""
    found = []
    for path in [*MODELS.rglob("*.py"), *(ROOT / "protocol").rglob("*.py")]:
        given = Counter(_given(ast.parse(path.read_text(encoding="utf-8"))))
        found += [f"{path.relative_to(ROOT)}: {name}" for name, times in given.items() if times > 1]
    assert not found, "\n".join(found)


def test_a_name_that_is_given_twice_is_found():
    assert Counter(_given(ast.parse("A = B = 1\nA, C = 2, 3\ndef f(): A = 4\n")))["A"] == 2


def test_a_room_that_defines_a_method_again_adds_to_it():
    found = []
    for (model, name), same in _grouped(lambda m: (m.model, m.name)).items():
        same.sort(key=lambda method: ROOMS.index(method.room))
        if len({method.room for method in same}) > 1:
            print(f"{model}.{name}: {', '.join(method.place for method in same)}")
            found += [method.place for method in same[1:] if not method.adds]
    assert not found, "\n".join(found)


def test_a_model_without_a_name_of_its_own_is_found():
    text = (
        "class A(models.Model):\n    _inherit = 'res.bank'\n"
        "    def _x(self):\n        return super()._x()\n"
        "class B(models.Model):\n    _name = 'b'\n    _inherit = ['mail.thread']\n"
        "    def _x(self):\n        return self._y()\n"
    )
    path = MODELS / "orders" / "example.py"
    one, other = methods_of(path, text)
    assert (one.model, one.room, one.adds) == ("res.bank", "orders", True)
    assert (other.model, other.place, other.adds) == ("b", "orders/example.py:8", False)
    assert list(calls_of(path, text)) == [
        Call("res.bank", "_x", "orders", "orders/example.py:4"),
        Call(None, "_y", "orders", "orders/example.py:9"),
    ]


def methods():
    return [method for path in _files() for method in methods_of(path)]


def calls():
    return [call for path in _files() for call in calls_of(path)]


def methods_of(path, text=None):
    """Every method of every model in a file."""
    for node in _tree(path, text).body:
        if isinstance(node, ast.ClassDef) and (model := _model(node)):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    adds = any(_is_super(call, item.name) for call in ast.walk(item))
                    yield Method(model, item.name, _room(path), _place(path, item), adds)


def calls_of(path, text=None):
    """Every `x._name` and every argument "_name", which Odoo will call."""
    tree = _tree(path, text)
    own = {  # super() speaks of this model alone
        node: _model(item)
        for item in tree.body
        if isinstance(item, ast.ClassDef)
        for node in ast.walk(item)
        if isinstance(node, ast.Attribute) and _is_super(node, node.attr)
    }
    for node in ast.walk(tree):
        name = getattr(node, "attr", None)
        if isinstance(node, ast.keyword):
            name = getattr(node.value, "value", None)
        if isinstance(name, str) and name.startswith("_"):
            yield Call(own.get(node), name, _room(path), _place(path, node))


def _grouped(key):
    groups = defaultdict(list)
    for method in methods():
        groups[key(method)].append(method)
    return groups


def _model(node):
    """The name in `_name`, else in `_inherit`; None for a class that is no model."""
    named = {
        item.targets[0].id: ast.literal_eval(item.value)
        for item in node.body
        if isinstance(item, ast.Assign)
        and isinstance(item.targets[0], ast.Name)
        and item.targets[0].id in ("_name", "_inherit")
    }
    name = named.get("_name") or named.get("_inherit")
    return name if isinstance(name, str) or name is None else name[0]


def _is_super(node, name):
    """super().name(...)"""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "super"
    )


def _files() -> list[Path]:
    return [path for room in ROOMS for path in sorted((MODELS / room).rglob("*.py"))]


def _tree(path, text):
    return ast.parse(text if text is not None else path.read_text(encoding="utf-8"))


def _given(tree):
    """The names of constants, functions and classes of a file, as often as they are given."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            inside = (item for target in node.targets for item in ast.walk(target))
            yield from (item.id for item in inside if isinstance(item, ast.Name))


def _room(path):
    return path.relative_to(MODELS).parts[0]


def _place(path, node):
    return f"{path.relative_to(MODELS)}:{node.lineno}"


def _names(cls):
    """{"_name": ..., "_inherit": ...} of a class that is a model, as far as they are texts."""
    if not isinstance(cls, ast.ClassDef):
        return {}
    return {
        target.id: node.value.value
        for node in cls.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
    }
