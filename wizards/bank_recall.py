# SPDX-License-Identifier: LGPL-3.0-only
"""Recall an order: why, and the question to the bank."""

from odoo import api, fields, models

from ..models.connection.operation import RELOAD, bank_operation, notify
from ..models.connection.words import translated
from ..protocol import records


class BankRecall(models.TransientModel):
    _name = "bank.recall"
    _description = "Recall a payment order"

    order_id = fields.Many2one("bank.order", required=True, readonly=True)
    reason = fields.Char(size=210)

    @api.constrains("order_id")
    def _check_order_id(self):
        """Whoever may not see the order has nothing to recall: not even an empty row."""
        self.sudo(False).order_id.check_access("read")  # constraints run in sudo

    @bank_operation
    def action_recall(self):
        """Button: ask the bank now, after a log-in where one is needed."""
        self.ensure_one()
        receipt = self._recall()
        kind = "success" if receipt.state == "recalled" else "warning"
        return notify(self._words(receipt), kind, next=RELOAD)

    def _recall(self):
        """Asks the bank. Returns its receipt: only "recalled" says something about the order.

        LoginNeeded and BankError go through; nothing has changed then.
        """
        self.order_id._refuse_recall()
        journal, reason = self.order_id.journal_id, self.reason or ""
        account = journal._bank_feed()._account()
        order = self.order_id.sudo()
        receipt = journal._bank_session()._call(
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

    def _words(self, receipt):
        if receipt.state == "recalled":
            return self.env._("The bank has recalled the order.")
        if receipt.state in ("rejected", "unknown_to_bank"):
            reason = translated(self.env, receipt.reason)
            return self.env._("The bank does not recall the order. %s", reason)
        return self.env._("The bank was asked. Its answer is fetched as soon as it is there.")
