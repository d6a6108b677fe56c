"""What the dashboard card of a bank journal says about the bank. Nothing that says nothing."""

from odoo import models
from odoo.tools.misc import formatLang

from .account_journal import FEED


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _fill_bank_cash_dashboard_data(self, dashboard_data):
        result = super()._fill_bank_cash_dashboard_data(dashboard_data)
        journals = self.filtered(lambda journal: journal.bank_statements_source == FEED)
        if not journals or not self.env.user.has_group("bank_webservice.group_operator"):
            return result
        feeds = self.env["bank.feed"].search([("journal_id", "in", journals.ids)])
        feed_of = {feed.journal_id: feed for feed in feeds}
        counts = journals._payments_to_send_count()
        for journal in journals:
            dashboard_data[journal.id]["bank_webservice"] = {
                **journal._dashboard_balance(feed_of.get(journal)),
                "to_send": counts.get(journal, 0),
                "may_fetch": True,
            }
        return result

    def _dashboard_balance(self, feed):
        if not feed or not feed.balance_at:
            return {"booked": "", "last_error": feed.last_error or "" if feed else ""}

        def money(amount):
            return formatLang(self.env, amount, currency_obj=feed.currency_id)

        return {
            "booked": money(feed.balance_booked),
            "available": money(feed.balance_available),
            "at": self._short(feed.balance_at),
            "available_differs": feed.balance_available != feed.balance_booked,
            "last_error": feed.last_error or "",
        }

    def _payments_to_send_count(self):
        groups = self.env["account.payment"]._read_group(
            [("journal_id", "in", self.ids), *self.env["account.payment"]._to_send_domain()],
            ["journal_id"],
            ["__count"],
        )
        return dict(groups)
