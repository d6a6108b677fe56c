# SPDX-License-Identifier: LGPL-3.0-only
"""Fixtures of the pure Python tests."""

import os
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def golden():
    """Compare bytes with a golden file; REGENERATE_GOLDEN=1 writes the file instead."""

    def compare(name: str, content: bytes):
        path = SAMPLES / name
        if os.environ.get("REGENERATE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.read_bytes() == content

    return compare
