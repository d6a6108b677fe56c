"""What the checks know of the world: days, cut-off times, balances and the last days' orders.

Read once for a whole batch: the number of questions to the database does not grow with it.
"""

from collections import defaultdict
from datetime import time, timedelta
from decimal import Decimal

from odoo import api, fields, models

from ...protocol import calendar_pl, checks
from ...protocol.errors import Problem
from .states import OVER


class BankHoliday(models.Model):
    _name = "bank.holiday"
    _description = "Day without bank transfers"
    _order = "day"
    _rec_name = "day"

    day = fields.Date(required=True)
    name = fields.Char("Why")
    euro_only = fields.Boolean("Transfers in euro only")

    _day_unique = models.Constraint("unique (day, euro_only)", "This day is in the list already.")

    @api.model
    def _days(self, first, euro_only=False):
        """The days of the list; of a year that the list does not have, those of the law."""
        rows = self.sudo().search([("euro_only", "=", euro_only)]).mapped("day")
        legal = calendar_pl.target_holidays if euro_only else calendar_pl.holidays
        known = {day.year for day in rows}
        years = {first.year, first.year + 1} - known
        return frozenset(rows).union(*(legal(year) for year in years))


class BankCutOff(models.Model):
    _name = "bank.cut.off"
    _description = "Until when a bank takes orders of a day"
    _order = "bank_id, name"

    bank_id = fields.Many2one("res.bank", help="Empty: every bank without a line of its own.")
    name = fields.Char("Kind or way", required=True, help="For example domestic, sepa, sorbnet.")
    hour = fields.Float("Until", required=True, help="On the clock of the bank's town.")

    _hour_right = models.Constraint("CHECK (hour >= 0 AND hour < 24)", "0:00 to 23:59.")

    @api.model
    def _times(self, bank):
        """{kind or way: time} of a bank: its own lines, those of all banks, else what is usual."""
        rows = self.sudo().search([("bank_id", "in", (False, bank.id))]).sorted("bank_id")
        lines = {}
        for row in rows.sorted(lambda item: bool(item.bank_id)):
            minutes = round(row.hour * 60)
            lines[row.name] = time(minutes // 60, minutes % 60)
        return {**calendar_pl.DEFAULT_CUT_OFFS, **lines}


class BankOrder(models.Model):
    _inherit = "bank.order"

    @api.model
    def _own_account_numbers(self):
        known = self.env.context.get("bank_own_accounts")
        if known is not None:
            return known
        accounts = self.env["res.partner.bank"]._own_accounts()
        return accounts.mapped("sanitized_acc_number")

    @api.model
    def _with_own_accounts(self):
        """Knows the companies' own accounts for a whole batch, instead of asking for each order."""
        return self.with_context(bank_own_accounts=self._own_account_numbers())

    @api.model
    def _problems_of_form(self, orders):
        """Of all orders of a journal together, so that they are seen beside each other."""
        by_journal = defaultdict(list)
        for order in orders:
            by_journal[order.journal_id].append(order)
        problems = []
        for group in by_journal.values():
            records = [order._to_protocol() for order in group]
            problems += checks.run(records, group[0]._check_context())
            problems += self._problems_of_bills(group)
        return problems

    def _problems_before_sending(self):
        """What left the books meanwhile, or was paid another way, is not paid by this order."""
        gone = self.filtered(
            lambda order: (
                order.payment_id
                and (order.payment_id.state, order.payment_id.move_id.state)
                != ("in_process", "posted")
            )
        )
        problems = [
            Problem(
                order.name,
                self.env._("Payment"),
                self.env._(
                    "%(payment)s is not posted any more, or is paid already. Cancel the package.",
                    payment=order.payment_id.name or order.payment_id.display_name,
                ),
            )
            for order in gone
        ]
        return problems + super()._problems_before_sending()

    def _check_context(self):
        journal = self.journal_id
        now = journal._bank_now()  # days and cut-off times are the bank's
        return checks.Context(
            now=now,
            format=journal._package_format(),
            holidays=self.env["bank.holiday"]._days(now.date()),
            euro_holidays=self.env["bank.holiday"]._days(now.date(), euro_only=True),
            cut_offs=self.env["bank.cut.off"]._times(journal.bank_account_id.bank_id),
            own_accounts=self._own_account_numbers(),
            balances=self._known_balances(journal),
            history=self._past_orders(journal, now.date()),
        )

    @api.model
    def _known_balances(self, journal):
        feed = journal.bank_feed_ids[:1]
        if not feed.balance_at:
            return {}
        number = journal.bank_account_id.sanitized_acc_number
        return {number: Decimal(f"{feed.balance_available:.2f}")}

    @api.model
    def _past_orders(self, journal, today):
        """The last days' orders of the company, for the warning about paying twice."""
        domain = [
            ("company_id", "=", journal.company_id.id),
            ("create_date", ">=", today - timedelta(days=14)),
            # A draft is an order that is only now being made, and checked: it is not its own past.
            ("bank_state", "not in", (*OVER, "draft")),
        ]
        names = ["name", "payee_account", "amount", "currency_id", "title", "execute_on"]
        rows = self.sudo().search_read(domain, names)
        return [
            checks.PastOrder(
                record=row["name"],
                account=row["payee_account"] or "",
                amount=Decimal(f"{row['amount']:.2f}"),
                currency=row["currency_id"][1],
                title=row["title"] or "",
                day=row["execute_on"],
            )
            for row in rows
        ]

    @api.model
    def _problems_of_bills(self, orders):
        """Bills that somebody blocked, and payments whose day is over: said, never silent."""
        problems = []
        payments = self.env["account.payment"].union(*(order.payment_id for order in orders))
        blocked = payments._blocked_bills()
        for order in orders:
            payment = order.payment_id
            problems += [
                Problem(
                    order.name,
                    self.env._("Bill"),
                    self.env._("%s is blocked for payment.", bill.name),
                )
                for bill in blocked.get(payment.id, ())
            ]
            if payment.date and payment.date < order.execute_on:
                problems.append(
                    Problem(
                        order.name,
                        self.env._("Date"),
                        self.env._(
                            "%(day)s is over: the bank is asked for %(proposal)s.",
                            day=payment.date,
                            proposal=order.execute_on,
                        ),
                        severity="warning",
                    )
                )
        return problems
