# SPDX-License-Identifier: LGPL-3.0-only
"""Statements for a service: asked for, looked up, handed over in pieces."""

from odoo import http
from odoo.http import Response

from ..protocol.moedelo import documents
from ..protocol.moedelo.problems import Problem
from .moedelo_dispatcher import answer, environment
from .moedelo_resource import in_turn, json_body, resource_route

PATH = "/moedelo/v1/statement-requests"
LATER = "60"  # seconds: the fetching workers run each minute


class MoedeloStatements(http.Controller):
    @resource_route(PATH, "statements", methods=["POST"])
    def ask(self, access):
        value = json_body()
        in_turn(access)
        request = environment()["moedelo.statement.request"]._take(access, value)
        return _state(request._said())

    @resource_route(f"{PATH}/<external_id>", "statements", methods=["GET"])
    def look(self, access, external_id):
        request = environment()["moedelo.statement.request"]
        if documents.is_uuid(external_id):
            request = request._find(access, external_id)
        if not request:
            raise Problem("not-found")
        request._refuse_other_accounts(access)
        request._settle()
        if request.kind == "balance" or request.state != "ready":
            return _state(request._answer_of_balance())
        headers = [("Content-Type", request._media_type()), ("Cache-Control", "no-store")]
        return Response(request._pieces(), headers=headers, direct_passthrough=True)


def _state(said):
    """202 while it is pending: the statement comes under the same address later."""
    given = answer(said)
    if said["state"] == "pending":
        given.status_code = 202
        given.headers["Retry-After"] = LATER
    return given
