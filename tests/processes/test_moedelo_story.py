"""The pretend Moe Delo and Odoo as real programs: connect, refresh, tell, calendar, jump."""

import re

import pytest
import requests

from tools import moedelo_pretend
from tools import stack as stacks
from tools.moedelo import TIMEOUT, Service, Vendor, log_in


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    with stacks.running("moedelo_story", workers=2, cron_threads=1, **vendor.conf) as stack:
        service = Service.register(stack, vendor)
        stack.start_moedelo()
        moedelo_pretend.introduce(stack, service.company_id)
        connect(stack, service.company_id)
        yield stack


def browser_at(stack):
    browser = requests.Session()
    log_in(browser, stack.odoo.url)
    return browser


def connect(stack, company_id):
    """The administrator presses Connect at the service and consents in Odoo."""
    browser = browser_at(stack)
    page = browser.get(f"{stack.moedelo.url}/connect", timeout=TIMEOUT)
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    form = {name: value.replace("&amp;", "&") for name, value in form.items()}
    accounts = re.findall(r'name="account_ids"[^>]*value="(\d+)"', page.text)
    form |= {"account_ids": accounts, "company_id": str(company_id), "decision": "allow"}
    answer = browser.post(f"{stack.odoo.url}/moedelo/authorize/consent", data=form, timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    assert "Connected" in answer.text


def test_the_restricted_package_has_no_calendar_and_no_jump(story):
    rpc = story.rpc()
    (subscription,) = rpc("moedelo.subscription", "search", [])
    rpc("moedelo.subscription", "write", [subscription], {"package": "integration"})
    try:
        for model, method in (("moedelo.tax.event", "action_pull"),
                              ("moedelo.subscription", "action_jump")):  # fmt: skip
            with pytest.raises(Exception, match="Licence or package"):
                rpc(model, method, [subscription])
        answer = browser_at(story).get(f"{story.moedelo.url}/login", params=issuer(story))
        assert "no companies" not in answer.text
        assert "None of your companies is connected" in answer.text
        assert not moedelo_pretend.state(story)["visitors"]
    finally:
        rpc("moedelo.subscription", "write", [subscription], {"package": "moedelo"})


def issuer(story):
    return {"iss": story.odoo.url}


def test_it_refreshes_by_itself(story):
    moedelo_pretend.control(story, "forget")
    assert moedelo_pretend.state(story)["organisation"]["inn"] == "7707083893"
    said = moedelo_pretend.control(story, "ask", path="/moedelo/v1/accounts")
    assert said["status"] == 200


def test_the_calendar_comes(story):
    rpc = story.rpc()
    rpc("moedelo.tax.event", "action_pull", [])
    names = rpc("moedelo.tax.event", "search_read", [], ["name", "state"])
    assert {one["state"] for one in names} == {"coming", "due", "overdue", "done"}


def test_the_jump_lands_logged_in(story):
    rpc = story.rpc()
    (event,) = rpc("moedelo.tax.event", "search", [("external_id", "=", "ndfl")])
    browser = browser_at(story)
    asked = {"model": "moedelo.tax.event", "method": "action_jump", "args": [[event]], "kwargs": {}}
    said = browser.post(
        f"{story.odoo.url}/web/dataset/call_kw",
        json={"jsonrpc": "2.0", "method": "call", "params": asked},
        timeout=TIMEOUT,
    ).json()
    page = browser.get(said["result"]["url"], timeout=TIMEOUT)
    assert page.url == f"{story.moedelo.url}/cabinet/event/ndfl"
    (visitor,) = moedelo_pretend.state(story)["visitors"]
    assert visitor["inn"] == "7707083893"
    assert f"<b id='user'>{visitor['user']}</b>" in page.text
    # another browser is not logged in by it
    assert requests.get(page.url, timeout=TIMEOUT).status_code == 401
