"""What an import says: what differs, what it did beside booking, and sums in words."""

from odoo import models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

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
