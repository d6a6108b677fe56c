# SPDX-License-Identifier: LGPL-3.0-only
"""What an import says: what differs, what it did beside booking, and sums in words.

And whether what is stored adds up and meets: *Check against the statements* on a journal.
"""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from ...protocol import matching
from ..connection.operation import notify

SHOWN = 20  # entries that are named in one message


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _difference_words(self, statement, difference):
        """What a document and the books do not agree on, entry by entry."""
        parts = [
            self.env._(
                "Statement %(number)s of %(day)s and the books do not agree, so nothing of it was "
                "imported.",
                number=statement.number or "–",
                day=format_date(self.env, statement.closed_on or statement.opened_on),
            )
        ]
        if difference.extra:
            words = self._entry_words(difference.extra)
            parts.append(self.env._("Only in the statement: %(entries)s.", entries=words))
        if difference.missing:
            words = self._line_words(difference.missing)
            parts.append(self.env._("Only in the books: %(entries)s.", entries=words))
        if difference.gap:
            parts.append(
                self.env._(
                    "Its balances do not meet those of its neighbour: the difference is "
                    "%(amount)s.",
                    amount=self._money(difference.gap),
                )
            )
        if difference.beside:
            names = ", ".join(self._statement_name(kept) for kept in difference.beside)
            parts.append(self.env._("In the books: %(statements)s.", statements=names))
        return "\n".join(parts)

    def _statement_name(self, kept):
        return " ".join(filter(None, (self.code, kept.number, f"({kept.closed_on})")))

    def _line_words(self, lines):
        """Lines of the books, `matching.Line`, by name."""
        return self._entry_words([line.entry for line in lines])

    def _entry_words(self, entries):
        words = [
            " ".join(
                filter(
                    None,
                    (
                        format_date(self.env, one.booked_on),
                        self._money(one.amount),
                        one.title or one.counterparty_name,
                    ),
                )
            )
            for one in entries
        ]
        more = ["…"] if len(words) > SHOWN else []
        return "; ".join(words[:SHOWN] + more)

    def _money(self, amount):
        currency = self.currency_id or self.company_id.currency_id
        return formatLang(self.env, float(amount), currency_obj=currency)

    def _import_notes(self, results):
        """[sentence]: what an import did beside booking new entries."""
        texts = {
            "finished": self.env._(
                "Entries of the day that are now in a final statement: %s.",
                sum(result.finished for result in results),
            ),
            "undone": self.env._(
                "Announced entries that the final statement does not have, and that were deleted: "
                "%s.",
                sum(result.undone for result in results),
            ),
            "raised": self.env._(
                "Announced entries that the final statement does not have, and on which something "
                "hangs: %s. See the filter “Not in the final statement” of the bank entries.",
                sum(result.raised for result in results),
            ),
            "dropped": self.env._(
                "Announced entries that were not booked, since their day is stated finally: %s.",
                sum(result.dropped for result in results),
            ),
            "doubles": self.env._(
                "Entries that look like ones typed in by hand: %s. See the filter “Probable "
                "doubles” of the bank entries.",
                sum(result.doubles for result in results),
            ),
        }
        return [
            words
            for name, words in texts.items()
            if any(getattr(result, name) for result in results)
        ]

    # -------------------------------------------------------------------------
    # CHECK
    # -------------------------------------------------------------------------

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
        title = self.env._("Check against the statements")
        kind = "warning" if problems else "success"
        return notify(words, kind, title=title, sticky=bool(problems))
