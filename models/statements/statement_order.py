"""The bank's order of statements and of their lines, in whatever order they arrived."""

from itertools import pairwise

from odoo import models

from ...protocol import matching


class AccountBankStatement(models.Model):
    _inherit = "account.bank.statement"

    # Odoo orders statements by the day of their first entries, which a bank may have booked late:
    # a statement is then said to be wrong for ever. Those of the bank go by their own days.

    def _compute_is_valid(self):
        ours = self.filtered("bank_opened_on")
        for journal, statements in ours.grouped("bank_journal_id").items():
            apart = journal.sudo()._apart()
            for statement in statements:
                statement.is_valid = statement._origin.id not in apart
        return super(AccountBankStatement, self - ours)._compute_is_valid()

    def _get_invalid_statement_ids(self, all_statements=None):
        found = super()._get_invalid_statement_ids(all_statements)
        if not all_statements:
            return found
        ours = self.sudo().search([("bank_opened_on", "!=", False)])
        apart = (journal._apart() for journal in ours.bank_journal_id)
        return list(set(found).difference(ours.ids).union(*apart))

    def _put_in_order(self):
        """Lines of one day in the order of their statements: Odoo's running balances go by it."""
        for journal in self.bank_journal_id:
            mine = self.filtered(lambda one, journal=journal: one.bank_journal_id == journal)
            days = mine.line_ids.mapped("date")
            if days:
                journal._order_lines(min(days), max(days))


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _apart(self):
        """Ids of the bank's statements that do not begin where the one before ended."""
        self.env["account.bank.statement"].flush_model()
        chain = matching.ordered(self._kept({}))
        return {after.id for before, after in pairwise(chain) if before.closing != after.opening}

    def _in_bank_order(self, statements):
        """Statements of the bank, the oldest first: by days, those of one day by their balances."""
        kept = {
            one.id: self._as_kept(
                {
                    "id": one.id,
                    "bank_number": one.bank_number,
                    "bank_opened_on": one.bank_opened_on or one.bank_closed_on,
                    "bank_closed_on": one.bank_closed_on,
                    "balance_start": one.balance_start,
                    "balance_end_real": one.balance_end_real,
                    "bank_assumed": one.bank_assumed,
                }
            )
            for one in statements
        }
        return statements.browse(one.id for one in matching.ordered(kept.values()))

    def _order_lines(self, since, until):
        """Gives the lines of these days a sequence where their ids do not say the bank's order."""
        lines = self.env["account.bank.statement.line"].sudo()
        found = lines.search(
            [
                ("journal_id", "=", self.id),
                ("move_id.date", ">=", since),
                ("move_id.date", "<=", until),
                ("statement_id.bank_closed_on", "!=", False),
            ],
            order="internal_index",
        )
        if len(found.statement_id) < 2:
            return
        place = {
            one.id: number for number, one in enumerate(self._in_bank_order(found.statement_id))
        }
        for group in found.grouped("date").values():
            places = [place[line.statement_id.id] for line in group]
            if places != sorted(places):
                # The higher the sequence, the earlier: see `internal_index`.
                ordered = group.sorted(lambda line: (place[line.statement_id.id], line.id))
                for number, line in enumerate(ordered):
                    line.sequence = len(ordered) - number
