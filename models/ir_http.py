"""Errors that happen before our own code, on our own addresses, are JSON too."""

from odoo import models
from odoo.http import request
from werkzeug.exceptions import HTTPException

from ..protocol.moedelo.oauth_errors import OAuthError

MACHINE_PATHS = ("/moedelo/", "/.well-known/oauth-authorization-server")
BROWSER_PATHS = ("/moedelo/authorize", "/moedelo/jump")


def is_for_machines(path):
    """True for the addresses that programs call, not people."""
    return path.startswith(MACHINE_PATHS) and not path.startswith(BROWSER_PATHS)


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        if not is_for_machines(request.httprequest.path):
            return super()._handle_error(exception)
        return json_refusal(exception)


def json_refusal(error):
    """An answer in JSON for what went wrong outside our own code; nothing of the inside is told."""
    status, headers = 500, {}
    if isinstance(error, HTTPException) and error.code:
        status = error.code
        allowed = getattr(error, "valid_methods", None)
        headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    said = OAuthError(_WORDS.get(status, "The request was refused."), headers=headers)
    said.error = "server_error" if status >= 500 else "invalid_request"
    return request.make_response(said.body, headers=list(said.headers.items()), status=status)


_WORDS = {
    404: "There is nothing at this address.",
    405: "The method is not allowed here.",
    413: "The body is too large.",
    500: "The server failed.",
}
