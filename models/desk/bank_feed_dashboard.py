"""What the dashboard card says of fetching: last, next, what went wrong, what is missing."""

from odoo import fields, models
from odoo.tools.misc import format_datetime, format_time

from ..connection.operation import bank_operation


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _bank_cards(self):
        cards = super()._bank_cards()
        for journal, card in cards.items():
            card |= journal._dashboard_fetch()
        return cards

    def _dashboard_fetch(self):
        feed = self.bank_feed_ids[:1]
        gaps = self._statement_gaps()
        return {
            "fetched": self._short(feed.last_fetch_at),
            "next_fetch": self._short(feed.next_fetch_at),
            "waits": feed.waits_for_login,
            "running": bool(feed.run_user_id),
            "gaps": ", ".join(self._gap_text(gap) for gap in gaps[-3:]),
        }

    def _short(self, moment):
        """When, as short as can be: today's hours go without the day."""
        if not moment:
            return ""
        today = fields.Date.context_today(self)
        if fields.Datetime.context_timestamp(self, moment).date() == today:
            return format_time(self.env, moment, time_format="short")
        return format_datetime(self.env, moment, dt_format="short")

    @bank_operation
    def action_fetch_now(self):
        """Button: everything new, as the schedule would fetch it; logs in where needed."""
        self.ensure_one()
        self.env["bank.package"]._check_right("operator")
        self._bank_session()
        feed = self._bank_feed().sudo()
        if not feed.run_since:
            feed._plan_run()
        feed._ask_for_run(feed.run_since, feed.run_until)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Statements are being fetched. You can go on working."),
            },
        }

    def action_stop_fetch(self):
        """Button: stop what is being fetched in the background."""
        return self.bank_feed_ids.action_stop()
