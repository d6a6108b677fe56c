# SPDX-License-Identifier: LGPL-3.0-only
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


@pytest.mark.parametrize(
    ("route", "body"),
    [
        *(("settings", {name: value}) for name, values in {
            "execute_after": ("manual", "5", -1, True, []),
            "idle": ("600", 0, -1, 1.5, None, True),
            "session_age": ("x",),
            "challenge_age": (None,),
            "statements": ("never", None, ["day-end"]),
            "camt_version": ("03", 2),
            "history_from": ("yesterday", 5),
            "odoo": (5, None),
            "directbank_limit": ("1 MB",),
            "no_such": (1,),
        }.items() for value in values),
        ("settings", {"idle": 30, "statements": "never"}),
        ("client", {"identifier": "10000001", "signatures_required": "two"}),
        ("client", {"identifier": "10000001", "signatures_required": -1}),
        ("client", {"identifier": "10000001", "signatures_required": 1, "phone_release": "no"}),
        ("client", {"identifier": "nobody"}),
        ("clock", {"now": "soon"}),
        ("clock", {"days": "one"}),
        ("clock", {"now": "2027-01-01T00:00:00Z", "frozen": "yes"}),
        ("incoming", {"account": MAIN, "amount": "NaN"}),
        ("incoming", {"account": MAIN, "amount": "0"}),
        ("incoming", {"account": MAIN, "amount": "0.001"}),
        ("incoming", {"account": MAIN, "amount": "1", "details": "x"}),
        ("incoming", {"account": MAIN, "amount": "1", "title": 5}),
        ("refuse", {"count": "many"}),
        ("refuse", {"code": 4}),
        ("faults", {"kind": "delay", "seconds": "long"}),
        ("faults", {"kind": "delay", "count": 0}),
        ("faults", {"kind": "take_late", "questions": None}),
        ("faults/plan", {"seed": 1, "operation": "", "kinds": "delay"}),
        ("faults/plan", {"seed": 1, "operation": "", "kinds": []}),
        ("faults/plan", {"seed": 1, "operation": "", "kinds": ["delay"], "rate": "1"}),
        ("repeats", {"checked": "no"}),
        ("whitelist/down", {"down": 1}),
    ],
)  # fmt: skip
def test_bad_values_are_refused_change_nothing_and_kill_nothing(control, route, body):
    def seen():
        settings = requests.post(f"{control.addresses['control']}/settings", json={}, timeout=10)
        known = ("accounts", "clock", "faults")
        return settings.json(), [control.get(name) for name in known]

    before = seen()
    answer = requests.post(f"{control.addresses['control']}/{route}", json=body, timeout=10)
    assert (answer.status_code, list(answer.json())) in ((400, ["error"]), (404, ["error"]))
    # The clerk that executes by itself looks at the settings twice a second.
    control.post("run")
    assert seen() == before


def test_calls_are_kept_as_they_came_in_whatever_became_of_them(anna, control):
    fault(control, "drop_before")
    with pytest.raises(BROKEN):
        send(anna)
    send(anna)
    with pytest.raises(zeep.exceptions.Fault):
        send(anna)
    calls = control.get("handed-over")["calls"]
    assert [call["message_id"] for call in calls] == ["MSG-1"] * 3
    assert calls[0]["orders"] == ["A"]


def test_a_bank_without_checks_of_repeats_pays_again(anna, control):
    control.post("repeats", checked=False)
    send(anna)
    send(anna)
    control.post("run")
    assert len(control.get("ledger", orders="1")["movements"]) == 2
