# SPDX-License-Identifier: LGPL-3.0-only
"""Tokens of every wrong kind are refused before a right one passes."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt as other_jwt
from joserfc.jwk import KeySet

from protocol.access import signing_keys, tokens

ISSUER = "https://odoo.example"
AUDIENCE = "urn:uuid:1"


@pytest.fixture(scope="module")
def key():
    return signing_keys.make_key("ES256")


@pytest.fixture(scope="module")
def other_key():
    return signing_keys.make_key("EdDSA")


@pytest.fixture
def claims():
    now = int(time.time())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "s", "iat": now, "exp": now + 300, "jti": "j"}


def verify(token, *keys, typ=tokens.ACCESS, issuer=ISSUER, audience=AUDIENCE):
    known = {key.kid: key.public for key in keys}
    return tokens.verify(token, known, typ=typ, issuer=issuer, audience=audience)


def reason(token, *keys, **more):
    with pytest.raises(tokens.TokenRefused) as caught:
        verify(token, *keys, **more)
    return caught.value.reason


def forge(header, claims, sign=lambda data: b""):
    """A compact token with any header, made without a library."""

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    signed = part(json.dumps(header).encode()) + b"." + part(json.dumps(claims).encode())
    return (signed + b"." + part(sign(signed))).decode()


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
def test_alg_none_is_refused(key, claims, name):
    token = forge({"alg": name, "typ": "at+jwt", "kid": key.kid}, claims)
    assert reason(token, key) == "algorithm"


def test_hs256_with_the_public_key_as_secret_is_refused(key, claims):
    public = key.public.key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}
    token = forge(header, claims, lambda data: hmac.new(public, data, hashlib.sha256).digest())
    assert reason(token, key) == "algorithm"


@pytest.mark.parametrize(
    "kid", ["../../../../dev/null", "/dev/null", "' OR 1=1 --", "", 0, None, ["x"], {"a": 1}]
)
def test_kid_is_only_a_name_among_our_keys(key, other_key, claims, kid):
    header = {"alg": "ES256", "typ": "at+jwt", "kid": kid}
    assert reason(forge(header, claims), key, other_key) in ("key", "malformed")


@pytest.mark.parametrize("member", ["jku", "x5u", "jwk", "x5c"])
def test_a_key_that_the_token_brings_along_is_not_used(key, claims, member):
    stranger = signing_keys.make_key("ES256")
    brought = {
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/cert.pem",
        "jwk": stranger.public.jwk(),
        "x5c": ["AAAA"],
    }[member]
    headers = {"typ": "at+jwt", "kid": key.kid, member: brought}
    token = tokens.jwt.encode(claims, stranger.private, algorithm="ES256", headers=headers)
    assert reason(token, key) == "signature"
    # a token of ours that names such a member is judged by our key all the same
    honest = tokens.jwt.encode(claims, key.private, algorithm="ES256", headers=headers)
    assert verify(honest, key)["jti"] == "j"


def test_an_unknown_critical_extension_is_refused(key, claims):
    headers = {"typ": "at+jwt", "kid": key.kid, "crit": ["exp"], "exp": 1}
    token = tokens.jwt.encode(claims, key.private, algorithm="ES256", headers=headers)
    assert reason(token, key) in ("crit", "malformed")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"exp": 1}, "expired"),
        ({"nbf": 4_000_000_000}, "not_yet"),
        ({"iat": 4_000_000_000}, "not_yet"),
        ({"aud": "urn:uuid:2"}, "audience"),
        ({"aud": []}, "claim"),
        ({"aud": None}, "claim"),
        ({"iss": "https://odoo.example/"}, "issuer"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"exp": "soon"}, "malformed"),
        ({"exp": None}, "claim"),
    ],
)
def test_wrong_claims(key, claims, change, expected):
    assert reason(tokens.issue({**claims, **change}, key, tokens.ACCESS), key) == expected


@pytest.mark.parametrize("missing", ["exp", "aud", "iss"])
def test_missing_claims(key, claims, missing):
    del claims[missing]
    assert reason(tokens.issue(claims, key, tokens.ACCESS), key) in ("claim", "audience")


def test_our_own_tokens_end_to_the_second(key, claims):
    now = int(time.time())
    known = {key.kid: key.public}
    wanted = {"typ": tokens.ACCESS, "issuer": ISSUER, "audience": AUDIENCE, "leeway": 0}
    over = tokens.issue({**claims, "exp": now - 1}, key, tokens.ACCESS)
    with pytest.raises(tokens.TokenRefused):
        tokens.verify(over, known, **wanted)
    assert tokens.verify(tokens.issue(claims, key, tokens.ACCESS), known, **wanted)


@pytest.mark.parametrize("named", ["Ed25519", "EdDSA"])
def test_both_names_of_the_edwards_curve(other_key, claims, named):
    jwk = {**other_key.public.jwk(), "alg": named}
    assert signing_keys.read_jwk(jwk).algorithm == "EdDSA"
    header = {"alg": named, "typ": "at+jwt", "kid": other_key.kid}
    assert verify(forge(header, claims, other_key.private.sign), other_key)["jti"] == "j"


def test_the_other_name_opens_no_other_key(key, other_key, claims):
    for jwk in ({**key.public.jwk(), "alg": "Ed25519"}, {**other_key.public.jwk(), "alg": "Ed448"}):
        with pytest.raises(tokens.TokenRefused):
            signing_keys.read_jwk(jwk)
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": key.kid}
    assert reason(forge(header, claims, other_key.private.sign), key) == "algorithm"


@pytest.mark.parametrize(
    "change",
    [
        {"sub": "\ud800"},
        {"jti": "\udfff"},
        {"exp": []},
        {"exp": {}},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"nbf": []},
        {"nbf": float("inf")},
        {"iat": {}},
        {"iat": float("-inf")},
        {"iat": -(10**400)},
        {"nbf": -1e308},
        {"aud": [{}]},
        {"aud": [[]]},
        {"iss": []},
    ],
    ids=repr,
)
def test_claims_that_no_signer_writes_are_refused_not_stumbled_over(other_key, claims, change):
    header = {"alg": "EdDSA", "typ": "at+jwt", "kid": other_key.kid}
    token = forge(header, {**claims, **change}, other_key.private.sign)
    with pytest.raises(tokens.TokenRefused):
        verify(token, other_key)


@pytest.mark.parametrize("deep", [b"[" * 12_000, b'{"a":' * 2_000])
def test_json_without_end(other_key, deep):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = part(json.dumps({"alg": "EdDSA", "typ": "at+jwt", "kid": other_key.kid}).encode())
    short = deep[: tokens.MAX_LENGTH // 2]
    for token in (f"{part(short)}.e30.AA", f"{head}.{part(short)}.AA"):
        assert reason(token, other_key) in ("malformed", "signature")
        with pytest.raises(tokens.TokenRefused):
            tokens.unverified_subject(token)


def test_expiry_of_others_allows_a_clock_a_minute_off_and_no_more(key, claims):
    now = int(time.time())
    assert verify(tokens.issue({**claims, "exp": now - 30}, key, tokens.ACCESS), key)
    assert reason(tokens.issue({**claims, "exp": now - 121}, key, tokens.ACCESS), key) == "expired"


@pytest.mark.parametrize("typ", ["JWT", "notice+jwt", "licence+jwt", "", None, 7])
def test_another_kind_of_token_is_refused(key, claims, typ):
    headers = {"typ": typ, "kid": key.kid} if typ is not None else {"kid": key.kid}
    token = forge({"alg": "ES256", **headers}, claims)
    assert reason(token, key) == "typ"


def test_one_key_one_algorithm(key, other_key, claims):
    header = {"alg": "EdDSA", "typ": "at+jwt", "kid": key.kid}
    assert reason(forge(header, claims, other_key.private.sign), key) == "algorithm"


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "....", "é.ü.ß", "x" * 20_000, None, 5])
def test_rubbish_is_malformed(key, token):
    assert reason(token, key) == "malformed"


def test_a_changed_payload_is_refused(key, claims):
    head, _payload, signature = tokens.issue(claims, key, tokens.ACCESS).split(".")
    changed = forge({}, {**claims, "scope": "payments"}).split(".")[1]
    assert reason(f"{head}.{changed}.{signature}", key) == "signature"


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC"},
        {},
        "text",
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    ],
)
def test_keys_that_cannot_be_used(jwk):
    with pytest.raises(tokens.TokenRefused):
        signing_keys.read_jwk(jwk)


def test_a_private_or_renamed_key_is_refused(key):
    private = tokens.jwt.algorithms.ECAlgorithm.to_jwk(key.private, as_dict=True)
    for jwk in (private, {**key.public.jwk(), "alg": "RS256"}, {**key.public.jwk(), "use": "enc"}):
        with pytest.raises(tokens.TokenRefused):
            signing_keys.read_jwk(jwk)


def test_two_keys_under_one_name_are_refused(key, other_key):
    same = [{**key.public.jwk(), "kid": "a"}, {**other_key.public.jwk(), "kid": "a"}]
    with pytest.raises(tokens.TokenRefused):
        signing_keys.read_jwks(json.dumps({"keys": same}))


def test_a_short_rsa_key_is_refused():
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    jwk = tokens.jwt.algorithms.RSAAlgorithm.to_jwk(weak, as_dict=True)
    with pytest.raises(tokens.TokenRefused):
        signing_keys.read_jwk(jwk)


@pytest.mark.parametrize("algorithm", signing_keys.OWN_ALGORITHMS)
def test_another_library_reads_our_tokens_with_our_jwks(algorithm, claims):
    key = signing_keys.make_key(algorithm)
    token = tokens.issue(claims, key, tokens.ACCESS)
    keys = KeySet.import_key_set(json.loads(signing_keys.render_jwks([key.public])))
    read = other_jwt.decode(token, keys, algorithms=[algorithm, "Ed25519"])
    assert read.claims == claims
    assert read.header == {"alg": algorithm, "typ": "at+jwt", "kid": key.kid}


def test_keys_survive_storage(key, other_key):
    for one in (key, other_key):
        assert signing_keys.read_key(one.pem()).kid == one.kid
    read = signing_keys.read_jwks(signing_keys.render_jwks([key.public, other_key.public]))
    assert set(read) == {key.kid, other_key.kid}


@pytest.mark.parametrize(("number", "short"), [(379, "x"), (43, "y")])
def test_a_key_whose_place_begins_with_zeros(number, short):
    """One key of 128: with an old library the server had made one that it could not read."""
    private = ec.derive_private_key(number, ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = signing_keys.read_key(private.decode()).public
    assert base64.urlsafe_b64decode(public.jwk()[short] + "=").startswith(b"\0")
    assert signing_keys.read_jwks(signing_keys.render_jwks([public])) == {public.kid: public}


def test_a_key_never_shows_itself(key):
    assert "PRIVATE" not in repr(key)
    assert repr(key.private) not in repr(key)


def test_thumbprint_is_the_one_of_the_standard():
    # RFC 8037 appendix A.3
    jwk = {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
    assert signing_keys.read_jwk(jwk).kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
