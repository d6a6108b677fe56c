# SPDX-License-Identifier: LGPL-3.0-only
"""What each bank says of itself is true: the house shows buttons by it."""

import inspect

import pytest

from protocol.bank import Bank
from protocol.banks import BANKS
from protocol.formats import FORMATS
from protocol.formats.packages import PACKAGE_FORMATS

SAID = {
    "has_recall": "recall",
    "has_pending": "pending",
    "has_confirmation": "confirmation",
    "has_probe": "probe",
    "history_formats": "history",
    "has_increments": "history_since",
}


@pytest.fixture(params=BANKS)
def bank(request):
    return BANKS[request.param]


@pytest.mark.parametrize("said", SAID)
def test_a_button_is_shown_where_the_bank_can_do_it_and_nowhere_else(bank, said):
    assert bool(getattr(bank, said)) == (getattr(bank, SAID[said]) is not getattr(Bank, SAID[said]))


def test_formats_that_nobody_reads_or_writes_are_not_offered(bank):
    assert {*bank.statement_formats, *bank.history_formats} - {"pdf"} <= FORMATS.keys() | {"mt942"}
    assert set(bank.package_formats) <= PACKAGE_FORMATS.keys()


def test_every_call_of_the_seam_takes_what_the_house_gives(bank):
    for name, method in inspect.getmembers(Bank, inspect.isroutine):
        if not name.startswith("_"):
            asked = inspect.signature(method).parameters
            assert list(inspect.signature(getattr(bank, name)).parameters) == list(asked), name


def test_every_bank_has_a_title_of_its_own():
    titles = [bank.title for bank in BANKS.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)
