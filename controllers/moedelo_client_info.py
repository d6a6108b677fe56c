# SPDX-License-Identifier: LGPL-3.0-only
"""Who the service talks to: the organisation and its accounts; and what the service says of it."""

from odoo import http

from ..protocol.moedelo import registration
from ..protocol.moedelo.problems import Problem
from .moedelo_dispatcher import answer, environment
from .moedelo_resource import json_body, resource_route


class MoedeloClientInfo(http.Controller):
    @resource_route("/moedelo/v1/client", "client", methods=["GET"])
    def client(self, access):
        return answer(environment()["moedelo.grant"]._client_info(access))

    @resource_route("/moedelo/v1/client/status", "client", methods=["POST"])
    def client_status(self, access):
        if access.kind == "jump":  # a user's visit speaks for no organisation
            raise Problem("forbidden")
        said = registration.understand(json_body())
        environment()["moedelo.subscription"]._take_registration(access, said)
        return answer({"status": said.status})

    @resource_route("/moedelo/v1/accounts", "accounts", methods=["GET"])
    def accounts(self, access):
        return answer({"accounts": environment()["moedelo.grant"]._account_info(access)})
