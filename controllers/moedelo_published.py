# SPDX-License-Identifier: LGPL-3.0-only
"""What anybody may read: metadata (RFC 8414) and public keys (RFC 7517)."""

import json
from pathlib import Path

from odoo import http

from ..protocol import moedelo
from ..protocol.access import metadata
from ..protocol.access.oauth_errors import TemporarilyUnavailable
from .moedelo_dispatcher import answer, environment, machine_route

CACHE = "public, max-age=300"
OPENAPI = Path(moedelo.__file__).with_name("openapi.json")


class MoedeloPublished(http.Controller):
    @machine_route(metadata.METADATA_PATH, methods=["GET"])
    def metadata(self):
        settings = environment()["moedelo.settings"]
        issuer = settings._issuer()
        if not issuer:
            raise TemporarilyUnavailable("The server has no issuer yet.")
        return answer(metadata.metadata(issuer, settings._only_pushed()), cache=CACHE)

    @machine_route("/moedelo/jwks.json", methods=["GET"])
    def jwks(self):
        keys = environment()["moedelo.key"]
        known = {**keys._public_keys("access"), **keys._public_keys("notice")}
        return answer({"keys": [key.jwk() for key in known.values()]}, cache=CACHE)

    @machine_route("/moedelo/v1/openapi.json", methods=["GET"])
    def openapi(self):
        """The API's own description (OpenAPI 3.1)."""
        return answer(json.loads(OPENAPI.read_bytes()), cache=CACHE)
