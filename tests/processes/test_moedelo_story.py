# SPDX-License-Identifier: LGPL-3.0-only
"""The whole story with real programs and no click: connect, hand over, pay, tell, calendar, jump.

Odoo with workers and cron, the pretend bank, the pretend Moe Delo; each test goes on where the one
before has stopped.
"""

import base64
import json
import xmlrpc.client
from decimal import Decimal

import pytest
import requests

from tools.ground import stack as stacks
from tools.moedelo.service import TIMEOUT, Vendor
from tools.moedelo.story import ACCOUNT, Story

REFUSED = "Licence or package"


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    options = {"demo": True, "workers": 2, "cron_threads": 2, **vendor.conf}
    with stacks.running("moedelo_story", **options) as stack:
        yield Story(stack, vendor)


def press(browser, story, model, method, *ids):
    """A button in the web client; its answer."""
    asked = {"model": model, "method": method, "args": [list(ids)], "kwargs": {}}
    answer = browser.post(
        f"{story.stack.odoo.url}/web/dataset/call_kw",
        json={"jsonrpc": "2.0", "method": "call", "params": asked},
        timeout=TIMEOUT,
    )
    return answer.json()


def test_nothing_is_handed_over_before_the_consent(story):
    with pytest.raises(requests.HTTPError):
        story.push()
    assert not story.orders()


def test_the_consent_connects(story):
    story.use_package("integration")
    page = story.connect()
    assert "Connected" in page.text
    seen = story.seen()
    assert seen["organisation"]["inn"] == "7701000019"
    assert [one["number"] for one in seen["accounts"]] == ["40702810700000000001"]


def test_the_restricted_package_has_no_calendar_and_no_jump(story):
    with pytest.raises(xmlrpc.client.Fault, match=REFUSED):
        story.call("moedelo.tax.event", "action_pull", [])
    with pytest.raises(xmlrpc.client.Fault, match=REFUSED):
        story.call("moedelo.subscription", "action_jump", [story.subscription])
    page = story.browser().get(f"{story.stack.moedelo.url}/login", params={"iss": issuer(story)})
    assert "None of your companies is connected" in page.text
    assert not story.seen()["visitors"]
    assert not story.call("moedelo.tax.event", "search_count", [])


def issuer(story):
    return story.stack.odoo.url


def test_three_orders_good_wrong_and_to_the_budget(story):
    good, wrong, budget = story.push()
    assert [one["answer"] for one in (good, wrong, budget)] == ["accepted", "refused", "accepted"]
    assert "account" in str(wrong["problem"])
    assert [one["bank_state"] for one in story.orders()] == ["imported"] * 2


def test_it_refreshes_by_itself(story):
    story.service("forget")
    assert story.service("ask", path="/moedelo/v1/payment-orders")["status"] == 200


def test_accepted_signed_sent_and_the_service_is_told(story):
    story.accept()
    story.trust()
    story.sign()
    story.send()
    story.wait(lambda: story.status() == {"accepted"})
    ids = [one["moedelo_external_id"] for one in story.orders()]
    story.wait(lambda: all(story.told(one) == ["01"] for one in ids))


def test_executed_and_the_service_is_told_with_the_day(story):
    story.execute()
    story.fetch()
    assert {one["bank_state"] for one in story.orders()} == {"executed"}
    ids = [one["moedelo_external_id"] for one in story.orders()]
    story.wait(lambda: all(story.told(one) == ["01", "02"] for one in ids))
    seen = story.seen()
    days = {one["executed_on"] for one in seen["notices"] if one["code"] == "02"}
    assert days == {story.day.isoformat()}
    assert (seen["late"], seen["forged"]) == (0, [])


def test_a_statement_comes_without_a_click(story):
    """The service asks by itself when an order was executed; the bank is asked for what is missing,
    with the key on the server."""

    def received():
        requests_made = story.seen()["requests"]
        assert not [one for one in requests_made if one["state"] == "failed"], requests_made
        return [one for one in requests_made if one["state"] == "received"]

    (row, *_more) = story.wait(received)
    assert row["account"] == ACCOUNT
    statement = json.loads(base64.b64decode(row["content"]))["statement"]
    assert statement["account"] == row["account"]
    entries = [(one["booked_on"], one["amount"]) for one in statement["entries"]]
    assert sorted(entries) == sorted(story.booked(statement["from"], statement["to"]))
    moved = sum(Decimal(amount) for _day, amount in entries)
    assert Decimal(statement["opening_balance"]) + moved == Decimal(statement["closing_balance"])


def test_with_the_whole_package_the_calendar_comes(story):
    story.use_package("moedelo")
    with pytest.raises(xmlrpc.client.Fault, match="not connected"):  # nobody consented to it
        story.call("moedelo.tax.event", "action_pull", [])
    assert "Connected" in story.connect().text
    story.call("moedelo.tax.event", "action_pull", [])
    events = story.call("moedelo.tax.event", "search_read", [], ["state", "company_id"])
    assert {one["state"] for one in events} == {"coming", "due", "overdue", "done"}


def test_the_jump_lands_logged_in(story):
    (event,) = story.call("moedelo.tax.event", "search", [("external_id", "=", "ndfl")])
    browser = story.browser()
    said = press(browser, story, "moedelo.tax.event", "action_jump", event)
    page = browser.get(said["result"]["url"], timeout=TIMEOUT)
    assert page.url == f"{story.stack.moedelo.url}/cabinet/event/ndfl"
    (visitor,) = story.seen()["visitors"]
    assert visitor["inn"] == "7701000019"
    assert f"<b id='user'>{visitor['user']}</b>" in page.text
    # another browser is not logged in by it
    assert requests.get(page.url, timeout=TIMEOUT).status_code == 401
