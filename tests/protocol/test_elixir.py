# SPDX-License-Identifier: LGPL-3.0-only
"""Elixir-O: what such a file cannot hold, its bytes, and the way back."""

import contextlib
import random
from dataclasses import replace
from decimal import Decimal

import pytest
from orders_for_tests import (
    ALL_KINDS,
    CREATED_AT,
    DOMESTIC,
    EXPRESS,
    FOREIGN,
    INVOICE_IN_KSEF,
    MPP,
    MPP_COLLECTIVE,
    OWN,
    PAYER,
    SEPA,
    SUPPLIER,
    TAX,
    ZUS,
)

from protocol.errors import Invalid, InvalidDocument, InvalidOrder
from protocol.formats import elixir
from protocol.formats.packages import PACKAGE_FORMATS
from protocol.records import Address

FITTING = {
    "domestic": DOMESTIC,
    "own": OWN,
    "mpp": MPP,
    "tax": TAX,
    "zus": ZUS,
    "ksef": INVOICE_IN_KSEF,
    "mpp_collective": MPP_COLLECTIVE,
}


def render(*orders, **options):
    return elixir.render("MSG-1", CREATED_AT, PAYER, orders, **options)


def refused(*orders):
    with pytest.raises(InvalidOrder) as caught:
        render(*orders)
    return [(problem.field, problem.message) for problem in caught.value.problems]


def test_kinds_that_the_file_does_not_know_are_refused():
    assert [field for field, _message in refused(SEPA)] == ["kind", "currency", "payee.account"]
    assert "kind" in dict(refused(FOREIGN))


def test_express_cannot_be_asked_for():
    assert refused(EXPRESS) == [("route", "an Elixir file cannot ask for the route express")]


def test_currency_other_than_zloty_is_refused():
    assert [field for field, _message in refused(replace(DOMESTIC, currency="EUR"))] == ["currency"]


def test_amount_below_a_grosz_is_refused():
    assert [item[0] for item in refused(replace(DOMESTIC, amount=Decimal("1.005")))] == ["amount"]


def test_name_title_and_address_are_never_cut():
    payee = replace(SUPPLIER, name="N" * 71, address=Address("S" * 36, "00-001", "T" * 30, "PL"))
    problems = refused(replace(DOMESTIC, title="t" * 150, payee=payee))
    assert problems == [
        ("title", "is too long by 10 characters (at most 140)"),
        ("payee.name", "is too long by 1 characters (at most 70)"),
        ("payee.address.street", "is too long by 1 characters (at most 35)"),
        ("payee.address.town", "is too long by 2 characters (at most 35)"),
    ]


def test_letters_of_no_code_page_are_refused():
    title, message = refused(replace(DOMESTIC, title="счёт 5"))[0]
    assert title == "title"
    assert message.endswith("счёт")


def test_unknown_code_page_is_refused():
    with pytest.raises(Invalid, match="latin-1"):
        render(DOMESTIC, charset="latin-1")


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("110,20260101\r\n", "line 1"),
        (render(DOMESTIC).decode("cp1250") + "x\r\n", "line 2"),
        (render(DOMESTIC).decode("cp1250").replace("20261123", "20261323"), "line 1"),
        (render(DOMESTIC).decode("cp1250").replace("110,2026", "210,2026"), "line 1"),
        (render(DOMESTIC).decode("cp1250").replace('"51"', '"99"'), "line 1"),
    ],
)
def test_file_that_is_none_is_refused_with_its_line(line, where):
    with pytest.raises(InvalidDocument, match=where):
        list(elixir.parse(line.encode("cp1250")))


def test_broken_files_never_raise_anything_but_our_errors():
    generator, whole = random.Random(1), render(*FITTING.values())
    for _ in range(500):
        content = bytearray(whole)
        for _ in range(generator.randint(1, 5)):
            content[generator.randrange(len(content))] = generator.randrange(256)
        with contextlib.suppress(InvalidDocument):
            list(elixir.parse(bytes(content[: generator.randrange(len(content))])))
    with pytest.raises(InvalidDocument):
        list(elixir.parse(b"x" * 200_000))


@pytest.mark.parametrize("charset", elixir.CHARSETS)
def test_golden(charset, golden):
    golden(f"elixir/kinds.{charset}.txt", render(*FITTING.values(), charset=charset))


@pytest.mark.parametrize("charset", elixir.CHARSETS)
def test_way_back_keeps_what_was_sent(charset):
    found = list(elixir.parse(render(*FITTING.values(), charset=charset), charset))
    for order, back in zip(FITTING.values(), found, strict=True):
        assert (back.end_to_end_id, back.amount, back.title, back.execute_on) == (
            order.end_to_end_id, order.amount, order.title, order.execute_on
        )  # fmt: skip
        assert (back.payee.account, back.payee.address.street, back.payee.address.town) == (
            order.payee.account, order.payee.address.street, order.payee.address.town
        )  # fmt: skip
        assert elixir.CLASSIFICATIONS[back.kind] == elixir.CLASSIFICATIONS[order.kind]


def test_long_title_and_name_are_wrapped_and_come_back_whole():
    title, name = "tytuł " * 23 + "x", "Nazwa firmy " * 5
    content = render(replace(DOMESTIC, title=title, payee=replace(SUPPLIER, name=name)))
    back = next(elixir.parse(content))
    assert (back.title, back.payee.name) == (title, name)


def test_quote_and_bar_cannot_break_the_line():
    content = render(replace(DOMESTIC, title='a","b|c'))
    assert next(elixir.parse(content)).title == "a','b/c"


def test_lines_end_with_carriage_return_and_line_feed():
    assert render(DOMESTIC, ZUS).count(b"\r\n") == 2


def test_every_kind_is_in_some_package_format():
    assert PACKAGE_FORMATS["elixir"].render("M", CREATED_AT, PAYER, [DOMESTIC]) == render(DOMESTIC)
    assert {order.kind for order in ALL_KINDS.values()} > set(elixir.CLASSIFICATIONS)
