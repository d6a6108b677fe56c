# SPDX-License-Identifier: LGPL-3.0-only
"""Additions to a document that its XML schema allows, made from the schema itself; no test.

`Schema.additions(root)` gives copies of a valid document, each with one element more; `changes`
gives copies with one value changed. All of them are valid by the schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
#: what a pattern or a built-in type is tried with
CANDIDATES = (
    *("DE89370400440532013000", "DEUTDEFF", "COBADEFFXXX", "DE", "US", "EUR", "USD", "Inny tekst"),
    *("2026-12-24", "2027-01-31", "2026-12-24T10:00:00Z", "2026-12-24T11:00:00Z", "2026-12-24Z"),
    *("true", "false", "1", "2", "7.00", "8.00", "2026", "2025", "AB12", "A", "B", "+48-123456789"),
    *("BEEFY0123456789ABCDE", "5299000J2N45DDNE4Y28", "8a562c67-ca16-48ba-b074-65581be6f011"),
)
BUILT_IN = {
    "string": ".*",
    "boolean": "true|false",
    "date": r"\d{4}-\d\d-\d\d",
    "dateTime": r"\d{4}-\d\d-\d\dT.*",
    "time": "10:00:00",
    "decimal": r"\d+(\.\d+)?",
    "gYear": r"\d{4}",
    "base64Binary": "[A-Z0-9]{4}",
}


class Schema:
    def __init__(self, path: str):
        tree = etree.parse(path)
        self.valid = etree.XMLSchema(tree)
        self.root = tree.getroot()
        self.space = f"{{{self.root.get('targetNamespace')}}}"
        self.types = {kind.get("name"): kind for kind in self.root if kind.get("name")}
        self.kind_of_root = self.root.find(f"{XS}element").get("type")

    def additions(self, root: etree._Element, below: str = "/") -> Iterator[tuple[str, bytes]]:
        """(path, document) with one element more at or below the path `below`."""
        for node, kind in self._walk(root, self.kind_of_root):
            where = _path(node)
            if not where.startswith(below):
                continue
            for child in self._children(kind):
                made = self._put(root, node, child)
                if made is not None:
                    yield f"{where}/{child.get('name')}", made

    def changes(self, root: etree._Element) -> Iterator[tuple[str, bytes]]:
        """(path, document) with the text of one leaf, or one attribute, changed."""
        for node, kind in self._walk(root, self.kind_of_root):
            if len(node):
                continue
            before = node.text
            for value in self._values(kind):
                node.text = value
                if value != before and self.valid.validate(root):
                    yield _path(node), etree.tostring(root)
            node.text = before
            for name in list(node.attrib):
                before_it = node.get(name)
                node.set(name, "CHF")
                yield f"{_path(node)}@{name}", etree.tostring(root)
                node.set(name, before_it)

    def _walk(self, node, kind: str) -> Iterator[tuple[etree._Element, str]]:
        yield node, kind
        kinds = {child.get("name"): child.get("type") for child in self._children(kind)}
        for child in list(node):
            yield from self._walk(child, kinds[etree.QName(child).localname])

    def _children(self, kind: str) -> list[etree._Element]:
        found = self.types.get(kind)
        return [] if found is None else list(found.iter(f"{XS}element"))

    def _put(self, root, node, child) -> bytes | None:
        """The document with a new element of this kind, where the schema takes it; or None."""
        for element in self._instances(child.get("name"), child.get("type")):
            for place in range(len(node) + 1):
                node.insert(place, element)
                valid = self.valid.validate(root)
                content = etree.tostring(root) if valid else None
                node.remove(element)
                if valid:
                    return content
        return None

    def _instances(self, name: str, kind: str, depth: int = 0) -> Iterator[etree._Element]:
        """Small elements of a type: for a choice, one of each side."""
        found = self.types.get(kind)
        if (
            found is None
            or found.tag == f"{XS}simpleType"
            or found.find(f"{XS}simpleContent") is not None
        ):
            for value in self._values(kind)[:2]:
                element = etree.Element(self.space + name)
                element.text = value
                for attribute in [] if found is None else found.iter(f"{XS}attribute"):
                    element.set(attribute.get("name"), "EUR")
                yield element
            return
        choice = found.find(f".//{XS}choice")
        needed = [e for e in self._children(kind) if e.get("minOccurs") != "0"]
        sides = [[e] for e in needed] if choice is not None else [needed]
        if not needed:
            sides = [[e] for e in self._children(kind)]
        for side in sides if depth < 5 else sides[:1]:
            element = etree.Element(self.space + name)
            for inner in side:
                made = next(self._instances(inner.get("name"), inner.get("type"), depth + 1), None)
                if made is not None:
                    element.append(made)
            yield element

    def _values(self, kind: str) -> list[str]:
        if kind.startswith("xs:"):
            pattern = BUILT_IN[kind[3:]]
            return [value for value in CANDIDATES if re.fullmatch(pattern, value)]
        found = self.types[kind]
        content = found.find(f"{XS}simpleContent/{XS}extension")
        if content is not None:
            return self._values(content.get("base"))
        limits = found.find(f"{XS}restriction")
        if limits is None:
            return []
        listed = [item.get("value") for item in limits.iter(f"{XS}enumeration")]
        values = listed or self._values(limits.get("base"))
        pattern = limits.find(f"{XS}pattern")
        longest = limits.find(f"{XS}maxLength")
        if pattern is not None:
            values = [v for v in CANDIDATES if re.fullmatch(pattern.get("value"), v)]
        if longest is not None:
            values = [v for v in values if len(v) <= int(longest.get("value"))]
        return values


def _path(node) -> str:
    names = [
        etree.QName(node).localname,
        *(etree.QName(up).localname for up in node.iterancestors()),
    ]
    return "/" + "/".join(reversed(names))


def copy_of(content: bytes) -> etree._Element:
    return deepcopy(etree.fromstring(content))
