# SPDX-License-Identifier: LGPL-3.0-only
"""Compares i18n/*.po with the terms that Odoo exported, or merges new terms into them."""

import re
import sys
from pathlib import Path

import polib

from tools.ground.paths import ADDON, CHECKOUT

FOLDER = CHECKOUT / "i18n"
LANGUAGES = {
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 "
    "&& (n%100<10 || n%100>=20) ? 1 : 2);",
}
# What a program puts in: %s, %(name)s, {name}; and the tags of a formatted text.
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdfr]|(?<!\{)\{\w*\}(?!\})|</?[a-z][^>]*>")


def main(action, exported):
    terms = polib.pofile(exported, wrapwidth=100)
    if action == "update":
        update(terms)
        return 0
    problems = [problem for language in LANGUAGES for problem in check(terms, language)]
    for problem in problems[:50]:
        print(problem)
    if problems:
        print(f"{len(problems)} problems with translations; `make po` adds new terms to the files.")
    return 1 if problems else 0


def update(terms):
    FOLDER.mkdir(exist_ok=True)
    for day in ("POT-Creation-Date", "PO-Revision-Date"):
        terms.metadata.pop(day, None)  # a day would change the files without a change of terms
    terms.save(str(FOLDER / f"{ADDON}.pot"))
    for language, plural in LANGUAGES.items():
        path = FOLDER / f"{language}.po"
        known = polib.pofile(str(path), wrapwidth=100) if path.exists() else polib.POFile()
        known.merge(terms)
        merged = polib.POFile(wrapwidth=100)
        merged.metadata = {**terms.metadata, "Language": language, "Plural-Forms": plural}
        merged.extend(entry for entry in known if not entry.obsolete)
        merged.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
        merged.save(str(path))


def check(terms, language):
    """The problems of one language, each a line."""
    path = FOLDER / f"{language}.po"
    name = path.relative_to(CHECKOUT)
    if not path.exists():
        yield f"{name} is missing"
        return
    try:
        translated = polib.pofile(str(path), check_for_duplicates=True)
        translated.to_binary()
    except (OSError, ValueError) as error:
        yield f"{name}: {error}"
        return
    known = {entry.msgid: entry for entry in translated if not entry.obsolete}
    for term in terms:
        entry = known.pop(term.msgid, None)
        if entry is None:
            yield f"{name}: no translation of {_short(term.msgid)}"
        else:
            yield from _problems(entry, f"{name}:{entry.linenum}")
    for entry in known.values():
        yield f"{name}:{entry.linenum}: no such term any more: {_short(entry.msgid)}"


def _problems(entry, place):
    if not entry.msgstr.strip() or entry.fuzzy:
        yield f"{place}: no translation of {_short(entry.msgid)}"
    elif placeholders(entry.msgid) != placeholders(entry.msgstr):
        yield f"{place}: other placeholders or tags than in {_short(entry.msgid)}"


def placeholders(text):
    return sorted(PLACEHOLDER.findall(text))


def _short(text):
    text = " ".join(text.split())
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
