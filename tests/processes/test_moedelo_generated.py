# SPDX-License-Identifier: LGPL-3.0-only
"""A client that a program has written from our description alone drives the whole story."""

import base64
import hashlib
import importlib
import json
import re
import secrets
import subprocess
import sys
import textwrap
import uuid
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tools.ground import stack as stacks
from tools.ground.paths import CHECKOUT
from tools.moedelo.service import TIMEOUT, Service, Vendor
from tools.moedelo.story import ACCOUNT, Story

SCOPE = "payments statements accounts calendar client"
PAYEE = {
    "name": "ООО Бумага и Офис",
    "inn": "7813002014",
    "kpp": "781301001",
    "account": "40702810655000000101",
    "bik": "044030653",
    "bank_name": "СЕВЕРО-ЗАПАДНЫЙ БАНК ПРИМЕР",
    "corr_account": "30101810500000000653",
}


@pytest.fixture(scope="module")
def generated(story, tmp_path_factory):
    """The package that openapi-python-client makes of what the server hands out: all of it."""
    folder = tmp_path_factory.mktemp("generated")
    description = folder / "openapi.json"
    address = f"{story.stack.odoo.url}/moedelo/v1/openapi.json"
    description.write_bytes(requests.get(address, timeout=TIMEOUT).content)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    command += ["--path", str(description), "--output-path", str(folder / "moedelo_generated")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "unable to" not in (done.stdout + done.stderr).lower(), done.stdout
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"moedelo_generated.{name}")
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    options = {"demo": True, "workers": 2, "cron_threads": 2, **vendor.conf}
    with stacks.running("moedelo_generated", **options) as stack:
        yield Story(stack, vendor)


@pytest.fixture(scope="module")
def service(story):
    """The service that the story's company knows, with a secret for the generated client, too."""
    known = [("api_address", "!=", False)]
    (client,) = story.call("moedelo.client", "search_read", known, ["identifier"])
    message = story.call("moedelo.client", "action_new_secret", [client["id"]])["params"]["message"]
    secret = message.rsplit(" ", 1)[1]
    return Service(story.stack, client["identifier"], secret, story.company)


@pytest.fixture(scope="module")
def said(story, service, generated):
    """What the token endpoint has answered to the generated client."""
    back, verifier = f"{story.stack.moedelo.url}/back", secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": service.identifier,
        "redirect_uri": back,
        "scope": SCOPE,
        "state": "state",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    sent = service.consent(f"{service.url}/moedelo/authorize?{urlencode(asked)}")
    return tokens(
        service,
        generated,
        grant_type="authorization_code",
        code=parse_qs(urlsplit(sent).query)["code"][0],
        redirect_uri=back,
        code_verifier=verifier,
    )


def tokens(service, generated, **form):
    """One call of the token endpoint, with HTTP Basic."""
    pair = base64.b64encode(f"{service.identifier}:{service.secret}".encode()).decode()
    client = generated("client").AuthenticatedClient(service.url, token=pair, prefix="Basic")
    body = generated("models").TokenRequest.from_dict(form)
    return generated("api.tokens.issue_token").sync(client=client, body=body)


@pytest.fixture
def api(service, generated, said):
    """Operations by name; each gives what the description says it gives, or fails."""
    client = generated("client").AuthenticatedClient(
        service.url, token=said.access_token, raise_on_unexpected_status=True, timeout=TIMEOUT
    )
    return lambda name, *args, **more: generated(f"api.api.{name}").sync(
        *args, client=client, **more
    )


def guide():
    """The shell lines of the guide, step by step."""
    text = (CHECKOUT / "docs" / "moedelo-api.md").read_text(encoding="utf-8")
    return [textwrap.dedent(step) for step in re.findall(r"^ *```sh\n(.*?)```", text, re.S | re.M)]


class Shell:
    """One shell that is told one step after the other, as somebody would paste them."""

    def __init__(self):
        self.program = subprocess.Popen(
            ["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.program.stdin.close()
        self.program.wait(TIMEOUT)
        self.program.stdout.close()

    def __call__(self, step, **filled_in):
        """What a step prints. `filled_in`: what the reader puts in place of the-client-id."""
        for name, value in filled_in.items():
            old = step
            step = re.sub(rf"\b{name}=\S+", f"{name}={value}", step)
            assert step != old, name
        print(step + "\necho; echo :over:", file=self.program.stdin, flush=True)
        return "".join(iter(self.program.stdout.readline, ":over:\n")).strip()


def test_the_first_order_in_ten_minutes(story):
    """First: the company works with no service yet. What people press is pressed here."""
    back = "http://127.0.0.1:9/back"
    identifier, secret = Service.new_client(story.call, redirect_uris=back)
    asking, exchange, push, look, recall = guide()
    said, kept = exchange.rsplit("TOKEN=", 1)
    with Shell() as shell:
        address = shell(asking, ODOO=story.stack.odoo.url, ID=identifier, SECRET=secret)
        service = Service(story.stack, identifier, secret, story.company)
        sent = parse_qs(urlsplit(service.consent(address)).query)
        answer = json.loads(shell(said, CODE=sent["code"][0]))
        shell(f"TOKEN={kept}", TOKEN=answer["access_token"])
        client, taken = map(json.loads, shell(push).replace("}{", "}\n{").splitlines())
        assert (client["inn"], taken["result"], taken["warnings"]) == (
            "7701000019",
            "accepted",
            [],
        )
        story.accept()
        known = json.loads(shell(look))
        assert (known["external_id"], known["status"]["code"]) == (taken["external_id"], "06")
        assert json.loads(shell(recall))["status"]["code"] == "05"
    service.post("/moedelo/revoke", {"token": answer["refresh_token"]})
    story.call("moedelo.subscription", "write", [story.subscription], {"client_id": False})


def test_it_is_refused_without_a_token(service, generated):
    client = generated("client").AuthenticatedClient(service.url, token="x")
    told = generated("api.api.get_client").sync(client=client)
    assert (type(told).__name__, told.status) == ("Problem", 401)
    refused = tokens(service, generated, grant_type="refresh_token", refresh_token="x")
    assert refused.error == "invalid_grant"


def test_it_connects_and_knows_the_organisation(api, said):
    assert set(said.scope.split()) == set(SCOPE.split())
    assert api("get_client").inn == "7701000019"
    assert ACCOUNT in [one.number for one in api("list_accounts").accounts]


def test_it_refreshes(service, generated, said):
    again = tokens(service, generated, grant_type="refresh_token", refresh_token=said.refresh_token)
    assert again.refresh_token != said.refresh_token
    said.access_token, said.refresh_token = again.access_token, again.refresh_token


def test_an_order_is_pushed_executed_and_told_and_its_statement_fetched(story, api, generated):
    models = generated("models")
    order = models.PaymentOrder.from_dict(
        {
            "external_id": str(uuid.uuid4()),
            "number": "901",
            "date": story.start.isoformat(),
            "amount": "1500.50",
            "currency": "RUB",
            "payer": {"account": ACCOUNT},
            "payee": PAYEE,
            "purpose": "Оплата по счёту 901. НДС не облагается",
        }
    )
    taken = api("push_payment_orders", body=order)
    assert type(taken).__name__ == "Accepted", taken
    known = uuid.UUID(order.external_id)
    assert api("get_payment_order", known).status.code.value == "06"
    story.accept()
    story.trust()
    story.sign()
    story.send()
    story.wait(lambda: "accepted" in story.status())  # the guide's own one was taken back
    story.execute()
    story.fetch()
    done = api("get_payment_order", known)
    assert (done.status.code.value, done.status.executed_on) == ("02", story.day)
    story.wait(lambda: story.told(order.external_id) == ["01", "02"])
    assert [str(one.external_id) for one in api("list_payment_orders").documents] == [str(known)]
    asked = models.StatementRequest.from_dict(
        {
            "external_id": str(uuid.uuid4()),
            "account": ACCOUNT,
            "kind": "interim",
            "from": (story.start - timedelta(days=6)).isoformat(),
            "to": story.start.isoformat(),
        }
    )
    assert type(api("request_statement", body=asked)).__name__ == "StatementState"
    wanted = uuid.UUID(asked.external_id)

    def ready():
        state = api("get_statement", wanted)
        assert state.state.value != "failed", state
        return state if state.state.value == "ready" else None

    statement = story.wait(ready).statement
    moved = sum(Decimal(entry.amount) for entry in statement.entries)
    assert Decimal(statement.opening_balance) + moved == Decimal(statement.closing_balance)


def test_it_takes_its_access_back(service, generated, said):
    pair = base64.b64encode(f"{service.identifier}:{service.secret}".encode()).decode()
    client = generated("client").AuthenticatedClient(service.url, token=pair, prefix="Basic")
    body = generated("models").TokenToLookAt(token=said.refresh_token)
    told = generated("api.tokens.introspect_token").sync(client=client, body=body)
    assert told.active is True
    generated("api.tokens.revoke_token").sync(client=client, body=body)
    told = generated("api.tokens.introspect_token").sync(client=client, body=body)
    assert told.active is False
