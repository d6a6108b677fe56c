# SPDX-License-Identifier: LGPL-3.0-only
"""When a journal's statements are fetched by themselves, and which are missing.

Missing ones are seen by the bank's numbers, else by balances that do not meet. Days alone prove
nothing: a bank makes no statement for a weekend or a day without movements.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_compare, format_date

from ..connection.account_journal import FEED
from ..connection.operation import RELOAD, bank_operation, notify
from ..connection.rights import require_right

UNITS = [("minutes", "Minutes"), ("hours", "Hours"), ("days", "Days")]
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=12)
SCHEDULE = {"fetch_every", "fetch_unit", "fetch_from", "fetch_to", "bank_statements_source"}
LOOKED_AT = 400  # statements of a journal: more than a year of days


class AccountJournal(models.Model):
    _inherit = "account.journal"

    # Not copied: a duplicate has no account yet.
    fetch_every = fields.Integer(
        "Fetch every", copy=False, help="0: only when somebody asks for it."
    )
    fetch_unit = fields.Selection(UNITS, "Unit of time", required=True, default="hours")
    fetch_from = fields.Float("From hour", help="In the time zone of the unattended operator.")
    fetch_to = fields.Float("To hour", default=24.0)
    fetch_lookback = fields.Integer(
        "Look back (days)",
        default=3,
        help="So many days before the last fetched one are fetched again: banks book late.",
    )
    fetch_intraday = fields.Boolean(
        "Today's operations too", help="Where the bank tells them before its final statement."
    )
    fetch_pdf = fields.Boolean(
        "Keep PDF statements", help="Where the bank gives them. They are kept, not imported."
    )
    unattended_operator_id = fields.Many2one(
        "bank.operator",
        "Unattended operator",
        groups="bank_webservice.group_administrator",
        copy=False,
        help="Whose certificate on this server, or whose running session, reads for the schedule. "
        "Empty: any operator of the bank. It never sends.",
    )

    @api.constrains("fetch_every", "fetch_from", "fetch_to", "fetch_lookback")
    def _check_schedule(self):
        for journal in self:
            if journal.fetch_every < 0 or journal.fetch_lookback < 0:
                raise ValidationError(self.env._("A schedule has no negative numbers."))
            if not 0 <= journal.fetch_from < journal.fetch_to <= 24:
                raise ValidationError(self.env._("The hours must lie between 0:00 and 24:00."))

    @api.model_create_multi
    def create(self, vals_list):
        journals = super().create(vals_list)
        journals._plan_fetch()
        return journals

    def write(self, vals):
        result = super().write(vals)
        if SCHEDULE & vals.keys():
            self._plan_fetch()
        return result

    def _plan_fetch(self):
        """The next fetch after the schedule was changed: at once, within its hours."""
        now = fields.Datetime.now()
        for journal in self:
            feed = journal._bank_feed() if journal.fetch_every else journal.sudo().bank_feed_ids
            feed.sudo().write({"next_fetch_at": journal._within_hours(now), "failures": 0})

    # -------------------------------------------------------------------------
    # TIME
    # -------------------------------------------------------------------------

    def _next_fetch(self, now, failures=0):
        """When to fetch next, as naive UTC; False without a schedule.

        After failures the pauses grow, but are never longer than half a day.
        """
        if not self._is_scheduled():
            return False
        every = timedelta(**{self.fetch_unit: self.fetch_every})
        if failures:
            pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
            return self._within_hours(now + pause)
        return self._within_hours(now + every)

    def _is_scheduled(self):
        return bool(self.fetch_every) and self.bank_statements_source == FEED

    def _within_hours(self, moment):
        """`moment`, or the next one within the journal's hours; both naive UTC."""
        if not self._is_scheduled():
            return False
        zone, utc = ZoneInfo(self._fetch_zone()), ZoneInfo("UTC")
        local = moment.replace(tzinfo=utc).astimezone(zone)
        hour = local.hour + local.minute / 60
        if not self.fetch_from <= hour < self.fetch_to:
            day = local.date() + timedelta(days=1 if hour >= self.fetch_to else 0)
            minutes = round(self.fetch_from * 60)
            local = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
        return local.astimezone(utc).replace(tzinfo=None)

    def _fetch_zone(self):
        user = self.sudo().unattended_operator_id.user_id
        return user.tz or self.company_id.partner_id.tz or self.env.user.tz or "UTC"

    # -------------------------------------------------------------------------
    # GAPS
    # -------------------------------------------------------------------------

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


@dataclass(frozen=True)
class Gap:
    """Missing statements of the days `since` to `until`. `numbers`: "" where the bank has none."""

    since: date
    until: date
    numbers: str = ""


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
