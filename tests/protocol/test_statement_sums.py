# SPDX-License-Identifier: LGPL-3.0-only
"""A statement that does not add up is refused whole, and says which entry may be the wrong one."""

import pytest
from statements_for_tests import (
    ACCOUNT,
    account_section,
    camt,
    client_bank,
    credit,
    document_section,
    ntry,
    read,
    stmt,
    swift,
)

from protocol import formats
from protocol.errors import InvalidDocument


def refusal(data):
    with pytest.raises(InvalidDocument) as caught:
        read(data)
    return caught.value.message


def test_wrong_sum_names_the_statement_and_the_difference():
    message = refusal(swift(credit("7,77"), closing="C260312PLN105,00"))
    assert message.startswith(f"statement 49 of 2026-03-12 of account {ACCOUNT}: ")
    assert "2.77" in message


def test_entry_that_stands_twice_is_named():
    message = refusal(swift(credit("7,00") + credit("9,00"), closing="C260312PLN107,00"))
    assert "entry 2 of 2026-03-12 over 9.00" in message


def test_entry_with_the_wrong_sign_is_named():
    message = refusal(camt(stmt(ntry("7.00") + ntry("2.50"), closing="104.50")))
    assert "entry 2 of 2026-03-12 over 2.50" in message
    assert "sign" in message


def test_day_that_does_not_add_up_is_named_among_several():
    data = client_bank(
        account_section(closing="101.00"),
        account_section("101.00", "150.00", day="13.03.2026"),
        document_section(ДатаПоступило="12.03.2026"),
        document_section(ДатаПоступило="13.03.2026"),
    )
    assert "of 2026-03-13 of account" in refusal(data)


def test_turnovers_of_an_intraday_report_are_checked():
    report = swift(credit("7,00")).replace(b":60F:C260312PLN100,00", b":34F:PLN0,00")
    good = report.replace(b":62F:C260312PLN100,00", b":90D:0PLN0,00\n:90C:1PLN7,00")
    assert len(read(good)[0][1]) == 1
    assert "credit_sum" in refusal(good.replace(b"1PLN7,00", b"1PLN8,00"))
    assert "credit_count" in refusal(good.replace(b"1PLN7,00", b"2PLN7,00"))


def test_pages_that_do_not_follow_are_refused():
    first = swift(credit(), closing="C260312PLN101,00").replace(b":62F:", b":62M:")
    second = swift(opening="C260312PLN102,00", closing="C260312PLN102,00")
    second = second.replace(b":60F:", b":60M:").replace(b"49/1", b"49/2")
    assert "page 2 of statement 49" in refusal(first + second)


def test_check_raises_only_at_the_end():
    statement = next(formats.parse(swift(credit("7,00"), closing="C260312PLN1,00")))
    entries = iter(formats.check(statement).entries)
    assert next(entries).amount == 7
    with pytest.raises(InvalidDocument, match="add up"):
        next(entries)


@pytest.mark.parametrize("digits", ["999999999999999,99", "100000000000000,01"])
def test_amounts_of_15_digits_keep_every_digit(digits):
    data = swift(
        credit(digits) * 3 + credit(line=f"260312D{digits}NTRFX") * 3,
        opening="C260312PLN0,01",
        closing="C260312PLN0,01",
    )
    ((_, entries),) = read(data)
    assert f"{entries[0].amount:f}" == digits.replace(",", ".")


def test_zero_entries_and_empty_statements_are_legal():
    assert read(swift(credit("0,00")))[0][1][0].amount == 0
    assert read(swift())[0][1] == []
    assert read(camt(stmt()))[0][1] == []
    assert read(client_bank(account_section()))[0][1] == []


def test_pending_entries_do_not_count_and_are_left_out_by_default():
    data = camt(stmt(ntry("5.00", status="PDNG") + ntry("1.00"), closing="101.00"))
    assert [entry.amount for entry in read(data)[0][1]] == [1]
    everything = read(data, pending=True)[0][1]
    assert [formats.is_booked(entry) for entry in everything] == [False, True]
