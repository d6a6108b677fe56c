# SPDX-License-Identifier: LGPL-3.0-only
"""Titles and names that are too long: whole parts and whole words only."""

import pytest

from protocol.errors import Invalid
from protocol.titles import LIMIT, NAME_LIMIT, check_template, filled, fitted, short_name

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
    "template", ["{number}", "{numbers} {numbers}", "{numbers", "}", "{}", "{numbers.__class__}"]
)
def test_what_is_no_template(template):
    with pytest.raises(Invalid):
        check_template(template)


@pytest.mark.parametrize(
    ("template", "title"),
    [
        ("", "FV 1, FV 2"),
        ("Zapłata za", "Zapłata za FV 1, FV 2"),
        ("{reference} Zapłata za {numbers}, {payment}", "K-7 Zapłata za FV 1, FV 2, P/1"),
        ("Płatność {payment}", "Płatność P/1 FV 1, FV 2"),
    ],
)
def test_template_of_a_journal(template, title):
    check_template(template)
    values = {"reference": "K-7", "payment": "P/1"}
    assert filled(template, values, ["FV 1", "FV 2"]) == title
    assert filled(template, values, ["FV 1", "FV 2"], NUMBER) == f"{NUMBER} {title}"


def test_what_a_template_says_has_room_beside_as_many_numbers_as_fit():
    bills = [f"FV/2026/11/{number:04}" for number in range(1, 16)]
    title = filled("K-7 {numbers}, P/1", {}, bills, NUMBER)
    assert len(title) <= LIMIT
    assert title.startswith(f"{NUMBER} K-7 FV/2026/11/0001, ")
    assert title.endswith(", P/1")
    assert " +" in title


def test_what_a_value_says_is_no_template():
    assert filled("{reference}", {"reference": "{numbers}"}, ["FV 1"]) == "{numbers} FV 1"


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
        (f"Zakład {'x' * 80}", f"Zakład {'x' * 63}"),
        (f"  Zakład  {'Foto ' * 12} i inne", f"Zakład {'Foto ' * 12}i"),
        ("A, " * 30, ("A, " * 23).rstrip(", ")),
    ],
)
def test_name_is_shortened_by_its_legal_form_and_then_by_words(name, short):
    assert short_name(name) == short
    assert len(short) <= NAME_LIMIT


def test_name_fits_as_it_is_sent():
    def size(name):
        return len(name.replace("ß", "ss"))

    assert short_name("ß" * 36, size=size) == "ß" * 35
    assert short_name("ß" * 35, size=size) == "ß" * 35
    assert short_name(f"{'Groß ' * 14}Weiß", size=size) == ("Groß " * 11).strip()
