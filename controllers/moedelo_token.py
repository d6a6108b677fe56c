# SPDX-License-Identifier: LGPL-3.0-only
"""Token, refresh, pushed requests, revocation and introspection: RFC 6749, 9126, 7009, 7662."""

from odoo import http
from odoo.http import request

from ..protocol.access import authorize, failures, forms, metadata
from ..protocol.access.oauth_errors import (
    InvalidGrant,
    InvalidRequest,
    OAuthError,
    TooManyFailures,
    UnsupportedGrantType,
)
from .moedelo_dispatcher import address, answer, body, environment, machine_route, refusal, shown

BODY_SECONDS = 5  # a form has a few hundred bytes: who takes longer holds a worker, not a form
OPTIONS = {"methods": ["POST"], "max_content_length": forms.MAX_BODY}


class Attempt:
    """One request of a client: what it sent, who it says to be, and whether it proved that."""

    def __init__(self):
        self.env = environment()
        self.address = address()
        self.form = {}
        self.proof = None
        self.identifier = ""
        self.client = None

    def read(self):
        """The form, and who its sender says to be; `OAuthError` otherwise."""
        asked = request.httprequest
        self.form = forms.parse_form(
            body(BODY_SECONDS),
            asked.headers.get("Content-Type", ""),
            asked.query_string.decode("latin-1"),
        )
        self.proof = forms.read_client(self.form, asked.headers.get("Authorization"))
        self.identifier = self.env["moedelo.client"]._claimed_identifier(self.proof)

    def check(self, family=""):
        """TooManyFailures while this address is blocked for this client, or for this family."""
        counts = self.env["moedelo.failure"]
        counts._check(self.address, self.identifier)
        if family:
            counts._check(self.address, self.identifier, family)

    def authenticate(self):
        self.client = self.env["moedelo.client"]._authenticate(self.proof)

    def shown_key(self):
        """Of the key that the client, once it is known, has shown to hold; may be empty."""
        return self.env["moedelo.token"]._shown_key(self.client, shown())

    def refuse(self, error):
        """The answer to a refused attempt: counted, audited, and said. Who has to wait learns
        nothing else, not even that his secret was right."""
        flooded = False
        try:
            if isinstance(error, TooManyFailures):
                raise error
            family = getattr(error, "family", "")
            self.check(family)
            if self.client is None or isinstance(error, InvalidGrant):
                flooded = not self._count(family)
        except TooManyFailures as too_many:
            return refusal(too_many)
        self.note("refused", detail=error.error, seldom=flooded)
        return refusal(TooManyFailures(failures.TOTAL_WITHIN) if flooded else error)

    def note(self, event, given=None, detail="", seldom=False):
        """`seldom`: one line a minute of the same, while everybody fails."""
        audit = self.env["moedelo.audit"]
        audit._note(
            event,
            given=given,
            client_text=self.identifier,
            grant_type=self.form.get("grant_type", ""),
            detail=detail,
            address=self.address,
            unless=audit._told_lately(self.address, detail) if seldom else None,
        )

    def _count(self, family):
        return self.env["moedelo.failure"]._count(self.address, self.identifier, family)


class MoedeloTokens(http.Controller):
    @machine_route("/moedelo/token", **OPTIONS)
    def token(self):
        return self._issue()

    @machine_route("/moedelo/refresh", **OPTIONS)
    def refresh(self):
        """The same handler; only refresh tokens are taken here."""
        return self._issue(only="refresh_token")

    @machine_route(metadata.PUSH_PATH, **OPTIONS)
    def push(self):
        return self._with_client(self._push)

    @machine_route("/moedelo/revoke", **OPTIONS)
    def revoke(self):
        return self._with_client(self._revoke, "token")

    @machine_route("/moedelo/introspect", **OPTIONS)
    def introspect(self):
        return self._with_client(self._introspect, "token")

    def _issue(self, only=None):
        attempt = Attempt()
        try:
            attempt.read()
            form = {"grant_type": only, **attempt.form} if only else attempt.form
            if form.get("grant_type") != "refresh_token":  # that one is checked with its lock
                attempt.check()
            attempt.authenticate()
            if only and form["grant_type"] != only:
                raise UnsupportedGrantType()
            said, given = attempt.env["moedelo.token"]._answer(
                form, attempt.client, attempt.address, attempt.shown_key()
            )
        except OAuthError as error:
            return attempt.refuse(error)
        if not given.noted:
            attempt.note("issued", given, said["scope"])
        return answer(said)

    def _with_client(self, act, needed=None):
        attempt = Attempt()
        try:
            attempt.read()
            attempt.check()
            attempt.authenticate()
            if needed and needed not in attempt.form:
                raise InvalidRequest(f"{needed} is missing.")
            return act(attempt)
        except OAuthError as error:
            return attempt.refuse(error)

    def _push(self, attempt):
        key = attempt.shown_key() if shown().proof else ""  # only tokens can be asked to have one
        pushed = attempt.env["moedelo.pushed"]
        reference = pushed._push(attempt.client, attempt.form, key)
        life = int(authorize.PUSHED_LIFE.total_seconds())
        said = {"request_uri": authorize.REFERENCE + reference, "expires_in": life}
        return answer(said, status=201)

    def _revoke(self, attempt):
        """200 whatever the token was (RFC 7009 2.2); token_type_hint changes nothing."""
        grant = attempt.env["moedelo.access"]._revoke(attempt.form["token"], attempt.client)
        attempt.note("revoked", grant and grant._given())
        return answer({})

    def _introspect(self, attempt):
        return answer(
            attempt.env["moedelo.access"]._introspect(attempt.form["token"], attempt.client)
        )
