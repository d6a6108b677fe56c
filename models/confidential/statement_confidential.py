"""Entries of confidential payments, and the statement lines that answer them."""

from odoo import api, fields, models

from .confidential import add_column


class AccountMove(models.Model):
    _inherit = "account.move"

    bank_confidential = fields.Boolean(
        "Confidential", compute="_compute_bank_confidential", store=True
    )

    def _auto_init(self):
        add_column(self)
        return super()._auto_init()

    @api.depends(
        "origin_payment_id.bank_confidential", "statement_line_id.bank_answers_confidential"
    )
    def _compute_bank_confidential(self):
        for move in self:
            move.bank_confidential = (
                move.origin_payment_id.bank_confidential
                or move.statement_line_id.bank_answers_confidential
            )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    bank_confidential = fields.Boolean(
        "Confidential", related="move_id.bank_confidential", store=True, precompute=True
    )

    def _auto_init(self):
        add_column(self)
        return super()._auto_init()


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_answers_confidential = fields.Boolean(readonly=True, copy=False)

    # Whoever imports: he neither sees nor doubles what was hidden from him.

    def _settle_orders(self):
        return super(AccountBankStatementLine, self.sudo())._settle_orders()

    def _mark_doubles(self):
        return super(AccountBankStatementLine, self.sudo())._mark_doubles()


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _known_lines(self, keys):
        return super(AccountJournal, self.sudo())._known_lines(keys)
