# SPDX-License-Identifier: LGPL-3.0-only
"""Documents of a service: everything that is refused, and what a good one says."""

import json
from datetime import date
from decimal import Decimal

import pytest
from moedelo_documents import GOOD_ID, OWN, budget, good

from protocol.moedelo import documents, strict_json
from protocol.moedelo.problems import Problem
from protocol.moedelo.shapes import Group


def errors(value):
    with pytest.raises(documents.Refused) as caught:
        documents.understand(value)
    return {error.pointer: error.code for error in caught.value.errors}


def leaves(shape, before=""):
    for name, one in shape.fields.items():
        if isinstance(one, Group):
            yield from leaves(one, f"{before}{name}__")
        else:
            yield f"{before}{name}", one


LEAVES = sorted(dict(leaves(documents.SHAPE)).items())


# ---- each field


@pytest.mark.parametrize(("path", "shape"), LEAVES, ids=[path for path, _shape in LEAVES])
@pytest.mark.parametrize("wrong", [None, 1, 1.5, True, [], {}], ids=repr)
def test_another_type(path, shape, wrong):
    document = budget(**{path: "x"})
    *way, last = path.split("__")
    inner = document
    for name in way:
        inner = inner[name]
    inner[last] = wrong
    assert errors(document)["/" + path.replace("__", "/")] == "type"


@pytest.mark.parametrize(("path", "shape"), LEAVES, ids=[path for path, _shape in LEAVES])
def test_too_long(path, shape):
    document = budget(**{path: "1" * (shape.longest + 1)})
    assert errors(document) == {"/" + path.replace("__", "/"): "too_long"}


NEEDED = [path for path, shape in LEAVES if shape.needed]


@pytest.mark.parametrize("path", NEEDED)
def test_missing_or_empty(path):
    pointer = "/" + path.replace("__", "/")
    assert errors(budget(**{path: None})) == {pointer: "missing"}
    assert errors(budget(**{path: "  "})) == {pointer: "missing"}


@pytest.mark.parametrize("path", [path for path, _shape in LEAVES])
@pytest.mark.parametrize("character", ["\0", "\n", "\x1f", "\ud800"], ids=repr)
def test_a_character_that_cannot_be_stored(path, character):
    pointer = "/" + path.replace("__", "/")
    assert errors(budget(**{path: character})) == {pointer: "character"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("external_id", "0F8FAD5B-D9CB-469F-A165-70867728950E"),
        ("external_id", "0f8fad5bd9cb469fa16570867728950e"),
        ("number", "0"),
        ("number", "000000"),
        ("number", "12a"),
        ("number", "١٢"),
        ("date", "2026-02-30"),
        ("date", "10.03.2026"),
        ("date", "20260310"),
        ("amount", "0.00"),
        ("amount", "-5.00"),
        ("amount", "5"),
        ("amount", "5.001"),
        ("amount", "1e3"),
        ("amount", "1 000.00"),
        ("amount", "5,00"),
        ("currency", "rub"),
        ("payee__account", "4070281065500000010"),
        ("payee__bik", "04403065"),
        ("payee__inn", "78130020A4"),
        ("payee__kpp", "7813010O1"),
        ("budget__kbk", "1820106120101000O510"),
        ("priority", "6"),
        ("operation_kind", "02"),
        ("income_code", "0"),
        ("uin", "12A"),
    ],
)
def test_a_wrong_value(path, text):
    assert errors(budget(**{path: text})) == {"/" + path.replace("__", "/"): "value"}


def test_unknown_fields():
    assert errors(good(note="x", payee__phone="1", payer__a="1")) == {
        "/note": "unknown",
        "/payee/phone": "unknown",
        "/payer/a": "unknown",
    }
    assert errors({**good(), "a/b~\n": 1}) == {"/a~1b~0?": "unknown"}


def test_all_errors_at_once_and_the_id_is_named():
    with pytest.raises(documents.Refused) as caught:
        documents.understand(good(number="0", purpose=None, payee__bik="1"))
    assert caught.value.external_id == GOOD_ID
    assert len(caught.value.errors) == 3


@pytest.mark.parametrize("value", [None, [], "x", 1, {}], ids=repr)
def test_no_document_at_all(value):
    assert errors(value)


# ---- batches


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"documents": []}, "empty"),
        ({"documents": {}}, "type"),
        ({"documents": [{}] * 1001}, "too_many"),
        ({"documents": [{}], "more": 1}, "unknown"),
    ],
    ids=["empty", "no list", "1001", "unknown"],
)
def test_a_batch_that_is_refused_whole(value, code):
    with pytest.raises(Problem) as caught:
        documents.split(value)
    assert caught.value.status == 422
    assert [error.code for error in caught.value.errors] == [code]


def test_one_or_many():
    assert documents.split(good()) == (False, [good()])
    assert documents.split({"documents": [good()] * 1000})[1] == [good()] * 1000


# ---- JSON


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b'{"a": NaN}', "malformed"),
        (b'{"a": 1, "a": 1}', "malformed"),
        (b'{"a": {"b": 1, "b": 2}}', "malformed"),
        (b'{"a": "\xff"}', "malformed"),
        ('{"a": "я"}'.encode("cp1251"), "malformed"),
        (b"\xef\xbb\xbf{}", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "malformed"),
        (b" " * (strict_json.MAX_BODY + 1), "too-large"),
        (b" " * strict_json.MAX_BODY, "too-large"),  # cut off there: who knows what followed
    ],
    ids=range(12),
)
def test_bodies_that_are_refused(body, kind):
    with pytest.raises(Problem) as caught:
        strict_json.read(body, "application/json")
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [("text/plain", ""), ("", ""), ("application/json; charset=cp1251", ""),
     ("application/json", "gzip")],
)  # fmt: skip
def test_other_media_types(content_type, encoding):
    with pytest.raises(Problem) as caught:
        strict_json.read(b"{}", content_type, encoding)
    assert caught.value.status == 415


def test_a_number_with_a_point_is_no_text():
    value = strict_json.read(b'{"amount": 5.00}', "application/json; charset=UTF-8")
    assert errors(good(amount=value["amount"])) == {"/amount": "type"}


# ---- good ones


def test_a_good_one():
    found = documents.understand(good())
    assert (found.external_id, found.number, found.day) == (GOOD_ID, "17", date(2026, 3, 10))
    assert found.amount == Decimal("1500.50")
    assert (found.payer.account, found.payer.tax_id) == (OWN, "7701000019")
    assert found.payee.details == {"kpp": "781301001", "corr_account": "30101810500000000653"}
    assert found.details == {
        "document_number": "17",
        "document_date": "2026-03-10",
        "operation_kind": "01",
        "priority": "5",
    }


def test_a_payment_to_the_budget():
    details = documents.understand(budget()).details
    assert details["payer_status"] == "01"
    assert details["tax_reason"] == details["tax_document_number"] == details["uin"] == "0"


def test_the_digest_is_of_the_content():
    shuffled = dict(reversed(good().items()))
    assert documents.digest(shuffled) == documents.digest(good())
    assert documents.digest(good(amount="1500.51")) != documents.digest(good())


def test_every_field_of_the_checks_is_a_field_here():
    fields = [*documents.FIELDS, "payee.details.kpp", "payer.tax_id", "payee.bank_code",
              "payee.account", "payee.name", "payee.bank_name", "details.priority",
              "details.uin", "payee.details.corr_account"]  # fmt: skip
    known = {"/" + path.replace("__", "/") for path, _shape in LEAVES}
    assert {documents.pointer_of(field) for field in fields} <= known


# ---- words


def test_every_phrase_has_its_russian():
    from protocol.moedelo import problem_words as words

    phrases = [title for _status, title in words.TITLES.values()]
    phrases += [
        value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)
    ]
    assert not [phrase for phrase in phrases if phrase not in words.RUSSIAN]


def test_a_problem_document_in_two_languages():
    with pytest.raises(documents.Refused) as caught:
        documents.understand(good(number="0"))
    problem = Problem("invalid", errors=caught.value.errors)
    english, russian = (json.loads(problem.body(language)) for language in ("en", "ru"))
    assert english == {
        "type": "/moedelo/v1/problems/invalid",
        "title": "The document cannot be accepted.",
        "status": 422,
        "errors": [
            {
                "pointer": "#/number",
                "code": "value",
                "detail": "is not 1 to 6 digits, not all zero",
            }
        ],
    }
    assert russian["title"] == "Документ не может быть принят."
    assert russian["errors"][0]["detail"].endswith("от 1 до 6 цифр, не все нули")
