# SPDX-License-Identifier: LGPL-3.0-only
"""The add-on's XML and CSV: every file is loaded, every record has one place."""

import ast
from collections import Counter
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("security", "data", "views", "report")
# Low to high: only a higher room may change a view of another room.
ROOMS = ("connection", "orders", "roubles", "statements", "fetching", "access", "moedelo", "desk")
TAGS = ("record", "template", "menuitem")
LOADED = ast.literal_eval((ROOT / "__manifest__.py").read_text())["data"]


def test_every_file_is_in_the_manifest_once():
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    there = [str(path.relative_to(ROOT)) for path in files if path.suffix in {".xml", ".csv"}]
    assert sorted(LOADED) == sorted(there)


def test_the_manifest_names_security_data_views_by_room_reports_and_menus_in_this_order():
    steps = ["security", "data", *(f"views/{room}" for room in ROOMS), "report", "views"]
    order = [steps.index(str(Path(name).parent)) for name in LOADED]
    assert order == sorted(order)


def test_no_record_is_defined_twice():
    names = Counter(name for _, record in records() if (name := record.get("id")))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_view_is_changed_only_from_a_higher_room():
    rooms = {record.get("id"): room for room, record in records()}
    changed = [
        (parent, rooms[parent], room)
        for room, record in records()
        for parent in record.xpath("field[@name='inherit_id']/@ref")
        if parent in rooms
    ]
    assert changed  # otherwise this test sees nothing
    assert [row for row in changed if ROOMS.index(row[1]) >= ROOMS.index(row[2])] == []


def test_an_update_leaves_rules_and_jobs_alone():
    kept = ("ir.rule", "ir.cron")
    loose = [
        record.get("id")
        for _, record in records()
        if record.get("model") in kept and not record.xpath("ancestor::*[@noupdate='1']")
    ]
    assert loose == []


def test_menus_stand_in_one_file():
    assert {room for room, record in records() if record.tag == "menuitem"} == {"menus.xml"}


def records():
    """(room, or the file's name where there is none; element) of each record, template and menu."""
    for name in LOADED:
        if name.endswith(".xml"):
            room = name.split("/")[1]
            yield from ((room, element) for element in etree.parse(ROOT / name).iter(*TAGS))
