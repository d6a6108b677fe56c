"""A company's tax number is what its licence is bound to."""

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if {"vat", "name", "bank_kpp"} & set(vals) and self.sudo().ref_company_ids:
            # a licence is for one tax number, and the service is told of both
            self.env.registry.clear_cache()
        return result
