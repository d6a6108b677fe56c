"""The bank's paper that a transfer was executed: kept with the order, for tax and for suppliers."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import banks, errors
from ..connection.operation import bank_operation
from ..connection.rights import require_right

AT_ONCE = 20  # confirmations after one fetch


class BankDocument(models.Model):
    _inherit = "bank.document"

    order_id = fields.Many2one(
        "bank.order", readonly=True, ondelete="restrict", index="btree_not_null"
    )


class BankOrder(models.Model):
    _inherit = "bank.order"

    confirmation_ids = fields.One2many("bank.document", "order_id", "Confirmations")
    has_confirmation = fields.Boolean(compute="_compute_has_confirmation")

    @api.depends("bank_state", "journal_id.bank_account_id.bank_id.bank_channel")
    def _compute_has_confirmation(self):
        """Whether the bank gives a paper for this order."""
        for order in self:
            bank = banks.BANKS.get(order.journal_id.bank_account_id.bank_id.sudo().bank_channel)
            order.has_confirmation = (
                order.bank_state == "executed" and bool(bank) and bank.has_confirmation
            )

    @bank_operation
    def action_fetch_confirmation(self):
        """Button: the confirmation as PDF; it is fetched once and then kept."""
        self.ensure_one()
        require_right(self.env, "operator")
        if not self.confirmation_ids:
            if not self.has_confirmation:
                raise UserError(self.env._("The bank gives no confirmation for this order."))
            self._keep_confirmation(self.journal_id._bank_session())
        return self.confirmation_ids._get_records_action(name=self.env._("Confirmation"))

    def _keep_confirmation(self, session, person=True):
        paper = session._read(
            "confirmation", lambda bank, s: bank.confirmation(s, self.end_to_end_id), person
        )
        document = self.env["bank.document"]._keep(self.journal_id, [paper])
        document._process()
        document.write({"order_id": self.id})


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _archive_confirmations(self, session, person):
        """Confirmations of executed orders that have none yet."""
        orders = self.env["bank.order"].sudo().search(
            [
                ("journal_id", "=", self.id),
                ("bank_state", "=", "executed"),
                ("confirmation_ids", "=", False),
            ],
            order="executed_on desc, id desc",
            limit=AT_ONCE,
        )  # fmt: skip
        for order in orders.filtered("has_confirmation"):
            try:
                order._keep_confirmation(session, person)
            except errors.Refused:
                continue  # not made yet, or not for this kind of order
