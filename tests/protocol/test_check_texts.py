# SPDX-License-Identifier: LGPL-3.0-only
"""Names, addresses, titles: nothing is cut, nothing is changed without being shown."""

import random
from dataclasses import replace

import pytest
from orders_for_tests import ALL_KINDS, CONTEXT, DOMESTIC, FOREIGN, SEPA, found

from protocol.checks import address, texts
from protocol.formats.texts import DOMESTIC as DOMESTIC_RULES
from protocol.formats.texts import ELIXIR, SWIFT, fit, fit_order, misfits
from protocol.records import Address

IN_ELIXIR = replace(CONTEXT, format="elixir")


def problems(order, context=CONTEXT):
    return list(texts.check(order, context))


def test_too_long_says_by_how_many():
    problem = problems(replace(DOMESTIC, title="x" * 141))[0]
    assert (problem.severity, problem.field) == ("error", "title")
    assert problem.message == "is too long by 1 characters (at most 140)"
    assert problem.values == {"excess": 1, "limit": 140}


def test_length_counts_as_sent_not_as_written():
    title = "ß" * 71  # two letters each once it is sent abroad
    assert found(problems(replace(SEPA, payer=SEPA.payee, title=title)))[-1] == ("error", "title")
    assert found(problems(replace(DOMESTIC, title="ł" * 140))) == []


@pytest.mark.parametrize("text", ["счёт", "請求書", "a\x00b", "x😀"])
def test_letters_that_have_no_customary_replacement_are_an_error(text):
    problem = problems(replace(DOMESTIC, title=text))[0]
    assert (problem.severity, problem.field) == ("error", "title")


def test_character_that_nobody_sees_is_named_with_its_place():
    order = replace(DOMESTIC, title="Fakt\u200bura", payee=replace(DOMESTIC.payee, name="\u202eX"))
    name, title = problems(order)
    assert name.message == "has an unprintable character (U+202E) at place 1, after “”"
    assert title.message == "has an unprintable character (U+200B) at place 5, after “Fakt”"


def test_error_names_the_characters_once():
    assert problems(replace(DOMESTIC, title="ЯaЯ"))[0].values == {"characters": "Я"}


@pytest.mark.parametrize("title", ["", "   "])
def test_missing_title_and_name(title):
    order = replace(DOMESTIC, title=title, payee=replace(DOMESTIC.payee, name=" "))
    assert found(problems(order)) == [("error", "payee.name"), ("error", "title")]


def test_swift_field_must_not_begin_like_another_field():
    assert ("error", "title") in found(problems(replace(FOREIGN, title="-see invoice")))
    assert ("error", "title") in found(problems(replace(FOREIGN, title=":70:x")))
    assert found(problems(replace(DOMESTIC, title="-see invoice"))) == []


def test_transliteration_is_a_warning_that_shows_what_will_be_sent():
    shown = {problem.field: problem.values["proposal"] for problem in problems(SEPA)}
    assert shown == {
        "payer.name": "Zazolc Spolka z o.o.",
        "payee.name": "Muller GmbH",
        "payee.address.town": "Koln",
    }
    assert {problem.severity for problem in problems(SEPA)} == {"warning"}


def test_what_is_shown_is_what_the_format_sends():
    sent = fit_order(SEPA, "pain.001.001.03")
    shown = {problem.field: problem.values["proposal"] for problem in problems(SEPA)}
    assert (sent.payer.name, sent.payee.name, sent.payee.address.town) == tuple(shown.values())


def test_polish_letters_are_kept_where_the_format_has_them():
    order = replace(DOMESTIC, title="Zażółć gęślą jaźń ŻÓŁĆ")
    assert problems(order) == []
    assert problems(order, IN_ELIXIR) == []
    assert fit_order(order, "elixir") == order


@pytest.mark.parametrize(
    ("text", "rules", "sent"),
    [
        ("„Gęś” – 5 €", DOMESTIC_RULES, "'Gęś' - 5 EUR"),
        ("a\nb\tc\u00a0d", DOMESTIC_RULES, "a b c d"),
        ("Gęś & Syn", SWIFT, "Ges + Syn"),
        ("Ærøskøbing Straße", SWIFT, "AEroskobing Strasse"),
        ('a "b" | c', ELIXIR, "a 'b' / c"),
        ("e\u0301", SWIFT, "e"),
        ("ﬁ", SWIFT, "fi"),
    ],
)
def test_customary_replacements(text, rules, sent):
    assert fit(text, rules) == sent


def test_fitting_twice_changes_nothing_and_only_misfits_remain():
    generator = random.Random(19)
    alphabet = 'aąłŁóß&"|\n–€Яéü^_{}[];漢 \u0301-:' + "xyz/9"
    for _ in range(2000):
        text = "".join(generator.choices(alphabet, k=generator.randrange(12)))
        for rules in (DOMESTIC_RULES, SWIFT, ELIXIR):
            sent = fit(text, rules)
            assert fit(sent, rules) == sent
            assert set(sent) - rules.allowed == set(misfits(text, rules))


@pytest.mark.parametrize("charset", ["cp1250", "iso-8859-2", "cp852"])
def test_every_character_of_elixir_is_in_each_code_page(charset):
    text = "".join(sorted(ELIXIR.allowed))
    assert text.encode(charset).decode(charset) == text


def test_long_address_of_elixir():
    payee = replace(DOMESTIC.payee, address=Address("u" * 36, "00-001", "t" * 29, "PL"))
    order = replace(DOMESTIC, payee=payee)
    assert found(problems(order)) == []
    assert found(problems(order, IN_ELIXIR)) == [
        ("error", "payee.address.street"),
        ("error", "payee.address.town"),
    ]


SWISS = replace(SEPA, payee=replace(SEPA.payee, account="CH9300762011623852957"))


@pytest.mark.parametrize("order", [FOREIGN, SWISS], ids=["foreign", "SEPA outside the EEA"])
@pytest.mark.parametrize("side", ["payer", "payee"])
@pytest.mark.parametrize("part", ["country", "town"])
def test_transfer_abroad_needs_country_and_town_of_both_sides(order, side, part):
    party = getattr(order, side)
    for empty in ("", " "):
        bare = replace(party, address=replace(party.address, **{part: empty}))
        problems_found = found(address.check(replace(order, **{side: bare}), CONTEXT))
        assert ("error", f"{side}.address.{part}") in problems_found


def test_sepa_within_the_economic_area_needs_no_address():
    bare = {side: replace(getattr(SEPA, side), address=Address()) for side in ("payer", "payee")}
    assert list(address.check(replace(SEPA, **bare), CONTEXT)) == []


@pytest.mark.parametrize("missing", ["town", "country"])
@pytest.mark.parametrize("side", ["payer", "payee"])
def test_an_address_in_part_is_left_out_with_a_warning(side, missing):
    given = Address("Hauptstr. 1", "10115", "Berlin", "DE")
    party = replace(getattr(SEPA, side), address=replace(given, **{missing: ""}))
    (problem,) = address.check(replace(SEPA, **{side: party}), CONTEXT)
    assert (problem.severity, problem.field) == ("warning", f"{side}.address.{missing}")
    assert f"the {missing} is missing" in str(problem)


def test_country_is_a_code():
    payee = replace(FOREIGN.payee, address=replace(FOREIGN.payee.address, country="Poland"))
    order = replace(FOREIGN, payee=payee)
    assert found(address.check(order, CONTEXT)) == [("error", "payee.address.country")]


@pytest.mark.parametrize("name", ALL_KINDS)
def test_complete_addresses_pass(name):
    assert list(address.check(ALL_KINDS[name], CONTEXT)) == []
