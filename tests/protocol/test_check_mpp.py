# SPDX-License-Identifier: LGPL-3.0-only
"""Split payment: its title, and which invoices one order may pay."""

import random
import string
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from orders_for_tests import CONTEXT, DOMESTIC, MPP, found

from protocol.checks import mpp
from protocol.checks.mpp import Invoice, MppTitle
from protocol.errors import InvalidOrder

TITLE = MppTitle(Decimal("230.00"), "7740001454", "FV/2026/11/17", "listopad")


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("vat_amount", Decimal(0), "details.vat_amount"),
        ("vat_amount", Decimal("0.001"), "details.vat_amount"),
        ("vat_amount", Decimal(10) ** 10, "details.vat_amount"),
        ("vat_amount", Decimal("NaN"), "details.vat_amount"),
        ("vat_tax_id", "", "details.vat_tax_id"),
        ("vat_tax_id", "1" * 15, "details.vat_tax_id"),
        ("vat_tax_id", "774-000-14-54", "details.vat_tax_id"),
        ("vat_invoice", "F" * 36, "details.vat_invoice"),
        ("vat_invoice", "FV/TXT/1", "details.vat_invoice"),
        ("vat_invoice", "FV/TXT", "details.vat_invoice"),
        ("vat_text", "t" * 34, "details.vat_text"),
    ],
)
def test_title_that_would_not_fit_is_refused(part, value, field):
    with pytest.raises(InvalidOrder) as caught:
        mpp.build(replace(TITLE, **{part: value}))
    assert [problem.field for problem in caught.value.problems] == [field]


@pytest.mark.parametrize(
    "title",
    [
        "",
        "FV/2026/11/17",
        "/VAT/230.00/IDC/7740001454/INV/F1",  # a point instead of the comma
        "/VAT/230,0/IDC/7740001454/INV/F1",
        "/VAT/12345678901,00/IDC/7740001454/INV/F1",
        "/IDC/7740001454/VAT/230,00/INV/F1",
        "/VAT/230,00/IDC/7740001454/INV/",
        "/VAT/230,00/IDC/123456789012345/INV/F1",
        " /VAT/230,00/IDC/7740001454/INV/F1",
    ],
)
def test_title_that_is_none(title):
    assert mpp.parse(title) is None
    problems = mpp.check(replace(MPP, title=title, details={}), CONTEXT)
    assert found(problems) == [("error", "title")]


def test_vat_above_the_gross_amount():
    order = replace(MPP, amount=Decimal("229.99"))
    assert found(mpp.check(order, CONTEXT)) == [("error", "details.vat_amount")]


def test_amount_that_is_all_vat_is_allowed():
    assert found(mpp.check(replace(MPP, amount=Decimal("230.00")), CONTEXT)) == []


def test_tax_id_with_a_typing_error():
    title = MPP.title.replace("7740001454", "7740001455")
    order = replace(MPP, title=title, details={}, payee=replace(MPP.payee, tax_id=""))
    assert found(mpp.check(order, CONTEXT)) == [("error", "details.vat_tax_id")]


def test_foreign_tax_id_is_not_a_nip():
    order = replace(
        MPP,
        title=MPP.title.replace("7740001454", "DE136695976"),
        details={},
        payee=replace(MPP.payee, tax_id=""),
    )
    assert found(mpp.check(order, CONTEXT)) == []


def test_tax_id_of_somebody_else_is_a_warning():
    order = replace(MPP, payee=replace(MPP.payee, tax_id="PL5260001246"))
    assert found(mpp.check(order, CONTEXT)) == [("warning", "details.vat_tax_id")]


@pytest.mark.parametrize(
    ("name", "value"),
    [("vat_amount", "230.01"), ("vat_amount", "a lot"), ("vat_invoice", "F2"), ("vat_text", "x")],
)
def test_field_that_says_something_else_than_the_frozen_title(name, value):
    order = replace(MPP, details={**MPP.details, name: value})
    assert found(mpp.check(order, CONTEXT)) == [("error", f"details.{name}")]


def test_other_kinds_are_left_alone():
    assert list(mpp.check(DOMESTIC, CONTEXT)) == []


def test_right_title():
    assert mpp.build(TITLE) == MPP.title
    assert found(mpp.check(MPP, CONTEXT)) == []


def test_every_title_that_is_built_is_read_back():
    generator = random.Random(7)
    letters = string.ascii_uppercase + string.digits + "/-. ó"

    def text(longest, shortest=1):
        return "".join(generator.choices(letters, k=generator.randint(shortest, longest)))

    for _ in range(2000):
        vat = Decimal(generator.randint(1, 10**12 - 1)).scaleb(-2)
        tax_id = "".join(generator.choices(string.digits, k=10))
        title = MppTitle(vat, tax_id, text(35), text(33, 0))
        assert mpp.parse(mpp.build(title)) == title


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 2), date(2026, 11, 1)),
        (date(2026, 11, 1), date(2026, 12, 2)),
        (date(2026, 1, 31), date(2026, 3, 1)),
        (date(2026, 12, 15), date(2027, 1, 16)),
    ],
)
def test_period_that_the_law_does_not_know(first, last):
    with pytest.raises(InvalidOrder):
        mpp.period(first, last)


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), "01.11.2026-30.11.2026"),
        (date(2026, 11, 5), date(2026, 11, 5), "05.11.2026-05.11.2026"),
        (date(2026, 12, 15), date(2027, 1, 15), "15.12.2026-15.01.2027"),
        (date(2026, 1, 31), date(2026, 2, 28), "31.01.2026-28.02.2026"),
    ],
)
def test_period_in_place_of_the_invoice_number(first, last, text):
    assert mpp.period(first, last) == text
    assert len(text) <= mpp.LIMITS["vat_invoice"]


def test_invoices_of_two_suppliers_are_never_one_order():
    one = Invoice("F1", "7740001454", "F1", date(2026, 11, 1), Decimal(123), Decimal(23))
    with pytest.raises(InvalidOrder):
        mpp.combined([one, replace(one, vat_tax_id="5260001246")])
    with pytest.raises(InvalidOrder):
        mpp.combined([])


def test_invoices_over_more_than_a_month_are_never_one_order():
    one = Invoice("F1", "7740001454", "F1", date(2026, 11, 1), Decimal(123), Decimal(23))
    with pytest.raises(InvalidOrder, match="month"):
        mpp.combined([one, replace(one, issued_on=date(2026, 12, 2))])


BILL = Invoice("B1", "7740001454", "F1", date(2026, 11, 2), Decimal(123), Decimal(23))
SECOND = replace(
    BILL,
    record="B2",
    number="F2",
    issued_on=date(2026, 11, 28),
    gross=Decimal(246),
    vat=Decimal(46),
)
NOTE = replace(BILL, record="N1", number="K1", gross=Decimal("-61.50"), vat=Decimal("-11.50"))


@pytest.mark.parametrize("note", [NOTE, replace(NOTE, gross=Decimal(-123), vat=Decimal(-23))])
def test_credit_notes_that_leave_nothing_are_refused(note):
    bill = replace(BILL, gross=-note.gross, vat=-note.vat)
    with pytest.raises(InvalidOrder, match="nothing is left"):
        mpp.combined([bill, note])
    with pytest.raises(InvalidOrder, match="nothing is left"):
        mpp.combined([note])


def test_vat_of_a_credit_note_is_taken_away_and_not_added():
    title, gross = mpp.combined([BILL, SECOND, NOTE], Decimal("307.50"))
    assert (title.vat_amount, gross) == (Decimal("57.50"), Decimal("307.50"))
    assert title.vat_invoice == "02.11.2026-28.11.2026"


def test_credit_note_goes_with_the_one_invoice_that_it_corrects():
    title, _gross = mpp.combined([BILL, replace(NOTE, corrects="B1")])
    assert (title.vat_amount, title.vat_invoice) == (Decimal("11.50"), "F1")
    title, _gross = mpp.combined([BILL, replace(NOTE, corrects="B9")])
    assert title.vat_invoice == "02.11.2026-02.11.2026"


@pytest.mark.parametrize(
    ("invoices", "paid", "vat"),
    [
        ([BILL, SECOND], "100", "18.70"),  # of 369.00, with 69.00 in them
        ([BILL], "61.50", "11.50"),
        ([BILL, SECOND, NOTE], "153.75", "28.75"),
        ([replace(BILL, owed=Decimal("61.50")), SECOND], "307.50", "57.50"),
        ([replace(BILL, vat=Decimal("9.13"))], "61.50", "4.57"),  # half a grosz goes up
        # The first is paid first, at its own rate.
        ([replace(BILL, vat=Decimal("9.11")), SECOND], "184.50", "20.61"),
        ([BILL], "200", "23.00"),  # more than it owes has no more VAT in it
    ],
)
def test_part_payment_has_its_part_of_the_vat(invoices, paid, vat):
    title, _gross = mpp.combined(invoices, Decimal(paid))
    assert title.vat_amount == Decimal(vat)


def told_of_parts(bills, notes, cuts):
    """The VAT of each order when what is owed of all of them is paid in parts; the books pay the
    bills in their order."""
    owed, told = [bill.gross for bill in bills], []
    while left := sum(owed) + sum(note.gross for note in notes):
        part = min(left, cuts.pop() if cuts else left)
        now = [replace(bill, owed=open_) for bill, open_ in zip(bills, owed, strict=True)]
        title, gross = mpp.combined([*now, *notes], part)
        assert gross == part
        assert 0 <= title.vat_amount <= part
        told.append(title.vat_amount)
        for place, open_ in enumerate(owed):
            owed[place] -= min(part, open_)
            part -= min(part, open_)
    return told


GROSZE = st.integers(1, 200_000).map(lambda grosze: Decimal(grosze) / 100)
BILLS = st.lists(st.tuples(GROSZE, st.sampled_from((0, 5, 8, 23))), min_size=1, max_size=4)


def documents(rows, sign):
    """Invoices, or credit notes, of (net, rate)."""
    vats = [(net, (net * rate / 100).quantize(Decimal("0.01"))) for net, rate in rows]
    return [replace(BILL, gross=sign * (net + vat), vat=sign * vat) for net, vat in vats]


@given(BILLS, st.lists(GROSZE, max_size=6))
def test_all_parts_together_have_the_whole_vat(rows, cuts):
    bills = documents(rows, 1)
    assert sum(told_of_parts(bills, [], cuts)) == sum(bill.vat for bill in bills)


@given(BILLS, BILLS, st.lists(GROSZE, max_size=6))
def test_all_parts_together_have_what_credit_notes_leave_of_the_vat(rows, taken, cuts):
    bills, notes = documents(rows, 1), documents(taken, -1)
    gross = sum(one.gross for one in bills + notes)
    vat = sum(one.vat for one in bills + notes)
    assume(gross > 0 and vat >= 0)
    assert sum(told_of_parts(bills, notes, cuts)) == min(vat, gross)


@given(BILLS, BILLS, GROSZE, st.lists(GROSZE, max_size=4), st.sampled_from(("1", "4.2317")))
def test_credit_note_between_two_parts_leaves_the_whole_vat(rows, taken, first, cuts, rate):
    """An exempt one lost 2.23 of 23.00; in another currency all is in it but the VAT."""
    rate = Decimal(rate)
    bills, notes = (
        [replace(one, rate=rate, vat=round(one.vat * rate, 2)) for one in documents(*some)]
        for some in ((rows, 1), (taken, -1))
    )
    left = sum(one.gross for one in bills + notes) - first
    assume(left > 0 and first <= bills[0].gross)
    carried = mpp.combined(bills, first)[0].vat_amount
    bills[0] = replace(bills[0], owed=bills[0].gross - first)
    whole = sum(one.vat for one in bills + notes)
    assume(carried <= whole <= carried + left)
    while left:
        part = min(left, cuts.pop() if cuts else left)
        title, _gross = mpp.combined([*bills, *notes], part, carried=carried)
        assert title.vat_amount >= 0
        carried, left = carried + title.vat_amount, left - part
        for place, bill in enumerate(bills):
            taken_here = min(part, bill.open_gross)
            bills[place] = replace(bill, owed=bill.open_gross - taken_here)
            part -= taken_here
    assert carried == whole


def test_exempt_credit_note_leaves_more_vat_than_money():
    bill = replace(BILL, gross=Decimal(1230), vat=Decimal(230))
    exempt = replace(NOTE, gross=Decimal(-1100), vat=Decimal(0))
    title, gross = mpp.combined([bill, exempt])
    assert (title.vat_amount, gross) == (130, 130)
    # A part that was used elsewhere takes nothing away here.
    assert mpp.combined([bill, replace(exempt, owed=Decimal(-100))])[0].vat_amount == 230
    with pytest.raises(InvalidOrder, match="an ordinary transfer"):
        mpp.combined([replace(bill, vat=Decimal(5)), NOTE])


def test_collective_identifier_stands_in_place_of_the_period():
    identifier = "7740001454-IZ202611-0123456789AB-00"
    assert mpp.combined([BILL, SECOND], collective=identifier)[0].vat_invoice == identifier
    assert mpp.combined([BILL], collective=identifier)[0].vat_invoice == "F1"
    later = replace(SECOND, issued_on=date(2027, 1, 2))
    with pytest.raises(InvalidOrder, match="month"):
        mpp.combined([BILL, later], collective=identifier)


@pytest.mark.parametrize("text", ["", "FV/1", "01.13.2026-01.01.2027", "01.11.2026"])
def test_text_that_is_no_period(text):
    assert mpp.period_of(text) is None


def test_period_is_read_back():
    days = date(2026, 11, 2), date(2026, 11, 28)
    assert mpp.period_of(mpp.period(*days)) == days


def test_combined_order_of_a_month():
    one = Invoice("F1", "7740001454", "F1", date(2026, 11, 2), Decimal(123), Decimal(23))
    two = replace(one, number="F2", issued_on=date(2026, 11, 28), vat=Decimal("0.10"))
    title, gross = mpp.combined([two, one])
    assert mpp.build(title) == "/VAT/23,10/IDC/7740001454/INV/02.11.2026-28.11.2026"
    assert gross == Decimal(246)
    assert mpp.combined([one])[0].vat_invoice == "F1"


def test_part_that_made_no_title_is_named():
    details = {"vat_amount": "23.00", "vat_tax_id": "7740001454", "vat_invoice": "F" * 36}
    (problem,) = mpp.check(replace(MPP, title="FV 1", details=details), CONTEXT)
    assert (problem.field, problem.values["excess"]) == ("details.vat_invoice", 1)
    fitting = {**details, "vat_invoice": "F1"}
    assert found(mpp.check(replace(MPP, title="FV 1", details=fitting), CONTEXT)) == [
        ("error", "title")
    ]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("№ " + "1" * 33, "too long by 1 "),  # two letters at the bank
        ("FV\\TXT\\5", "must not hold /TXT/"),
        ("FV|VAT", ""),
        ("ß" * 17, ""),
    ],
)
def test_number_of_an_invoice_fits_as_it_is_sent(number, words):
    title = f"/VAT/230,00/IDC/7740001454/INV/{number}"
    problems = list(mpp.check(replace(MPP, title=title, details={}), CONTEXT))
    assert [problem.field for problem in problems] == ["details.vat_invoice"] * bool(words)
    assert words in "".join(map(str, problems))


def test_tax_id_is_the_payees_however_it_is_written():
    payee = replace(MPP.payee, tax_id="PL 774-000-14-54")
    assert found(mpp.check(replace(MPP, payee=payee), CONTEXT)) == []
    assert mpp.plain_tax_id("de 123.456.789") == "DE123456789"
