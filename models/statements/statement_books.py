# SPDX-License-Identifier: LGPL-3.0-only
"""What the books hold of an account around a statement's days, as plain values for `matching`.

Read by SQL: whoever imports, also what is hidden from him is not to be doubled. A statement line
counts with its amount unless its entry is cancelled.

And what they can hold: Odoo would silently move the date of an entry in a locked period, and round
an amount. The first is the journal's choice here, with the bank's own day kept on the line; the
second is refused.
"""

from datetime import timedelta
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_repr

from ...protocol import matching, records

FAR = timedelta(days=10)  # between what was announced and its booking
LOCKED_PERIOD = [
    ("refuse", "Refuse the statement"),
    ("first_open", "Book on the first open day"),
]
EXACT = 1e11  # up to here Odoo rounds every amount to itself


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _stored_books(self, since, until, whole=False):
        """`matching.Books`: every statement of the bank, with the lines of those around these days.

        whole: with what says whether stated lines are free to go.
        """
        self.env.flush_all()
        around = SQL(
            "s.bank_journal_id = %s AND s.bank_closed_on >= %s AND s.bank_opened_on <= %s",
            self.id,
            since - FAR,
            until + FAR,
        )
        waiting = SQL(
            "l.journal_id = %s AND l.bank_operation_key IS NOT NULL AND s.bank_closed_on IS NULL"
            " AND l.bank_booked_on BETWEEN %s AND %s",
            self.id,
            since - FAR,
            until + FAR,
        )
        announced = self._book_lines(waiting, True).values()
        return matching.Books(
            self._kept(self._book_lines(around, whole)), [line for one in announced for line in one]
        )

    def _all_kept(self):
        """Every statement of the bank in this journal with its lines, as `matching.Kept`."""
        self.env.flush_all()
        return self._kept(self._book_lines(SQL("s.bank_journal_id = %s", self.id)))

    def _kept(self, lines):
        self.env.cr.execute(
            "SELECT id, bank_number, bank_opened_on, bank_closed_on, balance_start,"
            " balance_end_real, bank_assumed FROM account_bank_statement"
            " WHERE bank_journal_id = %s AND bank_opened_on IS NOT NULL",
            [self.id],
        )
        return [self._as_kept(row, lines.get(row["id"], ())) for row in self.env.cr.dictfetchall()]

    def _as_kept(self, row, lines=()):
        return matching.Kept(
            row["id"],
            row["bank_number"] or "",
            row["bank_opened_on"],
            row["bank_closed_on"],
            self._exact(row["balance_start"]),
            self._exact(row["balance_end_real"]),
            tuple(lines),
            bool(row["bank_assumed"]),
        )

    def _exact(self, amount):
        """A float of the database as the Decimal that it stands for."""
        currency = self.currency_id or self.company_id.currency_id
        return Decimal(float_repr(amount or 0.0, currency.decimal_places))

    def _book_lines(self, where, whole=False):
        """{statement id or None: [`matching.Line`]} in the bank's order."""
        free = SQL(
            "(s.id IS NULL OR s.bank_closed_on IS NOT NULL) AND l.bank_order_id IS NULL"
            " AND NOT EXISTS (SELECT FROM bank_order o WHERE o.batch_line_id = l.id)"
            " AND NOT EXISTS (SELECT FROM account_move_line i"
            " WHERE i.move_id = l.move_id AND i.matching_number IS NOT NULL)"
            # booked by a rule, not by a person
            " AND (NOT l.is_reconciled OR l.bank_operation_kind IS NOT NULL)"
        )
        query = SQL(
            "SELECT l.id, l.statement_id, COALESCE(l.bank_booked_on, m.date) AS booked_on,"
            " l.amount, l.payment_ref, l.partner_name, l.account_number, l.transaction_details,"
            " %s AS free FROM account_bank_statement_line l"
            " JOIN account_move m ON m.id = l.move_id"
            " LEFT JOIN account_bank_statement s ON s.id = l.statement_id"
            " WHERE m.state != 'cancel' AND %s ORDER BY l.id",
            free if whole else SQL("TRUE"),
            where,
        )
        found = {}
        self.env.cr.execute(query)
        for row in self.env.cr.dictfetchall():
            line = matching.Line(row["id"], self._as_entry(row), row["free"])
            found.setdefault(row["statement_id"], []).append(line)
        return found

    def _as_entry(self, row):
        said = row["transaction_details"] or {}
        return records.Entry(
            row["booked_on"],
            None,
            self._exact(row["amount"]),
            title=row["payment_ref"] or "",
            counterparty_name=row["partner_name"] or "",
            counterparty_account=row["account_number"] or "",
            operation_id=said.get("operation_id"),
            our_reference=said.get("our_reference"),
            details=said,
        )

    # -------------------------------------------------------------------------
    # KEYS
    # -------------------------------------------------------------------------

    def _free_keys(self, entries, indexes):
        """{index: operation key} of new entries: the bank's id, else a fingerprint with its
        occurrence, or the next number of one that stands for something else."""
        keys = self._operation_keys(entries)
        wanted = {index: keys[index] for index in indexes}
        taken = set(self._taken_keys("bank_operation_key = ANY(%s)", list(wanted.values())))
        if not taken:
            return wanted
        bases = {_base(key) for key in taken}
        query = (
            "bank_operation_key IS NOT NULL"
            " AND regexp_replace(bank_operation_key, '/[0-9]+$', '') = ANY(%s)"
        )
        taken |= set(self._taken_keys(query, list(bases)))
        for index, key in wanted.items():
            base, number = _base(key), 2
            while key in taken:
                key, number = f"{base}/{number}", number + 1
            wanted[index] = key
            if base in bases:
                taken.add(key)
        return wanted

    def _taken_keys(self, where, values):
        self.env["account.bank.statement.line"].flush_model(["journal_id", "bank_operation_key"])
        query = SQL(
            "SELECT bank_operation_key FROM account_bank_statement_line"
            " WHERE journal_id = %s AND %s",
            self.id,
            SQL(where, values),
        )
        return [row[0] for row in self.env.execute_query(query)]

    # -------------------------------------------------------------------------
    # DAYS AND AMOUNTS
    # -------------------------------------------------------------------------

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

    def _check_amounts(self, statement, entries):
        """Refuses what the books could hold rounded only: too fine, or of too many digits."""
        currency = self.currency_id or self.company_id.currency_id
        for balance in (statement.opening_balance, statement.closing_balance):
            if balance is not None and not _is_exact(balance, currency):
                raise UserError(
                    self.env._(
                        "The balance %(amount)s %(currency)s of the statement cannot be booked "
                        "exactly. Nothing was imported.",
                        amount=balance,
                        currency=currency.name,
                    )
                )
        for entry in entries:
            if not _is_exact(entry.amount, currency):
                raise UserError(
                    self.env._(
                        "The entry of %(day)s over %(amount)s %(currency)s cannot be booked "
                        "exactly. Nothing was imported.",
                        day=entry.booked_on,
                        amount=entry.amount,
                        currency=currency.name,
                    )
                )


def _base(key):
    """A key without the number that it ends in."""
    head, slash, number = key.rpartition("/")
    return head if slash and number.isdigit() else key


def _is_exact(amount, currency):
    """Whether Odoo's rounding of floats gives back the same amount. It fails from 10**12 on."""
    value = float(amount)
    if abs(value) >= EXACT:
        value = currency.round(value)
    return Decimal(float_repr(value, currency.decimal_places)) == amount
