"""What an administrator consents to, and whether that covers what is to leave now."""

from datetime import timedelta

from odoo import api, fields, models

from ...protocol.access import lifetimes, scopes


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
        return self.sudo().create(
            {
                "client_id": client.id,
                "company_id": client.company_id.id,
                "user_id": self.env.user.id,
                "kind": "service",
                "scope": scopes.render(scopes.SERVICE),
                "account_ids": [(6, 0, client.account_ids.ids)],
                "expires_at": fields.Datetime.now() + timedelta(days=lifetimes.GRANT_DAYS),
                "state": "live",
            }
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
