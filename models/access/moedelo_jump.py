"""The quick jump from the menu, from the user menu and from an event of the tax calendar."""

from urllib.parse import urlencode, urlsplit

from odoo import api, models
from odoo.exceptions import AccessError, UserError


class MoedeloSubscription(models.Model):
    _inherit = "moedelo.subscription"

    @api.model
    def action_jump_now(self):
        """Menu and user menu: into the cabinet of the company that the user works in."""
        return self._action_jump_to(self.env.company)

    @api.model
    def _action_jump_to(self, company, target=""):
        """`target`: a page of the cabinet. Refused without right, licence, package, connection."""
        self.env["moedelo.grant"]._check_may_jump(company)
        subscription = self._of_company(company)
        action = subscription.action_jump()
        if target and subscription.client_id._is_their_page(target):
            separator = "&" if urlsplit(action["url"]).query else "?"
            action["url"] += separator + urlencode({"target_link_uri": target})
        return action

    @api.model
    def _jump_companies(self):
        """`{company id: name of its service}`: where the user may jump now."""
        found = {}
        for company in self.env.user.company_ids:
            try:
                self.env["moedelo.grant"]._check_may_jump(company)
            except (AccessError, UserError):
                continue
            found[company.id] = self._of_company(company).client_id.name
        return found


class MoedeloClient(models.Model):
    _inherit = "moedelo.client"

    def _is_their_page(self, address):
        """True when the address lies where the service has said to live: scheme, host and port."""
        own = {self.initiate_login_uri, self.cabinet_address} - {False}
        return _place(address) in {_place(one) for one in own}


def _place(address):
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """What the user menu needs to know."""
        info = super().session_info()
        if self.env.user._is_internal():
            info["moedelo_jump"] = self.env["moedelo.subscription"]._jump_companies()
        return info
