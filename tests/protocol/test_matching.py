# SPDX-License-Identifier: LGPL-3.0-only
"""A new statement beside what is stored: ids and texts propose, the sums decide."""

from datetime import date
from decimal import Decimal

import pytest

from protocol import matching
from protocol.records import Entry, Statement
from tools.fuzz import months

ACCOUNT = "PL22114010100000100000010001"


def day(number):
    return date(2026, 3, number)


def entry(amount, on=3, key=None, title="FV 1", **more):
    details = {"bank_reference": key} if key else {}
    return Entry(
        day(on), None, Decimal(amount), title=title, operation_id=key, details=details, **more
    )


def statement(opening, closing, since=3, until=None, number="", final=True):
    balances = [None if one is None else Decimal(one) for one in (opening, closing)]
    until = day(until or since)
    return Statement(ACCOUNT, "PLN", number, day(since), until, *balances, (), final=final)


class Books:
    """Stored statements and announced lines, filled by plans."""

    def __init__(self):
        self.store = months.Store(months.random.Random("books"))

    def take(self, entries, *told, choice=None, **more):
        return self.store.take(months.Told(statement(*told, **more), entries), choice)

    @property
    def chain(self):
        return [
            (int(one.opening), int(one.closing), len(one.lines))
            for one in matching.ordered(self.store.kept.values())
        ]


@pytest.fixture
def books():
    return Books()


# -- refusals -----------------------------------------------------------------------------------


def test_a_statement_that_now_says_another_amount_names_both(books):
    books.take([entry("10", key="a")], 0, 10, number="1")
    with pytest.raises(matching.Difference) as caught:
        books.take([entry("11", key="a")], 0, 11, number="1")
    assert [one.amount for one in caught.value.extra] == [11]
    assert [line.entry.amount for line in caught.value.missing] == [10]


def test_numbers_that_follow_each_other_and_balances_that_do_not_meet(books):
    books.take([entry("10")], 0, 10, number="1")
    with pytest.raises(matching.Difference) as caught:
        books.take([entry("5", on=4)], 12, 17, since=4, number="2")
    assert caught.value.gap == 2


def test_nothing_is_put_between_two_days_that_meet(books):
    books.take([entry("10")], 0, 10)
    books.take([entry("5", on=4)], 10, 15, since=4)
    with pytest.raises(matching.Difference):
        books.take([entry("10"), entry("7")], 0, 17)


def test_other_sums_of_a_week_that_is_stored_are_not_booked_beside_it(books):
    books.take([entry("10", on=2), entry("20", on=5)], 0, 30, since=1, until=7)
    with pytest.raises(matching.Difference):
        books.take([entry("21", on=5), entry("1", on=9)], 10, 32, since=3, until=10)


# -- the choices --------------------------------------------------------------------------------


def test_they_are_the_same_entries(books):
    parts = [entry("40"), entry("60"), entry("20")]
    books.take([entry("70"), entry("50")], 0, 120)
    with pytest.raises(matching.Difference):
        books.take(parts, 0, 120)
    assert not books.take(parts, 0, 120, choice=matching.SAME).pieces
    assert books.chain == [(0, 120, 2)]


def test_the_same_entries_of_another_sum_they_cannot_be(books):
    books.take([entry("10", key="a")], 0, 10, number="1")
    with pytest.raises(matching.Difference):
        books.take([entry("11", key="a")], 0, 11, number="1", choice=matching.SAME)


def test_this_one_instead_of_the_stored_one(books):
    books.take([entry("10", key="a"), entry("1", key="b")], 0, 11, number="1")
    told = [entry("11", key="a"), entry("1", key="b")]
    plan = books.take(told, 0, 12, number="1", choice=matching.INSTEAD)
    assert [line.entry.amount for line in plan.removed] == [10]
    assert books.chain == [(0, 12, 2)]


def test_the_difference_as_new_entries(books):
    books.take([entry("10", key="a")], 0, 10, number="1")
    plan = books.take([entry("11", key="a")], 0, 11, number="1", choice=matching.NEW)
    assert [len(piece.entries) for piece in plan.pieces] == [1]
    assert len(books.chain) == 2


# -- the same money told again ------------------------------------------------------------------


def test_the_same_day_in_another_format(books):
    books.take([entry("100", title="Zażółć gęślą")], 0, 100)
    assert not books.take([entry("100", key="R1", title="ZAZOLC GESLA")], 0, 100).pieces


def test_texts_of_equal_entries_say_which_is_which():
    lines = [
        matching.Line(1, entry("12", title="Zażółć gęślą jaźń")),
        matching.Line(2, entry("12", title="kawa")),
    ]
    kept = matching.Kept(9, "", day(3), day(3), Decimal(0), Decimal(24), tuple(lines))
    told = [entry("12", title="KAWA  "), entry("12", title="Za¿ó³æ gêœl¹ jaŸñ")]
    plan = matching.plan(matching.Books([kept]), statement(0, 24), told)
    assert {index: line.id for index, line in plan.known.items()} == {0: 2, 1: 1}


def test_two_coffees_are_two_where_the_sums_say_so(books):
    books.take([entry("-12")], 100, 88)
    assert len(books.take([entry("-12")], 88, 76).pieces) == 1
    assert books.take([entry("-12"), entry("-12")], 100, 76).pieces == []
    assert books.take([entry("-12")], 88, 76).pieces == []


def test_reference_used_again_next_month(books):
    books.take([entry("-500", key="1001")], 1000, 500)
    books.take([entry("-500", on=31, key="1001")], 500, 0, since=31)
    assert books.chain == [(1000, 500, 1), (500, 0, 1)]


def test_a_batch_whole_and_its_parts_on_a_day_that_both_state(books):
    books.take([entry("100", key="B")], 0, 100)
    assert not books.take([entry("30", key="B/1"), entry("70", key="B/2")], 0, 100).pieces


# -- overlaps -----------------------------------------------------------------------------------


def test_pages_of_one_number_are_one_statement(books):
    books.take([entry("60")], 0, 60, number="7")
    books.take([entry("40")], 60, 100, number="7")
    assert books.chain == [(0, 100, 2)]


def test_sent_again_with_a_late_entry(books):
    books.take([entry("60")], 0, 60, number="7")
    books.take([entry("60"), entry("40")], 0, 100, number="7")
    assert books.chain == [(0, 100, 2)]


def test_evening_after_morning_and_morning_after_evening(books):
    morning, evening = [entry("-100")], [entry("-100"), entry("-30")]
    books.take(morning, 1000, 900)
    books.take(evening, 1000, 870)
    books.take(morning, 1000, 900)
    assert books.chain == [(1000, 870, 2)]


def test_week_then_month_from_the_first(books):
    books.take([entry("10", on=2)], 0, 10, since=1, until=7)
    books.take([entry("10", on=2), entry("5", on=20)], 0, 15, since=1, until=31)
    assert books.chain == [(0, 10, 1), (10, 15, 1)]


def test_month_fills_the_gap_between_two_days(books):
    books.take([entry("10", on=2)], 0, 10, since=2)
    books.take([entry("10", on=5)], 30, 40, since=5)
    books.take([entry("10", on=2), entry("20", on=4), entry("10", on=5)], 0, 40, since=1, until=6)
    assert books.chain == [(0, 10, 1), (10, 30, 1), (30, 40, 1)]


def test_booked_late_like_an_entry_of_the_day_before(books):
    books.take([entry("10")], 0, 10, number="1")
    books.take([entry("10"), entry("10", on=4)], 10, 30, since=3, until=4, number="2")
    assert books.chain == [(0, 10, 1), (10, 30, 2)]


def test_what_states_no_balance_goes_on_from_what_is_there(books):
    books.take([entry("10")], 0, 10)
    books.take([entry("5", on=4)], None, None, since=4)
    assert books.chain == [(0, 10, 1), (10, 15, 1)]


def test_assumed_balances_follow_the_first_that_are_stated(books):
    books.take([entry("5", on=4)], None, None, since=4)
    assert books.chain == [(0, 5, 1)]
    books.take([entry("10")], 5000, 5010)
    assert books.chain == [(5000, 5010, 1), (5010, 5015, 1)]


# -- announced ----------------------------------------------------------------------------------


def announce(books, *entries, on=3, free=True):
    books.take(list(entries), None, None, since=on, final=False)
    lines = books.store.announced
    for number, line in lines.items():
        lines[number] = matching.Line(line.id, line.entry, free)


def test_announced_in_other_words_and_without_an_id(books):
    announce(books, entry("100", title="PRZELEW"))
    plan = books.take([entry("100", key="R1", title="FV 1/2026")], 0, 100)
    assert len(plan.finished) == 1
    assert not books.store.announced


def test_announced_whole_and_booked_in_parts(books):
    announce(books, entry("100", key="B"))
    plan = books.take([entry("30", key="B/1"), entry("70", key="B/2")], 0, 100)
    assert len(plan.undone) == 1
    assert not plan.finished


def test_taken_back_but_something_hangs_on_it(books):
    announce(books, entry("100", key="GONE"), free=False)
    plan = books.take([entry("7", key="STAY")], 0, 7)
    assert [line.entry.operation_id for line in plan.raised] == ["GONE"]
    assert not plan.undone


def test_announced_after_its_day_was_stated(books):
    books.take([entry("7")], 0, 7)
    plan = books.take([entry("7"), entry("9")], None, None, final=False)
    assert (len(plan.known), len(plan.dropped), plan.announced) == (1, 1, [])


def test_announced_twice_under_two_ids(books):
    announce(books, entry("12", key="A"))
    announce(books, entry("12", key="B"))
    announce(books, entry("12", key="B"), entry("12", key="A"))
    assert len(books.store.announced) == 2


def test_announced_for_a_day_that_nobody_stated_waits(books):
    announce(books, entry("9", on=5), on=5)
    plan = books.take([entry("7")], 0, 7)
    assert not plan.undone
    assert not plan.raised
    assert len(books.store.announced) == 1


# -- the whole ----------------------------------------------------------------------------------


def test_a_statement_in_steps_of_a_few_entries(books):
    """Its entries are equal, without ids: only the whole of it tells them apart."""
    entries = [entry("10", title="x"), entry("-10", title="x")] * 5
    books.store.most = 3
    books.take(entries, 0, 0)
    assert books.chain == [(0, 0, 10)]
    assert not books.take(entries, 0, 0).pieces


@pytest.mark.parametrize("seed", ["steps/757", "steps/7783"])
def test_months_that_went_wrong_once(seed):
    """One statement that gains on both sides; a running balance at which a neighbour breaks."""
    assert months.prove(seed)["movements"]


def test_months_in_pieces_come_out_as_the_truth():
    found = months.run(500, seed="tests")
    assert found["documents"] > 5_000
    assert found["movements"] > 10_000


def test_problems_of_what_is_stored():
    line = matching.Line(1, entry("10"))
    wrong = matching.Kept(1, "1", day(3), day(3), Decimal(0), Decimal(11), (line,))
    apart = matching.Kept(2, "2", day(4), day(4), Decimal(12), Decimal(12))
    adds, meets = matching.problems([apart, wrong])
    assert (adds.of.id, adds.amount, adds.before) == (1, 1, None)
    assert (meets.of.id, meets.amount, meets.before.id) == (2, 1, 1)
