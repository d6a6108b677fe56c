"""What the bank says of an order, and what follows from it in the books."""

from odoo import models
from odoo.exceptions import UserError

from ..connection.words import translated
from .states import OVER

# States that an order's own chatter tells, beside its package's.
TOLD = ("unknown", "executed", "partly_executed", "returned", "paused", "rejected", "recalled")
# What a receipt says of an order beside its state.
SAID = ("bank_status", "bank_code", "bank_reason", "bank_reference")
# ISO 20022 reasons that say: an order or message under this id is here already.
DUPLICATE_CODES = ("AM05", "DU01", "DU02", "DU03", "DU04", "DU05")


class BankOrder(models.Model):
    _inherit = "bank.order"

    def _set_state(self, state, **values):
        """The only way to a new state. What its package goes through with it stands there only."""
        orders = self.sudo()
        if state not in TOLD:
            orders = orders.with_context(tracking_disable=True)
        changed = orders.filtered(lambda order: order.bank_state != state)
        orders.write({"bank_state": state, **values})
        if state in TOLD:
            changed._tell_payments()

    def _tell_payments(self):
        """In each payment's chatter; what is only a step on the way stands on the order."""
        bodies = {
            order.payment_id.id: f"{order.name}: {order._state_label()}. {order.bank_reason or ''}"
            for order in self
            if order.payment_id
        }
        if bodies:
            self.env["account.payment"].sudo().browse(bodies)._message_log_batch(bodies=bodies)

    def _take_receipt(self, receipt):
        """What the bank says of this order. Never backwards from what a statement has proved."""
        self.ensure_one()
        self._take_receipts({self: receipt})

    def _take_receipts(self, receipts):
        """{order: what the bank says of it}; orders of which it says the same go together."""
        alike = {}
        for order, receipt in receipts.items():
            said = order._said_by(receipt)
            if said:
                alike.setdefault(said, []).append(order.id)
        for (state, *values), order_ids in alike.items():
            orders = self.browse(order_ids)
            orders._set_state(state, **dict(zip(SAID, values, strict=True)))
            if state in ("rejected", "recalled"):
                orders._undo_books()

    def _said_by(self, receipt):
        """(state, *values of SAID), or None where the receipt changes nothing."""
        if self.bank_state in ("executed", "returned") or receipt.state == "unknown_to_bank":
            return None
        # Accepted is not executed: only the statement entry proves that money moved.
        state = "accepted" if receipt.state == "executed" else receipt.state
        if state == "rejected" and receipt.code in DUPLICATE_CODES:
            # The bank HAS an order under this id, perhaps from before this database was restored.
            state = "unknown"
        if self.bank_state in OVER and (state == self.bank_state or self._payment_taken()):
            # Said before, and the payment may be in another order by now: its books are that one's.
            return None
        reference = receipt.bank_reference or self.bank_reference
        reason = translated(self.env, receipt.reason)
        return state, receipt.bank_status, receipt.code, reason, reference

    def _undo_books(self):
        """A refusal opens the bill again: the entry is unreconciled and cancelled first."""
        for payment in self.payment_id.filtered(lambda p: p.state in ("in_process", "paid")):
            # In sudo: the guards of payment and entry stop everybody else.
            move = payment.sudo().move_id
            payment = payment.sudo()
            move.line_ids.remove_move_reconcile()
            move.button_cancel()
            payment.action_reject()

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    def action_not_paid(self):
        """Button: the bank has something else under this order's id; a person has looked there.

        Only for an order that the bank refused as a duplicate and that no statement has shown.
        """
        self.env["bank.package"]._check_right("sender")
        self.check_access("read")
        for order in self.sudo():
            if order.bank_state != "unknown" or order.bank_code not in DUPLICATE_CODES:
                raise UserError(
                    self.env._(
                        "Payment order %s: only what the bank refused as a duplicate can be "
                        "settled by hand.",
                        order.name,
                    )
                )
            order._set_state("rejected")
            order._undo_books()
            order.message_post(
                body=self.env._("%s looked at the bank: this was not paid.", self.env.user.name)
            )
            order.package_id._follow_orders()
