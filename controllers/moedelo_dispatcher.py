# SPDX-License-Identifier: LGPL-3.0-only
"""How a request of a program reaches our code, and how every answer to it leaves."""

import functools
import json

from odoo import SUPERUSER_ID, http
from odoo.http import request
from werkzeug.exceptions import MethodNotAllowed

from ..models.access.ir_http import (
    MACHINE_TYPE,
    is_for_machines,
    json_refusal,
    oauth_refusal,
    problem_answer,
)
from ..protocol.access import dpop
from ..protocol.access.metadata import is_loopback
from ..protocol.access.oauth_errors import InvalidRequest, OAuthError, TooSlow
from ..protocol.moedelo.problems import Problem
from .slow_body import limit

ROUTE = {
    "type": MACHINE_TYPE,
    "auth": "none",
    "csrf": False,
    "save_session": False,
    "readonly": False,
}
NO_DATABASE = "No database is chosen. Name it in the header X-Odoo-Database."
NO_TLS = "TLS is required."


class UnmatchedDispatcher(http._dispatchers["http"]):
    """Odoo's own one for `type='http'`, which also answers what no route has matched: JSON for
    programs, with a database (wrong method) and without one (anything)."""

    routing_type = "http"

    def handle_error(self, exc):
        if is_for_machines(self.request.httprequest.path):
            return json_refusal(exc)
        return super().handle_error(exc)


class MoedeloDispatcher(http.HttpDispatcher):
    """Leaves the body alone (Odoo's parsing drops repeated parameters); errors are JSON."""

    routing_type = MACHINE_TYPE

    def dispatch(self, endpoint, args):
        if self.request.httprequest.method == "OPTIONS":
            # Odoo lets it through to every route, and the route would act as at a POST.
            raise MethodNotAllowed(valid_methods=self._methods(endpoint))
        self.request.params = dict(args)
        if self.request.db:
            return self.request.registry["ir.http"]._dispatch(endpoint)
        return endpoint(**self.request.params)

    def _methods(self, endpoint):
        """All that this address answers; several of our methods may share it."""
        if not self.request.db:
            return endpoint.routing["methods"]
        routes = self.request.env["ir.http"].routing_map().bind("")
        return routes.allowed_methods(self.request.httprequest.path)

    def handle_error(self, exc):
        return json_refusal(exc)


def machine_route(path, **options):
    """`http.route` for programs: JSON errors, no session, refused without TLS or database."""

    def decorate(method):
        @http.route(path, **{**ROUTE, **options})
        @functools.wraps(method)
        def call(self, *args, **kwargs):
            try:
                check_ground()
                return method(self, *args, **kwargs)
            except OAuthError as error:
                return refusal(error)
            except Problem as problem:
                request.env.cr.rollback()  # nothing is kept of what is refused
                return problem_answer(problem)

        return call

    return decorate


def check_ground():
    """A database is chosen, and nobody listens on the way here."""
    if not request.db:
        raise InvalidRequest(NO_DATABASE)
    if request.httprequest.scheme != "https" and not is_loopback(address()):
        raise InvalidRequest(NO_TLS)


def body(seconds):
    """The body, whole within `seconds`: who drips it would hold a worker. TooSlow otherwise."""
    asked = request.httprequest
    # What Odoo has put its wrapper around; werkzeug looks at the stream at the first `get_data`.
    limit(asked._HTTPRequest__wrapped.environ, seconds, TooSlow)
    return asked.get_data(cache=True)  # Odoo may run a request again


def address():
    """The caller's address: the peer's, or what Odoo's own proxy_mode makes of a trusted header."""
    return request.httprequest.remote_addr or ""


def shown():
    """What the request shows of a key that its caller holds."""
    asked = request.httprequest
    return dpop.Shown(asked.headers.get("DPoP"), asked.method, asked.path)


def environment():
    """The models, as superuser: programs are no users of Odoo, `Access` says what they may."""
    return request.env(user=SUPERUSER_ID)


def refusal(error):
    return oauth_refusal(error)


def answer(said, *, cache="no-store", status=200):
    """A JSON answer; nothing of it may be kept by others unless `cache` says so."""
    headers = [("Content-Type", "application/json"), ("Cache-Control", cache)]
    if cache == "no-store":
        headers.append(("Pragma", "no-cache"))
    return request.make_response(json.dumps(said), headers=headers, status=status)
