# SPDX-License-Identifier: LGPL-3.0-only
"""Reports: orders by state and bank, and the days from sent to executed."""

from odoo import fields, models, tools

from ...protocol.states import STATES
from ...protocol.vocabulary import KINDS


class BankOrderReport(models.Model):
    _name = "bank.order.report"
    _description = "Payment orders: analysis"
    _auto = False
    _order = "execute_on desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("bank.order", "Payment order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    bank_id = fields.Many2one("res.bank", readonly=True)
    partner_id = fields.Many2one("res.partner", "Payee", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection([*KINDS.items()], readonly=True)
    bank_state = fields.Selection(STATES, "State", readonly=True)
    execute_on = fields.Date("Execution date", readonly=True)
    sent_on = fields.Date("Sent on", readonly=True)
    executed_on = fields.Date("Executed on", readonly=True)
    amount = fields.Monetary(readonly=True)
    days = fields.Float("Days from sent to executed", aggregator="avg", readonly=True)
    confidential = fields.Boolean(readonly=True)

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            """
            CREATE VIEW bank_order_report AS
            SELECT o.id, o.id AS order_id, o.company_id, o.journal_id,
                   COALESCE(p.bank_id, a.bank_id) AS bank_id, o.partner_id, o.currency_id,
                   o.kind, o.bank_state, o.execute_on, p.handed_over_at::date AS sent_on,
                   o.executed_on, o.amount, o.confidential,
                   (o.executed_on - p.handed_over_at::date)::float AS days
              FROM bank_order o
              LEFT JOIN bank_package p ON p.id = o.package_id
              LEFT JOIN account_journal j ON j.id = o.journal_id
              LEFT JOIN res_partner_bank a ON a.id = j.bank_account_id
            """
        )
