"""Whether the books have what a service asks for."""

from datetime import timedelta

from odoo import fields, models

FRESH = timedelta(minutes=15)  # so old may be what changes during the day


class MoedeloStatementRequest(models.Model):
    _inherit = "moedelo.statement.request"

    def _is_in_the_books(self):
        self.ensure_one()
        if self.kind == "balance":
            read_at = self.journal_id._bank_feed().balance_at
            return bool(read_at and read_at > self.create_date - FRESH)
        today = self.env["bank.order"]._moscow_now().date()  # the bank's day
        last = min(self.until, today - timedelta(days=1))
        if self.until >= today and not self._today_is_known():
            return False
        return last < self.since or self._is_imported(last)

    def _today_is_known(self):
        """Another request had today's operations fetched a moment ago."""
        domain = [
            ("journal_id", "=", self.journal_id.id),
            ("kind", "=", "interim"),
            ("until", ">=", self.until),
            ("state", "=", "ready"),
            ("asked_of_bank_at", ">", fields.Datetime.now() - FRESH),
        ]
        return bool(self.search_count(domain, limit=1))

    def _is_imported(self, last):
        """Whether every day until `last` was fetched, without a gap between the statements."""
        journal = self.journal_id
        statements = self.env["account.bank.statement"].sudo()
        first = statements.search(
            [("bank_journal_id", "=", journal.id), ("bank_opened_on", "<=", self.since)], limit=1
        )
        until = journal._bank_feed().fetched_until
        if not first or not until or until < last:
            return False
        gaps = journal.sudo()._statement_gaps()
        return not any(gap.since <= last and gap.until >= self.since for gap in gaps)
