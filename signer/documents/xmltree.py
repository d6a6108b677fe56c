# SPDX-License-Identifier: LGPL-3.0-only
"""XML read so strictly that every program must read the same out of it.

UTF-8 only; no DOCTYPE (so no entities and no network), no comments, no processing instructions, no
text beside elements. Built on the standard library's expat: the program needs no other parser.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from .summary import NotUnderstood

#: what XML calls white space; whatever else has no ink is a letter of the text
SPACE = " \t\r\n"
DEEPEST = 24
MOST_ELEMENTS = 300_000
LONGEST_NAME = 200  # characters, with its namespace
MOST_ATTRIBUTES = 20
LONGEST_TAG = 16 * 1024  # bytes: expat keeps a tag back until it has seen its end
PIECE = 64 * 1024
XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: where a schema lies: says nothing of the payment. Other attributes of XSI (nil, type) do.
HINTS = (f"{XSI} schemaLocation", f"{XSI} noNamespaceSchemaLocation")


@dataclass
class Element:
    """One element. `text` is its whole text where it has no children, else empty.

    Text and attributes have lost the white space around them.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def expect(self, allowed: Collection[str], *, repeated: Collection[str] = ()) -> None:
        """Refuse attributes, and children not known, of another namespace, or there too often."""
        if self.attributes:
            raise NotUnderstood(f"{self.name} has attributes that are not understood")
        seen: set[str] = set()
        for child in self.children:
            if child.namespace != self.namespace or child.name not in allowed:
                raise NotUnderstood(f"{self.name}/{child.name} is not understood")
            if child.name in seen and child.name not in repeated:
                raise NotUnderstood(f"{self.name}/{child.name} is there twice")
            seen.add(child.name)

    def attribute(self, name: str) -> str:
        """An attribute that must be there."""
        text = self.attributes.get(name, "")
        if not text:
            raise NotUnderstood(f"{self.name} has no {name}")
        return text

    def all(self, name: str) -> Iterator[Element]:
        return (child for child in self.children if child.name == name)

    def find(self, path: str) -> Element | None:
        """The only element at a path of names; refuses a document that has two of them."""
        here = self
        for name in path.split("/"):
            found = list(here.all(name))
            if len(found) > 1:
                raise NotUnderstood(f"{here.name}/{name} is there twice")
            if not found:
                return None
            here = found[0]
        return here

    def need(self, path: str) -> Element:
        found = self.find(path)
        if found is None:
            raise NotUnderstood(f"{self.name}/{path} is missing")
        return found

    def value(self, path: str, default: str | None = None) -> str:
        """Text of a leaf; without `default` it must be there and not be empty."""
        found = self.need(path) if default is None else self.find(path)
        if found is None:
            return default or ""
        if found.children:
            raise NotUnderstood(f"{self.name}/{path} holds elements where text is expected")
        if default is None and not found.text:
            raise NotUnderstood(f"{self.name}/{path} is empty")
        return found.text


def parse(content: bytes) -> Element:
    """The root element of a strict document."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise NotUnderstood("the document is not UTF-8 text") from None
    builder = _Builder()
    try:
        for start in range(0, len(content), PIECE):
            builder.parser.Parse(content[start : start + PIECE], False)
            if start - builder.parser.CurrentByteIndex > LONGEST_TAG:
                raise NotUnderstood("the document holds a tag that is too long")
        builder.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise NotUnderstood(f"not well-formed XML in line {error.lineno}") from None
    return builder.root


class _Builder:
    """Receives expat's events. The checks raise, which stops the parser at once."""

    def __init__(self) -> None:
        self.parser = parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = 1024 * 1024  # few pieces of a long text
        parser.XmlDeclHandler = self._declaration
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse("a DOCTYPE")
        parser.CommentHandler = self._refuse("a comment")
        parser.ProcessingInstructionHandler = self._refuse("a processing instruction")
        parser.StartCdataSectionHandler = self._refuse("a CDATA section")
        self.stack: list[Element] = []
        self.count = 0

    @staticmethod
    def _refuse(what: str):
        def refuse(*_event):
            raise NotUnderstood(f"the document holds {what}")

        return refuse

    @staticmethod
    def _declaration(version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() not in ("utf-8", "utf8"):
            raise NotUnderstood("the document is not XML 1.0 in UTF-8")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(tag) > LONGEST_NAME or len(attributes) > MOST_ATTRIBUTES:
            raise NotUnderstood("a name is too long, or an element has too many attributes")
        namespace, _space, name = tag.rpartition(" ")
        own = {key: value.strip(SPACE) for key, value in attributes.items() if key not in HINTS}
        element = Element(namespace, name, own)
        self.count += 1
        if len(self.stack) >= DEEPEST or self.count > MOST_ELEMENTS:
            raise NotUnderstood("the document is nested too deeply or too large")
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element
        self.stack.append(element)

    def _end(self, _tag: str) -> None:
        element = self.stack.pop()
        element.text = element.text.strip(SPACE)
        if element.children and element.text:
            raise NotUnderstood(f"{element.name} has text between its elements")

    def _text(self, text: str) -> None:
        self.stack[-1].text += text
