"""What an administrator can consent to, and what follows for the company."""

from odoo import api, models

from ...protocol.access import scopes


class MoedeloGrant(models.Model):
    _inherit = "moedelo.grant"

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
        chosen = self._subscription(company).client_id
        return client.company_id in (None, company.id) and chosen.id in (False, client.id)

    @api.model
    def _connect_subscription(self, company, client):
        """The company's package knows from now on which service it belongs to."""
        subscription = self._subscription(company)
        if subscription and not subscription.client_id:
            subscription.client_id = client.id

    @api.model
    def _subscription(self, company):
        found = [("company_id", "=", company.id)]
        return self.env["moedelo.subscription"].sudo().search(found, limit=1)
