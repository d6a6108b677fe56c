# SPDX-License-Identifier: LGPL-3.0-only
"""The process: its options, its memory, TLS, the phone page, the white list."""

import signal
import subprocess
import sys
import time

import pytest
import requests
import zeep
from conftest import MAIN, NOW, ROOT, Control, Customer, Person, pain001, start, stop, transfer
from cryptography.hazmat.primitives import serialization

WHITE = "whitelist/api/check/nip/{}/bank-account/{}"
NIP, ACCOUNT, UNLISTED = "7781001014", "32102010264010200000012345", "76109010560000000107654321"


def test_port_in_use_is_one_sentence(server):
    port = server["base"].rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", port],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot listen on 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_state_survives_a_restart_with_all_its_ids(tmp_path):
    options = ("--execute-after", "manual", "--state", str(tmp_path / "bank.json"))
    process, addresses = start(*options)
    control = Control(addresses)
    control.post("client", identifier="10000001", signatures_required=0)
    customer = Customer(zeep.Client(addresses["mbank_wsdl"]), control).log_in()
    customer.send(pain001(transfer("A")))
    control.post("run")
    before = control.get("ledger"), control.get("accounts")
    stop(process)

    process, addresses = start(*options)
    again = Control.__new__(Control)
    again.addresses = addresses
    assert (again.get("ledger"), again.get("accounts")) == before
    customer = Customer(zeep.Client(addresses["mbank_wsdl"]), again)
    customer.token = None
    customer.log_in()
    assert customer.send_refused(pain001(transfer("B"))) == "MESSAGE_DUPLICATE"
    receipt = customer.send(pain001(transfer("A"), message_id="MSG-2"), "MSG-2")
    assert receipt.Reason.Code == "DU04"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0


def test_orders_are_executed_by_themselves_after_the_delay():
    process, addresses = start("--execute-after", "0")
    control = Control(addresses)
    control.post("reset", now=NOW)
    control.post("client", identifier="10000001", signatures_required=0)
    customer = Customer(zeep.Client(addresses["mbank_wsdl"]), control).log_in()
    customer.send(pain001(transfer("A")))
    deadline = time.monotonic() + 20
    while not control.booked("A"):
        assert time.monotonic() < deadline, "not executed"
    assert customer.call("GetStatus", MessageId="MSG-1").Status == "ACSC"
    stop(process)


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_tls_with_a_certificate_nobody_trusts(tmp_path):
    person = Person("jan", days=40000)
    key = person.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "c.pem").write_text(person.pem)
    (tmp_path / "k.pem").write_bytes(key)
    process, addresses = start(
        "--tls-cert", str(tmp_path / "c.pem"), "--tls-key", str(tmp_path / "k.pem")
    )
    assert addresses["mbank"].startswith("https://")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(addresses["phone"], timeout=10)
    assert requests.get(addresses["phone"], timeout=10, verify=False).status_code == 200
    stop(process)


def test_phone_page_needs_nothing_from_elsewhere(control):
    page = requests.get(control.addresses["phone"], timeout=10)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert requests.get(control.addresses["base"], timeout=10).text.count("10000001")


def test_phone_refuses_what_is_not_there(bank, control):
    base = f"{control.addresses['phone']}/api"
    assert requests.get(f"{base}/users/nobody", timeout=10).status_code == 404
    assert requests.post(f"{base}/challenges/abc/confirm", timeout=10).status_code == 404
    bank.call("LogIn", ClientIdentifier="10000001", Login="anna", Method="mobile")
    waiting = control.press("anna", "confirm")
    again = requests.post(f"{base}/challenges/{waiting['id']}/refuse", timeout=10)
    assert again.status_code == 400
    assert again.json()["error"] == "This confirmation is confirmed."


def test_waiting_package_is_signed_at_the_bank_on_the_phone_page(bank, control):
    bank.log_in()
    bank.send(pain001(transfer("A")))
    assert control.phone("piotr")["packages"] == []
    assert control.phone("ewa")["packages"][0]["total"] == "100.00 PLN"
    base = f"{control.addresses['phone']}/api/users"
    assert requests.post(f"{base}/piotr/release/MSG-1", timeout=10).status_code == 400
    assert requests.post(f"{base}/ewa/release/MSG-1", timeout=10).json() == {"released": True}
    assert bank.call("GetStatus", MessageId="MSG-1").Status == "ACCP"


def test_clock_never_goes_back(control):
    address = f"{control.addresses['control']}/clock"
    answer = requests.post(address, json={"now": "2026-11-19T00:00:00Z"}, timeout=10)
    assert answer.status_code == 400
    assert "does not go back" in answer.json()["error"]


@pytest.mark.parametrize(
    ("nip", "account", "day", "code"),
    [
        ("7781001015", ACCOUNT, "2026-11-20", "WL-115"),
        (NIP, "33102010264010200000012345", "2026-11-20", "WL-111"),
        (NIP, ACCOUNT, "", "WL-101"),
        (NIP, ACCOUNT, "2026-11-21", "WL-103"),
    ],
)
def test_white_list_refuses_wrong_questions(control, nip, account, day, code):
    address = f"{control.addresses['base']}/{WHITE.format(nip, account)}?date={day}"
    answer = requests.get(address, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def _assigned(control, nip, account):
    address = f"{control.addresses['base']}/{WHITE.format(nip, account)}?date=2026-11-20"
    answer = requests.get(address, timeout=10)
    assert answer.status_code == 200
    return answer.json()["result"]


def test_white_list_knows_who_has_which_account(control):
    result = _assigned(control, NIP, ACCOUNT)
    assert result["accountAssigned"] == "TAK"
    assert result["requestId"]
    assert result["requestDateTime"] == "20-11-2026 10:00:00"
    assert _assigned(control, NIP, MAIN)["accountAssigned"] == "NIE"
    assert _assigned(control, "8131001056", UNLISTED)["accountAssigned"] == "NIE"
    control.post("whitelist", nip="8131001056", accounts=[UNLISTED])
    assert _assigned(control, "8131001056", UNLISTED)["accountAssigned"] == "TAK"


def test_white_list_can_be_down(control):
    control.post("whitelist/down", down=True)
    address = f"{control.addresses['base']}/{WHITE.format(NIP, ACCOUNT)}?date=2026-11-20"
    assert requests.get(address, timeout=10).status_code == 500
    control.post("whitelist/down", down=False)
    assert _assigned(control, NIP, ACCOUNT)["accountAssigned"] == "TAK"
