# SPDX-License-Identifier: LGPL-3.0-only
"""Reading a camt document with lxml's `iterparse`: statements and their entries, one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from ...errors import InvalidDocument
from ...records import Entry, Statement
from ...wording import _, said_by
from .entry import entries
from .statement import Head

BROKEN = _("the XML cannot be read: {reason}")
DOCTYPE = _("the document declares a DTD or entities")
NO_STATEMENT = _("there is no statement in the document")

_TAGS = ("{*}Stmt", "{*}Rpt", "{*}Ntry")


class Reader:
    """One pass over a document; several statements share it."""

    def __init__(self, source: BinaryIO, encoding: str | None):
        self._begun = False
        self._events = etree.iterparse(
            source,
            events=("start", "end"),
            tag=_TAGS,
            encoding=encoding,
            remove_comments=True,
            remove_pis=True,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )

    def statements(self) -> Iterator[Statement]:
        found = 0
        for event, element in self._next():
            if event == "start" and _is_statement(element):
                found += 1
                part = _Part(self, element)
                yield part.statement()
                part.keep_rest()
                element.clear()
        if not found:
            raise InvalidDocument(NO_STATEMENT, path="/Document", code="no_statement")

    def _next(self) -> Iterator[tuple[str, etree._Element]]:
        """The events, with what lxml raises mapped to our errors."""
        while True:
            try:
                event, element = next(self._events)
            except StopIteration:
                return
            except (etree.LxmlError, LookupError, ValueError, OSError) as error:
                raise refuse_xml(error) from None
            if not self._begun:
                _refuse_dtd(element)
                self._begun = True
            yield event, element


class _Part:
    """One `Stmt` or `Rpt` while the reader is inside it."""

    def __init__(self, reader: Reader, element: etree._Element):
        self.reader, self.element = reader, element
        self.events = reader._next()
        self.kept: deque[Entry] = deque()
        self.number = 0
        self.ended = False
        self.first = self._next_entry()  # everything before the first entry is complete now
        self.head = Head(element)
        if self.head.closed_on is None:
            self.keep_rest()
            self.head.take_days(self.kept)

    def statement(self) -> Statement:
        return self.head.statement(self._entries())

    def keep_rest(self) -> None:
        """Read on to the statement's end, for whoever asks for its entries later."""
        while (ntry := self._take()) is not None:
            self.kept.extend(self._understand(ntry))

    def _entries(self) -> Iterator[Entry]:
        while True:
            if self.kept:
                yield self.kept.popleft()
                continue
            ntry = self._take()
            if ntry is None:
                return
            self.kept.extend(self._understand(ntry))

    def _take(self) -> etree._Element | None:
        """The next `Ntry` that nobody has read yet."""
        ntry, self.first = self.first, None
        return ntry if ntry is not None else self._next_entry()

    def _next_entry(self) -> etree._Element | None:
        if self.ended:
            return None
        for event, element in self.events:
            if event == "end" and element is self.element:
                self.ended = True
                return None
            if event == "end" and _name(element) == "Ntry":
                self.number += 1
                return element
        self.ended = True
        return None

    def _understand(self, ntry: etree._Element) -> list[Entry]:
        try:
            return entries(ntry, self.head.currency, self.head.closed_on)
        except ValueError as error:
            path = f"/{_name(self.element)}/Ntry[{self.number}]"
            raise InvalidDocument(said_by(error), path=path, code="bad_entry") from None
        finally:
            ntry.clear()
            while ntry.getprevious() is not None:
                del ntry.getparent()[0]


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2]


def _is_statement(element: etree._Element) -> bool:
    return _name(element) in ("Stmt", "Rpt")


def _refuse_dtd(element: etree._Element) -> None:
    info = element.getroottree().docinfo
    if info.internalDTD is not None or info.doctype:
        raise InvalidDocument(DOCTYPE, line=1, code="dtd")


def refuse_xml(error: Exception) -> InvalidDocument:
    line = getattr(error, "lineno", None)
    reason = str(error).partition(" (<")[0][:200]
    return InvalidDocument(BROKEN.format(reason=reason), line=line, code="broken_xml")
