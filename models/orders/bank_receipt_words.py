"""What the bank says of an order and of a package, in words."""

from odoo import api, fields, models

from ..connection.words import in_words


class BankOrder(models.Model):
    _inherit = "bank.order"

    bank_words = fields.Char("What the bank says", compute="_compute_bank_words")

    @api.depends("bank_status", "bank_code", "bank_reason")
    @api.depends_context("lang")
    def _compute_bank_words(self):
        for order in self:
            order.bank_words = in_words(
                self.env, order.bank_status, order.bank_code, order.bank_reason
            )


class BankPackage(models.Model):
    _inherit = "bank.package"

    bank_words = fields.Char("What the bank says", compute="_compute_bank_words")
    payer_account = fields.Char(related="journal_id.bank_account_id.acc_number")

    @api.depends("bank_status", "bank_reason")
    @api.depends_context("lang")
    def _compute_bank_words(self):
        for package in self:
            package.bank_words = in_words(self.env, package.bank_status, "", package.bank_reason)
