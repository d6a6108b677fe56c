# SPDX-License-Identifier: LGPL-3.0-only
"""KSeF's API: what is never asked, what is refused, and an identifier from the sandbox."""

import json
from decimal import Decimal

import pretend
import pytest

from protocol import ksef_api
from protocol.checks import ksef
from protocol.errors import BadAnswer, BankError, Busy, Invalid, LoginRefused, Refused
from protocol.ksef_api import Ksef, Paid
from protocol.wire.http import Answer

NIP = "5251000017"


def number(end, seller="7740001454"):
    head = f"{seller}-20270104-{end:012d}"
    return f"{head}-{ksef.checksum(head)}"


INVOICES = [Paid(number(1), Decimal("123.00")), Paid(number(2), Decimal("246.00"))]


@pytest.fixture(scope="module")
def sandbox():
    with pretend.running() as started:
        yield started


def client(sandbox, token=f"{NIP}-token"):
    return Ksef(NIP, token, sandbox.addresses["ksef"], pause=0)


@pytest.mark.parametrize(
    "invoices",
    [
        [],
        INVOICES[:1],
        [INVOICES[0], INVOICES[0]],
        [INVOICES[0], Paid("FV/2027/1", Decimal(1))],
        [INVOICES[0], Paid(number(2)[:-2] + "00", Decimal(1))],
        [INVOICES[0], Paid(number(2, "7781001014"), Decimal(1))],
        [Paid(number(end), Decimal(1)) for end in range(501)],
    ],
)
def test_what_no_identifier_can_stand_for_is_never_asked(invoices):
    asked = Ksef(NIP, "token", "https://127.0.0.1:9")
    with pytest.raises(Invalid):
        asked.collective_identifier(invoices)


def test_wrong_token_is_said_in_the_words_of_ksef(sandbox):
    with pytest.raises(LoginRefused, match="błędnego tokenu; Nieprawidłowy token"):
        client(sandbox, "7740001454-token").collective_identifier(INVOICES)


def test_token_without_a_right_is_told_which_it_needs(sandbox):
    with pytest.raises(LoginRefused, match="CollectiveIdentifierManage") as caught:
        client(sandbox, f"{NIP}-powerless").collective_identifier(INVOICES)
    assert caught.value.code == "missing-permissions"


def test_key_that_ksef_does_not_know_is_refused_in_its_words(sandbox, monkeypatch):
    asked = client(sandbox)
    key, _key_id = asked._key()
    monkeypatch.setattr(asked, "_key", lambda: (key, "A" * 44))
    with pytest.raises(Refused, match=f"wycofany klucz.; Klucz {'A' * 44}") as caught:
        asked.collective_identifier(INVOICES)
    assert caught.value.code == "21470"


@pytest.mark.parametrize("years", [(), (2090, 2091)])
def test_no_key_that_is_valid_now_is_no_answer(years, sandbox, monkeypatch):
    asked = client(sandbox)
    rows = [row for row in asked._get("/security/public-key-certificates")
            if row["validFrom"][:4] in map(str, years)]  # fmt: skip
    monkeypatch.setattr(asked, "_get", lambda _path: rows)
    with pytest.raises(BadAnswer):
        asked._key()


def test_invoice_that_may_be_in_none_is_refused_with_the_code(sandbox):
    sandbox.control("ksef", numbers=[INVOICES[1].number])
    try:
        with pytest.raises(Refused) as caught:
            client(sandbox).collective_identifier(INVOICES)
    finally:
        sandbox.control("ksef", numbers=[])
    assert caught.value.code == "71001"
    assert INVOICES[1].number in str(caught.value)


@pytest.mark.parametrize(
    ("status", "content", "error"),
    [
        (503, b"", Busy),
        (429, b"{}", Busy),
        (200, b"<html>", BadAnswer),
        (200, b"[]", BadAnswer),
        (200, b"{}", BadAnswer),
        (404, b"<html>", Refused),
        (401, b"{}", LoginRefused),
        (400, b'{"exception": {}}', Refused),
    ],
)
def test_answer_that_is_none_is_our_own_error(status, content, error):
    asked = Ksef(NIP, "token", "https://127.0.0.1:9")
    asked._http.post = asked._http.get = lambda *_args: Answer(status, content)
    with pytest.raises(error):
        asked.collective_identifier(INVOICES)


def test_ksef_that_asks_for_time_is_left_alone_until_then():
    asked = Ksef(NIP, "token", "https://127.0.0.1:10")
    calls = []
    busy = Answer(429, b"{}", {"retry-after": "30"})
    asked._http.post = asked._http.get = lambda *call: calls.append(call) or busy
    for _time in range(2):
        with pytest.raises(Busy, match="for 30 seconds"):
            asked.collective_identifier(INVOICES)
    assert len(calls) == 1


def test_identifier_of_another_seller_is_no_answer(monkeypatch):
    asked = Ksef(NIP, "token", "https://127.0.0.1:9")
    monkeypatch.setattr(asked, "_log_in", lambda: "access")
    other = "7781001014-IZ202701-0000000000AB"
    said = {"collectiveIdentifierNumber": f"{other}-{ksef.checksum(other)}"}
    asked._http.post = lambda *_args: Answer(201, json.dumps(said).encode())
    with pytest.raises(BadAnswer):
        asked.collective_identifier(INVOICES)


def test_log_in_that_never_ends_is_given_up(monkeypatch):
    asked = Ksef(NIP, "token", "https://127.0.0.1:9", pause=0)
    waiting = b'{"status": {"code": 100, "description": "..."}}'
    asked._http.get = lambda *_args: Answer(200, waiting)
    with pytest.raises(Busy):
        asked._wait("R", "T")


def test_every_failure_is_a_bank_error_and_the_token_is_in_none(sandbox):
    secret = "7740001454-very-secret"
    with pytest.raises(BankError) as caught:
        client(sandbox, secret).collective_identifier(INVOICES)
    assert secret not in f"{caught.value!r} {caught.value}"


def test_refusal_in_the_older_form_is_read_with_its_details():
    detail = {"exceptionCode": 21405, "exceptionDescription": "Błąd", "details": ["invoices[1]"]}
    said = {"exception": {"exceptionDetailList": [detail]}}
    assert ksef_api._reason(said) == ("21405", "Błąd; invoices[1]")


def test_identifier_of_invoices_of_the_older_ksef(sandbox):
    old = "7740001454-20240104-ABCDEF-012345-AB"
    made = client(sandbox).collective_identifier([INVOICES[0], Paid(old, Decimal("1.23"))])
    assert ksef.is_collective(made)


def test_identifier_stands_for_the_invoices_and_is_valid(sandbox):
    made = client(sandbox).collective_identifier(INVOICES)
    assert ksef.is_collective(made)
    assert ksef.mistake_in(made) is None
    assert made.startswith("7740001454-IZ")
    assert made != client(sandbox).collective_identifier(INVOICES)


def test_address_is_that_of_production():
    assert ksef_api.ADDRESS == "https://api.ksef.mf.gov.pl/v2"
