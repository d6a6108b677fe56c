# SPDX-License-Identifier: LGPL-3.0-only
"""What was proved once is refused all the same, as soon as anything about it has changed."""

import time

import pytest
from freezegun import freeze_time

from protocol.access import proved_tokens, signing_keys, tokens

EXPECTED = {
    "typ": tokens.ACCESS,
    "issuer": "https://odoo.example",
    "audience": "urn:uuid:1",
    "required": ("exp", "sub"),
}
NOW = 1_800_000_000  # seconds since the epoch
LIFETIME = 300


@pytest.fixture(autouse=True)
def clock():
    with at(0) as frozen:
        yield frozen


@pytest.fixture
def key():
    return signing_keys.make_key("ES256")


@pytest.fixture
def token(key):
    claims = {"iss": EXPECTED["issuer"], "aud": EXPECTED["audience"], "sub": "s"}
    return tokens.issue({**claims, "iat": NOW, "exp": NOW + LIFETIME}, key, tokens.ACCESS)


@pytest.fixture
def proved(token, key):
    """A token that has been found good."""
    assert verify(token, key.public)["sub"] == "s"
    return token


@pytest.fixture
def proofs(monkeypatch):
    """Every token that is proved from now on."""
    seen = []
    real = tokens.verify
    monkeypatch.setattr(
        tokens,
        "verify",
        lambda token, *args, **more: seen.append(token) or real(token, *args, **more),
    )
    return seen


def at(seconds):
    return freeze_time(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW + seconds)))


def verify(token, *keys, **changed):
    named = {key.kid: key for key in keys}
    return proved_tokens.verify(token, named, **{**EXPECTED, **changed})


def reason(token, *keys, **changed):
    with pytest.raises(tokens.TokenRefused) as caught:
        verify(token, *keys, **changed)
    return caught.value.reason


@pytest.mark.parametrize("seconds", [LIFETIME, 10 * LIFETIME])
def test_it_ends_to_the_second(proved, key, seconds):
    with at(LIFETIME - 1):
        assert verify(proved, key.public)
    with at(seconds):
        assert reason(proved, key.public) == "expired"


def test_a_clock_that_went_back_counts(proved, key):
    with at(-tokens.LEEWAY - 1):
        assert reason(proved, key.public) == "not_yet"


def test_a_key_that_is_no_longer_ours_counts(proved, key):
    assert reason(proved, signing_keys.make_key("ES256").public) == "key"
    assert reason(proved) == "key"


def test_another_key_under_the_same_name_counts(proved, key):
    another = signing_keys.make_key("ES256").public
    renamed = signing_keys.PublicKey(key.kid, key.algorithm, another.key)
    assert hash(renamed) == hash(key.public)
    assert reason(proved, renamed) == "signature"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"typ": tokens.NOTICE}, "typ"),
        ({"issuer": "https://other.example"}, "issuer"),
        ({"audience": "urn:uuid:2"}, "audience"),
        ({"required": ("exp", "sub", "grant")}, "claim"),
    ],
)
def test_what_is_expected_counts(proved, key, changed, expected):
    assert reason(proved, key.public, **changed) == expected


def test_the_least_change_of_the_token_counts(proved, key):
    head, payload, signature = proved.split(".")
    other = {"A": "B"}  # any letter but the one that stands there
    for changed in (
        f"{head}.{payload}.{other.get(signature[0], 'A')}{signature[1:]}",
        f"{head}.{payload[:-1]}{other.get(payload[-1], 'A')}.{signature}",
    ):
        assert reason(changed, key.public) in ("signature", "malformed")


def test_a_refusal_is_not_remembered(token, key, proofs):
    with at(-tokens.LEEWAY - 1):
        for _again in range(2):
            assert reason(token, key.public) == "not_yet"
    assert verify(token, key.public)["sub"] == "s"
    assert len(proofs) == 3


def test_what_one_caller_does_to_the_claims_is_not_seen_by_the_next(proved, key):
    verify(proved, key.public)["sub"] = "somebody else"
    assert verify(proved, key.public)["sub"] == "s"


def test_it_is_proved_once(proved, key, proofs):
    for seconds in (0, 1, LIFETIME - 1):
        with at(seconds):
            assert verify(proved, key.public)["sub"] == "s"
    read_again = signing_keys.read_jwk(key.public.jwk())  # as after a change elsewhere in Odoo
    assert verify(proved, read_again)["sub"] == "s"
    assert proofs == []
