"""Faults: each one does what its name says, once, and the books tell what became of it."""

import pytest
import requests
import zeep
from conftest import MAIN, fault_code, order_statuses, pain001, transfer
from lxml import etree

BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.fixture
def anna(bank, control):
    control.post("client", identifier="10000001", signatures_required=0)
    return bank.log_in()


def fault(control, kind, operation="SendPackage", **more):
    return control.post("faults", kind=kind, operation=operation, **more)


def send(bank):
    return bank.send(pain001(transfer("A")))


def known(bank):
    """True when the bank has the message."""
    try:
        return bank.call("GetStatus", MessageId="MSG-1").MessageId == "MSG-1"
    except zeep.exceptions.Fault as error:
        if fault_code(error) != "MESSAGE_NOT_KNOWN":
            raise
        return False


def test_unknown_faults_are_refused(control):
    address = f"{control.addresses['control']}/faults"
    answer = requests.post(address, json={"kind": "flood"}, timeout=10)
    assert answer.status_code == 400
    assert "No such fault: flood" in answer.json()["error"]


@pytest.mark.parametrize(
    ("kind", "more", "error", "taken"),
    [
        ("drop_before", {}, BROKEN, False),
        ("drop_after", {}, BROKEN, True),
        ("truncated", {}, BROKEN, True),
        ("http_500", {}, Exception, False),
        ("http_500", {"after": True}, Exception, True),
        ("garbage", {}, Exception, True),
        ("entity_bomb", {}, Exception, True),
    ],
)
def test_answer_is_lost(anna, control, kind, more, error, taken):
    fault(control, kind, **more)
    with pytest.raises(error):
        send(anna)
    assert known(anna) is taken
    assert control.get("faults")["applied"] == {kind: 1}
    # Once only: the next call goes through.
    assert anna.send(pain001(transfer("B"), message_id="MSG-2"), "MSG-2").Status == "ACCP"


def test_answer_speaks_of_another_message(anna, control):
    fault(control, "other_message_id")
    assert send(anna).MessageId == "OTHER-MSG-1"
    assert known(anna)


def test_request_that_comes_twice_is_taken_once(anna, control):
    fault(control, "repeated")
    assert anna.send_refused(pain001(transfer("A"))) == "MESSAGE_DUPLICATE"
    assert len(control.get("packages")["packages"]) == 1


def test_busy_and_lost_session_take_nothing(anna, control):
    fault(control, "busy")
    assert anna.send_refused(pain001(transfer("A"))) == "BUSY"
    fault(control, "session_lost")
    assert anna.send_refused(pain001(transfer("A"))) == "SESSION_ENDED"
    assert not known(anna.log_in())


def test_delay_is_longer_than_a_short_timeout(anna, control):
    fault(control, "delay", seconds=1.0)
    anna.client.transport.operation_timeout = 0.3
    try:
        with pytest.raises(requests.Timeout):
            send(anna)
    finally:
        anna.client.transport.operation_timeout = None
    assert known(anna)


def test_message_is_taken_after_two_questions(anna, control):
    fault(control, "take_late", questions=2)
    with pytest.raises(BROKEN):
        send(anna)
    assert control.get("packages")["late"] == ["MSG-1"]
    assert [known(anna) for _ in range(3)] == [False, False, True]
    control.post("run")
    assert len(control.booked("A")) == 1


def test_late_message_is_taken_on_demand(anna, control):
    fault(control, "take_late", questions=99)
    with pytest.raises(BROKEN):
        send(anna)
    assert not known(anna)
    assert control.post("late")["taken"] == ["MSG-1"]
    assert known(anna)


def test_late_message_that_was_handed_over_again_pays_once(anna, control):
    fault(control, "take_late", questions=99)
    with pytest.raises(BROKEN):
        send(anna)
    assert send(anna).Status == "ACCP"
    control.post("late")
    control.post("run")
    assert len(control.booked("A")) == 1
    assert order_statuses(anna.call("GetStatus", MessageId="MSG-1")) == {"A": ("ACSC", "")}


def test_faults_wait_for_their_operation_and_count(anna, control):
    fault(control, "busy", "GetBalance", count=2)
    assert anna.call("GetAccounts")
    assert [anna.refused("GetBalance", AccountNumber=MAIN) for _ in range(2)] == ["BUSY"] * 2
    assert anna.call("GetBalance", AccountNumber=MAIN).Currency == "PLN"


@pytest.mark.parametrize("kind", ["wrong_account_statement", "bad_balance", "wrong_currency"])
def test_statements_that_are_not_right(anna, control, kind):
    def content():
        return anna.call(
            "GetStatement", AccountNumber=MAIN, From="2026-10-25", To="2026-11-19",
            Format="CAMT053",
        )[0].Content  # fmt: skip

    right = content()
    fault(control, kind, "GetStatement")
    wrong = content()
    assert wrong != right
    assert content() == right
    names = {"wrong_account_statement": "IBAN", "wrong_currency": "Ccy"}
    if kind in names:
        tag = f".//{{*}}Acct//{{*}}{names[kind]}"
        assert etree.fromstring(wrong).findtext(tag) != etree.fromstring(right).findtext(tag)


def test_a_plan_has_each_kind_once_before_one_comes_again(anna, control):
    kinds = ["busy", "drop_before", "http_500", "garbage"]
    plan = {"seed": 5, "operation": "GetAccounts", "kinds": kinds, "rate": 1, "limit": 8}
    control.post("faults/plan", **plan)
    for _ in range(8):
        with pytest.raises((*BROKEN, zeep.exceptions.Error)):
            anna.call("GetAccounts")
    row = [line["kind"] for line in control.get("faults")["log"]]
    assert sorted(row[:4]) == sorted(row[4:]) == sorted(kinds)


def test_a_plan_repeats_with_its_seed_and_keeps_its_limit(anna, control):
    def run():
        plan = {"seed": 7, "operation": "GetAccounts", "kinds": ["busy", "drop_before"]}
        control.post("faults/plan", **plan, rate=0.5, limit=4)
        seen = []
        for _ in range(20):
            try:
                anna.call("GetAccounts")
                seen.append("")
            except zeep.exceptions.Fault as error:
                seen.append(fault_code(error))
            except BROKEN:
                seen.append("dropped")
        return seen

    first, second = run(), run()
    assert first == second
    assert sum(map(bool, first)) == 4
    report = control.get("faults")
    assert report["total"] == 8
    assert {line["operation"] for line in report["log"]} == {"GetAccounts"}
