# SPDX-License-Identifier: LGPL-3.0-only
"""ZIP archives: bombs and damage are refused, several statements are read."""

import io
import zipfile

import pytest
from statements_for_tests import account_section, camt, client_bank, read, stmt, swift

from protocol import formats
from protocol.errors import InvalidDocument
from protocol.formats import archive


def packed(files, method=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return target.getvalue()


def refused(data, text):
    with pytest.raises(InvalidDocument, match=text):
        read(data)


def test_bomb_is_refused_before_it_is_unpacked():
    refused(packed({"bomb.sta": swift() + b"0" * 20_000_000}), "times its size")


def test_archive_that_lies_about_sizes_is_refused():
    data = bytearray(packed({"bomb.sta": b"0" * 10_000_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")  # "it is 100 bytes"
    refused(bytes(data), "damaged|times its size|known format")


def test_many_small_bombs_are_refused_together(monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL", 10_000)
    refused(packed({f"{n}.sta": swift() * 20 for n in range(9)}), "more than 10000 bytes")


def test_too_many_files_are_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILES", 3)
    refused(packed({f"{n}.sta": swift() for n in range(4)}), "more than 3 files")


def test_archive_inside_an_archive_is_refused():
    refused(packed({"inner.zip": packed({"a.sta": swift()})}), "another archive")


def test_empty_archive_is_refused():
    refused(packed({}), "no files")


def test_encrypted_archive_is_refused():
    data = bytearray(packed({"a.sta": swift()}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1
    refused(bytes(data), "encrypted")


@pytest.mark.parametrize("cut", [10, 60, 150, -1, -10, -40])
def test_damaged_archive_is_refused(cut):
    refused(packed({"a.sta": swift()})[:cut], "damaged")


def test_file_in_no_known_format_is_refused_by_name():
    refused(packed({"a.sta": swift(), "letters/readme.txt": b"hello"}), r"^readme\.txt: ")


def test_files_of_several_formats_are_read():
    data = packed(
        {
            "day/": b"",
            "day/a.sta": swift(),
            "../../b.xml": camt(stmt()),
            "c.txt": client_bank(account_section()),
            "__MACOSX/._a.sta": b"\0",
        }
    )
    found = [(one.name, one.format) for one in formats.documents(data)]
    assert found == [("a.sta", "mt940"), ("b.xml", "camt.053"), ("c.txt", "client_bank_1c")]
    assert len(read(data)) == 3


def test_single_document_is_its_own_only_file():
    (found,) = formats.documents(swift(), name="day.sta")
    assert (found.name, found.format, found.content) == ("day.sta", "mt940", swift())
