# SPDX-License-Identifier: LGPL-3.0-only
"""*Waiting at the bank*: what the bank holds of a client until somebody signs or confirms it."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.connection.account_journal import FEED
from ..models.connection.operation import bank_operation
from ..models.connection.rights import require_right
from ..protocol.banks import BANKS

WAITS_FOR = [("signature", "A signature"), ("phone", "Confirmation on the phone")]


class BankPending(models.TransientModel):
    _name = "bank.pending"
    _description = "What waits at the bank"

    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        domain=[("bank_statements_source", "=", FEED)],
        default=lambda self: self.env["bank.fetch"]._default_journal(),
    )
    asked_at = fields.Datetime("As of", readonly=True)
    line_ids = fields.One2many("bank.pending.line", "pending_id", "Packages", readonly=True)

    @bank_operation
    def action_ask(self):
        """Button: ask the bank now, after a log-in where one is needed."""
        self.ensure_one()
        require_right(self.env, "operator")
        bank = self.journal_id.bank_account_id.bank_id.sudo()
        if bank.bank_channel and not BANKS[bank.bank_channel].has_pending:
            raise UserError(self.env._("%(bank)s does not say what waits there.", bank=bank.name))
        session = self.journal_id._bank_session()
        found = session._read("pending", lambda bank, s: bank.pending(s))
        lines = [(0, 0, vals) for vals in self._prepare_lines_vals(found)]
        self.write({"asked_at": fields.Datetime.now(), "line_ids": [(5, 0, 0), *lines]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waiting at the bank"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _prepare_lines_vals(self, found):
        """Packages of ours that this user may not see here he does not see there either."""
        ids = [one.message_id for one in found]
        ours = self.env["bank.package"].sudo().search([("message_id", "in", ids)])
        seen = ours.sudo(False)._filtered_access("read")
        hidden = set((ours - seen.sudo()).mapped("message_id"))
        by_id = {package.message_id: package for package in seen}
        return [
            {
                "message_id": one.message_id,
                "package_id": by_id[one.message_id].id if one.message_id in by_id else False,
                "received_at": one.received_at and one.received_at.replace(tzinfo=None),
                "count": one.count,
                "total": float(one.total),
                "waits_for": one.waits_for if one.waits_for in dict(WAITS_FOR) else False,
                "release_by": ", ".join(one.release_by),
            }
            for one in found
            if one.message_id not in hidden
        ]


class BankPendingLine(models.TransientModel):
    _name = "bank.pending.line"
    _description = "Package that waits at the bank"

    pending_id = fields.Many2one("bank.pending", required=True, ondelete="cascade")
    message_id = fields.Char()
    package_id = fields.Many2one("bank.package", "Made here")
    received_at = fields.Datetime("At the bank since")
    count = fields.Integer("Transfers")
    total = fields.Float(digits=(16, 2))
    waits_for = fields.Selection(WAITS_FOR, "Waits for")
    release_by = fields.Char("Can be released by")
