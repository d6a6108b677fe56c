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
    head = f"{seller}-20270104-0000000000{end:02d}"
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
    ],
)
def test_what_no_identifier_can_stand_for_is_never_asked(invoices):
    asked = Ksef(NIP, "token", "https://127.0.0.1:9")
    with pytest.raises(Invalid):
        asked.collective_identifier(invoices)


def test_wrong_token_is_said_in_the_words_of_ksef(sandbox):
    with pytest.raises(LoginRefused, match="błędny token"):
        client(sandbox, "7740001454-token").collective_identifier(INVOICES)


def test_invoice_that_may_be_in_none_is_refused_with_the_code(sandbox):
    sandbox.control("ksef", numbers=[INVOICES[1].number])
    try:
        with pytest.raises(Refused) as caught:
            client(sandbox).collective_identifier(INVOICES)
    finally:
        sandbox.control("ksef", numbers=[])
    assert caught.value.code == "71001"


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


def test_identifier_stands_for_the_invoices_and_is_valid(sandbox):
    made = client(sandbox).collective_identifier(INVOICES)
    assert ksef.is_collective(made)
    assert ksef.mistake_in(made) is None
    assert made.startswith("7740001454-IZ")
    assert made != client(sandbox).collective_identifier(INVOICES)


def test_address_is_that_of_production():
    assert ksef_api.ADDRESS == "https://api.ksef.mf.gov.pl/v2"
