# SPDX-License-Identifier: LGPL-3.0-only
"""Codes that go to banks: data, each with its source, and known to be ours where they are."""

from dataclasses import replace

import pytest
from orders_for_tests import CREATED_AT, DOMESTIC, EXPRESS, MPP, PAYER

from protocol import bank_codes
from protocol.bank_codes import INSTRUMENT, Code
from protocol.checks import tax
from protocol.errors import InvalidOrder
from protocol.formats import elixir, pain001


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
        assert wanted in pain001.render("M-1", CREATED_AT, PAYER, [order], bank=bank)


def test_split_payment_has_a_code_of_its_own_at_one_bank_and_its_title_at_the_others():
    def written(bank):
        return b"<LclInstrm><Prtry>53</Prtry></LclInstrm>" in pain001.render(
            "M-1", CREATED_AT, PAYER, [MPP], bank=bank
        )

    assert {bank: written(bank) for bank in ("bnp", "ing", "mbank", "")} == {
        "bnp": True, "ing": False, "mbank": False, "": False,
    }  # fmt: skip


def test_note_that_is_longer_than_the_bank_reads_is_refused(monkeypatch):
    limit = len(DOMESTIC.end_to_end_id) - 1
    own = Code("one", bank_codes.NOTE_LENGTH, "", str(limit), "the bank's book", True)
    monkeypatch.setattr(bank_codes, "CODES", (*bank_codes.CODES, own))
    with pytest.raises(InvalidOrder) as refused:
        elixir.render("M-1", CREATED_AT, PAYER, [DOMESTIC], bank="one")
    assert [problem.field for problem in refused.value.problems] == ["end_to_end_id"]
    assert elixir.render("M-1", CREATED_AT, PAYER, [DOMESTIC], bank="two")


def test_tax_title_of_the_bank_is_written_and_understood(monkeypatch):
    head = "/SFP/{tax_form}/OKR/{tax_period}/TI/{tax_id_type}{tax_id}"
    own = Code("one", bank_codes.TAX_TITLE, "tax", head, "the bank's book", True)
    monkeypatch.setattr(bank_codes, "CODES", (own, *bank_codes.CODES))
    title = tax.TaxTitle("N", "5261040828", "26M10", "VAT-7", "decyzja 5")
    for bank, wanted in (
        ("one", "/SFP/VAT-7/OKR/26M10/TI/N5261040828/TXT/decyzja 5"),
        ("two", "/TI/N5261040828/OKR/26M10/SFP/VAT-7/TXT/decyzja 5"),
    ):
        assert tax.build(title, bank) == wanted
        assert tax.parse(wanted) == title
    assert tax.parse("/SFP/VAT-7/TI/N5261040828/OKR/26M10") is None


def test_class_of_the_bank_goes_into_its_elixir_file(monkeypatch):
    own = Code("one", bank_codes.CLASS, "domestic", "99", "the bank's book", True)
    monkeypatch.setattr(bank_codes, "CODES", (*bank_codes.CODES, own))
    for bank, wanted in (("one", b',"99",'), ("two", b',"51",')):
        assert wanted in elixir.render("M-1", CREATED_AT, PAYER, [DOMESTIC], bank=bank)
