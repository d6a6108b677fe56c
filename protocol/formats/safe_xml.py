# SPDX-License-Identifier: LGPL-3.0-only
"""XML without surprises: read without entities, DTD or network; written from plain values."""

from __future__ import annotations

from lxml import etree

from ..errors import InvalidDocument
from ..wording import _

NOT_XML = _("not well-formed XML")
DOCTYPE = _("a document type declaration is not allowed")


def node(tag: str, *content: etree._Element | str | None) -> etree._Element:
    """An element with the given text or children; empty content is left out."""
    element = etree.Element(tag)
    for item in content:
        if item is None or isinstance(item, str):
            element.text = item or element.text
        else:
            element.append(item)
    return element


def parse_safely(content: bytes) -> etree._Element:
    """The root of a document received. Raises `InvalidDocument` with the line."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise InvalidDocument(NOT_XML, line=line, detail=str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise InvalidDocument(DOCTYPE, line=1)
    return root


def text_of(element: etree._Element | None) -> str:
    """The element's text without surrounding blanks; empty where there is no element."""
    return (element.text or "").strip() if element is not None else ""
