"""The API's description says of a request what the strict reader does with it."""

import importlib.util
import json
from pathlib import Path

import pytest
from moedelo_documents import budget, good

from protocol.moedelo import documents, problem_words, statuses
from protocol.moedelo.shapes import Group

_PATH = Path(__file__).resolve().parents[1] / "moedelo" / "openapi_check.py"
_spec = importlib.util.spec_from_file_location("openapi_check", _PATH)
openapi_check = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(openapi_check)

DESCRIPTION = openapi_check.Description()
ORDER = DESCRIPTION.schema("PaymentOrder")


def leaves(shape, before=""):
    for name, one in shape.fields.items():
        if isinstance(one, Group):
            yield from leaves(one, f"{before}{name}__")
        else:
            yield f"{before}{name}", one


LEAVES = sorted(dict(leaves(documents.SHAPE)).items())


def is_taken(document):
    try:
        documents.understand(document)
    except documents.Refused:
        return False
    return True


def agree(document):
    assert ORDER.is_valid(document) == is_taken(document), document


def test_good_ones():
    for document in (good(), budget()):
        assert ORDER.is_valid(document)
        assert is_taken(document)


@pytest.mark.parametrize(("path", "shape"), LEAVES, ids=[path for path, _shape in LEAVES])
def test_each_field(path, shape):
    for text in (1, "", "1" * shape.longest, "1" * (shape.longest + 1), "я", "0", "5", "01"):
        agree(budget(**{path: text}))
    agree(budget(**{path: None}))


def test_unknown_fields():
    for change in ({"note": "x"}, {"payee__note": "x"}, {"payer__note": "x"}, {"budget__x": "1"}):
        agree(budget(**change))


def test_every_problem_state_and_warning_is_described():
    schemas = DESCRIPTION.document["components"]["schemas"]
    types = schemas["Problem"]["properties"]["type"]["enum"]
    assert types == [f"/moedelo/v1/problems/{kind}" for kind in problem_words.TITLES]
    assert schemas["Status"]["properties"]["state"]["enum"] == sorted(statuses.CODES)
    assert schemas["Warning"]["properties"]["code"]["enum"] == list(problem_words.WARNINGS)


def test_every_reference_leads_somewhere():
    text = json.dumps(DESCRIPTION.document)
    for name in set(text.split('"$ref": "')[1:]):
        pointer = name.partition('"')[0].removeprefix("#/").split("/")
        found = DESCRIPTION.document
        for step in pointer:
            found = found[step]
