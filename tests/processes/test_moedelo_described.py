# SPDX-License-Identifier: LGPL-3.0-only
"""What schemathesis, which reads only the API's description, asks of it: it finds nothing."""

from tools.fuzz import api


def test_schemathesis_finds_nothing():
    said = api.run(5, "18", "--phases", "examples,fuzzing")
    assert "No issues found" in said, said
