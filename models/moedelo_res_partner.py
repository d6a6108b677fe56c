"""A company's tax number is what its licence is bound to."""

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "vat" in vals and self.sudo().ref_company_ids:
            self.env.registry.clear_cache()  # a licence is for one tax number
        return result
