"""Fetch statements: from day to day, and what came of it in words."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.account_journal import FEED
from ..models.bank_operation import bank_operation

LONGEST_RANGE = 92  # days in one go; the bank keeps statements for six months


class BankFetch(models.TransientModel):
    _name = "bank.fetch"
    _description = "Fetch statements"

    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        domain=[("type", "=", "bank"), ("bank_statements_source", "=", FEED)],
        default=lambda self: self._default_journal(),
    )
    date_from = fields.Date(
        "From", required=True, compute="_compute_dates", store=True, readonly=False
    )
    date_to = fields.Date("To", required=True, compute="_compute_dates", store=True, readonly=False)
    state = fields.Selection([("ask", "Ask"), ("done", "Done")], default="ask")
    result = fields.Text(readonly=True)
    document_ids = fields.Many2many("bank.document", readonly=True)
    statement_ids = fields.Many2many("account.bank.statement", readonly=True)

    @api.model
    def _default_journal(self):
        domain = [("bank_statements_source", "=", FEED), ("company_id", "=", self.env.company.id)]
        journals = self.env["account.journal"].search(domain, limit=2)
        return journals if len(journals) == 1 else False

    @api.depends("journal_id")
    def _compute_dates(self):
        for wizard in self:
            today = fields.Date.context_today(wizard)
            until = wizard.journal_id.bank_feed_ids.fetched_until
            wizard.date_from = until + timedelta(days=1) if until else today - timedelta(days=7)
            wizard.date_from = min(wizard.date_from, today)
            wizard.date_to = today

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_from > wizard.date_to:
                raise UserError(self.env._("“From” lies after “To”."))
            if (wizard.date_to - wizard.date_from).days > LONGEST_RANGE:
                raise UserError(self.env._("Fetch at most %s days in one go.", LONGEST_RANGE))

    @bank_operation
    def action_fetch(self):
        self.ensure_one()
        self.env["bank.package"]._check_right("operator")
        documents, results = self.journal_id._fetch_statements(self.date_from, self.date_to)
        self.write(
            {
                "state": "done",
                "result": self._result_text(documents, results),
                "document_ids": [(6, 0, documents.ids)],
                "statement_ids": [
                    (6, 0, [result.statement.id for result in results if result.statement])
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fetch statements"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _result_text(self, documents, results):
        _ = self.env._
        new = sum(result.new for result in results)
        failed = documents.filtered(lambda document: document.state == "failed")
        lines = []
        if not documents:
            later = self.journal_id.bank_feed_ids.last_error
            lines.append(later or _("The bank has no statement for these days."))
        elif new:
            statements = len([result for result in results if result.statement])
            lines.append(
                _(
                    "%(entries)s new entries in %(statements)s statements.",
                    entries=new,
                    statements=statements,
                )
            )
        elif not failed:
            lines.append(_("Nothing new: all entries are in the journal already."))
        lines += [f"{document.name}: {document.problem}" for document in failed]
        return "\n".join(lines)

    def action_open(self):
        """The imported statements."""
        self.ensure_one()
        return self.statement_ids._get_records_action(name=self.env._("Imported statements"))
