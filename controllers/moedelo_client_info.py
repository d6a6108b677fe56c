"""Who the service talks to: the organisation and its accounts."""

from odoo import http

from .moedelo_dispatcher import answer, environment
from .moedelo_resource import resource_route


class MoedeloClientInfo(http.Controller):
    @resource_route("/moedelo/v1/client", "client", methods=["GET"])
    def client(self, access):
        return answer(environment()["moedelo.grant"]._client_info(access))

    @resource_route("/moedelo/v1/accounts", "accounts", methods=["GET"])
    def accounts(self, access):
        return answer({"accounts": environment()["moedelo.grant"]._account_info(access)})
