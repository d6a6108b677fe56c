# SPDX-License-Identifier: LGPL-3.0-only
"""DirectBank read a second time, by models made from its published schemas (PyPI: directbank).

They know the schema, not the arithmetic: what we read out of a statement, and what we write into a
payment order, they find in the same places.
"""

import importlib
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
import roubles
from xsdata.formats.dataclass.parsers import XmlParser

from protocol import formats
from protocol.formats.directbank import order as writer

SAMPLES = sorted((Path(__file__).parent / "samples" / "directbank").glob("*.xml"))
AT = datetime(2026, 11, 18, 21, 30, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def theirs():
    """theirs(data, name): the document as their class of that name. Unknown elements fail."""
    folder = next(iter(importlib.import_module("directbank.models").__path__))
    sys.path.insert(0, folder)  # they import each other as modules of the top
    try:
        yield lambda data, name: XmlParser().from_bytes(
            data, getattr(importlib.import_module(name), name)
        )
    finally:
        sys.path.remove(folder)


def movements(statement):
    """[(day, signed amount, purpose)] by their models."""
    for one in statement.data.operation_info:
        documents = [value for key, value in vars(one.pay_doc).items() if key not in PLAIN]
        (document,) = filter(None, documents)
        amount = document.sum if one.dc.value == "2" else -document.sum
        named = getattr(document, "purpose", None) or getattr(document, "transition_content", None)
        yield one.date.to_date(), amount, squeezed(named)


PLAIN = ("id", "doc_kind")


def squeezed(text):
    return " ".join((text or "").split())


def test_an_unknown_element_fails_there(theirs):
    data = SAMPLES[0].read_bytes().replace(b"StatementType>", b"StatementKind>")
    with pytest.raises(Exception, match="StatementKind"):
        theirs(data, "Statement")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_statements(theirs, path):
    data = path.read_bytes()
    statement = theirs(data, "Statement")
    (ours,) = formats.parse(data)
    assert ours.account_number == statement.data.account
    assert ours.opening_balance in (statement.data.opening_balance, ours.closing_balance)
    assert ours.closing_balance == statement.data.closing_balance
    found = [(one.booked_on, one.amount, squeezed(one.title)) for one in ours.entries]
    assert found == list(movements(statement))


def test_orders(theirs):
    order = roubles.order()
    written = theirs(writer.render("M1", AT, order.payer, [order]), "PayDocRu")
    assert written.data.doc_no == order.number
    assert written.data.sum == order.amount
    assert squeezed(written.data.purpose) == squeezed(order.title)
    assert written.data.payee.account == order.payee.account
    assert written.data.payer.inn == order.payer.tax_id
