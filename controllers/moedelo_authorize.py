# SPDX-License-Identifier: LGPL-3.0-only
"""Where a person decides: the consent of an administrator, and the jump of a user (RFC 6749 §4.1).

Nothing is sent to an address that a request names until that address is known to be the client's;
before that, errors are shown here.
"""

from urllib.parse import parse_qsl

import psycopg2
from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from werkzeug.exceptions import MethodNotAllowed

from ..protocol.access import authorize, forms
from ..protocol.access.oauth_errors import (
    AccessDenied,
    InvalidRequest,
    OAuthError,
    TemporarilyUnavailable,
)

HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
ADMINISTRATOR = "bank_webservice.group_administrator"


class Asked:
    """A request that a client's browser brings, once client and redirect address are known."""

    def __init__(self, query):
        self.query = query
        self.form = forms.once(parse_qsl(query, keep_blank_values=True))
        self.pushed = request.env["moedelo.pushed"]
        self.reference = authorize.reference_of(self.form)
        self.client = request.env["moedelo.client"]._registered(self.form.get("client_id", ""))
        if self.client is None or self.client.kind != "code":
            raise InvalidRequest("The service is not registered here.")
        if self.reference:  # what stands beside it counts for nothing
            self.form = self.pushed._find(self.reference, self.client)
        self.redirect_uri = authorize.pick_redirect(self.form, self.client.redirect_uris)
        self.issuer = request.env["moedelo.settings"]._issuer()

    def understand(self):
        if not self.issuer:
            raise TemporarilyUnavailable("The server has no issuer yet.")
        only_pushed = self.client.only_pushed or request.env["moedelo.settings"]._only_pushed()
        if only_pushed and not self.reference:
            raise InvalidRequest("The request has to be pushed first.")
        return authorize.parse(self.form, self.redirect_uri, frozenset(authorize.scopes.SCOPES))

    def use(self):
        """It is decided: a pushed request is over."""
        if self.reference:
            self.pushed._use(self.reference)

    def send_code(self, code):
        return self._send(
            authorize.answer_uri(self.redirect_uri, self.issuer, self.state, code=code)
        )

    def send_refusal(self, error):
        return self._send(authorize.refusal_uri(self.redirect_uri, self.issuer, self.state, error))

    @property
    def state(self):
        return self.form.get("state", "")

    def _send(self, uri):
        response = request.redirect(uri, code=303, local=False)
        response.headers.update(HEADERS)
        return response


class MoedeloAuthorize(http.Controller):
    @http.route("/moedelo/authorize", type="http", auth="user", methods=["GET"], readonly=False)
    def authorize(self, **_parameters):
        query = request.httprequest.query_string.decode("latin-1")
        return self._with_request(query, self._show)

    @http.route("/moedelo/authorize/consent", type="http", auth="user", methods=["POST"])
    def consent(self, **_parameters):
        if request.httprequest.method != "POST":  # OPTIONS, which needs no CSRF token
            raise MethodNotAllowed(valid_methods=["POST"])
        form = request.httprequest.form
        return self._with_request(form.get("request", ""), self._decide)

    def _with_request(self, query, act):
        try:
            asked = Asked(query)
        except OAuthError as error:
            return self._page("bank_webservice.moedelo_refused", {"error": error}, error.status)
        try:
            return act(asked, asked.understand())
        except OAuthError as error:
            return asked.send_refusal(error)
        except (AccessError, UserError):
            return asked.send_refusal(AccessDenied())

    # ---- what is shown

    def _show(self, asked, wanted):
        if wanted.is_jump:
            company = self._jump_from_click(asked.client)
            return self._jump(asked, wanted, company) if company else self._ask_jump(asked)
        self._need_administrator()
        return self._consent_page(asked, wanted)

    def _consent_page(self, asked, wanted, wrong=""):
        """`wrong`: by what ("password", "passkey") the person has failed to prove who he is."""
        grant_model = request.env["moedelo.grant"]
        return self._page(
            "bank_webservice.moedelo_consent",
            {
                "asked": asked,
                "client": self._client(asked),
                "choices": self._choices(asked, wanted),
                "wrong": wrong,
                "has_passkey": self._has_passkey(),
                "first_day": fields.Date.context_today(grant_model),
                "last_day": grant_model._longest(),
            },
            status=403 if wrong else 200,
        )

    def _ask_jump(self, asked):
        """Nobody clicked here: the page asks, so that no foreign page can log a user in."""
        return self._page(
            "bank_webservice.moedelo_jump",
            {"asked": asked, "client": self._client(asked), "companies": self._jump_companies()},
        )

    # ---- what was decided

    def _decide(self, asked, wanted):
        form = request.httprequest.form
        if wanted.is_jump:
            if form.get("decision") != "allow":
                asked.use()
                raise AccessDenied()
            return self._jump(asked, wanted, self._chosen_company(form))
        # A passkey's page sends the form without a button; nothing is given without a proof.
        if form.get("decision") not in (None, "allow"):
            asked.use()
            raise AccessDenied()
        self._need_administrator()
        proof = "passkey" if form.get("webauthn_response") else "password"
        if not self._proves(form):
            request.env["moedelo.audit"].sudo()._note(
                "refused",
                client_text=asked.client.identifier,
                grant_type="consent",
                detail=proof,
            )
            return self._consent_page(asked, wanted, wrong=proof)
        company = self._chosen_company(form)
        until = self._chosen_day(form)
        choice = {one["company"]: one for one in self._choices(asked, wanted)}.get(company)
        if not choice:
            raise AccessDenied()
        chosen = set(form.getlist("account_ids"))
        accounts = choice["accounts"].filtered(lambda account: str(account.id) in chosen)
        asked.use()
        grant_model = request.env["moedelo.grant"]
        code = grant_model._give_code(wanted, asked.client, company, accounts, until)
        grant_model._connect_subscription(company, asked.client)
        return asked.send_code(code)

    def _jump(self, asked, wanted, company):
        grant_model = request.env["moedelo.grant"]
        grant_model._check_may_jump(company, asked.client.id)
        asked.use()
        return asked.send_code(grant_model._give_code(wanted, asked.client, company))

    # ---- who and which

    def _need_administrator(self):
        if not request.env.user.has_group(ADMINISTRATOR):
            raise AccessDenied()

    def _proves(self, form):
        """The person is the one who is logged in: his password again, or a passkey of his."""
        user = request.env.user
        credential = {"type": "password", "login": user.login, "password": form.get("password", "")}
        if form.get("webauthn_response"):
            credential = {"type": "webauthn", "webauthn_response": form["webauthn_response"]}
        try:
            with user._assert_can_auth(user=user.id):
                user._check_credentials(credential, {"interactive": True})
        except psycopg2.Error:
            raise  # no word about the person: Odoo may run the request again
        except Exception:  # the reader of passkeys stumbles in a dozen ways over what is none
            return False
        return True

    def _has_passkey(self):
        user = request.env.user.sudo()
        return "auth_passkey_key_ids" in user._fields and bool(user.auth_passkey_key_ids)

    def _chosen_day(self, form):
        """Until when the consent holds: a day from today to the last one that may be chosen."""
        grant_model = request.env["moedelo.grant"]
        try:
            day = fields.Date.to_date(form.get("until")) or grant_model._longest()
        except ValueError:
            raise AccessDenied() from None
        if not fields.Date.context_today(grant_model) <= day <= grant_model._longest():
            raise AccessDenied()
        return day

    def _client(self, asked):
        return request.env["moedelo.client"].sudo().browse(asked.client.id)

    def _chosen_company(self, form):
        number = form.get("company_id", "")
        company = request.env.user.company_ids.filtered(lambda one: str(one.id) == number)
        if not company:
            raise AccessDenied()
        return company

    def _choices(self, asked, wanted):
        """The companies that may be connected, each with the rights and accounts it would give."""
        return request.env["moedelo.grant"]._consent_choices(asked.client, wanted.scope)

    def _jump_companies(self):
        """The user's companies in which a jump is allowed."""
        found = request.env["res.company"]
        for company in request.env.user.company_ids:
            try:
                request.env["moedelo.grant"]._check_may_jump(company)
            except (AccessError, UserError):
                continue
            found |= company
        return found

    def _jump_from_click(self, client):
        """The company of a click on our own button in this session, not older than 5 minutes."""
        note = request.session.pop("moedelo_jump", None)
        now = fields.Datetime.now().timestamp()
        if not note or note["client_id"] != client.id or note["until"] < now:
            return None
        return request.env["res.company"].browse(note["company_id"])

    def _page(self, template, values, status=200):
        response = request.render(template, values, status=status)
        response.headers.update(HEADERS)
        return response
