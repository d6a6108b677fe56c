"""What services are told of a company, and its tax number, which its licence is bound to."""

from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if {"vat", "name", "bank_kpp"} & set(vals) and self.sudo().ref_company_ids:
            # a licence is for one tax number, and the service is told of both
            self.env.registry.clear_cache()
        return result


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def write(self, vals):
        result = super().write(vals)
        told = {"acc_number", "active", "bank_id", "clearing_number", "currency_id", "company_id"}
        if told & set(vals) and self.sudo().partner_id.ref_company_ids:
            self.env.registry.clear_cache()
        return result


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        if created.bank_account_id:
            self.env.registry.clear_cache()
        return created

    def write(self, vals):
        result = super().write(vals)
        if {"currency_id", "bank_account_id"} & set(vals):  # the currency of an account
            self.env.registry.clear_cache()
        return result


class ResBank(models.Model):
    _inherit = "res.bank"

    def write(self, vals):
        result = super().write(vals)
        if {"name", "bic", "bank_bik"} & set(vals):
            self.env.registry.clear_cache()
        return result
