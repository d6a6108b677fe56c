# SPDX-License-Identifier: LGPL-3.0-only
"""Clients that others wrote, against Odoo with two workers: Authlib, requests-oauthlib,
requests_oauth2client (with DPoP and PAR), joserfc."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt as other_jwt
from joserfc.jwk import KeySet, RSAKey
from requests_oauth2client import (
    DPoPKey,
    DPoPToken,
    OAuth2Client,
)
from requests_oauthlib import OAuth2Session as OauthlibSession

from tools.ground import stack as stacks
from tools.moedelo.service import BACK, PASSWORD, SCOPE, TIMEOUT, Service, Vendor


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    vendor = Vendor(tmp_path_factory.mktemp("vendor"))
    with stacks.running("moedelo_clients", workers=2, sandbox=None, **vendor.conf) as stack:
        yield Service.register(stack, vendor)


@pytest.fixture(autouse=True)
def loopback_without_tls(monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def metadata(service):
    address = f"{service.url}/.well-known/oauth-authorization-server"
    said = requests.get(address, timeout=TIMEOUT).json()
    assert said["issuer"] == service.url
    return said


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_authlib_connects_calls_and_refreshes_by_itself(service, metadata, way):
    kept = []
    client = AuthlibSession(
        service.identifier,
        service.secret,
        token_endpoint_auth_method=way,
        redirect_uri=BACK,
        scope=SCOPE,
        code_challenge_method="S256",
        token_endpoint=metadata["token_endpoint"],
        update_token=lambda token, refresh_token=None, access_token=None: kept.append(token),
    )
    verifier = "authlib-verifier-" * 4
    address, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier
    )
    back = service.consent(address)
    token = client.fetch_token(
        metadata["token_endpoint"],
        authorization_response=back,
        state=state,
        code_verifier=verifier,
    )
    assert token["scope"] == SCOPE
    assert client.get(f"{service.url}/moedelo/v1/client").json()["inn"] == "7707083893"
    client.token = {**token, "expires_at": 1}  # over: the next call refreshes first
    assert client.get(f"{service.url}/moedelo/v1/accounts").status_code == 200
    assert kept[0]["refresh_token"] != token["refresh_token"]
    told = client.introspect_token(
        metadata["introspection_endpoint"], token=kept[0]["access_token"]
    )
    assert told.json()["active"] is True
    gone = client.revoke_token(metadata["revocation_endpoint"], token=kept[0]["refresh_token"])
    assert gone.status_code == 200
    assert service.call(kept[0]["access_token"]).status_code == 401


def test_authlib_with_a_key_of_its_own(service, metadata):
    key = RSAKey.generate_key(2048, {"kid": "service-1"})
    rpc = service.running.rpc()
    accounts = rpc("res.partner.bank", "search", [("acc_number", "=", "40702810900000000001")])
    vals = {
        "name": "Automatic statements",
        "kind": "service",
        "auth_method": "private_key_jwt",
        "jwks": json.dumps({"keys": [key.as_dict(private=False)]}),
        "company_id": service.company_id,
        "account_ids": [(6, 0, accounts)],
    }
    (client_id,) = rpc("moedelo.client", "create", [vals])
    browser = service.browser()
    asked = browser("moedelo.client", "action_connect_service", [client_id])
    assert asked["res_model"] == "res.users.identitycheck"  # who presses it shows who he is
    assert not rpc("moedelo.client", "read", [client_id], ["live_grants"])[0]["live_grants"]
    browser(asked["res_model"], "run_check", [asked["res_id"]], password=PASSWORD)
    identifier = rpc("moedelo.client", "read", [client_id], ["identifier"])[0]["identifier"]
    client = AuthlibSession(identifier, key.as_dict(private=True))
    client.register_client_auth_method(
        PrivateKeyJWT(metadata["token_endpoint"], headers={"kid": "service-1"}, alg="RS256")
    )
    client.token_endpoint_auth_method = "private_key_jwt"
    token = client.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert token["scope"] == "statements"
    assert "refresh_token" not in token
    assert service.call(token["access_token"]).status_code == 403


def test_requests_oauthlib_connects_calls_and_refreshes_by_itself(service, metadata):
    kept = []
    client = OauthlibSession(
        service.identifier,
        redirect_uri=BACK,
        scope=SCOPE.split(),
        pkce="S256",
        auto_refresh_url=f"{service.url}/moedelo/refresh",
        auto_refresh_kwargs={
            "client_id": service.identifier,
            "client_secret": service.secret,
        },
        token_updater=kept.append,
    )
    address, _state = client.authorization_url(metadata["authorization_endpoint"])
    back = service.consent(address)
    assert parse_qs(urlsplit(back).query)["iss"] == [service.url]
    token = client.fetch_token(
        metadata["token_endpoint"],
        authorization_response=back,
        client_secret=service.secret,
        include_client_id=True,
    )
    assert client.get(f"{service.url}/moedelo/v1/client").status_code == 200
    client.token = {**token, "expires_at": 1}
    assert client.get(f"{service.url}/moedelo/v1/accounts").status_code == 200
    assert kept[0]["refresh_token"] != token["refresh_token"]


@pytest.fixture
def bound(service, metadata):
    """requests_oauth2client with a request that it has pushed and a key that its tokens are bound
    to: `(client, token)`."""
    client = OAuth2Client.from_discovery_document(
        metadata,
        issuer=service.url,
        client_id=service.identifier,
        client_secret=service.secret,
        redirect_uri=BACK,
        testing=True,
    )
    asked = client.authorization_request(scope=SCOPE, dpop=True)
    pushed = client.pushed_authorization_request(asked)
    back = service.consent(str(pushed))
    return client, client.authorization_code(asked.validate_callback(back), dpop=True)


def send(prepared):
    """The status of a request sent as it is: the client's own hook takes each refusal of a proof
    for the wish for a nonce."""
    prepared.hooks = {}
    with requests.Session() as session:
        return session.send(prepared, timeout=TIMEOUT).status_code


def test_a_bound_token_is_pushed_for_used_and_refreshed_by_a_client_of_others(service, bound):
    client, token = bound
    assert (type(token), token.token_type, token.scope) == (DPoPToken, "DPoP", SCOPE)
    address = f"{service.url}/moedelo/v1/client"
    for _call in range(4):  # both workers answer some
        assert requests.get(address, auth=token, timeout=TIMEOUT).json()["inn"] == "7707083893"
    assert service.call(token.access_token).status_code == 401  # copied, without the key
    other = DPoPToken(token.access_token, _dpop_key=DPoPKey.generate())
    assert send(requests.Request("GET", address, auth=other).prepare()) == 401
    again = client.refresh_token(token, dpop_key=token.dpop_key)
    assert requests.get(address, auth=again, timeout=TIMEOUT).status_code == 200
    assert service.refresh(again.refresh_token).json()["error"] == "invalid_grant"


def test_a_copied_proof_opens_nothing_whatever_became_of_its_call(service, bound):
    _client, token = bound
    address = f"{service.url}/moedelo/v1/payment-orders"
    kept = requests.Request("POST", address, json={"external_id": "x"}, auth=token).prepare()
    assert send(kept) == 422
    assert {send(kept) for _call in range(4)} == {401}


def test_a_second_parser_reads_our_tokens(service, metadata):
    said = service.connect()
    jwks = requests.get(metadata["jwks_uri"], timeout=TIMEOUT).json()
    read = other_jwt.decode(said["access_token"], KeySet.import_key_set(jwks), algorithms=["ES256"])
    assert read.header["typ"] == "at+jwt"
    registry = other_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": service.url},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        jti={"essential": True},
    )
    registry.validate(read.claims)
    assert read.claims["exp"] - read.claims["iat"] == said["expires_in"]
    assert read.claims["scope"] == said["scope"]
