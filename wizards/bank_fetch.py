# SPDX-License-Identifier: LGPL-3.0-only
"""Fetch statements: a period, from a number on, or today's operations; what came of it in words."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.connection.account_journal import FEED
from ..models.connection.operation import bank_operation, notify
from ..models.connection.rights import require_right

LONGEST_RANGE = 366  # days in one go
FIRST_YEAR, LAST_YEAR = 2000, 2100
KINDS = [
    ("period", "Statements of a period"),
    ("number", "Statements after a number"),
    ("today", "Operations without a final statement"),
]


class BankFetch(models.TransientModel):
    _name = "bank.fetch"
    _description = "Fetch statements"

    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        domain=[("type", "=", "bank"), ("bank_statements_source", "=", FEED)],
        default=lambda self: self._default_journal(),
    )
    kind = fields.Selection(KINDS, "What", required=True, default="period")
    date_from = fields.Date(
        "From",
        required=True,
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_to = fields.Date(
        "To",
        required=True,
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
    )
    number = fields.Integer(
        "After number", compute="_compute_number", store=True, readonly=False, help="Not included."
    )
    year = fields.Integer("Of the year", compute="_compute_number", store=True, readonly=False)
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
            today = wizard.journal_id._bank_today()
            until = wizard.journal_id.bank_feed_ids.fetched_until
            wizard.date_from = until + timedelta(days=1) if until else today - timedelta(days=7)
            wizard.date_from = min(wizard.date_from, today)
            wizard.date_to = today

    @api.depends("journal_id")
    def _compute_number(self):
        for wizard in self:
            year = wizard.journal_id._bank_today().year
            wizard.number = wizard.journal_id._last_statement_number(year)
            wizard.year = year

    @api.constrains("journal_id")
    def _check_journal_id(self):
        """Whoever may not see the journal fetches nothing into it: not even an empty row."""
        self.sudo(False).journal_id.check_access("read")  # constraints run in sudo

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if not (wizard.date_from.year >= FIRST_YEAR and wizard.date_to.year <= LAST_YEAR):
                years = {"first": FIRST_YEAR, "last": LAST_YEAR}
                raise UserError(self.env._("Choose days from %(first)s to %(last)s.", **years))
            if wizard.date_from > wizard.date_to:
                raise UserError(self.env._("“From” lies after “To”."))
            if (wizard.date_to - wizard.date_from).days > LONGEST_RANGE:
                raise UserError(self.env._("Fetch at most %s days in one go.", LONGEST_RANGE))

    @api.constrains("number", "year")
    def _check_number(self):
        for wizard in self:
            if wizard.number < 0 or not 0 <= wizard.year <= LAST_YEAR:
                raise UserError(self.env._("There is no statement with this number and year."))

    @bank_operation
    def action_fetch(self):
        self.ensure_one()
        require_right(self.env, "operator")
        journal = self.journal_id
        if self.kind == "period" and len(journal._pieces(self.date_from, self.date_to)) > 1:
            return self._fetch_in_background()
        journal._bank_feed()._hold()
        documents, results = self._fetch()
        # Beside new entries an old balance would look like a loss, on the other accounts too.
        journal._journals_of_session()._refresh_balances()
        self.write(
            {
                "state": "done",
                "result": self._result_text(documents, results),
                "document_ids": [(6, 0, documents.ids)],
                "statement_ids": [
                    (6, 0, [id_ for result in results for id_ in result.statement.ids])
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

    def _fetch(self):
        journal = self.journal_id
        if self.kind == "number":
            return journal._fetch_since_number(self.number, self.year or None)
        if self.kind == "today":
            return journal._fetch_history()
        return journal._fetch_statements(self.date_from, self.date_to)

    def _fetch_in_background(self):
        """A long period: the workers fetch it in the session that is open now."""
        self.journal_id._bank_session()
        self.journal_id._bank_feed()._ask_for_run(self.date_from, self.date_to)
        words = self.env._("Statements are being fetched. You can go on working.")
        return notify(words, next={"type": "ir.actions.act_window_close"})

    def _result_text(self, documents, results):
        new = sum(result.new for result in results)
        failed = documents._wrong()
        lines = []
        if not documents or "queued" in documents.mapped("state"):
            later = self.journal_id.bank_feed_ids.last_error
            lines.append(later or self.env._("The bank has no statement for these days."))
        elif new:
            statements = len({id_ for result in results for id_ in result.statement.ids})
            lines.append(
                self.env._(
                    "New entries: %(entries)s. Statements: %(statements)s.",
                    entries=new,
                    statements=statements,
                )
            )
        elif not failed:
            lines.append(self.env._("Nothing new: all entries are in the journal already."))
        lines += self.journal_id._import_notes(results)
        lines += [f"{document.name}: {document.problem}" for document in failed]
        missing = self.kind == "period" and self.journal_id.bank_feed_ids.last_error
        if missing and documents and not failed and missing not in lines:
            lines.append(missing)
        return "\n".join(lines)

    def action_open(self):
        """The imported statements."""
        self.ensure_one()
        return self.statement_ids._get_records_action(name=self.env._("Imported statements"))
