# SPDX-License-Identifier: LGPL-3.0-only
"""What an administrator consents to, and whether that covers what is to leave now."""

import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...protocol.access import authorize, grants, scopes
from ...protocol.access.oauth_errors import InvalidRequestUri, UnauthorizedClient
from ..connection.words import in_language

ALL_SCOPES = frozenset(scopes.SCOPES)


class MoedeloGrant(models.Model):
    _inherit = "moedelo.grant"

    # -------------------------------------------------------------------------
    # CONSENT
    # -------------------------------------------------------------------------

    @api.model
    def _consent_choices(self, client, wanted):
        """`[{company, scopes, accounts}]`: the user's companies whose package covers something.

        `client`: `Registered`; `wanted`: the scopes that it asks for.
        """
        choices = []
        for company in self.env.user.company_ids:
            given = wanted & self.env["moedelo.subscription"]._allowed_scopes(company.id)
            if given and self._may_connect(company, client):
                choices.append(
                    {
                        "company": company,
                        "scopes": [name for name in scopes.SCOPES if name in given],
                        "accounts": self._company_accounts(company),
                    }
                )
        return choices

    @api.model
    def _may_connect(self, company, client):
        """A service bound to a company serves no other; a company bound to a service likewise."""
        chosen = self.env["moedelo.subscription"]._of_company(company).client_id
        return client.company_id in (None, company.id) and chosen.id in (False, client.id)

    @api.model
    def _connect_subscription(self, company, client):
        """The company's package knows from now on which service it belongs to."""
        subscription = self.env["moedelo.subscription"]._of_company(company)
        if subscription and not subscription.client_id:
            subscription.client_id = client.id

    @api.model
    def _give_service(self, client):
        """The statement-only service has no code: the administrator's click is the consent."""
        grant = self.sudo().create(
            {
                "client_id": client.id,
                "company_id": client.company_id.id,
                "user_id": self.env.user.id,
                "kind": "service",
                "scope": scopes.render(scopes.SERVICE),
                "account_ids": [(6, 0, client.account_ids.ids)],
                "expires_at": self._end_of(None),
                "state": "live",
            }
        )
        grant._note_consent()
        return grant

    @api.model
    def _longest(self):
        """The last day that a consent of today may hold."""
        days = self.env["moedelo.settings"]._grant_days()
        return fields.Date.context_today(self) + timedelta(days=days)

    @api.model
    def _end_of(self, until):
        """When a consent ends that holds until the end of this day, or as long as one may."""
        days = self.env["moedelo.settings"]._grant_days()
        latest = fields.Datetime.now() + timedelta(days=days)
        if not until:
            return latest
        return min(latest, fields.Datetime.to_datetime(until) + timedelta(days=1))

    def _note_consent(self):
        """Who let which service in, to what, and until when."""
        accounts = ", ".join(self.account_ids.mapped("sanitized_acc_number")) or "-"
        day = fields.Datetime.to_string(self.expires_at)
        self.env["moedelo.audit"]._note(
            "consented",
            given=self._given(),
            client_text=self.client_id.identifier,
            grant_type=self.kind,
            detail=f"{self.scope}; accounts: {accounts}; until: {day}",
        )

    def _tell_administrators_of_misuse(self, first, second):
        """One open activity for each administrator of the company, on the service."""
        group = self.env.ref("bank_webservice.group_administrator")
        kind = "mail.mail_activity_data_warning"
        client = self.client_id
        for user in group.all_user_ids.filtered(lambda one: self.company_id in one.company_ids):
            if client.activity_ids.filtered(lambda one, user=user: one.user_id == user):
                continue
            env = in_language(client, user).env
            client.activity_schedule(
                kind,
                user_id=user.id,
                summary=env._("One token, two addresses"),
                note=env._(
                    "The same token was used from %(first)s and from %(second)s within seconds. "
                    "Ask %(service)s whether both are theirs; if not, revoke the connection.",
                    first=first,
                    second=second,
                    service=client.name,
                ),
            )

    # -------------------------------------------------------------------------
    # WHAT MAY LEAVE
    # -------------------------------------------------------------------------

    @api.model
    def _connected(self, client, scope=None):
        """Companies with a live connection to this service, with this right where one is named."""
        live = [
            ("client_id", "=", client.id),
            ("kind", "=", "connection"),
            ("state", "=", "live"),
            ("expires_at", ">", fields.Datetime.now()),
        ]
        found = self.sudo().search(live)
        return found.filtered(lambda one: not scope or scope in one.scope.split()).company_id

    @api.model
    def _open_to(self, client, scope):
        """Companies of which something may be said to this service now: connected with this right,
        which licence and package still contain."""
        subscriptions = self.env["moedelo.subscription"]
        return self._connected(client, scope).filtered(
            lambda company: scope in subscriptions._allowed_scopes(company.id)
        )


class MoedeloPushed(models.Model):
    """What a service wants to ask a person for, handed over by itself (RFC 9126). Good once."""

    _name = "moedelo.pushed"
    _description = "Pushed authorization request"
    _log_access = False

    hash = fields.Char(required=True, readonly=True)
    client_id = fields.Many2one(
        "moedelo.client", required=True, readonly=True, index=True, ondelete="cascade"
    )
    parameters = fields.Text(required=True, readonly=True)
    until = fields.Datetime(required=True, readonly=True, index=True)

    _hash_unique = models.UniqueIndex("(hash)")

    @api.model
    def _push(self, client, form, key):
        """The reference to a request, whose `form` is as `authorize.parse` wants it now already.

        `client`: `Registered`; `key`: thumbprint of the key that it has shown to hold.
        """
        if client.kind != "code":
            raise UnauthorizedClient()
        kept = authorize.pushed(form, client.identifier, key)
        authorize.parse(kept, authorize.pick_redirect(kept, client.redirect_uris), ALL_SCOPES)
        reference = grants.new_secret()
        self.sudo().create(
            {
                "hash": grants.hashed(reference),
                "client_id": client.id,
                "parameters": json.dumps(kept),
                "until": fields.Datetime.now() + authorize.PUSHED_LIFE,
            }
        )
        return reference

    @api.model
    def _find(self, reference, client):
        """The parameters that this client has pushed; InvalidRequestUri when there are none now."""
        found = self.sudo().search(
            [
                ("hash", "=", grants.hashed(reference)),
                ("client_id", "=", client.id),
                ("until", ">", fields.Datetime.now()),
            ]
        )
        if not found:
            raise InvalidRequestUri()
        return json.loads(found.parameters)

    @api.model
    def _use(self, reference):
        """It is good once: InvalidRequestUri when somebody was quicker."""
        gone = SQL(
            "DELETE FROM moedelo_pushed WHERE hash = %s RETURNING id", grants.hashed(reference)
        )
        if not self.env.execute_query(gone):
            raise InvalidRequestUri()

    @api.autovacuum
    def _gc_pushed(self):
        self.env.cr.execute(
            SQL("DELETE FROM moedelo_pushed WHERE until < %s", fields.Datetime.now())
        )
