# SPDX-License-Identifier: LGPL-3.0-only
"""A chain of lines: whatever is changed, taken out or slipped in is found."""

import pytest

from protocol.access import ledger


def chained(count, previous=ledger.START):
    lines = []
    for position in range(1, count + 1):
        line = {"position": position, "detail": f"{position} ж", "company": None}
        own = ledger.link(previous, line)
        lines.append((line, previous, own))
        previous = own
    return lines


def broken(lines, previous=ledger.START, position=1):
    return ledger.first_broken(lines, previous, position)


def test_a_whole_chain_and_a_part_from_its_middle():
    lines = chained(5)
    assert broken(lines) is None
    assert broken(lines[2:], lines[1][2], 3) is None
    assert broken([]) is None


@pytest.mark.parametrize("change", [{"detail": "x"}, {"company": 1}, {"position": 9}])
def test_a_changed_line(change):
    lines = chained(5)
    line, previous, own = lines[2]
    lines[2] = ({**line, **change}, previous, own)
    assert broken(lines) == 3


def test_a_line_made_anew_breaks_the_next_one():
    lines = chained(5)
    line, previous, _own = lines[2]
    changed = {**line, "detail": "x"}
    lines[2] = (changed, previous, ledger.link(previous, changed))
    assert broken(lines) == 4


def test_a_line_taken_out_or_slipped_in_or_at_another_place():
    lines = chained(5)
    assert broken([*lines[:2], *lines[3:]]) == 3
    assert broken([*lines[:2], lines[1], *lines[2:]]) == 3
    assert broken([lines[1], lines[0], *lines[2:]]) == 1
    assert broken(lines[1:]) == 1


def test_the_hash_is_the_one_that_is_written_down():
    """Others verify exported lines by it."""
    line = {"position": 1, "detail": "ж"}
    assert ledger.link(ledger.START, line) == (
        "feaf6b3cbc5189ba5ec55a0f86ad4b9f71e2788c71ffa99a90d7c5381a916830"
    )
