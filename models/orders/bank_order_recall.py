"""Asking a bank not to execute an order that it has, where the bank offers that."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import records
from ...protocol.banks import BANKS

# The bank has the order, and has not said that it is over.
RECALLABLE = ("sent", "waiting", "accepted", "paused")


class BankOrder(models.Model):
    _inherit = "bank.order"

    can_recall = fields.Boolean(compute="_compute_can_recall")
    recall_asked_at = fields.Datetime("Recall asked", readonly=True, copy=False)

    @api.depends("bank_state", "journal_id")
    def _compute_can_recall(self):
        for order in self:
            bank = BANKS.get(order.journal_id.bank_account_id.sudo().bank_id.bank_channel)
            order.can_recall = bool(bank and bank.has_recall and order.bank_state in RECALLABLE)

    def action_recall(self):
        """Button: the dialog that asks for the reason."""
        self.ensure_one()
        self._refuse_recall()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Recall %s", self.name),
            "res_model": "bank.recall",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _refuse_recall(self):
        self.env["bank.package"]._check_right("sender")
        if not self.can_recall:
            raise UserError(
                self.env._(
                    "Payment order %(order)s is %(state)s: it cannot be recalled through the web "
                    "service.",
                    order=self.name,
                    state=self._state_label(),
                )
            )

    def _recall(self, reason):
        """Asks the bank. Returns its receipt: only "recalled" says something about the order.

        LoginNeeded and BankError go through; nothing has changed then.
        """
        self.ensure_one()
        self._refuse_recall()
        account = self.journal_id._bank_feed()._account()
        session = self.journal_id._bank_session()
        order = self.sudo()
        receipt = session._call(
            "recall",
            lambda bank, s: bank.recall(s, account, order.end_to_end_id, reason),
            order.package_id.message_id,
        )
        order.recall_asked_at = fields.Datetime.now()
        order.message_post(body=self.env._("Recall asked: %s", reason or "-"))
        if receipt.state == "recalled":
            order._take_receipt(
                records.OrderReceipt(
                    order.end_to_end_id,
                    "recalled",
                    bank_status=receipt.bank_status,
                    code=receipt.code,
                    reason=receipt.reason or reason,
                )
            )
            order.package_id._follow_orders()
        order.package_id._ask_soon()
        return receipt
