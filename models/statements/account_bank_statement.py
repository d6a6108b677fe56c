from odoo import api, fields, models
from odoo.tools import float_compare


class AccountBankStatement(models.Model):
    _inherit = "account.bank.statement"

    bank_document_id = fields.Many2one(
        "bank.document", "Bank document", readonly=True, copy=False, index="btree_not_null"
    )
    bank_journal_id = fields.Many2one(
        "account.journal", readonly=True, copy=False, help="Odoo takes it from the entries."
    )
    bank_number = fields.Char("Number at the bank", readonly=True, copy=False)
    bank_opened_on = fields.Date("From (bank)", readonly=True, copy=False)
    bank_closed_on = fields.Date("To (bank)", readonly=True, copy=False)

    @api.depends("bank_journal_id")
    def _compute_journal_id(self):
        result = super()._compute_journal_id()
        for statement in self.filtered(lambda one: not one.journal_id):
            statement.journal_id = statement.bank_journal_id
        return result

    def _compute_is_complete(self):
        """A day without movements is a statement too: complete when its balances are equal."""
        result = super()._compute_is_complete()
        for statement in self:
            if statement.bank_closed_on and not statement.line_ids:
                statement.is_complete = not float_compare(
                    statement.balance_start,
                    statement.balance_end_real,
                    precision_digits=statement.currency_id.decimal_places or 2,
                )
        return result


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    bank_operation_key = fields.Char(
        readonly=True,
        copy=False,
        help="The bank's own operation id, or a fingerprint of the entry's content with its "
        "number on that day.",
    )
    bank_booked_on = fields.Date(
        "Booked by the bank", readonly=True, copy=False, help="Kept whatever the books do."
    )
    bank_value_on = fields.Date("Value date", readonly=True, copy=False)
    bank_order_id = fields.Many2one(
        "bank.order", "Payment order", readonly=True, copy=False, index="btree_not_null"
    )

    _bank_operation_unique = models.UniqueIndex(
        "(journal_id, bank_operation_key) WHERE bank_operation_key IS NOT NULL",
        "This bank operation is in the journal already.",
    )
