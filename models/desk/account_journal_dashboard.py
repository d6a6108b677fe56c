"""What the dashboard card of a bank journal says about the bank. Nothing that says nothing.

`_bank_cards` is the one seam: each topic adds its part in its own file, for all journals at once:
balance and payments (here), the person (account_journal_card), fetching (bank_feed_dashboard),
orders (bank_order_overview).
"""

from odoo import models
from odoo.tools.misc import formatLang

from ..connection.account_journal import FEED


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _fill_bank_cash_dashboard_data(self, dashboard_data):
        result = super()._fill_bank_cash_dashboard_data(dashboard_data)
        if self.env.user.has_group("bank_webservice.group_reader"):
            journals = self.filtered(lambda journal: journal.bank_statements_source == FEED)
            for journal, card in journals._bank_cards().items():
                dashboard_data[journal.id]["bank_webservice"] = card
        return result

    def _bank_cards(self):
        """{journal: values of its card} of journals with our feed, for somebody who may read."""
        cards = {journal: {} for journal in self}
        if self and self.env.user.has_group("bank_webservice.group_operator"):
            counts = self._payments_to_send_count()
            for journal, card in cards.items():
                card |= journal._dashboard_balance(journal.bank_feed_ids[:1])
                card |= {"to_send": counts.get(journal, 0), "may_fetch": True}
        return cards

    def _dashboard_balance(self, feed):
        if not feed.balance_at:
            return {"booked": "", "last_error": feed.last_error or ""}

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
