# SPDX-License-Identifier: LGPL-3.0-only
"""Errors that happen before our own code, on our own addresses, are JSON too; what pages know."""

from odoo import SUPERUSER_ID, models
from odoo.http import request
from odoo.tools.misc import get_lang
from werkzeug.exceptions import HTTPException

from ...protocol.access.oauth_errors import BearerError, NoCredentials, OAuthError
from ...protocol.moedelo import problems

MACHINE_PATHS = ("/moedelo/", "/.well-known/oauth-authorization-server")
BROWSER_PATHS = ("/moedelo/authorize", "/moedelo/jump")
MACHINE_TYPE = "moedelo"  # of the routes that programs call
API_PATH = "/moedelo/v1/"  # its errors are problem documents (RFC 9457)


def is_for_machines(path):
    """True for the addresses that programs call, not people."""
    return path.startswith(MACHINE_PATHS) and not path.startswith(BROWSER_PATHS)


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """A program gets a language that is installed, and nothing of what Odoo prepares for people
        in a browser (design, sign-up, site): it took a tenth of the time of a token."""
        if rule.endpoint.routing["type"] != MACHINE_TYPE:
            return super()._pre_dispatch(rule, args)
        request.dispatcher.pre_dispatch(rule, args)
        env = request.env(user=SUPERUSER_ID)
        if not env["res.lang"]._get_data(code=env.context.get("lang")):
            request.update_context(lang=get_lang(env).code)
        return None

    @classmethod
    def _serve_fallback(cls):
        """No attachment answers below our addresses; and a name that no database can hold is just
        one that is not there."""
        if request.httprequest.path.startswith(MACHINE_PATHS):
            return None
        return super()._serve_fallback()

    @classmethod
    def _handle_error(cls, exception):
        if not is_for_machines(request.httprequest.path):
            return super()._handle_error(exception)
        return json_refusal(exception)

    def session_info(self):
        """What the user menu needs to know."""
        info = super().session_info()
        if self.env.user._is_internal():
            info["moedelo_jump"] = self.env["moedelo.subscription"]._jump_companies()
        return info


def caller_language():
    """One of LANGUAGES, as the caller's Accept-Language wants; English where it says nothing."""
    return request.httprequest.accept_languages.best_match(problems.LANGUAGES, "en")


def problem_answer(problem):
    """A problem document in the caller's language."""
    language = caller_language()
    headers = {
        "Content-Type": problems.MEDIA_TYPE,
        "Content-Language": language,
        "Cache-Control": "no-store",
        "Vary": "Accept-Language",
        **problem.headers,
    }
    return request.make_response(
        problem.body(language), headers=list(headers.items()), status=problem.status
    )


def oauth_refusal(error):
    """The answer that an `OAuthError` is: by RFC 6749, or as problem document in the API."""
    if not request.httprequest.path.startswith(API_PATH):
        return request.make_response(
            error.body, headers=list(error.headers.items()), status=error.status
        )
    problem = problems.of_status(error.status)
    problem.detail = error.description
    problem.headers = {
        name: value for name, value in error.headers.items() if name != "Content-Type"
    }
    if isinstance(error, BearerError) and not isinstance(error, NoCredentials):
        problem.members = {"error": error.error}
    return problem_answer(problem)


def json_refusal(error):
    """An answer in JSON for what went wrong outside our own code; nothing of the inside is told."""
    status, headers = 500, {}
    if isinstance(error, HTTPException) and error.code:
        status = error.code
        allowed = set(getattr(error, "valid_methods", None) or ()) - {"OPTIONS"}  # refused itself
        headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    if request.httprequest.path.startswith(API_PATH):
        problem = problems.of_status(status)
        problem.headers = headers
        return problem_answer(problem)
    said = OAuthError(_WORDS.get(status, "The request was refused."), headers=headers)
    said.error = "server_error" if status >= 500 else "invalid_request"
    return request.make_response(said.body, headers=list(said.headers.items()), status=status)


_WORDS = {
    404: "There is nothing at this address.",
    405: "The method is not allowed here.",
    413: "The body is too large.",
    500: "The server failed.",
}
