# SPDX-License-Identifier: LGPL-3.0-only
"""Codes that go to banks: data, each with its source, and known to be ours where they are."""

from dataclasses import replace

import pytest
from orders_for_tests import CREATED_AT, EXPRESS, PAYER

from protocol import bank_codes
from protocol.bank_codes import INSTRUMENT, Code
from protocol.formats import pain001
from protocol.formats.pain001.parts import Dialect


def test_code_without_a_bank_behind_it_is_not_confirmed():
    for code in bank_codes.CODES:
        assert code.source
        assert not (code.confirmed and code.source == bank_codes.OURS)


def test_no_code_stands_twice():
    keys = [(code.bank, code.place, code.of) for code in bank_codes.CODES]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("first", [True, False])
def test_line_of_the_bank_goes_before_the_line_of_all(monkeypatch, first):
    own = Code("one", INSTRUMENT, "express", "EXPR", "the bank's book", True)
    lines = (own, *bank_codes.CODES) if first else (*bank_codes.CODES, own)
    monkeypatch.setattr(bank_codes, "CODES", lines)
    order = replace(EXPRESS)
    for bank, wanted in (
        ("one", b"<Prtry>EXPR</Prtry>"),
        ("two", b"<Prtry>EXPRESS_ELIXIR</Prtry>"),
    ):
        dialect = Dialect.of(bank)
        assert wanted in pain001.render("M-1", CREATED_AT, PAYER, [order], dialect=dialect)
