# SPDX-License-Identifier: LGPL-3.0-only
"""One card for all tests of the signer: an RSA and an EC certificate, and an expired one."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import pytest
from signer_world import Authority, Card, Page, Program, ec_key, rsa_key


@dataclass
class Wallet:
    authority: Authority
    card: Card
    rsa: object
    ec: object
    expired: object


@pytest.fixture(scope="session")
def wallet(tmp_path_factory) -> Wallet:
    authority = Authority()
    card = Card(tmp_path_factory.mktemp("card"))
    keys = {"rsa": rsa_key(), "ec": ec_key(), "expired": rsa_key()}
    certificates = {
        "rsa": authority.issue("Anna Podpisująca", keys["rsa"]),
        "ec": authority.issue("Anna Krzywa", keys["ec"]),
        "expired": authority.issue("Anna Dawna", keys["expired"], ends_in=timedelta(days=-1)),
    }
    for number, kind in enumerate(keys, 1):
        card.put(keys[kind], certificates[kind], f"{number:02}")
    card.put_certificate(authority.certificate, "09")
    return Wallet(authority, card, **certificates)


@pytest.fixture
def program(wallet, tmp_path):
    program = Program(tmp_path / "home", wallet.card.environment)
    yield program
    program.stop()


@pytest.fixture
def page(program) -> Page:
    return Page(program.url).pair()


@pytest.fixture
def other_page(program):
    """Makes pages of others: other(origin=..., user=...)."""
    return lambda **changes: Page(**vars(SimpleNamespace(**{"url": program.url, **changes})))
