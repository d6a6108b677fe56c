# SPDX-License-Identifier: LGPL-3.0-only
"""The day of execution, and the calendar behind it. NOW is Friday, 20 November 2026, 10:30."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from orders_for_tests import CONTEXT, DOMESTIC, EXPRESS, NOW, SEPA, found

from protocol.calendar_pl import BANK_CUT_OFFS, holidays, target_holidays
from protocol.checks import day

TODAY = NOW.date()
MONDAY = date(2026, 11, 23)
EVENING = replace(CONTEXT, now=NOW.replace(hour=20, minute=1))


def problem(execute_on, context=CONTEXT, order=DOMESTIC):
    problems = list(day.check(replace(order, execute_on=execute_on), context))
    assert len(problems) <= 1
    return problems[0] if problems else None


def test_past_day_is_an_error_with_a_proposal():
    found_problem = problem(TODAY - timedelta(days=1))
    assert found([found_problem]) == [("error", "execute_on")]
    assert found_problem.values["proposal"] == TODAY
    assert "2026-11-20" in found_problem.message


def test_proposal_for_a_past_day_is_never_one_the_bank_would_not_take():
    assert problem(TODAY - timedelta(days=1), EVENING).values["proposal"] == MONDAY
    saturday = replace(CONTEXT, now=NOW + timedelta(days=1))
    assert problem(TODAY, saturday).values["proposal"] == MONDAY
    before_feast = replace(CONTEXT, now=NOW.replace(day=10, hour=21))
    assert problem(date(2026, 11, 9), before_feast).values["proposal"] == date(2026, 11, 12)


def test_too_far_is_an_error():
    assert found([problem(TODAY + timedelta(days=366))]) == [("error", "execute_on")]


@pytest.mark.parametrize(
    ("free", "proposal"),
    [
        (date(2026, 11, 21), MONDAY),
        (date(2026, 12, 24), date(2026, 12, 28)),
        (date(2026, 12, 26), date(2026, 12, 28)),
    ],
)
def test_day_free_of_work_is_a_warning(free, proposal):
    found_problem = problem(free)
    assert found([found_problem]) == [("warning", "execute_on")]
    assert found_problem.values["proposal"] == proposal


def test_day_without_transfers_in_euro_matters_for_euro_only():
    good_friday, tuesday = date(2026, 4, 3), date(2026, 4, 7)
    context = replace(CONTEXT, now=NOW.replace(month=4, day=1), euro_holidays=target_holidays(2026))
    assert problem(good_friday, context) is None
    in_euro = problem(good_friday, context, replace(SEPA, route=""))
    assert (in_euro.severity, in_euro.values["proposal"]) == ("warning", tuesday)
    assert problem(good_friday, context, replace(SEPA, route="instant")) is None


def test_cut_off_time_is_data():
    assert problem(TODAY) is None
    late = problem(TODAY, EVENING)
    assert (late.severity, late.values["cut_off"], late.values["proposal"]) == (
        "warning", "20:00", MONDAY
    )  # fmt: skip
    earlier = replace(CONTEXT, cut_offs={"domestic": time(9, 0)})
    assert problem(TODAY, earlier).values["cut_off"] == "09:00"
    assert problem(TODAY, replace(EVENING, cut_offs={})) is None


def test_cut_off_of_the_route_goes_before_that_of_the_kind():
    context = replace(CONTEXT, cut_offs={"domestic": time(20, 0), "sorbnet": time(10, 0)})
    assert problem(TODAY, context) is None
    assert problem(TODAY, context, replace(DOMESTIC, route="sorbnet")).values["cut_off"] == "10:00"


def test_express_settles_at_any_hour_of_any_day():
    assert problem(TODAY, EVENING, EXPRESS) is None
    assert problem(date(2026, 11, 22), CONTEXT, EXPRESS) is None
    sunday = replace(CONTEXT, now=NOW + timedelta(days=2))
    assert problem(TODAY, sunday, EXPRESS).values["proposal"] == date(2026, 11, 22)


def test_cut_off_of_another_day_does_not_matter():
    assert problem(MONDAY, EVENING) is None


def test_christmas_eve_is_free_since_2025():
    assert date(2024, 12, 24) not in holidays(2024)
    assert date(2025, 12, 24) in holidays(2025)


@pytest.mark.parametrize(
    ("year", "easter_monday", "corpus_christi"),
    [(2025, date(2025, 4, 21), date(2025, 6, 19)), (2027, date(2027, 3, 29), date(2027, 5, 27))],
)
def test_moving_feasts(year, easter_monday, corpus_christi):
    assert {easter_monday, corpus_christi} <= holidays(year)
    assert len(holidays(year)) == 14


def test_days_without_transfers_in_euro():
    assert target_holidays(2027) == {
        date(2027, 1, 1),
        date(2027, 3, 26),
        date(2027, 3, 29),
        date(2027, 5, 1),
        date(2027, 12, 25),
        date(2027, 12, 26),
    }


def test_express_of_a_bank_that_has_hours_for_it_is_for_business_days():
    hours, saturday = BANK_CUT_OFFS["mbank"], TODAY + timedelta(days=1)
    noon = replace(CONTEXT, now=NOW + timedelta(days=1))
    assert problem(saturday, noon, EXPRESS) is None
    assert problem(saturday, replace(noon, cut_offs=hours), EXPRESS).values["proposal"] == MONDAY
    late = problem(TODAY, replace(EVENING, cut_offs=hours), EXPRESS)
    assert late.values["cut_off"] == "20:00"
    assert problem(TODAY, EVENING, EXPRESS) is None
