"""What a partner's card has to know for a payment order in roubles."""

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    bank_kpp = fields.Char("KPP", size=9, help="9 characters, for organisations in Russia.")

    def _commercial_fields(self):
        return [*super()._commercial_fields(), "bank_kpp"]

    def _bank_inn(self):
        """The tax number as a Russian form has it: without the country's letters."""
        number = (self.commercial_partner_id.vat or "").replace(" ", "")
        return number[2:] if number[:2].upper() == "RU" else number
