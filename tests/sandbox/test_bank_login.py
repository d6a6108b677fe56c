# SPDX-License-Identifier: LGPL-3.0-only
"""Log-in, confirmation and sessions: the refusals first."""

import json
from datetime import datetime, timedelta, timezone

import pytest
import requests
from conftest import Person
from cryptography.hazmat.primitives.serialization import pkcs12


@pytest.mark.parametrize(
    ("client", "login", "method", "code"),
    [
        ("99999999", "anna", "mobile", "CLIENT_UNKNOWN"),
        ("RU000001", "anna", "mobile", "CLIENT_UNKNOWN"),
        ("10000001", "nobody", "mobile", "LOGIN_WRONG"),
        ("10000002", "anna", "mobile", "LOGIN_WRONG"),
        ("10000001", "anna", "certificate", "METHOD_NOT_ALLOWED"),
        ("10000001", "jan", "mobile", "METHOD_NOT_ALLOWED"),
    ],
)
def test_login_is_refused(bank, client, login, method, code):
    assert bank.refused("LogIn", ClientIdentifier=client, Login=login, Method=method) == code


def test_calls_without_or_with_a_wrong_session_are_refused(bank):
    assert bank.refused("GetAccounts") == "SESSION_UNKNOWN"
    bank.token = "wrong"
    assert bank.refused("GetAccounts") == "SESSION_UNKNOWN"


def _start(bank, login="anna", method="mobile"):
    answer = bank.call("LogIn", ClientIdentifier="10000001", Login=login, Method=method)
    return answer.Challenge


def test_confirmation_refused_on_the_phone(bank, control):
    challenge = _start(bank)
    control.press("anna", "refuse")
    assert bank.refused("Confirm", ChallengeId=challenge.Id) == "CHALLENGE_REFUSED"


def test_confirmation_expires(bank, control):
    challenge = _start(bank)
    control.post("clock", seconds=301)
    assert control.phone("anna")["challenges"] == []
    assert bank.refused("Confirm", ChallengeId=challenge.Id) == "CHALLENGE_EXPIRED"


def test_confirmation_is_used_once_and_replaced_by_a_new_login(bank, control):
    old = _start(bank)
    new = _start(bank)
    assert bank.refused("Confirm", ChallengeId=old.Id) == "CHALLENGE_UNKNOWN"
    assert len(control.phone("anna")["challenges"]) == 1
    control.press("anna", "confirm")
    assert bank.call("Confirm", ChallengeId=new.Id).Session.Token
    assert bank.refused("Confirm", ChallengeId=new.Id) == "CHALLENGE_UNKNOWN"


def test_mobile_login_waits_for_the_phone_and_shows_the_same_code(bank, control):
    challenge = _start(bank)
    assert bank.call("Confirm", ChallengeId=challenge.Id).Challenge.Id == challenge.Id
    shown = control.press("anna", "confirm")
    assert shown["code"] == challenge.Code
    session = bank.call("Confirm", ChallengeId=challenge.Id).Session
    assert session.IdleSeconds == 600
    bank.token = session.Token
    assert [a.Currency for a in bank.call("GetAccounts")] == ["PLN", "PLN", "EUR"]


def test_login_with_a_certificate(bank, jan):
    challenge = _start(bank, "jan", "certificate")
    payload = json.loads(challenge.Payload)
    assert payload["purpose"] == "log-in"
    assert (payload["client"], payload["login"]) == ("10000001", "jan")
    answer = bank.call("Confirm", ChallengeId=challenge.Id, Answer=jan.sign(challenge.Payload))
    assert answer.Session.Token


def test_rsa_certificate_logs_in_too(bank, control, rsa_key):
    bank.log_in_with(Person("jan", key=rsa_key).register(control))
    assert bank.call("GetAccounts")


@pytest.mark.parametrize("case", ["stranger", "expired", "other bytes", "nothing", "garbage"])
def test_certificate_is_not_accepted(bank, control, jan, case):
    challenge = _start(bank, "jan", "certificate")
    answers = {
        "stranger": lambda: Person("jan").sign(challenge.Payload),
        "expired": lambda: Person("jan", days=-1).register(control).sign(challenge.Payload),
        "other bytes": lambda: jan.sign(challenge.Payload + b" "),
        "nothing": lambda: None,
        "garbage": lambda: b"0\x03abc",
    }
    code = bank.refused("Confirm", ChallengeId=challenge.Id, Answer=answers[case]())
    assert code == "CERTIFICATE_NOT_ACCEPTED"


def test_certificate_of_another_user_is_not_accepted(bank, control, jan):
    challenge = _start(bank, "ewa", "certificate")
    code = bank.refused("Confirm", ChallengeId=challenge.Id, Answer=jan.sign(challenge.Payload))
    assert code == "CERTIFICATE_NOT_ACCEPTED"


def test_session_ends_when_idle_and_is_prolonged_by_use(bank, control):
    bank.log_in()
    for _ in range(3):
        control.post("clock", seconds=500)
        assert bank.call("GetAccounts")
    control.post("clock", seconds=601)
    assert bank.refused("GetAccounts") == "SESSION_ENDED"


def test_idle_time_can_be_set(bank, control):
    control.post("settings", idle=30)
    bank.log_in()
    control.post("clock", seconds=31)
    assert bank.refused("GetAccounts") == "SESSION_ENDED"


def test_log_in_that_was_withdrawn_is_neither_asked_for_nor_opened(bank, control):
    assert bank.refused("Withdraw", ChallengeId="0" * 32) == "CHALLENGE_UNKNOWN"
    challenge = _start(bank)
    bank.call("Withdraw", ChallengeId=challenge.Id)
    assert control.phone("anna")["challenges"] == []
    assert bank.refused("Confirm", ChallengeId=challenge.Id) == "CHALLENGE_UNKNOWN"
    # Confirmed at the very moment in which it was given up: it opens nothing either.
    challenge = _start(bank)
    control.press("anna", "confirm")
    bank.call("Withdraw", ChallengeId=challenge.Id)
    assert bank.refused("Confirm", ChallengeId=challenge.Id) == "CHALLENGE_UNKNOWN"


def test_log_out_and_the_bank_end_sessions(bank, control):
    bank.log_in()
    bank.call("LogOut")
    assert bank.refused("GetAccounts") == "SESSION_ENDED"
    bank.log_in()
    assert control.post("end-sessions", login="anna")["ended"] == 1
    assert bank.refused("GetAccounts") == "SESSION_ENDED"


def test_one_user_serves_two_clients_in_two_sessions(bank):
    first = bank.log_in("ewa", "10000001").token
    second = bank.log_in("ewa", "10000002").token
    numbers = []
    for token in (first, second):
        bank.token = token
        numbers.append({a.Number for a in bank.call("GetAccounts")})
    assert all(numbers)
    assert not numbers[0] & numbers[1]


def _demo_key(control):
    answer = requests.get(f"{control.addresses['base']}/demo/jan.p12", timeout=10)
    return answer.content


def _demo_person(control):
    key, certificate, _ca = pkcs12.load_key_and_certificates(_demo_key(control), b"demo")
    person = Person("jan", key=key)
    person.certificate = certificate
    return person


def test_demo_certificate_logs_in(bank, control):
    data = _demo_key(control)
    assert bank.log_in_with(_demo_person(control)).token
    assert _demo_key(control) == data


@pytest.mark.parametrize("days", [-400, -3, 3, 400])
def test_demo_certificate_holds_on_the_clocks_of_its_holder_and_of_the_bank(bank, control, days):
    """On a Saturday the bank's clock stood at Monday, and its holder's program said: not yet."""
    now = datetime.now(timezone.utc)
    control.post("reset", now=(now + timedelta(days=days)).isoformat())
    person = _demo_person(control)
    start, end = person.certificate.not_valid_before_utc, person.certificate.not_valid_after_utc
    assert start < now < end
    assert bank.log_in_with(person).token
