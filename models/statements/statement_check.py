"""Whether what is stored adds up and meets: *Check against the statements* on a journal."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...protocol import matching


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _problems_of_books(self):
        """[sentence] of what is stored and cannot be right, each with what mends it."""
        kept = self._all_kept()
        words = [self._problem_words(problem) for problem in matching.problems(kept)]
        chain = matching.ordered(kept)
        waiting = self._book_lines(
            SQL(
                "l.journal_id = %s AND l.bank_operation_key IS NOT NULL AND l.statement_id IS NULL",
                self.id,
            )
        )
        since = chain and chain[0].opened_on
        late = [
            line
            for line in waiting.get(None, ())
            if line.entry.booked_on == since or matching.is_stated(line.entry.booked_on, chain)
        ]
        if late:
            words.append(
                self.env._(
                    "Announced, and in no final statement: %(entries)s. Delete what the bank took "
                    "back.",
                    entries=self._line_words(late),
                )
            )
        return words

    def _problem_words(self, problem):
        name = self._statement_name(problem.of)
        before = problem.before
        if before and (before.opening, before.closing) == (problem.of.opening, problem.of.closing):
            return self.env._(
                "Statements %(before)s and %(name)s say the same: probably these days were booked "
                "twice. Delete one of the two with its entries, the one on which nothing hangs.",
                before=self._statement_name(before),
                name=name,
            )
        if before:
            return self.env._(
                "Statement %(name)s does not begin where %(before)s ends: the difference is "
                "%(amount)s. Fetch or upload the statements of these days again; what is missing "
                "or too much is then told.",
                name=name,
                before=self._statement_name(before),
                amount=self._money(problem.amount),
            )
        suspects = [line for line in problem.of.lines if line.entry.amount == -problem.amount]
        words = self.env._(
            "Statement %(name)s does not add up: %(amount)s is missing. Process its document "
            "again, and take it instead.",
            name=name,
            amount=self._money(problem.amount),
        )
        if suspects:
            words += " " + self.env._(
                "It may be one too many: %(entries)s.", entries=self._line_words(suspects)
            )
        return words

    def action_check_statements(self):
        """Button: the stored statements are held against their own balances."""
        self.ensure_one()
        if self.type != "bank":
            raise UserError(self.env._("Only bank journals have statements of a bank."))
        self.check_access("read")
        problems = self.sudo()._problems_of_books()
        words = "\n".join(problems) or self.env._(
            "All statements add up, and each begins where the one before ended."
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Check against the statements"),
                "message": words,
                "type": "warning" if problems else "success",
                "sticky": bool(problems),
            },
        }
