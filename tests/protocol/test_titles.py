# SPDX-License-Identifier: LGPL-3.0-only
"""Titles and names that are too long: whole parts and whole words only."""

import pytest

from protocol.titles import LIMIT, NAME_LIMIT, fitted, short_name

NUMBER = "5265877635-20250826-0100001AF629-AF"


@pytest.mark.parametrize("lead", ["", NUMBER])
def test_many_bills_have_a_title_that_fits_and_says_how_many_more(lead):
    bills = [f"FV/2026/11/{number:04}" for number in range(1, 16)]
    title = fitted(bills, lead)
    assert len(title) <= LIMIT
    assert title.startswith(lead)
    named = [bill for bill in bills if bill in title]
    assert title.endswith(f" +{15 - len(named)}")
    assert named == bills[: len(named)]
    assert len(named) > 4


def test_number_stays_where_the_invoices_own_does_not_fit():
    assert fitted(["x" * 120], NUMBER) == NUMBER


def test_one_part_that_is_too_long_stays_for_the_checks_to_name():
    assert fitted(["x" * 141]) == "x" * 141


def test_what_fits_is_whole():
    assert fitted(["FV 1", "", "FV 2"]) == "FV 1, FV 2"
    assert fitted(["FV 1"], NUMBER) == f"{NUMBER} FV 1"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Krótka spółka akcyjna", "Krótka spółka akcyjna"),
        (
            "Hurtownia Artykułów Biurowych ŁĄKA Spółka z ograniczoną odpowiedzialnością Spółka "
            "Komandytowa",
            "Hurtownia Artykułów Biurowych ŁĄKA Sp. z o.o. Spółka Komandytowa",
        ),
        (f"{'Bardzo ' * 12}długa nazwa", ("Bardzo " * 10).strip()),
        ("x" * 80, "x" * 70),
    ],
)
def test_name_is_shortened_by_its_legal_form_and_then_by_words(name, short):
    assert short_name(name) == short
    assert len(short) <= NAME_LIMIT
