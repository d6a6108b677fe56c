"""What the cards of banks and partners have to know for a payment order in roubles."""

from odoo import fields, models


class ResBank(models.Model):
    _inherit = "res.bank"

    bank_bik = fields.Char("BIK", size=9, tracking=True, help="9 digits, for banks in Russia.")
    corr_account = fields.Char("Correspondent account", size=20, tracking=True)


class ResPartner(models.Model):
    _inherit = "res.partner"

    bank_kpp = fields.Char("KPP", size=9, help="9 characters, for organisations in Russia.")

    def _commercial_fields(self):
        return [*super()._commercial_fields(), "bank_kpp"]

    def _bank_inn(self):
        """The tax number as a Russian form has it: without the country's letters."""
        number = (self.commercial_partner_id.vat or "").replace(" ", "")
        return number[2:] if number[:2].upper() == "RU" else number


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def _bank_bik(self):
        """The account's own clearing number, else the BIK on its bank's card."""
        self.ensure_one()
        return (self.clearing_number or self.bank_id.bank_bik or "").replace(" ", "")
