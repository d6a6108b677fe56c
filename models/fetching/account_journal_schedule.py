"""When a journal's statements are fetched by themselves."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..connection.account_journal import FEED

UNITS = [("minutes", "Minutes"), ("hours", "Hours"), ("days", "Days")]
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=12)
SCHEDULE = {"fetch_every", "fetch_unit", "fetch_from", "fetch_to", "bank_statements_source"}


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
