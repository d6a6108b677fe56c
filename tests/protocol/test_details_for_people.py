# SPDX-License-Identifier: LGPL-3.0-only
"""An entry's form says in lines what stands in the document."""

from protocol.formats.details import ENTRY, lines


def said(**details):
    return [(str(label), value) for label, value in lines(details)]


def test_nothing_that_says_nothing():
    assert said() == []
    assert said(payer_name="", tnr="") == []


def test_what_has_no_label_keeps_the_banks_own_name():
    assert said(**{"xml:Tax/TtlTaxAmt": "7.00", "field_60": "x", "1c:Код": "0"}) == [
        ("Код", "0"),
        ("field_60", "x"),
        ("Tax/TtlTaxAmt", "7.00"),
    ]


def test_amount_stands_with_its_currency():
    assert said(fee_amount="2.50", fee_currency="EUR") == [("Fee", "2.50 EUR")]
    assert said(fee_currency="EUR") == [("Currency of the fee", "EUR")]


def test_same_id_is_said_once():
    assert said(tnr="1", operation_id="1") == [("TNR", "1")]
    assert said(end_to_end_id="E", our_reference="E") == [("End-to-end id", "E")]
    assert said(operation_id="1") == [("Id of the operation", "1")]


def test_parties_come_first_and_are_told_apart():
    found = said(tnr="1", payee_name="B", payer_name="A", payer_account="12")
    assert found[:3] == [
        ("Payer: name", "A"),
        ("Payer: account number", "12"),
        ("Payee: name", "B"),
    ]
    assert found[3:] == [("TNR", "1")]


def test_labels_are_no_internal_names():
    assert not [label for label in ENTRY.values() if "_" in label or not label[0].isupper()]
