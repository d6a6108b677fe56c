# SPDX-License-Identifier: LGPL-3.0-only
"""The API's description says of a request what the strict reader does with it."""

import importlib.util
import json
import re
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
from moedelo_documents import budget, good

from protocol.access import metadata, scopes, signing_keys
from protocol.moedelo import cursors, documents, notices, problem_words, statuses
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
    for text in (
        *(1, "", "1" * shape.longest, "1" * (shape.longest + 1), "я", "0", "5", "01"),
        *(" ", "\x00", "1\x1f", "я\x7f", "\ufffe", "2026-02-30", "2026-04-01", "20260401"),
    ):
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


METHODS = ("get", "post", "put", "delete", "patch")


def operations():
    for place in ("paths", "webhooks"):
        for path, methods in DESCRIPTION.document[place].items():
            for method in METHODS:
                if method in methods:
                    yield place, path, method, methods[method]


def test_every_operation_has_a_name_of_its_own_and_names_its_errors():
    names = [operation["operationId"] for _place, _path, _method, operation in operations()]
    assert len(set(names)) == len(names)
    for _place, path, _method, operation in operations():
        assert "default" not in operation["responses"], path
        assert set(operation["responses"]) & {"200", "201", "303"}, path


def test_everything_that_a_service_calls_or_offers_is_described():
    paths = DESCRIPTION.document["paths"]
    for path in ("token", "refresh", "par", "revoke", "introspect", "authorize", "jwks.json"):
        assert f"/moedelo/{path}" in paths
    assert metadata.METADATA_PATH in paths
    assert set(DESCRIPTION.document["webhooks"]) == {"serviceToken", "notices", "taxEvents", "jump"}
    flows = DESCRIPTION.document["components"]["securitySchemes"]["token"]["flows"]
    assert set(flows["authorizationCode"]["scopes"]) == set(scopes.SCOPES)
    assert set(flows["clientCredentials"]["scopes"]) == scopes.SERVICE


def test_what_waits_says_how_long():
    for _place, path, _method, operation in operations():
        for code, response in operation["responses"].items():
            if code in ("202", "429") and path.startswith("/"):
                assert "Retry-After" in DESCRIPTION._resolved(response)["headers"], path


def test_the_examples_are_right():
    for name, schema in DESCRIPTION.document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            DESCRIPTION.schema(name).validate(example)
    assert is_taken(DESCRIPTION.document["components"]["schemas"]["PaymentOrder"]["examples"][0])


def test_our_own_messages_are_as_described():
    said = notices.render(
        notice_id="7d444840-9dc0-41d2-b3c5-9cf3a05f5b21",
        document="0f8fad5b-d9cb-469f-a165-70867728950e",
        number=1,
        inn="7701000019",
        code="02",
        state="executed",
        happened_at=datetime.now(timezone.utc),
        executed_on=date(2026, 4, 1),
    )
    DESCRIPTION.schema("Notices").validate(json.loads(notices.body_of([said])))
    issuer = "https://odoo.example"
    DESCRIPTION.schema("Metadata").validate(metadata.metadata(issuer))
    for algorithm in signing_keys.OWN_ALGORITHMS:
        jwks = json.loads(signing_keys.render_jwks([signing_keys.make_key(algorithm).public]))
        DESCRIPTION.schema("Jwks").validate(jwks)


def test_a_cursor_is_as_described():
    parameters = DESCRIPTION.document["paths"]["/moedelo/v1/payment-orders"]["get"]["parameters"]
    (cursor,) = [one for one in parameters if one.get("name") == "cursor"]
    for last in (1, 17, 999_999_999):
        assert re.search(cursor["schema"]["pattern"], cursors.render(last))
