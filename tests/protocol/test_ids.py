# SPDX-License-Identifier: LGPL-3.0-only
"""Ids: what cannot have one, that they stay the same for ever, and that they differ."""

import re

import pytest

from protocol.errors import Invalid
from protocol.ids import OF_PAYMENT, document_id, end_to_end_id, is_own, message_id

DATABASE = "0b2f3c1e-7a51-4d5e-9c1f-2f1f9c1d7e11"


@pytest.mark.parametrize("arguments", [("", 1), (DATABASE, 0), (DATABASE, -1), (DATABASE, 1, -1)])
def test_no_id_without_a_database_or_an_order(arguments):
    with pytest.raises(Invalid):
        end_to_end_id(*arguments)


def test_id_that_would_not_fit_is_refused_rather_than_cut():
    with pytest.raises(Invalid, match="longer"):
        end_to_end_id(DATABASE, 10**14)


def test_restored_backup_repeats_the_id():
    assert end_to_end_id(DATABASE, 17) == "BO17C0-DHKW5JZEW6BXFRJJPV"


def test_copied_database_and_correction_have_other_ids():
    ids = {
        end_to_end_id(DATABASE, 17),
        end_to_end_id(DATABASE, 17, 1),
        end_to_end_id(DATABASE, 17, head=OF_PAYMENT),
        end_to_end_id(DATABASE, 18),
        end_to_end_id(DATABASE, 171),
        end_to_end_id(DATABASE, 1, 71),
        end_to_end_id(DATABASE.replace("0b", "0c"), 17),
    }
    assert len(ids) == 7


def test_ids_of_this_database_are_known_again_and_others_are_not():
    own = [end_to_end_id(DATABASE, 17), end_to_end_id(DATABASE, 17, 12, head=OF_PAYMENT)]
    assert [is_own(one, DATABASE) for one in own] == [True, True]
    others = [
        end_to_end_id(DATABASE.replace("0b", "0c"), 17),
        own[0].replace("BO17", "BO18"),
        own[0].replace("BO", "BP"),
        own[0].lower(), own[0] + "A", "NOTPROVIDED", "", None,
    ]  # fmt: skip
    assert not any(is_own(one, DATABASE) for one in others)


@pytest.mark.parametrize("order_id", [1, 2**31 - 1, 10**10])
def test_id_fits_every_bank(order_id):
    assert re.fullmatch(r"[A-Z0-9][A-Z0-9\-]{1,33}[A-Z0-9]", end_to_end_id(DATABASE, order_id, 99))


def test_a_services_document_has_one_id_whatever_row_it_gets():
    same = document_id(DATABASE, 1, "client", "0f8fad5b-d9cb-469f-a165-70867728950e")
    assert same == "MD-" + same[3:]
    assert re.fullmatch(r"MD-[A-Z2-7]{26}", same)
    others = {
        document_id(DATABASE.replace("0b", "0c"), 1, "client", "a"),
        document_id(DATABASE, 1, "client", "a"),
        document_id(DATABASE, 11, "client", "a"),
        document_id(DATABASE, 1, "client", "b"),
        document_id(DATABASE, 1, "other", "a"),
    }
    assert len(others) == 5
    with pytest.raises(Invalid):
        document_id(DATABASE, 1, "client", "")


def test_message_ids_never_repeat():
    ids = {message_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", item) for item in ids)
