# SPDX-License-Identifier: LGPL-3.0-only
"""KSeF number and collective identifier: typing errors, whose they are, when they are missing."""

import string
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from orders_for_tests import CONTEXT, DOMESTIC, MPP, TAX, found

from protocol.calendar_pl import holidays
from protocol.checks import ksef, mpp
from protocol.errors import InvalidOrder

PUBLISHED = "5265877635-20250826-0100001AF629-AF"  # the example of the KSeF documentation


def with_invoice(number, execute_on=MPP.execute_on, seller="5265877635"):
    details = {**MPP.details, "vat_invoice": number, "vat_tax_id": seller}
    title = f"/VAT/230,00/IDC/{seller}/INV/{number}"
    return replace(MPP, details=details, title=title, execute_on=execute_on)


def ordinary(number, **more):
    payee = replace(DOMESTIC.payee, tax_id="5265877635")
    values = {"title": f"{number} FV/1", "details": {"ksef_number": number}, "payee": payee}
    return replace(DOMESTIC, **{**values, **more})


def test_every_typing_error_in_a_ksef_number_is_found():
    for at, old in enumerate(PUBLISHED):
        if old == "-":
            continue
        others = set("0123456789ABCDEF" if at > 18 else string.digits) - {old}
        for new in others:
            wrong = PUBLISHED[:at] + new + PUBLISHED[at + 1 :]
            assert not ksef.looks_like(wrong) or not ksef.is_valid(wrong), wrong


def test_ksef_number_with_wrong_checksum_or_parts():
    wrong_sum = PUBLISHED[:-2] + "AE"
    assert found(ksef.check(with_invoice(wrong_sum), CONTEXT)) == [("error", "details.vat_invoice")]
    data = PUBLISHED[:11] + "20251399" + PUBLISHED[19:32]
    wrong_day = f"{data}-{ksef.checksum(data)}"
    assert found(ksef.check(with_invoice(wrong_day), CONTEXT)) == [("error", "details.vat_invoice")]


def test_published_ksef_number_fits_the_slot():
    assert ksef.is_valid(PUBLISHED)
    assert len(PUBLISHED) == mpp.LIMITS["vat_invoice"]
    assert found(ksef.check(with_invoice(PUBLISHED), CONTEXT)) == []
    title = mpp.build(mpp.MppTitle(Decimal("230"), "5265877635", PUBLISHED))
    assert mpp.parse(title).vat_invoice == PUBLISHED


def collective(seller="5265877635", month="202701", middle="0123456789AB"):
    data = f"{seller}-IZ{month}-{middle}"
    return f"{data}-{ksef.checksum(data)}"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("5265877635-20250826-0100001AF629-A", "“A”"),
        ("5265877635-20250826-0100001AF6Z9-AF", "“0100001AF6Z9”"),
        ("5265877635-2025082-0100001AF629-AF", "“2025082”"),
        ("526587763-20250826-0100001AF629-AFX", "“526587763”"),
        ("5265877635-IZ20271-0100001AF629-AF", "“IZ20271”"),
        ("5265877635-20250826-0100001af629-AF", "“0100001af629”"),
        ("5265877635-20240826-010000-1AF62-AF", "“1AF62”"),
        ("5265877636-20240826-010000-1AF629-AF", "cannot be right"),
        (collective(month="202713"), "cannot be right"),
        (collective(seller="5265877636"), "cannot be right"),
        (collective()[:-2] + "XX", "“XX”"),
        (collective()[:-1] + ("0" if collective()[-1] != "0" else "1"), "checksum"),
    ],
)
def test_typing_error_is_named(number, words):
    for order in (with_invoice(number), ordinary(number)):
        (problem,) = ksef.check(order, CONTEXT)
        assert problem.is_error
        assert words in str(problem)


def test_invoice_number_with_hyphens_is_no_ksef_number():
    for number in ("FV-2026-11-17", "ZAKUP2026-LISTOPAD-0123456789A-B", "1-2-3-4", ""):
        assert ksef.mistake_in(number) is None
        assert found(ksef.check(with_invoice(number), CONTEXT)) == []
        # Whoever wrote it into the field of the KSeF number of a bill has mistaken the field.
        refused = [("error", "details.ksef_number")] if number else []
        assert found(ksef.check(ordinary(number), CONTEXT)) == refused


def test_every_typing_error_in_a_collective_identifier_is_found():
    right = collective()
    assert ksef.is_valid(right)
    assert len(right) == mpp.LIMITS["vat_invoice"]
    for at, old in enumerate(right):
        for new in set(string.digits + string.ascii_uppercase) - {old, "-"}:
            wrong = right[:at] + new + right[at + 1 :]
            assert old == "-" or not ksef.is_valid(wrong), wrong


def test_number_of_another_seller_is_refused():
    for order in (
        with_invoice(PUBLISHED, seller="7740001454"),
        ordinary(PUBLISHED, payee=replace(DOMESTIC.payee, tax_id="PL7740001454")),
        ordinary(collective(seller="5260001246")),
    ):
        (problem,) = ksef.check(order, CONTEXT)
        assert problem.is_error
        assert "5265877635" in str(problem)


def test_number_that_the_title_does_not_name_is_refused():
    order = ordinary(PUBLISHED, title="FV/1")
    assert found(ksef.check(order, CONTEXT)) == [("error", "title")]


def test_collective_identifier_holds_from_the_laws_day_on():
    number = collective()
    field = "details.vat_invoice"
    assert found(ksef.check(with_invoice(number, date(2026, 12, 31)), CONTEXT)) == [
        ("error", field)
    ]
    assert found(ksef.check(with_invoice(number, date(2027, 1, 1)), CONTEXT)) == []


def test_right_number_in_an_ordinary_transfer():
    assert found(ksef.check(ordinary(PUBLISHED), CONTEXT)) == []
    assert found(ksef.check(ordinary(collective()), CONTEXT)) == []
    assert found(ksef.check(replace(TAX, details={"ksef_number": "x"}), CONTEXT)) == []


def test_number_of_ksef_1_is_one_and_too_long_for_a_split_payment():
    old = "5265877635-20240826-010000-1AF629-AF"
    assert ksef.tidy(old.lower()) == old
    assert found(ksef.check(ordinary(old), CONTEXT)) == []
    assert found(ksef.check(ordinary(old, title="FV/1"), CONTEXT)) == [("error", "title")]
    with pytest.raises(InvalidOrder, match="too long by 1 "):
        mpp.build(mpp.MppTitle(Decimal("230"), "5265877635", old))


def test_number_is_written_as_ksef_writes_it():
    assert ksef.tidy(" 5265877635-20250826-0100001af629-af\n") == PUBLISHED
    assert ksef.tidy(collective().lower()) == collective()
    for dash in "‐‑–—−":  # as printed invoices have it
        assert ksef.tidy(PUBLISHED.replace("-", dash)) == PUBLISHED
        assert ksef.tidy(f"FV{dash}1") == f"FV{dash}1"
    assert ksef.tidy("Faktura 1-2 z dnia") == "Faktura 1-2 z dnia"


BEFORE, AFTER = date(2026, 12, 31), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("hour", "order", "expected"),
    [
        (19, ordinary("", title="FV/1"), []),
        (21, ordinary("", title="FV/1"), [("warning", "execute_on")]),
        (21, ordinary("", title="FV/1", route="express"), []),  # at any hour
        (21, with_invoice("FV/1"), [("warning", "execute_on")]),
        (21, with_invoice(PUBLISHED), []),
        (21, ordinary(PUBLISHED), []),
        (21, replace(TAX, execute_on=BEFORE), []),
    ],
)
def test_transfer_that_slips_into_2027_overnight_is_said(hour, order, expected):
    """The last day of 2026 is a Thursday, and the bank's next one the fourth of January."""
    days = holidays(2026) | holidays(2027)
    context = replace(CONTEXT, now=datetime(2026, 12, 31, hour), holidays=days)
    problems = list(ksef.check(replace(order, execute_on=BEFORE), context))
    assert found(problems) == expected
    assert all(problem.values["day"] == date(2027, 1, 4) for problem in problems)


@pytest.mark.parametrize(
    ("day", "numbers", "more", "severity", "words"),
    [
        (AFTER, {"FV 1": ""}, {"payee_is_active": True}, "error", "FV 1: no KSeF number"),
        (AFTER, {"FV 1": ""}, {}, "warning", "FV 1: no KSeF number"),
        (AFTER, {"FV 1": "a", "FV 2": ""}, {"payee_is_active": True}, "error", "FV 2: no"),
        (AFTER, {"FV 1": "a", "FV 2": "b"}, {"payee_is_active": True}, "error", "2 invoices"),
        (AFTER, {"FV 1": "a", "FV 2": "b"}, {}, "warning", "2 invoices"),
        (BEFORE, {"FV 1": "a"}, {"collective": "x"}, "error", "two invoices at least"),
        (AFTER, {"FV 1": "a", "FV 2": "b"}, {"collective": "x"}, "error", "“x” is no coll"),
        (AFTER, {"FV 1": "a", "FV 2": "b"}, {"collective": PUBLISHED}, "error", "is no coll"),
    ],
)
def test_what_a_transfer_lacks(day, numbers, more, severity, words):
    (problem,) = ksef.problems_of_bills("P1", day, numbers, **more)
    assert problem.severity == severity
    assert words in str(problem)


@pytest.mark.parametrize(
    ("day", "numbers", "more"),
    [
        (BEFORE, {"FV 1": "", "FV 2": ""}, {"payee_is_active": True}),
        (AFTER, {}, {"payee_is_active": True}),
        (AFTER, {"FV 1": ""}, {"payee_is_active": False}),
        (AFTER, {"FV 1": ""}, {"payee_is_active": True, "reason": "outage of KSeF"}),
        (AFTER, {"FV 1": "a"}, {"payee_is_active": True}),
        (AFTER, {"FV 1": "a", "FV 2": "b"}, {"payee_is_active": True, "collective": collective()}),
    ],
)
def test_transfer_that_lacks_nothing(day, numbers, more):
    assert list(ksef.problems_of_bills("P1", day, numbers, **more)) == []


def test_own_number_of_the_invoice_is_a_warning_only_once_the_law_is_in_force():
    assert found(ksef.check(with_invoice("FV/1"), CONTEXT)) == []
    later = with_invoice("FV/1", date(2027, 1, 4))
    assert found(ksef.check(later, CONTEXT)) == [("warning", "details.vat_invoice")]
