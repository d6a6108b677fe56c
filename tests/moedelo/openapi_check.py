# SPDX-License-Identifier: LGPL-3.0-only
"""Holds answers of the API against its OpenAPI description."""

import json
import re
from pathlib import Path

import jsonschema
import referencing
import referencing.jsonschema

FILE = Path(__file__).resolve().parents[2] / "protocol" / "moedelo" / "openapi.json"
NAME = "urn:openapi"


class Description:
    """The description, ready to be asked. `check` raises AssertionError or ValidationError."""

    def __init__(self):
        self.document = json.loads(FILE.read_text(encoding="utf-8"))
        resource = referencing.jsonschema.DRAFT202012.create_resource(self.document)
        self.registry = referencing.Registry().with_resource(NAME, resource)

    def operation(self, method, path):
        """What is described of this address, or None."""
        path = path.partition("?")[0]
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, path):
                return operations.get(method.lower())
        return None

    def validator(self, *steps):
        """For the schema behind these steps of the document."""
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
        return jsonschema.Draft202012Validator(
            {"$ref": f"{NAME}#/{pointer}"},
            registry=self.registry,
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )

    def schema(self, name):
        return self.validator("components", "schemas", name)

    def check(self, method, path, answer):
        """The answer's status, media type and content are among those described."""
        media_type = answer.headers["Content-Type"].partition(";")[0]
        operation = self.operation(method, path)
        if not operation:
            assert answer.status_code in (404, 405), answer.status_code
            self.schema("Problem").validate(answer.json())
            return
        responses = operation["responses"]
        assert str(answer.status_code) in responses, (method, path, answer.status_code)
        described = self._resolved(responses[str(answer.status_code)])
        assert media_type in described["content"], (answer.status_code, media_type)
        for name, header in described.get("headers", {}).items():
            header = self._resolved(header)
            assert name in answer.headers or not header.get("required"), (path, name)
        if media_type.endswith("json"):
            schema = {**described["content"][media_type]["schema"]}
            self._absolute(schema)
            jsonschema.Draft202012Validator(
                schema,
                registry=self.registry,
                format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
            ).validate(answer.json())

    def _resolved(self, part):
        """What a reference of the document leads to."""
        found = self.document
        if "$ref" not in part:
            return part
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found

    def _absolute(self, schema):
        """References of a part that is taken out of the document."""
        if "$ref" in schema:
            schema["$ref"] = f"{NAME}{schema['$ref']}"
        if "oneOf" in schema:
            schema["oneOf"] = [{"$ref": f"{NAME}{one['$ref']}"} for one in schema["oneOf"]]
