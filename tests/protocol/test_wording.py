# SPDX-License-Identifier: LGPL-3.0-only
"""What users read is marked, so that they can read it in their language."""

import ast
import copy
import importlib
import re
from pathlib import Path

import pytest

from protocol import errors
from protocol.formats import sums
from protocol.wording import Filled, Text, _, joined, said_by

ROOT = Path(importlib.import_module("protocol").__file__).parent
#: machines read these, or (details, rules_pl: a table of the documentation) developers; titles has
#: words to look for; states and vocabulary have choices, which Odoo translates
OTHERS = (
    "access",
    "moedelo",
    "details.py",
    "rules_pl.py",
    "titles.py",
    "states.py",
    "vocabulary.py",
)
#: words that nobody is shown as an error
ALLOWED = {
    ("banks/directbank/card.py", "open session"),  # a purpose, signed as it stands
    ("wire/deadline.py", "a SOCKS proxy cannot be used"),  # `map_error` finds words of its own
    ("wire/http.py", "the answer is shorter than announced"),  # as above
    ("wire/http.py", "CA certificate bundle"),  # words of another library, looked for
    ("checks/vat_account.py", "przekazanie własne"),  # stands in the message, in every language
    ("banks/mbank.py", "mBank web service"),  # a title: Odoo translates it as a choice
    ("challenges.py", "a challenge of another version"),  # a fault in the code that kept it
}
SENTENCE = re.compile(r"[a-z]{2,} [a-z]")
FILES = [p for p in sorted(ROOT.rglob("*.py")) if not {*OTHERS} & {*p.relative_to(ROOT).parts}]


def classes(root):
    return {root.__name__}.union(*map(classes, root.__subclasses__()))


def outside_of_marks(tree):
    """Every node that is not a docstring, marked, for the log alone or a `detail`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called == "_" or called.startswith("_logger."):
            continue
        if isinstance(node, ast.keyword) and node.arg == "detail":
            continue
        yield node
        yield from outside_of_marks(node)


def unmarked(source, name=""):
    """The plain texts of a file that a user could meet, each with its line."""
    importlib.import_module("protocol.vault")  # has error classes of its own
    raised = classes(errors.BankError)
    for node in outside_of_marks(ast.parse(source)):
        if isinstance(node, ast.Constant) and is_sentence(node.value):
            if (name, node.value) not in ALLOWED:
                yield node.lineno, node.value
        elif isinstance(node, ast.Call) and is_plain(words := words_of(node, raised)):
            yield node.lineno, ast.unparse(words)


def is_sentence(value):
    return isinstance(value, str) and bool(SENTENCE.search(value))


def words_of(call, raised):
    """The message that is handed to an error or a problem, or None."""
    called = ast.unparse(call.func)
    if called == "Problem.of":
        return next(iter(call.args[2:3]), None)
    return next(iter(call.args), None) if called.rpartition(".")[2] in raised else None


def is_plain(words):
    """A literal, an f-string, a sum of texts, or `str(…)`, which drops the mark."""
    if isinstance(words, ast.Constant):
        return bool(words.value)
    return isinstance(words, (ast.JoinedStr, ast.BinOp)) or (
        isinstance(words, ast.Call) and ast.unparse(words.func) == "str"
    )


@pytest.mark.parametrize(
    "code",
    [
        'raise InvalidDocument("broken", line=1)',
        'raise errors.BadAnswer(f"{host} failed")',
        'raise Refused(WORDS + "!")',
        "raise InvalidDocument(str(error), line=1) from None",
        'yield Problem.of(record, "title", "empty")',
        'TABLE = {"1001": (errors.Busy, "The bank is closed.")}',
        'raise KeyProblem(NO_KEY.format(why="it is not there"))',
    ],
)
def test_an_unmarked_text_is_found(code):
    assert list(unmarked(code))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_that_a_user_can_meet_is_marked(path):
    name = path.relative_to(ROOT).as_posix()
    assert list(unmarked(path.read_text(encoding="utf-8"), name)) == []


def test_the_place_in_a_document_can_be_translated_with_its_words():
    error = errors.InvalidDocument(_("not {what}").format(what="XML"), line=3)
    assert error.message == str(error) == "line 3: not XML"
    where, words = error.message.values.values()
    assert (where.template, where.values) == ("line {line}", {"line": 3})
    assert (words.template, words.values) == ("not {what}", {"what": "XML"})


def test_words_of_a_caught_error_keep_their_mark():
    words = _("the date {text!r} does not exist").format(text="{x}")
    assert said_by(ValueError(words)) is words
    with pytest.raises(ValueError, match="x") as caught:
        int("x")
    assert said_by(caught.value) == str(caught.value)
    assert said_by(ValueError()) == ""


def test_joined_texts_keep_braces_and_marks():
    text = joined(" ", _("The bank refused."), "{sum} > 0")
    assert text == "The bank refused. {sum} > 0"
    assert [type(part) for part in text.values.values()] == [Text, str]
    assert type(copy.deepcopy(text)) is Filled
    assert copy.deepcopy(text) == text


def test_every_way_to_name_a_statement():
    assert {text.format(number=1, day=2, account=3) for text in sums.CALLED.values()} == {
        "statement 1 of 2 of account 3",
        "statement 1 of account 3",
        "statement of 2 of account 3",
        "statement of account 3",
    }
