# SPDX-License-Identifier: LGPL-3.0-only
"""Control digits are checked as soon as somebody has typed them."""

import pytest

from protocol.checks.account_number import problem_of

WRONG = [
    ("PL23114010100000100000010001", "PL", ""),
    ("23 1140 1010 0000 1000 0001 0001", "PL", ""),
    ("22114010100000100000010", "PL", ""),
    ("DE89370400440532013001", "PL", ""),
    ("40702810700000000002", "RU", "044525901"),
    ("4070281070000000000", "RU", "044525901"),
    ("22114010100000100000010001", "RU", "044525901"),
]
RIGHT = [
    ("", "PL", ""),
    ("PL22 1140 1010 0000 1000 0001 0001", "PL", ""),
    ("22114010100000100000010001", "PL", ""),
    ("DE89370400440532013000", "PL", ""),
    ("40702810700000000001", "RU", "044525901"),
    ("40702810700000000002", "RU", ""),  # nobody knows the bank yet
    ("123-456", "US", ""),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[0])
def test_wrong_number_is_named(case):
    assert case[0].strip() in problem_of(*case)


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case[0] or "empty")
def test_right_number_is_taken(case):
    assert problem_of(*case) == ""
