"""Recall an order: why, and the question to the bank."""

from odoo import fields, models

from ..models.bank_operation import bank_operation


class BankRecall(models.TransientModel):
    _name = "bank.recall"
    _description = "Recall a payment order"

    order_id = fields.Many2one("bank.order", required=True, readonly=True)
    reason = fields.Char(size=210)

    @bank_operation
    def action_recall(self):
        """Button: ask the bank now, after a log-in where one is needed."""
        self.ensure_one()
        order = self.order_id
        # The log-in comes first: the dialog calls this method again.
        order.journal_id._bank_session()
        order._recall(self.reason or "")
        recalled = order.bank_state == "recalled"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if recalled else "info",
                "message": self.env._("The bank has recalled the order.")
                if recalled
                else self.env._("The bank was asked. Its answer is fetched as soon as it is there."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
