# SPDX-License-Identifier: LGPL-3.0-only
"""Proofs of possession (RFC 9449): first all that prove nothing."""

import time
from datetime import datetime, timedelta, timezone

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from protocol.access import authorize, dpop, grants, oauth_errors, signing_keys

ISSUER = "https://odoo.example"
PATH = "/moedelo/token"
KEY = signing_keys.make_key("ES256")


def proof(key=KEY, headers=None, algorithm=None, **claims):
    """A proof that is right for a POST to the token endpoint, but for what is changed."""
    said = {"jti": "1", "htm": "POST", "htu": ISSUER + PATH, "iat": int(time.time()), **claims}
    said = {name: value for name, value in said.items() if value is not None}
    jwk = {name: value for name, value in key.public.jwk().items() if name not in ("use", "kid")}
    header = {"typ": "dpop+jwt", "jwk": jwk, **(headers or {})}
    return jwt.encode(said, key.private, algorithm or key.algorithm, headers=header)


def read(text, token="", method="POST", path=PATH):
    return dpop.read(dpop.Shown(text, method, path), ISSUER, token)


@pytest.mark.parametrize(
    "claims",
    [
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 257},
        {"jti": ["1"]},
        {"jti": "\ud800"},
        {"htm": None},
        {"htm": "GET"},
        {"htm": "post"},
        {"htu": None},
        {"htu": 1},
        {"htu": ISSUER + "/moedelo/refresh"},
        {"htu": "http://odoo.example" + PATH},
        {"htu": "https://odoo.example:8443" + PATH},
        {"htu": "https://odoo.example:port" + PATH},
        {"htu": "https://evil.example" + PATH},
        {"htu": "https://odoo.example.evil.example" + PATH},
        {"htu": PATH},
        {"iat": None},
        {"iat": "now"},
        {"iat": "1795873745"},
        {"iat": True},
        {"iat": float("inf")},
        {"iat": -(10**400)},  # no clock can be subtracted from it
    ],
)
def test_what_it_says_is_not_of_this_request(claims):
    with pytest.raises(oauth_errors.InvalidProof):
        read(proof(**claims))


@pytest.mark.parametrize("seconds", [-dpop.WINDOW - 1, dpop.WINDOW + 60])
def test_it_is_too_old_or_of_tomorrow(seconds):
    with pytest.raises(oauth_errors.InvalidProof):
        read(proof(iat=int(time.time()) + seconds))


@pytest.mark.parametrize(
    "headers",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"typ": None},
        {"jwk": None},
        {"jwk": "x"},
        {"jwk": signing_keys.make_key("ES256").public.jwk()},  # somebody else's
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"crit": ["b64"]},
        {"kid": "another", "jwk": {}},
    ],
)
def test_its_header_is_none_of_a_proof(headers):
    with pytest.raises(oauth_errors.InvalidProof):
        read(proof(headers=headers))


def test_keys_that_are_none():
    secret = jwt.encode({"jti": "1"}, "s" * 32, "HS256", headers={"typ": "dpop+jwt"})
    unsigned = jwt.encode({"jti": "1"}, None, "none", headers={"typ": "dpop+jwt"})
    private = {**KEY.public.jwk(), "d": "AAAA"}
    for text in (
        secret,
        unsigned,
        proof(headers={"jwk": private}),
        "",
        "a.b.c",
        None,
        "x" * 20_000,
    ):
        with pytest.raises(oauth_errors.InvalidProof):
            read(text)
    weak = rsa.generate_private_key(65537, 1024)
    other_curve = ec.generate_private_key(ec.SECP384R1())
    for private, algorithm, maker in (
        (weak, "RS256", jwt.algorithms.RSAAlgorithm),
        (other_curve, "ES384", jwt.algorithms.ECAlgorithm),
    ):
        jwk = maker.to_jwk(private.public_key(), as_dict=True)
        text = jwt.encode({"jti": "1"}, private, algorithm, headers={"typ": "dpop+jwt", "jwk": jwk})
        with pytest.raises(oauth_errors.InvalidProof):
            read(text)


def test_two_proofs_are_none():
    with pytest.raises(oauth_errors.InvalidProof):
        read(f"{proof()},{proof(jti='2')}")


def test_a_proof_for_another_token_or_for_none():
    for ath in (None, dpop.token_hash("another")):
        with pytest.raises(oauth_errors.InvalidProof):
            read(proof(ath=ath), token="token")
    assert read(proof(ath=dpop.token_hash("token")), token="token").name


@pytest.mark.parametrize("algorithm", signing_keys.OWN_ALGORITHMS)
def test_a_good_one(algorithm):
    key = signing_keys.make_key(algorithm)
    read_one = read(proof(key))
    assert read_one.key == signing_keys.thumbprint(key.public.key)
    assert time.time() + dpop.WINDOW - 5 < read_one.until <= time.time() + dpop.WINDOW + 1
    assert read(proof(key, headers={"kid": "its own"})).key == read_one.key


def test_the_newer_name_of_the_edwards_curve():
    key = signing_keys.make_key("EdDSA")
    assert read(proof(key, algorithm="Ed25519")).key == signing_keys.thumbprint(key.public.key)


def test_addresses_that_are_the_same():
    for htu in (
        "HTTPS://ODOO.example/moedelo/token",
        "https://odoo.example:443/moedelo/token",
        "https://odoo.example/moedelo/token?x=1#y",
        "https://odoo.example/moedelo/%74oken",
    ):
        assert read(proof(htu=htu))


def test_a_name_is_of_its_key():
    assert read(proof()).name != read(proof(signing_keys.make_key("ES256"))).name


def test_what_is_bound_opens_nothing_without_its_key():
    now = datetime.now(timezone.utc)
    life = now + timedelta(hours=1)
    token = grants.StoredRefresh("app", life, life, False, None, False, bound_to="key")
    code = grants.StoredCode("app", "", "", life, False, bound_to="key")
    for key in ("", "another"):
        with pytest.raises(oauth_errors.InvalidGrant):
            grants.decide_refresh(token, "app", now, key)
        with pytest.raises(oauth_errors.InvalidGrant):
            grants.check_code(code, "app", "", "v" * 43, now, key)
    assert grants.decide_refresh(token, "app", now, "key") == grants.ROTATE


def test_a_pushed_request_keeps_no_secret_and_the_proofs_key():
    form = {"client_id": "app", "client_secret": "s", "scope": "client", "unknown": "x"}
    assert authorize.pushed(form, "app", "k") == {
        "client_id": "app",
        "scope": "client",
        "dpop_jkt": "k",
    }
    for wrong in ({"dpop_jkt": "other"}, {"request_uri": "x"}):
        with pytest.raises(oauth_errors.InvalidRequest):
            authorize.pushed({**form, **wrong}, "app", "k")
