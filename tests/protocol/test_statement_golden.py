# SPDX-License-Identifier: LGPL-3.0-only
"""Golden files: each sample document beside everything that is read from it, as JSON.

REGENERATE_GOLDEN=1 writes the JSON anew; the difference is then to be read by a person.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from protocol import formats
from protocol.formats import details

SAMPLES = Path(__file__).parent / "samples"
FOLDERS = ("mt940", "camt", "client_bank_1c", "directbank")
DOCUMENTS = sorted(
    path for name in FOLDERS for path in (SAMPLES / name).iterdir() if path.suffix != ".json"
)
NAMED_BY_THE_BANK = ("field_", "xml:", "1c:")


def everything(content):
    """All that is read from a document, checked, pending entries included."""
    result = []
    for statement in formats.parse(content, pending=True):
        entries = [
            asdict(entry) | {"fingerprint": formats.fingerprint(entry)}
            for entry in formats.check(statement).entries
        ]
        result.append(asdict(replace(statement, entries=())) | {"entries": entries})
    return result


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_document_reads_as_written_down(path, golden):
    content = path.read_bytes()
    found = {"format": formats.identify(content), "statements": everything(content)}
    text = json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n"
    golden(f"{path.parent.name}/{path.name}.json", text.encode())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_key_of_details_is_documented(path):
    for statement in everything(path.read_bytes()):
        assert set(statement["details"]) <= set(details.STATEMENT)
        for entry in statement["entries"]:
            unknown = set(entry["details"]) - set(details.ENTRY)
            assert not [key for key in unknown if not key.startswith(NAMED_BY_THE_BANK)]


def test_no_golden_file_without_its_document():
    expected = {f"{path}.json" for path in DOCUMENTS}
    found = {str(path) for name in FOLDERS for path in (SAMPLES / name).glob("*.json")}
    assert found == expected
