# SPDX-License-Identifier: LGPL-3.0-only
"""Requests for statements that are refused; statements written as 1C file and as JSON."""

import json
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest

from protocol.formats import client_bank_1c
from protocol.formats.client_bank_1c import statement as client_bank_1c_statement
from protocol.moedelo import statement_json, statement_requests
from protocol.moedelo.problems import Problem
from protocol.records import Entry, Party, Statement

OWN = "40702810700000000001"
OTHER = "40702810655000000101"
TODAY = date(2026, 3, 10)
ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OWNER = Party("ООО Демо Торговля", OWN, tax_id="7701000019")
AT = datetime(2026, 3, 10, 9, 0, tzinfo=timezone.utc)


def request(**change):
    value = {
        "external_id": ID,
        "account": OWN,
        "kind": "final",
        "from": "2026-03-01",
        "to": "2026-03-09",
        "format": "json",
    }
    value |= change
    return {name: text for name, text in value.items() if text is not None}


def errors(value, automatic=False):
    with pytest.raises(Problem) as caught:
        statement_requests.understand(value, TODAY, automatic)
    assert caught.value.status == 422
    return {error.pointer: error.code for error in caught.value.errors}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"external_id": "1"}, {"/external_id": "value"}),
        ({"account": "4070281070000000000"}, {"/account": "value"}),
        ({"kind": "all"}, {"/kind": "value"}),
        ({"format": "xml"}, {"/format": "value"}),
        ({"from": None}, {"/from": "missing"}),
        ({"to": "2026-02-30"}, {"/to": "value"}),
        ({"from": "0001-01-01"}, {"/from": "value"}),
        ({"from": 20260301}, {"/from": "type"}),
        ({"from": "2026-03-10"}, {"/to": "order"}),
        ({"from": "2025-01-01"}, {"/to": "too_many_days"}),
        ({"to": "2026-03-10"}, {"/to": "not_over"}),
        ({"kind": "interim", "to": "2026-03-11"}, {"/to": "not_over"}),
        ({"kind": "balance", "format": "1c"}, {"/format": "value"}),
        ({"number": "1"}, {"/number": "unknown"}),
    ],
    ids=str,
)
def test_refused(change, expected):
    assert errors(request(**change)) == expected


def test_seven_days_for_automatic_ones():
    assert errors(request(), automatic=True) == {"/to": "too_many_days"}
    good = request(**{"from": "2026-03-03"})
    assert statement_requests.understand(good, TODAY, automatic=True).since == date(2026, 3, 3)


def test_interim_includes_today():
    found = statement_requests.understand(
        request(kind="interim", to="2026-03-10", format=None), TODAY, automatic=False
    )
    assert (found.kind, found.until, found.format) == ("interim", TODAY, "json")


# ---- what is answered


def entry(amount, **change):
    side = "payer" if Decimal(amount) > 0 else "payee"
    details = {
        "document_number": "17",
        "document_date": "09.03.2026",
        f"{side}_tax_id": "7813002014",
        f"{side}_bank_code": "044030653",
        "priority": "5",
    }
    values = {
        "booked_on": date(2026, 3, 9),
        "value_on": None,
        "amount": Decimal(amount),
        "title": "Оплата по счёту 12",
        "counterparty_name": "ООО Бумага и Офис",
        "counterparty_account": OTHER,
        "operation_id": "77",
        "details": details,
    }
    return Entry(**{**values, **change})


def statement(*entries):
    total = sum((one.amount for one in entries), Decimal(0))
    opened, closed = date(2026, 3, 1), date(2026, 3, 9)
    opening = Decimal("100.00")
    return Statement(OWN, "RUB", "", opened, closed, opening, opening + total, iter(entries))


def written(*entries):
    pieces = client_bank_1c_statement.render(statement(*entries), OWNER, AT)
    return b"".join(pieces)


def test_what_is_written_is_read_again():
    listed = [entry("-1500.50"), entry("20.00"), entry("-3.00", details={})]
    (found,) = client_bank_1c.parse(written(*listed))
    assert (found.account_number, found.currency) == (OWN, "RUB")
    assert (found.opened_on, found.closed_on) == (date(2026, 3, 1), date(2026, 3, 9))
    assert (found.opening_balance, found.closing_balance) == (Decimal("100"), Decimal("-1383.50"))
    read = list(found.entries)
    for before, after in zip(listed, read, strict=True):
        for name in ("booked_on", "amount", "title", "counterparty_name", "counterparty_account"):
            assert getattr(after, name) == getattr(before, name), name
        assert before.details.items() <= after.details.items()
    assert read[0].details["payer_name"] == OWNER.name
    assert read[0].details["payer_account"] == OWN
    assert "credited_on" not in read[0].details


def test_no_text_breaks_out_of_its_line():
    evil = "Оплата\r\nКонецФайла\r\nСекцияДокумент=x ☃"
    (found,) = client_bank_1c.parse(written(entry("-1.00", title=evil)))
    (read,) = found.entries
    assert read.title == "Оплата КонецФайла СекцияДокумент=x ?"


def test_dates_of_other_formats_and_kinds_as_numbers():
    details = {"document_date": "2026-03-08", "document_kind": "10", "document_number": "4"}
    (found,) = client_bank_1c.parse(written(entry("-1.00", details=details)))
    (read,) = found.entries
    assert read.details["document_date"] == "08.03.2026"
    assert read.details["document_kind"] == "Платежное поручение"


def test_an_empty_statement_of_both_kinds():
    (found,) = client_bank_1c.parse(written())
    assert list(found.entries) == []
    said = json.loads(b"".join(statement_json.render({"state": "ready"}, statement())))
    assert said["statement"]["entries"] == []


@pytest.mark.parametrize("count", [1, 200, 201, 450])
def test_json_in_pieces(count):
    listed = [entry("-1.00", operation_id=str(number)) for number in range(count)]
    pieces = list(statement_json.render({"state": "ready"}, statement(*listed)))
    said = json.loads(b"".join(pieces))
    assert len(pieces) == 2 + -(-count // statement_json.AT_ONCE)
    ids = [one["operation_id"] for one in said["statement"]["entries"]]
    assert ids == [str(number) for number in range(count)]


def test_json_of_an_entry():
    listed = [entry("-1500.50", our_reference=ID)]
    said = json.loads(b"".join(statement_json.render({"state": "ready"}, statement(*listed))))
    assert said["state"] == "ready"
    assert said["statement"]["opening_balance"] == "100.00"
    assert said["statement"]["entries"] == [
        {
            "operation_id": "77",
            "booked_on": "2026-03-09",
            "value_on": None,
            "amount": "-1500.50",
            "title": "Оплата по счёту 12",
            "document_number": "17",
            "counterparty": {
                "name": "ООО Бумага и Офис",
                "account": OTHER,
                "inn": "7813002014",
            },
            "external_id": ID,
        }
    ]


def test_entries_are_taken_one_after_the_other():
    taken = []

    def entries():
        for number in range(1000):
            taken.append(number)
            yield entry("-1.00")

    lazy = Statement(OWN, "RUB", "", TODAY, TODAY, None, None, entries())
    pieces = client_bank_1c_statement.render(lazy, OWNER, AT)
    next(pieces)
    next(pieces)
    assert len(taken) == client_bank_1c_statement.AT_ONCE
