# SPDX-License-Identifier: LGPL-3.0-only
"""Secrets at rest: what must not open, then what must."""

import base64
import dataclasses

import pytest

from protocol.errors import BankError, Invalid
from protocol.vault import KeyProblem, NotOpened, Place, Vault, generate_key

PLACE = Place("0b7c-uuid", "bank.operator", "7", "secret")
OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


@pytest.mark.parametrize(
    "change",
    [{"database": "copy"}, {"model": "bank.session"}, {"record": "8"}, {"field": "token"}],
)
def test_a_secret_carried_to_another_place_does_not_open(change):
    token = Vault.from_text(OLD).seal("s3cret", PLACE)
    with pytest.raises(NotOpened) as caught:
        Vault.from_text(OLD).open(token, dataclasses.replace(PLACE, **change))
    assert "s3cret" not in str(caught.value)
    assert "Enter the secret again" in caught.value.message


def test_parts_of_a_place_cannot_be_shifted_into_each_other():
    token = Vault.from_text(OLD).seal("s3cret", Place("d", "m", "1", "2f"))
    with pytest.raises(NotOpened):
        Vault.from_text(OLD).open(token, Place("d", "m", "12", "f"))


def test_every_changed_character_is_noticed():
    vault = Vault.from_text(OLD)
    token = vault.seal("s3cret", PLACE)
    for index, letter in enumerate(token):
        changed = token[:index] + ("A" if letter != "A" else "Q") + token[index + 1 :]
        # The last letter of a base64 part has bits that no byte uses.
        if changed.rsplit(".", 1)[0] == token.rsplit(".", 1)[0] and index == len(token) - 1:
            continue
        with pytest.raises((NotOpened, KeyProblem)):
            vault.open(changed, PLACE)


@pytest.mark.parametrize("token", ["", "plain password", "bw1.old.x", "bw1.old.$$.$$", None, False])
def test_what_is_not_a_token_is_refused_in_words(token):
    with pytest.raises(NotOpened):
        Vault.from_text(OLD).open(token, PLACE)


@pytest.mark.parametrize("text", ["", "   ", None])
def test_no_key_says_which_setting_is_missing(text):
    with pytest.raises(KeyProblem, match="bank_webservice_secret_key"):
        Vault.from_text(text)


@pytest.mark.parametrize(
    "text",
    ["noname", "a:", "a:short", "a b:" + "A" * 44, ":" + OLD[4:], "a:" + OLD[4:-8], "ż:" + OLD[4:]],
)
def test_a_bad_key_is_named_by_its_number_and_never_shown(text):
    with pytest.raises(KeyProblem) as caught:
        Vault.from_text(f"{NEW} {text}")
    assert "number 2" in caught.value.message
    assert OLD[4:20] not in str(caught.value)


def test_two_keys_of_one_name_are_refused():
    with pytest.raises(KeyProblem, match="old"):
        Vault.from_text(f"{OLD},old:{NEW[4:]}")


def test_a_key_that_is_gone_is_named():
    token = Vault.from_text(OLD).seal("s3cret", PLACE)
    with pytest.raises(KeyProblem, match="old"):
        Vault.from_text(NEW).open(token, PLACE)


def test_errors_are_of_the_tree():
    assert issubclass(KeyProblem, Invalid)
    assert issubclass(NotOpened, BankError)


def test_first_key_seals_and_all_open():
    old, both = Vault.from_text(OLD), Vault.from_text(f"{NEW},\n{OLD}")
    token = old.seal("zażółć", PLACE)
    assert both.open_text(token, PLACE) == "zażółć"
    assert both.needs_reseal(token)
    fresh = both.reseal(token, PLACE)
    assert Vault.from_text(NEW).open_text(fresh, PLACE) == "zażółć"
    assert both.reseal(fresh, PLACE) == fresh


def test_bytes_and_empty_secrets_come_back_as_they_were():
    vault = Vault.from_text(generate_key("k-2026"))
    assert vault.open(vault.seal(b"\x00\xff", PLACE), PLACE) == b"\x00\xff"
    assert vault.open_text(vault.seal("", PLACE), PLACE) == ""


def test_the_same_secret_never_gives_the_same_text():
    vault = Vault.from_text(OLD)
    assert len({vault.seal("s3cret", PLACE) for _ in range(50)}) == 50


def test_generated_keys_are_new_each_time():
    assert generate_key() != generate_key()
    with pytest.raises(KeyProblem):
        generate_key("two words")
