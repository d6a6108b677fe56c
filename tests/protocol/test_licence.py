# SPDX-License-Identifier: LGPL-3.0-only
"""A licence serves one database and one company, for its days; everything else is said in words."""

import dataclasses
from datetime import date

import pytest

from protocol.access import licence as licences
from protocol.access import signing_keys, tokens

GRANTED = licences.Licence(
    number="L-1",
    licensee="ООО Ромашка",
    database_uuid="7d0c3b5e",
    tax_id="7707083893",
    packages=("moedelo",),
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
)


@pytest.fixture(scope="module")
def vendor():
    return signing_keys.make_key("EdDSA")


def parse(document, *keys):
    return licences.parse(document, {key.kid: key.public for key in keys})


def refusal(document, *keys):
    with pytest.raises(licences.LicenceRefused) as caught:
        parse(document, *keys)
    assert caught.value.message == licences.PROBLEMS[caught.value.problem]
    return caught.value.problem


@pytest.mark.parametrize("document", ["", "licence", "a.b.c", "{}"])
def test_something_else_is_not_a_licence(vendor, document):
    assert refusal(document, vendor) == "malformed"


def test_a_licence_of_another_vendor(vendor):
    assert (
        refusal(licences.render(GRANTED, signing_keys.make_key("EdDSA")), vendor) == "foreign_key"
    )


def test_without_vendor_keys_nothing_is_a_licence(vendor):
    assert refusal(licences.render(GRANTED, vendor)) == "foreign_key"


def test_a_changed_licence(vendor):
    head, payload, signature = licences.render(GRANTED, vendor).split(".")
    other = licences.render(dataclasses.replace(GRANTED, packages=("integration",)), vendor)
    assert refusal(f"{head}.{other.split('.')[1]}.{signature}", vendor) == "tampered"
    assert payload != other.split(".")[1]


def test_only_eddsa_makes_licences(vendor):
    key = signing_keys.make_key("ES256")
    with pytest.raises(licences.LicenceRefused):
        licences.render(GRANTED, key)
    document = tokens.issue({"jti": "1"}, key, tokens.LICENCE)
    assert refusal(document, vendor, key) == "foreign_key"


def test_an_access_token_of_the_same_key_is_no_licence(vendor):
    assert refusal(tokens.issue({"jti": "1"}, vendor, tokens.ACCESS), vendor) == "malformed"


def test_unknown_crit_is_refused(vendor):
    headers = {"typ": "licence+jwt", "kid": vendor.kid, "crit": ["b64"], "b64": False}
    document = tokens.jwt.encode({"jti": "1"}, vendor.private, algorithm="EdDSA", headers=headers)
    assert refusal(document, vendor) == "malformed"


@pytest.mark.parametrize(
    "change",
    [
        {"packages": []},
        {"packages": ["everything"]},
        {"tax_id": ""},
        {"licensee": 5},
        {"valid_until": "2025-12-31"},
        {"valid_until": "tomorrow"},
        {"database": None},
    ],
)
def test_a_signed_document_that_makes_no_sense(vendor, change):
    claims = {
        "jti": "1",
        "licensee": "X",
        "database": "d",
        "tax_id": "1",
        "packages": ["moedelo"],
        "valid_from": "2026-01-01",
        "valid_until": "2026-12-31",
        **change,
    }
    assert refusal(tokens.issue(claims, vendor, tokens.LICENCE), vendor) == "malformed"


@pytest.mark.parametrize(
    ("database", "tax_id", "today", "expected"),
    [
        ("other", "7707083893", date(2026, 6, 1), "foreign_database"),
        ("7d0c3b5e", "7710140679", date(2026, 6, 1), "foreign_company"),
        ("7d0c3b5e", "", date(2026, 6, 1), "foreign_company"),
        ("7d0c3b5e", "7707083893", date(2025, 12, 31), "not_yet"),
        ("7d0c3b5e", "7707083893", date(2026, 1, 1), ""),
        ("7d0c3b5e", "RU 7707083893", date(2026, 12, 31), ""),
        ("7d0c3b5e", "7707083893", date(2027, 1, 1), "ended"),
    ],
)
def test_where_and_when_it_serves(database, tax_id, today, expected):
    assert licences.problem(GRANTED, database, tax_id, today) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 30), None),
        (date(2026, 12, 1), 30),
        (date(2026, 12, 17), 14),
        (date(2026, 12, 28), 3),
        (date(2026, 12, 31), 3),
        (date(2027, 1, 1), None),
    ],
)
def test_warning_days(today, expected):
    assert licences.warning_day(GRANTED.valid_until, today) == expected


def test_a_licence_comes_back_as_it_was_given(vendor):
    assert parse(licences.render(GRANTED, vendor) + "\n", vendor) == GRANTED
