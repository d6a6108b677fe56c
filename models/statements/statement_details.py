"""What an entry says beside its amount in the account's currency: shown, and not booked.

The original amount is the one that was ordered, before charges and at the bank's own rate. Odoo's
foreign currency of an entry would put it into the books as what settles an invoice; whether it
does is for a person to decide.
"""

from odoo import api, fields, models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_original_amount = fields.Char("Original amount", compute="_compute_bank_details")
    bank_exchange_rate = fields.Char("Rate of the bank", compute="_compute_bank_details")
    bank_fee = fields.Char("Fee in it", compute="_compute_bank_details")
    bank_vat = fields.Char("VAT (split payment)", compute="_compute_bank_details")

    @api.depends("transaction_details")
    def _compute_bank_details(self):
        for line in self:
            said = line.transaction_details or {}

            def money(name, said=said):
                amount, currency = said.get(f"{name}_amount"), said.get(f"{name}_currency")
                return " ".join(filter(None, (amount, currency))) or False

            line.bank_original_amount = money("original")
            line.bank_exchange_rate = said.get("exchange_rate", False)
            line.bank_fee = money("fee")
            line.bank_vat = money("vat")
