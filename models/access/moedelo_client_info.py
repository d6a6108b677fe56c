"""What a connected service reads of its company: only that one, only the accounts consented to."""

from odoo import api, models
from odoo.tools import ormcache

from ...protocol.access.licence import normal_tax_id


class MoedeloGrant(models.Model):
    _inherit = "moedelo.grant"

    @api.model
    def _client_info(self, access):
        """The organisation behind an `Access`, and the user where one has jumped."""
        name, tax_id, kpp = self._organisation(access.company_id)
        said = {"name": name, "inn": tax_id, "kpp": kpp}
        if "accounts" in access.scopes:
            said["accounts"] = self._account_info(access)
        if access.kind == "jump":
            user = self.env["res.users"].sudo().browse(access.user_id)
            said["user"] = {"id": str(user.id), "name": user.name}
        return said

    @api.model
    @ormcache("company_id")
    def _organisation(self, company_id):
        """Name, INN and KPP: asked at every connection, changed once in years."""
        company = self.env["res.company"].sudo().browse(company_id)
        kpp = company.partner_id.bank_kpp or ""
        return company.name, normal_tax_id(company.vat or ""), kpp

    @api.model
    def _account_info(self, access):
        return [dict(account) for account in self._accounts_of(access.grant_id)]

    @api.model
    @ormcache("grant_id")
    def _accounts_of(self, grant_id):
        """The accounts of a consent; what they depend on clears this (see moedelo_res_partner)."""
        grant = self.sudo().browse(grant_id)
        return tuple(
            {
                "number": account.sanitized_acc_number,
                "currency": grant._currency_of(account).name,
                "bank": account.bank_id.name or "",
                "bic": account.bank_bic or "",
                "bik": account._bank_bik(),
            }
            for account in grant.account_ids.filtered("active")
        )

    def _currency_of(self, account):
        """That of the account's journal, as its payments and statements have it."""
        journals = account.journal_id.filtered(lambda one: one.company_id == self.company_id)
        return journals[:1].currency_id or account.currency_id or self.company_id.currency_id

    def write(self, vals):
        result = super().write(vals)
        if "account_ids" in vals:
            self.env.registry.clear_cache()
        return result
