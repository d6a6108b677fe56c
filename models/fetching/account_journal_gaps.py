"""Missing statements: seen by the bank's numbers, else by balances that do not meet.

Days alone prove nothing: a bank makes no statement for a weekend or a day without movements.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_compare, format_date

from ..connection.operation import RELOAD, bank_operation, notify
from ..connection.rights import require_right

LOOKED_AT = 400  # statements of a journal: more than a year of days


@dataclass(frozen=True)
class Gap:
    """Missing statements of the days `since` to `until`. `numbers`: "" where the bank has none."""

    since: date
    until: date
    numbers: str = ""


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _statement_gaps(self):
        """[Gap], oldest first."""
        self.ensure_one()
        return self._gaps_by_journal().get(self, [])

    def _gaps_by_journal(self):
        """{journal: its Gaps, oldest first} of those that have any: one query finds these."""
        statements = self.env["account.bank.statement"]
        statements.flush_model(
            ["journal_id", "bank_closed_on", "bank_number", "balance_start", "balance_end_real"]
        )
        # The journals that may have one; what is one is said by `_gap_between`.
        query = SQL(
            """
            SELECT DISTINCT journal.id
              FROM account_journal journal
              CROSS JOIN LATERAL (
                  SELECT id, number, balance_start, bank_closed_on,
                         lag(id) OVER days AS before,
                         lag(number) OVER days AS number_before,
                         lag(balance_end_real) OVER days AS balance_before
                    FROM (SELECT id, bank_closed_on, balance_start, balance_end_real,
                                 substring(bank_number FROM '^ *([0-9]+) *(?:/|$)')::numeric
                                 AS number
                            FROM account_bank_statement
                           WHERE journal_id = journal.id AND bank_closed_on IS NOT NULL
                           ORDER BY bank_closed_on DESC, id DESC
                           LIMIT %s) AS last
                  WINDOW days AS (ORDER BY bank_closed_on, COALESCE(number, 0), id)) AS pair
             WHERE journal.id = ANY(%s)
               AND pair.before IS NOT NULL
               AND (pair.balance_before IS DISTINCT FROM pair.balance_start
                    OR pair.number <> pair.number_before + 1)
            """,
            LOOKED_AT,
            self.ids,
        )
        journals = self.browse(row[0] for row in self.env.execute_query(query))
        gaps = {journal: journal._gaps_in_bank_order() for journal in journals}
        return {journal: found for journal, found in gaps.items() if found}

    def _gaps_in_bank_order(self):
        """Several statements of one day stand in the order of their balances."""
        statements = self.env["account.bank.statement"].search(
            [("journal_id", "=", self.id), ("bank_closed_on", "!=", False)],
            order="bank_closed_on desc, id desc",
            limit=LOOKED_AT,
        )
        pairs = pairwise(self._in_bank_order(statements))
        found = (self._gap_between(before, after) for before, after in pairs)
        return [gap for gap in found if gap]

    def _gap_between(self, before, after):
        """The gap between two statements that follow each other here, or None."""
        first, last = _as_number(before.bank_number), _as_number(after.bank_number)
        new_year = before.bank_closed_on.year != after.bank_closed_on.year
        if new_year and first and last and last < first:
            first = 0  # the bank counts from one again
            if last == 1 and self._balances_meet(before, after):
                return None
        if first is not None and last is not None:
            missing = last - first - 1
            if missing <= 0:
                return self._gap_by_balances(before, after)
            numbers = f"{first + 1}" if missing == 1 else f"{first + 1}–{last - 1}"
            return Gap(*_days_between(before, after), numbers)
        return self._gap_by_balances(before, after)

    def _gap_by_balances(self, before, after):
        if self._balances_meet(before, after):
            return None
        return Gap(*_days_between(before, after))

    def _balances_meet(self, before, after):
        digits = (self.currency_id or self.company_id.currency_id).decimal_places
        return not float_compare(
            before.balance_end_real, after.balance_start, precision_digits=digits
        )

    def _last_statement_number(self, year):
        """The highest number that this journal has of a year; 0 without one."""
        statements = self.env["account.bank.statement"].search(
            [
                ("journal_id", "=", self.id),
                ("bank_closed_on", ">=", date(year, 1, 1)),
                ("bank_closed_on", "<=", date(year, 12, 31)),
            ]
        )
        return max((_as_number(one.bank_number) or 0 for one in statements), default=0)

    def _gap_text(self, gap):
        since, until = (format_date(self.env, day) for day in (gap.since, gap.until))
        days = since if since == until else f"{since} – {until}"
        if not gap.numbers:
            return days
        return self.env._("%(days)s (statement %(numbers)s)", days=days, numbers=gap.numbers)

    @bank_operation
    def action_find_missing_days(self):
        """Button: fetches the days of every gap, and says what is still missing."""
        self.ensure_one()
        require_right(self.env, "operator")
        gaps = self._statement_gaps()
        if not gaps:
            raise UserError(
                self.env._("No statement of %(journal)s is missing.", journal=self.display_name)
            )
        self._bank_feed()._hold()
        found = 0
        today = self._bank_today()
        for gap in gaps:
            _documents, results = self._fetch_statements(gap.since, min(gap.until, today))
            found += len([result for result in results if result.statement])
        return self._tell_missing(found)

    def _tell_missing(self, found):
        left = self._statement_gaps()
        words = self.env._("Statements found: %(count)s.", count=found)
        if left:
            days = ", ".join(self._gap_text(gap) for gap in left)
            words += " " + self.env._("The bank gave none for: %(days)s.", days=days)
        return notify(words, "warning" if left else "success", next=RELOAD)


def _as_number(text):
    """The number of a statement, or None where it is none. Banks write 12, 012 and 12/1."""
    digits = (text or "").partition("/")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _days_between(before, after):
    """(first, last) day that may be missing between two statements."""
    since = before.bank_closed_on + timedelta(days=1)
    until = (after.bank_opened_on or after.bank_closed_on) - timedelta(days=1)
    if until < since:  # several statements a day
        return before.bank_closed_on, after.bank_closed_on
    return since, until
