"""On which day an entry stands in the books: the bank's day, or the first open one.

Odoo would silently move the date of an entry in a locked period. Here it is the journal's choice,
and the bank's own day is kept on the line whatever the books do.
"""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

LOCKED_PERIOD = [
    ("refuse", "Refuse the statement"),
    ("first_open", "Book on the first open day"),
]


class AccountJournal(models.Model):
    _inherit = "account.journal"

    bank_locked_period = fields.Selection(
        LOCKED_PERIOD,
        "Entries in a locked period",
        required=True,
        default="refuse",
        help="What happens to a statement with entries in a period that is locked in the books. "
        "The bank's own booking day is kept in both cases.",
    )

    def _days_in_the_books(self, entries, statement):
        """{the bank's day: day in the books}. UserError where the journal refuses locked days."""
        return {
            day: self._day_in_the_books(day, statement)
            for day in sorted({entry.booked_on for entry in entries})
        }

    def _day_in_the_books(self, day, statement):
        open_day, locks = day, self._locks(day)
        if locks and self.bank_locked_period != "first_open":
            raise UserError(
                self.env._(
                    "Statement %(number)s has an entry of %(day)s, and the books are locked "
                    "until %(lock)s. Nothing was imported.",
                    number=statement.number,
                    day=day,
                    lock=locks[-1][0],
                )
            )
        while locks:
            open_day = locks[-1][0] + timedelta(days=1)
            locks = self._locks(open_day)
        return open_day

    def _locks(self, day):
        return self.company_id._get_violated_lock_dates(day, False, self)
