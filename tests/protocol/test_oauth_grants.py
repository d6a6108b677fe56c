# SPDX-License-Identifier: LGPL-3.0-only
"""What a code or a refresh token may be exchanged for (rules 8, 12, 13, 25 and 26)."""

import base64
import hashlib
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from protocol.access import failures, grants, lifetimes
from protocol.access.oauth_errors import InvalidGrant, InvalidRequest
from protocol.errors import Invalid

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]
CODE = grants.StoredCode("app", "https://a.example/back", CHALLENGE, NOW + grants.CODE_LIFE, False)
TOKEN = grants.StoredRefresh(
    client_id="app",
    expires_at=NOW + timedelta(days=30),
    family_ends_at=NOW + timedelta(days=365),
    revoked=False,
    retired_at=None,
    successor_used=False,
)


def exchange(code=CODE, client="app", uri="https://a.example/back", verifier=VERIFIER, now=NOW):
    grants.check_code(code, client, uri, verifier, now)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": "other"},
        {"uri": "https://a.example/back/"},
        {"uri": "https://a.example:443/back"},
        {"uri": None},
        {"verifier": "w" * 43},
        {"verifier": "short"},
        {"verifier": "v" * 129},
        {"verifier": "й" * 43},
        {"now": NOW + grants.CODE_LIFE},
        {"code": replace(CODE, used=True)},
    ],
)
def test_codes_that_are_no_good(wrong):
    with pytest.raises(InvalidGrant):
        exchange(**wrong)


def test_a_code_without_verifier_is_a_malformed_request():
    with pytest.raises(InvalidRequest):
        exchange(verifier=None)


def test_a_code_lives_sixty_seconds():
    exchange(now=NOW + timedelta(seconds=59))


@pytest.mark.parametrize(
    ("challenge", "method"),
    [
        (None, "S256"),
        (CHALLENGE, "plain"),
        (CHALLENGE, None),
        ("x" * 42, "S256"),
        ("=" * 43, "S256"),
    ],
)
def test_pkce_is_required_and_only_s256(challenge, method):
    with pytest.raises(InvalidRequest):
        grants.check_challenge(challenge, method)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"revoked": True},
        {"expires_at": NOW},
        {"family_ends_at": NOW},
        {"client_id": "other", "retired_at": NOW - timedelta(days=1)},
    ],
)
def test_refresh_tokens_that_are_no_good(wrong):
    with pytest.raises(InvalidGrant):
        grants.decide_refresh(replace(TOKEN, **wrong), "app", NOW)


@pytest.mark.parametrize(
    ("seconds_ago", "successor_used", "expected"),
    [
        (None, False, grants.ROTATE),
        (0, False, grants.REPEAT),
        (30, False, grants.REPEAT),
        (31, False, grants.REPLAY),
        (5, True, grants.REPLAY),
        (86_400, False, grants.REPLAY),
    ],
)
def test_grace_ends_with_time_or_with_the_successors_first_use(
    seconds_ago, successor_used, expected
):
    retired = None if seconds_ago is None else NOW - timedelta(seconds=seconds_ago)
    token = replace(TOKEN, retired_at=retired, successor_used=successor_used)
    assert grants.decide_refresh(token, "app", NOW) == expected


def test_the_successor_is_always_the_same_and_needs_the_server_key():
    first = grants.successor(b"k" * 32, "family", 1, "presented")
    assert first == grants.successor(b"k" * 32, "family", 1, "presented")
    others = {
        grants.successor(b"K" * 32, "family", 1, "presented"),
        grants.successor(b"k" * 32, "family", 2, "presented"),
        grants.successor(b"k" * 32, "other", 1, "presented"),
        grants.successor(b"k" * 32, "family", 1, "other"),
    }
    assert len(others) == 4
    assert first not in others
    assert len(first) == 43


def test_secrets_are_stored_as_hashes():
    secret = grants.new_secret()
    assert len(secret) >= 43
    assert secret not in grants.hashed(secret)
    assert grants.same_secret(secret, grants.hashed(secret))
    assert not grants.same_secret("", grants.hashed(secret))
    assert not grants.same_secret(secret, "")
    assert not grants.same_secret(secret, None)


@pytest.mark.parametrize(
    ("failed_at", "now", "seconds"),
    [
        ([], 100, 0),
        ([98, 99], 100, 0),
        ([0, 31, 62], 62, 0),
        ([98, 99, 100], 100, 60),
        ([70, 99, 100], 100, 60),
        ([98, 99, 100], 159.5, 1),
        ([98, 99, 100], 160, 0),
        ([index * 13 for index in range(10)], 117, 240),
        ([index * 16 for index in range(10)], 144, 0),
        ([100, 98, 99], 101, 59),
    ],
)
def test_limits_on_guessing(failed_at, now, seconds):
    assert failures.blocked_for(failed_at, now) == seconds


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("rubbish", None, True),
    ],
)
def test_whose_attempts_count_together(one, other, same):
    assert (failures.key(one, "app") == failures.key(other, "app")) is same
    assert failures.key(one, "app") != failures.key(one, "app2")


@pytest.mark.parametrize(("access", "refresh"), [(0, 10), (-1, 10), (10, 0), (60, 60), (600, 60)])
def test_time_outs_that_cannot_be(access, refresh):
    with pytest.raises(Invalid):
        lifetimes.check(access, refresh)


def test_short_time_outs_are_warned_of():
    lifetimes.check(60, 61)
    assert lifetimes.warning(60)
    assert not lifetimes.warning(61)
