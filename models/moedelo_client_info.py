"""What a connected service reads of its company: only that one, only the accounts consented to."""

from odoo import api, models

from ..protocol.licence import normal_tax_id


class MoedeloGrant(models.Model):
    _inherit = "moedelo.grant"

    @api.model
    def _client_info(self, access):
        """The organisation behind an `Access`, and the user where one has jumped."""
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        # a company's own partner holds both
        owner = [("ref_company_ids", "=", access.company_id)]
        partner = partners.search_fetch(owner, ["name", "vat"], limit=1)
        said = {"name": partner.name, "inn": normal_tax_id(partner.vat or "")}
        if access.kind == "jump":
            user = self.env["res.users"].sudo().browse(access.user_id)
            said["user"] = {"id": str(user.id), "name": user.name}
        return said

    @api.model
    def _account_info(self, access):
        accounts = self.sudo().browse(access.grant_id).account_ids
        return [
            {
                "number": account.sanitized_acc_number,
                "currency": (account.currency_id or account.company_id.currency_id).name or "",
                "bank": account.bank_id.name or "",
                "bic": account.bank_bic or "",
            }
            for account in accounts.filtered("active")
        ]
