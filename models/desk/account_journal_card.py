# SPDX-License-Identifier: LGPL-3.0-only
"""What the dashboard card of a bank journal says about the bank. Nothing that says nothing.

`_bank_cards` puts it together for all journals at once: balance and payments, orders, fetching, and
what concerns the person who looks at it - to sign, session, certificate.
"""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.misc import format_datetime, format_time, formatLang

from ..connection.account_journal import FEED
from ..connection.bank_certificate import WARNINGS
from ..connection.operation import bank_operation, notify
from ..connection.rights import require_right
from ..orders.account_journal import COUNTED

ENDS_SOON = timedelta(days=max(WARNINGS))


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _fill_bank_cash_dashboard_data(self, dashboard_data):
        result = super()._fill_bank_cash_dashboard_data(dashboard_data)
        if self.env.user.has_group("bank_webservice.group_reader"):
            journals = self.filtered(lambda journal: journal.bank_statements_source == FEED)
            for journal, card in journals._bank_cards().items():
                dashboard_data[journal.id]["bank_webservice"] = card
        return result

    def _get_bank_cash_graph_data(self):
        """No invented line on a card of ours: without statements there is nothing to draw."""
        result = super()._get_bank_cash_graph_data()
        for journal in self.filtered(lambda one: one.bank_statements_source == FEED):
            lines = result[journal.id]
            if lines and lines[0].get("is_sample_data"):
                result[journal.id] = [
                    {**line, "values": [], "key": "", "is_sample_data": False} for line in lines
                ]
        return result

    def _bank_cards(self):
        """{journal: values of its card} of journals with our feed, for somebody who may read."""
        if not self:
            return {}
        may_fetch = self.env.user.has_group("bank_webservice.group_operator")
        payments = self.env["account.payment"]
        to_send = self._payment_counts(payments._to_send_domain()) if may_fetch else {}
        not_sent = self._payment_counts(payments._not_sent_domain()) if may_fetch else {}
        orders, to_sign = self._order_counts(), self._packages_to_sign_count()
        to_look_at = self._to_look_at()
        operators = self._own_operators()
        sessions = self._own_sessions(operators)
        operators = {operator.bank_id: operator for operator in operators}
        gaps = self._gaps_by_journal()
        feeds = self.env["bank.feed"].search([("journal_id", "in", self.ids)])
        feeds = {feed.journal_id: feed for feed in feeds}
        none = self.env["bank.feed"]
        cards = {}
        for journal in self:
            feed = feeds.get(journal, none)
            card = journal._dashboard_fetch(feed, gaps.get(journal, []))
            card |= journal._dashboard_orders(orders)
            card |= journal._dashboard_person(operators, sessions)
            card |= {name: counts.get(journal, 0) for name, counts in to_look_at.items()}
            card["to_sign"] = to_sign.get(journal, 0)
            if may_fetch:
                card |= journal._dashboard_balance(feed)
                card |= {"to_send": to_send.get(journal, 0), "may_fetch": True}
                card["not_sent"] = not_sent.get(journal, 0)
            cards[journal] = card
        return cards

    # -------------------------------------------------------------------------
    # BALANCE AND PAYMENTS
    # -------------------------------------------------------------------------

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

    def _payment_counts(self, domain):
        """{journal: how many of its payments are in `domain`}"""
        groups = self.env["account.payment"]._read_group(
            [("journal_id", "in", self.ids), *domain], ["journal_id"], ["__count"]
        )
        return dict(groups)

    # -------------------------------------------------------------------------
    # ORDERS
    # -------------------------------------------------------------------------

    def _order_counts(self):
        """{(journal, state): count} of the orders that ask for something."""
        orders = self.env["bank.order"]
        living = {s for name, states in COUNTED.items() for s in states if name != "rejected"}
        groups = orders._read_group(
            Domain("journal_id", "in", self.ids)
            & (Domain("bank_state", "in", living) | Domain(orders._refused_domain())),
            ["journal_id", "bank_state"],
            ["__count"],
        )
        return {(journal, state): count for journal, state, count in groups}

    def _dashboard_orders(self, counts):
        return {
            f"orders_{name}": sum(counts.get((self, state), 0) for state in states)
            for name, states in COUNTED.items()
        }

    # -------------------------------------------------------------------------
    # FETCHING
    # -------------------------------------------------------------------------

    def _dashboard_fetch(self, feed, gaps):
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

    # -------------------------------------------------------------------------
    # THE PERSON: SESSION AND CERTIFICATE
    # -------------------------------------------------------------------------

    def _dashboard_person(self, operators, sessions):
        """operators: {bank: what this user is there}"""
        operator = operators and operators.get(self.bank_account_id.bank_id)
        if not operator:
            return {"session_until": "", "certificate": "", "certificate_id": False}
        session = sessions and self._session_of(operator, sessions)
        return {
            "session_until": self._short(session._live_until() if session else None),
            "certificate": self._certificate_words(operator.certificate_id),
            "certificate_id": operator.certificate_id.id,
        }

    def _own_operators(self):
        """What this user is at the banks of these journals."""
        banks = self.bank_account_id.bank_id
        operators = self.env["bank.operator"].sudo()
        return operators.search([("bank_id", "in", banks.ids), ("user_id", "=", self.env.uid)])

    def _own_sessions(self, operators):
        domain = [("operator_id", "in", operators.ids), ("state", "=", "open")]
        return operators.env["bank.session"].search(domain)

    def _session_of(self, operator, sessions):
        """His open session for this account, which the next operation uses without asking."""
        client = self.sudo().bank_account_id.client_identifier
        return sessions.filtered(
            lambda one: (
                one.operator_id == operator
                and one.company_id == self.company_id
                and one.client_identifier == client
            )
        )[:1]

    def _certificate_words(self, certificate):
        ends = certificate.not_after
        if not ends or ends > fields.Datetime.now() + ENDS_SOON:
            return ""
        day = format_date(self.env, ends)
        if ends < fields.Datetime.now():
            return self.env._("Your certificate ended on %(day)s.", day=day)
        return self.env._("Your certificate ends on %(day)s.", day=day)

    # -------------------------------------------------------------------------
    # TO SIGN
    # -------------------------------------------------------------------------

    def _to_sign(self):
        """Packages that debit these accounts, wait for a signature, and lack this user's."""
        packages = self.env["bank.package"].search(
            # An order may be hidden from who signs its package.
            Domain("order_ids", "any!", [("journal_id", "in", self.ids)])
            & Domain("state", "in", ("prepared", "partly_signed"))
            & ~Domain("signature_ids.user_id", "=", self.env.uid)
        )
        return packages.filtered("may_sign")

    def _packages_to_sign_count(self):
        """{journal: count}; a package stands on the card of every account that it debits."""
        if not self.env.user.has_group("bank_webservice.group_signer"):
            return {}
        packages = self._to_sign()
        groups = (
            self.env["bank.order"]
            .sudo()
            ._read_group(
                [("package_id", "in", packages.ids), ("journal_id", "in", self.ids)],
                ["journal_id"],
                ["package_id:count_distinct"],
            )
        )
        return dict(groups)

    # -------------------------------------------------------------------------
    # ACTIONS
    # -------------------------------------------------------------------------

    @bank_operation
    def action_fetch_now(self):
        """Button: everything new, as the schedule would fetch it; logs in where needed."""
        self.ensure_one()
        require_right(self.env, "operator")
        self._bank_session()
        feed = self._bank_feed().sudo()
        if not feed.run_since:
            feed._plan_run()
        feed._ask_for_run(feed.run_since, feed.run_until)
        return notify(self.env._("Statements are being fetched. You can go on working."))

    def action_payments_not_sent(self):
        """Link: what is registered in this journal by another method."""
        self.ensure_one()
        action = self.env["account.payment"].action_not_sent()
        return {**action, "domain": [("journal_id", "=", self.id), *action["domain"]]}

    def action_fetch_everything(self):
        """Button: all connected journals, not this one alone."""
        return self.browse().action_fetch_all()

    def action_stop_fetch(self):
        """Button: stop what is being fetched in the background."""
        return self.bank_feed_ids.action_stop()

    def action_packages_to_sign(self):
        """Button: what waits for this user's signature; a single package opens at once."""
        self.ensure_one()
        return self._to_sign()._get_records_action(name=self.env._("To sign"))

    def action_own_certificate(self):
        """Link of the warning: the certificate that ends."""
        self.ensure_one()
        own = [("user_id", "=", self.env.uid)]
        operator = self.env["bank.operator"].search(
            [("bank_id", "=", self.bank_account_id.bank_id.id), *own], limit=1
        )
        return operator.certificate_id._get_records_action()
