# SPDX-License-Identifier: LGPL-3.0-only
"""Report: the statements that are missing, of all journals with our feed."""

from odoo import api, fields, models

from ..models.connection.account_journal import FEED


class BankStatementGap(models.TransientModel):
    """One row a gap, made anew when the report is opened."""

    _name = "bank.statement.gap"
    _description = "Missing bank statements"
    _order = "since desc, journal_id"
    _rec_name = "journal_id"

    journal_id = fields.Many2one("account.journal", readonly=True, ondelete="cascade")
    bank_id = fields.Many2one("res.bank", readonly=True, ondelete="cascade")
    since = fields.Date("From", readonly=True)
    until = fields.Date("To", readonly=True)
    numbers = fields.Char("Numbers of the bank", readonly=True)
    days = fields.Integer(readonly=True)

    @api.model
    def action_report(self):
        """Menu: looks for gaps now, and shows them."""
        self.env["bank.package"].check_access("read")
        journals = self.env["account.journal"].search(
            [("bank_statements_source", "=", FEED), ("company_id", "in", self.env.companies.ids)]
        )
        rows = self.create(
            [self._prepare_gap_vals(journal, gap) for journal in journals
             for gap in journal._statement_gaps()]
        )  # fmt: skip
        action = self.env["ir.actions.actions"]._for_xml_id(
            "bank_webservice.action_bank_statement_gap"
        )
        return {**action, "domain": [("id", "in", rows.ids)]}

    @api.model
    def _prepare_gap_vals(self, journal, gap):
        return {
            "journal_id": journal.id,
            "bank_id": journal.bank_account_id.bank_id.id,
            "since": gap.since,
            "until": gap.until,
            "numbers": gap.numbers,
            "days": (gap.until - gap.since).days + 1,
        }

    def action_find(self):
        """Button: ask the bank for the missing days of this journal."""
        self.ensure_one()
        return self.journal_id.action_find_missing_days()
