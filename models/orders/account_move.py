"""Guards on the entry behind an ordered payment, and what a bill says of its payment."""

from odoo import api, fields, models

from .states import GONE

NOT_EXECUTED = tuple(state for state in GONE if state != "executed")
# Of an item: what the payment moved, and from where to where.
BOOKED = {
    "account_id", "amount_currency", "balance", "credit", "currency_id", "date", "debit",
    "move_id", "partner_id",
}  # fmt: skip
UNDER_WAY = tuple(state for state in NOT_EXECUTED if state != "partly_executed")


class AccountMove(models.Model):
    _inherit = "account.move"

    bank_ordered = fields.Boolean(
        "Ordered, not executed",
        compute="_compute_bank_ordered",
        help="The payment was given to the bank; no statement has proved yet that it was executed.",
    )

    def _compute_bank_ordered(self):
        for move in self:
            payments = move.sudo().matched_payment_ids | move.sudo()._get_reconciled_payments()
            states = payments.bank_order_id.mapped("bank_state")
            move.bank_ordered = any(state in NOT_EXECUTED for state in states)

    # -------------------------------------------------------------------------
    # GUARDS
    # -------------------------------------------------------------------------

    def button_draft(self):
        self._refuse_when_ordered(GONE)
        return super().button_draft()

    def button_cancel(self):
        self._refuse_when_ordered(GONE)
        return super().button_cancel()

    def write(self, vals):
        if {"state", "line_ids", "date", "journal_id", "partner_id"} & vals.keys():
            self._refuse_when_ordered(GONE)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_ordered(self):
        self._refuse_when_ordered(None)

    def _refuse_when_ordered(self, states):
        """In sudo only our own undoing of a refusal comes here: see `bank.order._undo_books`."""
        if not self.env.su:
            self.sudo().origin_payment_id._refuse_when_ordered(states)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if not self.env.su and BOOKED & vals.keys():
            self.sudo().move_id.origin_payment_id._refuse_when_ordered(GONE)
        return super().write(vals)


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """A bill stays with the payment that is under way: opened, it could be paid once more.

        What a statement entry was reconciled with can always be undone.
        """
        if not self.env.su:
            for partial in self.sudo():
                moves = partial.debit_move_id.move_id | partial.credit_move_id.move_id
                if not moves.statement_line_id:
                    moves.origin_payment_id._refuse_when_ordered(UNDER_WAY)
        return super().unlink()
