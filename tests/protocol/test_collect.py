# SPDX-License-Identifier: LGPL-3.0-only
"""The id of a virtual account, read by the rule that the company and its bank agreed on."""

import pytest

from protocol import collect
from protocol.errors import Invalid


@pytest.mark.parametrize(
    "rule",
    ["", "XX", "XX{ref}", "{ref:0}", "{name:5}", "{ref:5}{ref:5}", "{ref:5", "{ref:5} {id:3}",
     "{ref:100}"],
)  # fmt: skip
def test_what_is_no_rule(rule):
    with pytest.raises(Invalid):
        collect.pattern(rule)


@pytest.mark.parametrize(
    "identifier",
    ["", None, "XX00000000001", "XX0000000000011", "XY000000000001", "XX00000000000A",
     "XX000000000000", "PL XX000000000001", "XX٠٠٠٠٠٠٠٠٠٠٠١"],
)  # fmt: skip
def test_id_of_another_rule_says_nothing(identifier):
    assert collect.read("XX{ref:12}", identifier) == {}


@pytest.mark.parametrize(
    ("rule", "identifier", "parts"),
    [
        ("XX{ref:12}", "XX000002052402", {"ref": "2052402"}),
        ("xx{id:12}", "XX 0000 0205 2402", {"id": "2052402"}),
        ("DH{id:4}{invoice:8}", "DH001720260012", {"id": "17", "invoice": "20260012"}),
        # a whole account number: check digits, bank, company, payer
        ("PL??11401010ABCD{nip:10}00", "PL4511401010ABCD525100001700", {"nip": "5251000017"}),
        # with the country's letters, and without: as the format of the statement has it
        ("PL??11401010{nip:14}00", "45 1140 1010 0000 5251 0000 1700", {"nip": "5251000017"}),
        ("??11401010{nip:14}00", "PL45114010100000525100001700", {"nip": "5251000017"}),
        ("a.b{ref:1}", "A.B7", {"ref": "7"}),
    ],
)
def test_what_an_id_says(rule, identifier, parts):
    assert collect.read(rule, identifier) == parts


def test_dot_of_a_rule_is_a_dot():
    assert collect.read("a.b{ref:1}", "AxB7") == {}
