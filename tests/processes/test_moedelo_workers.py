# SPDX-License-Identifier: LGPL-3.0-only
"""Two workers, one truth: parallel refreshes, changes that are felt at once, no secret anywhere."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tools.ground import postgres
from tools.ground import stack as stacks
from tools.moedelo.service import TIMEOUT, Service, Vendor

SEVERAL = 12  # calls, each on a connection of its own, so that both workers answer some


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    options = {"workers": 2, "sandbox": None, "log_level": "debug"}
    with stacks.running("moedelo_workers", **options, **vendor.conf) as stack:
        yield Service.register(stack, vendor)


def statuses(service, token):
    return {service.call(token).status_code for _call in range(SEVERAL)}


def live_tokens(service):
    rows = service.running.sql(
        "SELECT count(*) FROM moedelo_token t JOIN moedelo_grant g ON g.id = t.grant_id"
        " WHERE t.retired_at IS NULL AND g.state = 'live'"
    )
    return int(rows[0][0])


def test_keys_are_made_once_when_both_workers_need_them_first(service):
    def keys(_number):
        answer = requests.get(f"{service.url}/moedelo/jwks.json", timeout=TIMEOUT)
        return answer.status_code, frozenset(key["kid"] for key in answer.json()["keys"])

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(keys, range(8)))
    assert {status for status, _kids in seen} == {200}
    assert len(seen) == 1


def test_twenty_parallel_refreshes_leave_one_live_branch(service):
    said = service.connect()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _n: service.refresh(said["refresh_token"]), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert live_tokens(service) == 1
    assert service.refresh(successors.pop()).status_code == 200
    assert live_tokens(service) == 1


def connect_and_keep_the_form(service):
    """(tokens, form): what came of a connection, and the form with code and verifier behind it."""
    forms = []
    caught = service.token

    def keep(form, **headers):
        forms.append(form)
        return caught(form, **headers)

    service.token = keep
    try:
        return service.connect(), forms[0]
    finally:
        del service.token


def test_a_code_used_by_one_worker_is_used_for_the_other(service):
    _tokens, form = connect_and_keep_the_form(service)
    assert service.token(form).json()["error"] == "invalid_grant"
    assert live_tokens(service) == 0  # the second use revoked what the first one gave


def test_a_change_in_one_worker_is_felt_in_all_at_once(service):
    said = service.connect("payments calendar client")
    rpc = service.running.rpc()
    (package,) = rpc("moedelo.subscription", "search", [("company_id", "=", service.company_id)])
    assert statuses(service, said["access_token"]) == {200}
    rpc("res.company", "write", [service.company_id], {"vat": "7710140679"})
    assert statuses(service, said["access_token"]) == {403}
    rpc("res.company", "write", [service.company_id], {"vat": "7707083893"})
    assert statuses(service, said["access_token"]) == {200}
    (key,) = rpc("moedelo.key", "search", [("use", "=", "access")])
    rpc("moedelo.key", "action_rotate", [key])
    assert statuses(service, said["access_token"]) == {200}
    rpc("moedelo.subscription", "write", [package], {"active": False})
    assert statuses(service, said["access_token"]) == {401}
    rpc("moedelo.subscription", "write", [package], {"active": True})
    assert statuses(service, said["access_token"]) == {401}  # ended is ended


def test_failures_are_counted_by_all_workers_together(service):
    rpc = service.running.rpc()
    identifier, secret = Service.new_client(rpc)
    other = Service(service.running, identifier, "wrong", service.company_id)
    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(lambda _n: other.refresh("x").status_code, range(12)))
    assert seen.count(401) <= 4  # the third failure closes the door; one more may be on its way in
    other.secret = secret
    answers = {other.refresh("x").status_code for _call in range(SEVERAL)}
    assert answers == {429}


def test_no_secret_is_in_the_log_or_in_a_dump_of_the_database(service):
    first, form = connect_and_keep_the_form(service)
    second = service.refresh(first["refresh_token"]).json()
    service.call(second["access_token"])
    service.post("/moedelo/introspect", {"token": second["refresh_token"]})
    service.post("/moedelo/revoke", {"token": second["refresh_token"]})
    stack = service.running
    dump = subprocess.run(
        [
            postgres.programs() / "pg_dump",
            *("-h", stack.databases.cluster.host, "-U", postgres.ROLE, stack.database),
        ],
        capture_output=True,
        check=True,
    ).stdout.decode("utf-8", "replace")
    log = stack.odoo.log.read_text(errors="replace")
    assert len(dump) > 1_000_000
    assert "POST /moedelo/token" in log
    secrets = {
        "client secret": service.secret,
        "code": form["code"],
        "verifier": form["code_verifier"],
        **{f"first {name}": first[name] for name in ("access_token", "refresh_token")},
        **{f"second {name}": second[name] for name in ("access_token", "refresh_token")},
    }
    found = [
        (name, place)
        for name, secret in secrets.items()
        for place, text in (("log", log), ("dump", dump))
        if secret in text
    ]
    assert not found
    assert "BEGIN PRIVATE KEY" not in dump + log
    assert not re.search(r'File "[^"]*/addons/bank_webservice/', log)  # no traceback of ours
