"""Guards on the entry behind an ordered payment, and what a bill says of its payment."""

from odoo import api, fields, models

from .bank_states import GONE

NOT_EXECUTED = tuple(state for state in GONE if state != "executed")


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
