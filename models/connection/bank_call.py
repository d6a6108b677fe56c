# SPDX-License-Identifier: LGPL-3.0-only
"""The append-only log of calls: who, which operation, how long, what came of it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .tables import drop_old


class BankCall(models.Model):
    _name = "bank.call"
    _description = "Call to a bank"
    _order = "id desc"
    _log_access = True

    company_id = fields.Many2one("res.company", readonly=True, index=True)
    bank_id = fields.Many2one("res.bank", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    login = fields.Char("Bank login", readonly=True)
    client_identifier = fields.Char(readonly=True)
    operation = fields.Char(readonly=True, index=True)
    message_id = fields.Char("Message id", readonly=True, index="btree_not_null")
    started_at = fields.Datetime(readonly=True, index=True)
    seconds = fields.Float(readonly=True, digits=(10, 3))
    outcome = fields.Char(readonly=True, help="“ok”, or the kind of error and the bank's code.")
    words = fields.Text("What was said", readonly=True)
    operation_words = fields.Char("Question", compute="_compute_operation_words")

    @api.depends("operation", "started_at")
    def _compute_display_name(self):
        for call in self:
            call.display_name = f"{call.operation} {call.started_at}"

    @api.depends("operation")
    @api.depends_context("lang")
    def _compute_operation_words(self):
        words = _operations(self.env)
        for call in self:
            call.operation_words = words.get(call.operation, call.operation)

    @api.model
    def _keep(self, values):
        """Writes one row in a transaction of its own, so that a failed request leaves it too.

        Only rows that no request locks are referred to (see the fields): a reference takes a
        share lock, and a second cursor that waits for its own request would wait for ever.
        """
        with self.env.registry.cursor() as cr:
            self.with_env(self.env(cr=cr)).sudo().create(values)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The log of calls cannot be changed."))

    @api.autovacuum
    def _gc_calls(self):
        return drop_old(self, "calls", SQL("TRUE"))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of calls cannot be deleted."))


def _operations(env):
    return {
        "log_in": env._("Log in"),
        "confirm": env._("Was it confirmed?"),
        "withdraw": env._("Withdraw the log-in"),
        "log_out": env._("Log out"),
        "accounts": env._("Accounts"),
        "agreement": env._("Exchange settings"),
        "balance": env._("Balance"),
        "statements": env._("Statements"),
        "history": env._("Today's operations"),
        "send": env._("Hand over"),
        "status": env._("Status"),
        "pending": env._("What waits at the bank"),
        "probe": env._("Test message"),
        "recall": env._("Recall"),
        "confirmation": env._("Confirmation of a transfer"),
    }
