"""Guards on the entry behind an ordered payment, and what a bill says of its payment."""

from decimal import Decimal

from odoo import api, fields, models

from ...protocol.checks import mpp
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
    bank_order_count = fields.Integer(compute="_compute_bank_order_count")
    bank_split_payment = fields.Boolean(
        "Split payment", help="This bill is to be paid by split payment (MPP)."
    )
    bank_ksef_number = fields.Char(
        "KSeF number", copy=False, help="Written into the title of a split payment."
    )

    # -------------------------------------------------------------------------
    # COMPUTE
    # -------------------------------------------------------------------------

    def _compute_bank_ordered(self):
        for move in self:
            states = move._bank_payments().bank_order_id.mapped("bank_state")
            move.bank_ordered = any(state in NOT_EXECUTED for state in states)

    def _compute_bank_order_count(self):
        for move in self:
            move.bank_order_count = len(move._bank_orders())

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

    # -------------------------------------------------------------------------
    # BUSINESS
    # -------------------------------------------------------------------------

    def _bank_payments(self):
        """The payments of these bills, whoever may see them."""
        bills = self.sudo()
        return bills.matched_payment_ids | bills._get_reconciled_payments()

    def _bank_orders(self):
        """The orders of this bill's payments, as far as the user may see them."""
        orders = self._bank_payments().bank_order_ids.with_env(self.env)
        return orders if self.env.su else orders._filtered_access("read")

    def action_bank_orders(self):
        self.ensure_one()
        return self._bank_orders()._get_records_action(name=self.env._("Payment orders"))

    def _mpp_invoice(self):
        """This bill as the split payment needs it; amounts in PLN."""
        number = self.bank_ksef_number
        if not number and "l10n_pl_edi_number" in self._fields:
            number = self.l10n_pl_edi_number
        return mpp.Invoice(
            record=self.name,
            vat_tax_id=(self.commercial_partner_id.vat or "").removeprefix("PL"),
            number=number or self.ref or self.name,
            issued_on=self.invoice_date,
            gross=Decimal(f"{abs(self.amount_total_signed):.2f}"),
            vat=Decimal(f"{abs(self.amount_tax_signed):.2f}"),
        )


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
