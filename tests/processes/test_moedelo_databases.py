# SPDX-License-Identifier: LGPL-3.0-only
"""Several databases behind one server: programs name theirs in a header; without it, JSON."""

import pytest
import requests

from tools.ground import setup as setting_up
from tools.ground import stack as stacks
from tools.moedelo.service import TIMEOUT, Service, Vendor

WIDE = "base,rpc,web,bank_webservice"


class OfDatabase:
    """One database of a stack that serves two."""

    def __init__(self, stack, database):
        self.odoo = stack.odoo
        self.database = database
        self._one = stacks.Stack(stack.databases, database)
        self._one.odoo = stack.odoo

    def rpc(self):
        return self._one.rpc()


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    """The same server, two databases, one service registered in each."""
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    with (
        setting_up.ready() as databases,
        databases.copy("test_moedelo_a") as one,
        databases.copy("test_moedelo_b") as two,
    ):
        stack = stacks.Stack(databases, one, "test_moedelo_databases")
        try:
            stack.start_odoo(
                dbfilter=f"^({one}|{two})$",
                db_name=f"{one},{two}",
                server_wide_modules=WIDE,
                workers=2,
                **vendor.conf,
            )
            yield [Service.register(OfDatabase(stack, name), vendor) for name in (one, two)]
        finally:
            stack.stop()


def test_without_a_database_the_answer_is_json(services):
    service = services[0]
    answer = service.refresh("x")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "X-Odoo-Database" in answer.json()["error_description"]
    for method, path, status in (
        ("GET", "/.well-known/oauth-authorization-server", 400),
        ("GET", "/moedelo/jwks.json", 400),
        ("GET", "/moedelo/nothing", 404),
        ("GET", "/moedelo/token", 405),
    ):
        answer = requests.request(method, service.url + path, timeout=TIMEOUT)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    answer = requests.get(
        f"{service.url}/moedelo/v1/client", headers={"Accept-Language": "ru"}, timeout=TIMEOUT
    )
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["title"]) == (400, "В запросе отказано.")
    assert "X-Odoo-Database" in answer.json()["detail"]
    answer = service.refresh("x", **{"X-Odoo-Database": "no_such_database"})
    assert answer.json()["error"] == "invalid_request"


def test_the_header_picks_the_database(services):
    for service in services:
        name = {"X-Odoo-Database": service.running.database}
        assert service.refresh("x", **name).json()["error"] == "invalid_grant"
    one, two = services
    foreign = one.refresh("x", **{"X-Odoo-Database": two.running.database})
    assert (foreign.status_code, foreign.json()["error"]) == (401, "invalid_client")


def test_each_database_has_keys_of_its_own(services):
    kids = []
    for service in services:
        answer = requests.get(
            f"{service.url}/moedelo/jwks.json",
            headers={"X-Odoo-Database": service.running.database},
            timeout=TIMEOUT,
        )
        kids.append({key["kid"] for key in answer.json()["keys"]})
    assert kids[0]
    assert not kids[0] & kids[1]
