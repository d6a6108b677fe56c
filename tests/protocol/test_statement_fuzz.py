# SPDX-License-Identifier: LGPL-3.0-only
"""2,000 damaged documents: only `BankError`, no hang, no wrong sum. `make fuzz` does 100,000."""

import pytest

from protocol import formats
from protocol.errors import InvalidDocument
from tools import fuzz


def test_only_bank_errors_come_out_of_damaged_documents():
    result = fuzz.run(2_000, seed="tests")
    assert sum(result.values()) == 2_000
    # Both outcomes must be met often, or the mutations prove nothing.
    assert result["read"] > 100
    assert result["refused"] > 500


def spin():
    while True:
        pass


def test_fuzzer_stops_a_hang():
    with fuzz.time_limit(0.05), pytest.raises(fuzz.Hang, match=r"0\.05"):
        spin()


@pytest.mark.parametrize(
    "data",
    [
        b":20:T\n:25:1\n" + b":20:" * 5_000_000,
        b":20:T\n:25:1\n" + b"{4::20:" * 1_000_000,
        b":20:T\n:25:1\n" + b"\n:86:" * 1_000_000,
        b":20:T\n:25:1\n:61:" + b"9" * 20_000_000,
        b"1CClientBankExchange\r\n" + b"=" * 20_000_000,
    ],
    ids=["tags in one line", "frames in one line", "fields", "a digit", "equal signs"],
)
def test_document_made_to_be_slow_is_refused_in_time(data):
    with fuzz.time_limit(20), pytest.raises(InvalidDocument):
        list(formats.parse(data))
