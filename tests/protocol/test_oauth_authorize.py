# SPDX-License-Identifier: LGPL-3.0-only
"""Authorization requests, redirect addresses, issuer and metadata (rules 23 and 25)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from protocol.access import authorize, metadata
from protocol.access.oauth_errors import (
    InvalidRequest,
    InvalidScope,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)
from protocol.errors import Invalid

BACK = "https://service.example/back"
GOOD = {
    "response_type": "code",
    "client_id": "app",
    "redirect_uri": BACK,
    "scope": "client",
    "state": "s",
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
}
ALL = frozenset({"client", "payments"})


@pytest.mark.parametrize(
    "uri",
    [
        BACK + "/",
        BACK + "/evil",
        BACK + "?x=1",
        BACK + "#f",
        "https://service.example:8443/back",
        "https://service.example:443/back",
        "http://service.example/back",
        "https://SERVICE.example/back",
        "https://service.example.evil.example/back",
        "https://service.example@evil.example/back",
        "",
        None,
    ],
)
def test_only_the_registered_address_to_the_letter(uri):
    with pytest.raises(InvalidRequest):
        authorize.pick_redirect({"redirect_uri": uri}, [BACK])


@pytest.mark.parametrize(
    "uri",
    [
        "http://service.example/back",
        "https://service.example/back#",
        "https://user@service.example/",
        "javascript:alert(1)",
        "//service.example/back",
        "https:///back",
        "https://a.example/ b",
        "",
    ],
)
def test_addresses_that_cannot_be_registered(uri):
    with pytest.raises(Invalid):
        authorize.check_redirect_uri(uri)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, UnsupportedResponseType),
        ({"response_type": None}, UnsupportedResponseType),
        ({"code_challenge": None}, InvalidRequest),
        ({"code_challenge_method": "plain"}, InvalidRequest),
        ({"scope": None}, InvalidScope),
        ({"scope": "statements"}, InvalidScope),
        ({"scope": "everything"}, InvalidScope),
        ({"state": "s" * 1001}, InvalidRequest),
        ({"request": "a.b.c"}, RequestNotSupported),
        ({"request_uri": "https://service.example/request"}, RequestUriNotSupported),
    ],
)
def test_requests_that_are_refused(change, error):
    form = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    with pytest.raises(error):
        authorize.parse(form, BACK, ALL)


def test_a_jump_asks_for_client_and_nothing_else():
    assert authorize.parse(GOOD, BACK, ALL).is_jump
    assert not authorize.parse({**GOOD, "scope": "client payments"}, BACK, ALL).is_jump


def test_the_answer_says_who_answers_and_keeps_what_the_address_had():
    uri = authorize.answer_uri(BACK + "?tenant=1", "https://odoo.example", "a&b", code="c")
    assert parse_qs(urlsplit(uri).query) == {
        "tenant": ["1"],
        "code": ["c"],
        "state": ["a&b"],
        "iss": ["https://odoo.example"],
    }
    refused = authorize.refusal_uri(BACK, "https://odoo.example", "", InvalidScope())
    assert parse_qs(urlsplit(refused).query)["error"] == ["invalid_scope"]


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "odoo.example",
        "http://odoo.example",
        "https://odoo.example/path",
        "https://odoo.example?x",
        "https://odoo.example#x",
        "https://u:p@odoo.example",
        "https://odoo.example:port",
        "ftp://odoo.example",
    ],
)
def test_issuers_that_cannot_be(issuer):
    with pytest.raises(Invalid):
        metadata.check_issuer(issuer)


def test_issuers_that_can_be():
    assert metadata.check_issuer(" https://odoo.example/ ") == "https://odoo.example"
    for local in ("http://localhost:8069", "http://127.0.0.1:8069", "http://[::1]:8069"):
        assert metadata.check_issuer(local) == local


def test_metadata_names_only_addresses_of_the_issuer():
    said = metadata.metadata("https://odoo.example")
    assert said["issuer"] == "https://odoo.example"
    addresses = [value for name, value in said.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 6
    assert all(address.startswith("https://odoo.example/moedelo/") for address in addresses)
    assert said["code_challenge_methods_supported"] == ["S256"]
