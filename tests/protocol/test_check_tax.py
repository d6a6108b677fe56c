# SPDX-License-Identifier: LGPL-3.0-only
"""Payments to a tax office: the title's parts and the account they belong to."""

from dataclasses import replace

import pytest
from orders_for_tests import CONTEXT, DOMESTIC, TAX, found

from protocol.checks import tax
from protocol.checks.tax import TaxTitle
from protocol.errors import InvalidOrder

TITLE = TaxTitle.of(TAX.details)


def with_details(**details):
    order = replace(TAX, details={**TAX.details, **details})
    title = TaxTitle.of(order.details)
    text = f"/TI/{title.tax_id_type}{title.tax_id}/OKR/{title.tax_period}/SFP/{title.tax_form}"
    return replace(order, title=text + f"/TXT/{title.tax_obligation}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tax_id_type", "X"),
        ("tax_id_type", ""),
        ("tax_id_type", "NR"),
        ("tax_id", ""),
        ("tax_id", "5260001247"),
        ("tax_period", ""),
        ("tax_period", "2026M10"),
        ("tax_period", "26M13"),
        ("tax_period", "26K05"),
        ("tax_period", "26P03"),
        ("tax_period", "26D0410"),
        ("tax_period", "26J3102"),
        ("tax_period", "26R1"),
        ("tax_form", ""),
        ("tax_form", "VAT-7KXX"),
        ("tax_form", "VAT/7"),
        ("tax_obligation", "x" * 21),
    ],
)
def test_part_that_cannot_be_right(name, value):
    with pytest.raises(InvalidOrder) as caught:
        tax.build(replace(TITLE, **{name: value}))
    assert f"details.{name}" in [problem.field for problem in caught.value.problems]
    assert ("error", f"details.{name}") in found(tax.check(with_details(**{name: value}), CONTEXT))


@pytest.mark.parametrize("title", ["", "VAT-7 10/2026", "/TI/X1/OKR/0/SFP/VAT-7", "/TI/N1/SFP/A"])
def test_title_that_is_none(title):
    assert tax.parse(title) is None
    assert found(tax.check(replace(TAX, title=title), CONTEXT)) == [("error", "title")]


def test_fields_that_say_something_else_than_the_frozen_title():
    order = replace(TAX, details={**TAX.details, "tax_period": "26M09"})
    assert found(tax.check(order, CONTEXT)) == [("error", "details.tax_period")]


def test_part_fits_as_it_is_sent():
    for obligation in ("№ " + "1" * 18, "Decyzja 5\\26"):
        problems = tax.check(with_details(tax_obligation=obligation), CONTEXT)
        assert found(problems) == [("error", "details.tax_obligation")]


def test_microaccount_of_somebody_else():
    order = with_details(tax_id="7740001454")
    assert found(tax.check(order, CONTEXT)) == [("error", "details.tax_id")]


def test_payer_inside_a_microaccount():
    assert tax.payer_of(TAX.payee.account) == "5260001246"
    assert tax.payer_of("PL00" + "10100071" + "2221" + "44051401359" + "0") == "44051401359"
    assert tax.payer_of(DOMESTIC.payee.account) == ""


@pytest.mark.parametrize(
    "period", ["0", "26R", "26P02", "26K04", "26M12", "26D0312", "26J2902", "28J2902"]
)
def test_periods(period):
    # 2026 has no 29 February, 2028 has
    assert tax.is_period(period) is (period != "26J2902")


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [("N", "5260001246"), ("P", "44051401359"), ("R", "192598184"), ("1", "ABC123456"), ("3", "x")],
)
def test_title_is_built_and_read_back(kind, identifier):
    title = TaxTitle(kind, identifier, "26K03", "CIT-8", "decyzja 5")
    assert tax.parse(tax.build(title)) == title
    assert len(tax.build(title)) <= 140


def test_right_order_and_other_kinds():
    assert tax.build(TITLE) == TAX.title
    assert found(tax.check(TAX, CONTEXT)) == []
    assert list(tax.check(DOMESTIC, CONTEXT)) == []
