# SPDX-License-Identifier: LGPL-3.0-only
import polib
import pytest

from tools import translations

TERM = "%(count)s of {total} <b>orders</b>"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    monkeypatch.setattr(translations, "CHECKOUT", tmp_path)
    return tmp_path


def terms(*texts):
    file = polib.POFile()
    file.extend(polib.POEntry(msgid=text) for text in texts)
    return file


def problems(folder, expected, **translated):
    file = polib.POFile()
    file.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    file.extend(polib.POEntry(msgid=text, msgstr=to) for text, to in translated.items())
    file.save(str(folder / "pl.po"))
    return list(translations.check(terms(*expected), "pl"))


def test_missing_file(folder):
    assert list(translations.check(terms("Bank"), "pl")) == ["pl.po is missing"]


def test_missing_term(folder):
    assert problems(folder, ["Bank", "Order"], Bank="Bank") == ["pl.po: no translation of 'Order'"]


def test_empty_translation(folder):
    assert "no translation of 'Bank'" in problems(folder, ["Bank"], Bank=" ")[0]


def test_term_that_is_gone(folder):
    assert "no such term any more: 'Old'" in problems(folder, [], Old="Stary")[0]


@pytest.mark.parametrize(
    "to", ["%(liczba)s z {total} <b>x</b>", "{total} <b>x</b>", "%(count)s z {total} <i>x</i>"]
)
def test_other_placeholders(folder, to):
    assert "other placeholders" in problems(folder, [TERM], **{TERM: to})[0]


def test_complete(folder):
    assert problems(folder, [TERM], **{TERM: "{total}: <b>x</b> %(count)s"}) == []


def test_update_keeps_translations_and_drops_old_terms(folder):
    problems(folder, [], Bank="Bank (pl)", Old="Stary")
    translations.update(terms("Bank", "New"))
    file = polib.pofile(str(folder / "pl.po"))
    assert [(entry.msgid, entry.msgstr) for entry in file] == [("Bank", "Bank (pl)"), ("New", "")]
    assert file.metadata["Language"] == "pl"
