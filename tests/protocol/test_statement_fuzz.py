"""2,000 damaged documents: only `BankError`, no hang, no wrong sum. `make fuzz` does 100,000."""

import pytest

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
