# SPDX-License-Identifier: LGPL-3.0-only
"""What can be signed as a document: each kind is one file with `read(content) -> Summary`.

Every reader understands the WHOLE document or refuses it with `NotUnderstood`. There is no kind
"other": what cannot be shown cannot be signed.
"""

from __future__ import annotations

from ..errors import Refusal
from . import directbank, elixir, pain001
from .summary import NotUnderstood, Payment, Summary
from .xmltree import Element, parse

LARGEST = 10 * 1024 * 1024  # bytes of one document

#: namespace of the root element -> reader of the parsed tree
XML_READERS = {
    **dict.fromkeys(pain001.NAMESPACES, pain001.read),
    directbank.NAMESPACE: directbank.read,
}


def read(content: bytes) -> Summary:
    """What the document orders. Refusal "document_refused" when any part is not understood."""
    try:
        return _read(content)
    except NotUnderstood as error:
        raise Refusal("document_refused", why=error) from None


def _read(content: bytes) -> Summary:
    if not content:
        raise NotUnderstood("the document is empty")
    if len(content) > LARGEST:
        raise NotUnderstood("the document is too large")
    if content[:1] == b"1" and elixir.looks_like(content):
        return elixir.read(content)
    tree = parse(content)
    reader = XML_READERS.get(tree.namespace)
    if reader is None:
        raise NotUnderstood("it is no payment document that the signer knows")
    return reader(tree)


__all__ = ["Element", "NotUnderstood", "Payment", "Summary", "read"]
