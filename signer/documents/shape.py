# SPDX-License-Identifier: LGPL-3.0-only
"""What a kind of element may hold, down to the leaves: a table of paths.

Everything that a document holds stands in its table, in the namespace of the document, or the
document is refused. So nothing can be added to it that the reader passes over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from ..words import say
from .summary import Fact, NotUnderstood, shown
from .xmltree import Element

#: the leaf is shown in a place of its own (amount, payee), or checked and says nothing
ELSEWHERE = ""
#: characters of one value; the longest that any of the formats knows has 1,000
LONGEST = 1000
#: between values that are shown in one line; so no value may hold it
BETWEEN = " · "


class Shape:
    """`table`: path of a leaf ("Id/IBAN") or an attribute ("Amt@Ccy") -> label of its value.

    `repeated`: paths that may be there more than once. `checks`: last part of a path -> pattern of
    its value. `words`: last part of a path -> value -> words; other values are refused.
    """

    def __init__(
        self,
        table: Mapping[str, str],
        *,
        repeated: Collection[str] = (),
        checks: Mapping[str, str] | None = None,
        words: Mapping[str, Mapping[str, str]] | None = None,
    ):
        self.table = table
        self.repeated = repeated
        self.checks = {name: re.compile(pattern) for name, pattern in (checks or {}).items()}
        self.words = words or {}
        self.inner = {path[:at] for path in table for at in _slashes(path)}

    def read(self, element: Element, *, besides: Collection[str] = ()) -> list[Fact]:
        """(path, value) of every attribute and leaf. `besides`: children read by somebody else."""
        return list(self._walk(element, "", besides))

    def facts(self, values: list[Fact]) -> tuple[Fact, ...]:
        """(label, value) of what `read` gave; neighbours with one label become one line."""
        facts: list[Fact] = []
        for path, value in values:
            label = self.table[path]
            if label == ELSEWHERE:
                continue
            if _last(path) in self.words:
                value = say(self.words[_last(path)][value])
            if facts and facts[-1][0] == label:
                value = f"{facts.pop()[1]}{BETWEEN}{value}"
            facts.append((label, value))
        return tuple(facts)

    def _walk(self, element: Element, path: str, besides: Collection[str] = ()) -> Iterator[Fact]:
        for name, value in element.attributes.items():
            yield self._value(f"{path}@{name}", value)
        seen: set[str] = set()
        for child in element.children:
            here = f"{path}/{child.name}" if path else child.name
            if child.namespace != element.namespace:
                raise NotUnderstood(f"{shown(here)[-80:]} is of another namespace")
            if child.name in seen and here not in self.repeated and child.name not in besides:
                raise NotUnderstood(f"{shown(here)[-80:]} is there twice")
            seen.add(child.name)
            if child.name in besides and not path:
                continue
            if here in self.inner and (child.children or here not in self.table):
                yield from self._inside(child, here)
            elif here in self.table:
                yield from self._leaf(child, here)
            else:
                raise NotUnderstood(f"{shown(here)[-80:]} is not understood")

    def _inside(self, child: Element, path: str) -> Iterator[Fact]:
        if child.text or not (child.children or child.attributes):
            raise NotUnderstood(f"{path} is empty, or holds text where elements are expected")
        yield from self._walk(child, path)

    def _leaf(self, leaf: Element, path: str) -> Iterator[Fact]:
        if leaf.children:
            raise NotUnderstood(f"{path} holds elements where text is expected")
        for name, value in leaf.attributes.items():
            yield self._value(f"{path}@{name}", value)
        yield self._value(path, leaf.text)

    def _value(self, path: str, value: str) -> Fact:
        if path not in self.table:
            raise NotUnderstood(f"{shown(path)[-80:]} is not understood")
        if len(value) > LONGEST:
            raise NotUnderstood(f"{path} is too long to be read")
        if not shown(value):
            raise NotUnderstood(f"{path} is empty")
        if self.table[path] != ELSEWHERE:
            refuse_two(shown(value))
        check, words = self.checks.get(_last(path)), self.words.get(_last(path))
        if (check and not check.fullmatch(value)) or (words and value not in words):
            raise NotUnderstood(f"{path} has a value that is not understood: {shown(value)[:40]}")
        return path, value


def refuse_two(value: str) -> None:
    """Refuse one value that reads like two: the sum of one place, the account of another."""
    if BETWEEN in f" {value} ":
        raise NotUnderstood(f"{value[:40]!r} reads like two values")


def _slashes(path: str) -> list[int]:
    """Where the names of an inner path end: before each slash, and before the attribute."""
    return [at for at, char in enumerate(path) if char == "/" or (char == "@" and at)]


def _last(path: str) -> str:
    return re.split("[/@]", path)[-1]
