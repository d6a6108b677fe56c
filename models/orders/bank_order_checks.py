# SPDX-License-Identifier: LGPL-3.0-only
"""Everything that can be wrong with an order: on Odoo's side, in its form, and before it is sent.

What the checks know of the world (days, cut-off times, balances, the last days' orders) is read
once for a whole batch: the number of questions to the database does not grow with it.
"""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import format_date

from ...protocol import checks
from ...protocol.checks import iban, nrb
from ...protocol.checks.context import KSEF_FROM
from ...protocol.errors import Problem
from ...protocol.states import OVER, USED_UP
from ...protocol.vocabulary import INVOICE_KINDS
from ..connection.account_journal import METHOD
from .bank_order_books import problems_of_books
from .bank_order_restored import problems_of_restore
from .res_partner_bank import other_payee_words

LONGEST_HOLIDAYS = timedelta(days=7)  # with a week-end on either side


class BankOrder(models.Model):
    _inherit = "bank.order"

    # -------------------------------------------------------------------------
    # WHAT THE CHECKS KNOW
    # -------------------------------------------------------------------------

    @api.model
    def _own_account_numbers(self):
        """Of the companies that the user works for."""
        accounts = self.env["res.partner.bank"]._own_accounts()
        return accounts.mapped("sanitized_acc_number")

    def _check_context(self, own_accounts):
        journal = self.journal_id
        now = journal._bank_now()  # days and cut-off times are the bank's
        return checks.Context(
            now=now,
            format=journal._package_format(),
            holidays=self.env["bank.holiday"]._days(now.date()),
            euro_holidays=self.env["bank.holiday"]._days(now.date(), euro_only=True),
            cut_offs=self.env["bank.cut.off"]._times(journal.bank_account_id.bank_id),
            own_accounts=own_accounts,
            offices=self.env["res.partner.bank"]._offices(),
            balances=self._known_balances(journal),
            currency=_currency(journal).name,
            history=self._past_orders(journal, now.date()),
        )

    @api.model
    def _known_balances(self, journal):
        feed = journal.bank_feed_ids[:1]
        if not feed.balance_at:
            return {}
        number = journal.bank_account_id.sanitized_acc_number
        return {number: _exact(feed.balance_available, _currency(journal))}

    @api.model
    def _past_orders(self, journal, today):
        """The last days' orders of the company, for the warning about paying twice."""
        domain = [
            ("company_id", "child_of", journal.company_id.root_id.id),
            ("create_date", ">=", today - timedelta(days=14)),
            # A draft is an order that is only now being made, and checked: it is not its own past.
            ("bank_state", "not in", (*OVER, "draft")),
        ]
        names = ["name", "payee_account", "amount", "currency_id", "title", "execute_on"]
        rows = self.sudo().search_read(domain, names)
        currencies = self.env["res.currency"]
        return [
            checks.PastOrder(
                record=row["name"],
                account=row["payee_account"] or "",
                amount=_exact(row["amount"], currencies.browse(row["currency_id"][0])),
                currency=row["currency_id"][1],
                title=row["title"] or "",
                day=row["execute_on"],
            )
            for row in rows
        ]

    # -------------------------------------------------------------------------
    # OF A PAYMENT, BEFORE THERE IS AN ORDER
    # -------------------------------------------------------------------------

    @api.model
    def _problems_of_payment(self, payment):
        """[Problem] of one payment: Odoo's side. The form's side is checked on the order."""
        name = payment.name or payment.display_name
        found = []

        def problem(field, message):
            found.append(Problem(name, field, message))

        if payment.state != "in_process" or payment.payment_type != "outbound":
            own = payment.company_currency_id
            if payment.amount and own.is_zero(payment.amount_company_currency_signed):
                least = own.format(own.rounding)
                words = self.env._("it is worth less than %s: the books cannot hold it.", least)
                problem(self.env._("Amount"), words)
            else:
                words = self.env._("only posted outgoing payments can be sent.")
                problem(self.env._("State"), words)
        if not payment.move_id or payment.move_id.state != "posted":
            problem(self.env._("Journal entry"), self.env._("the payment has no posted entry."))
        if payment.bank_order_id:
            problem(
                self.env._("Payment order"),
                self.env._("it is in order %s already.", payment.bank_order_id.name),
            )
        used = payment.bank_order_ids.filtered(lambda order: order.bank_state in USED_UP)[-1:]
        if used:
            problem(
                self.env._("Payment order"),
                self.env._(
                    "%(order)s was %(state)s: the bank does not pay it again. Correct a copy.",
                    order=used.name,
                    state=used._state_label().lower(),
                ),
            )
        if payment.payment_method_code != METHOD:
            problem(self.env._("Payment method"), self.env._("choose “Bank web service”."))
        if not payment.amount:
            problem(self.env._("Amount"), self.env._("it is zero."))
        found += self._problems_of_payee(payment, name)
        found += self._problems_of_payer(payment, name)
        found += payment._problems_of_split(name) + payment._problems_of_title(name)
        return found

    @api.model
    def _problems_of_payee(self, payment, name):
        account = payment.partner_bank_id
        if not payment.partner_id:
            return [Problem(name, self.env._("Payee"), self.env._("choose whom to pay."))]
        if not account:
            return [
                Problem(
                    name,
                    self.env._("Recipient bank account"),
                    self.env._("the payee has no account."),
                )
            ]
        if not account.active:
            label = self.env._("Recipient bank account")
            words = self.env._(
                "%s was deleted, or is archived. Choose another one.", account.acc_number
            )
            return [Problem(name, label, words)]
        if not account.allow_out_payment:
            # Nobody verifies with the payee, and trusts, what was only mistyped.
            number = account.sanitized_acc_number or ""
            if wrong := iban.problem_of(number) or nrb.problem_of(number):
                label = self.env._("Recipient bank account")
                return [Problem.of(name, label, wrong, account=account.acc_number)]
            return [
                Problem(
                    name,
                    self.env._("Recipient bank account"),
                    self.env._(
                        "%(account)s of %(payee)s is not trusted. Verify it with the payee and "
                        "switch on “Send Money” on its card.",
                        account=account.acc_number,
                        payee=payment.partner_id.display_name,
                    ),
                )
            ]
        return self._problems_of_name(
            payment, name, self.env._("Payee"), payment.partner_id, account
        )

    @api.model
    def _problems_of_name(self, payment, name, label, partner, account):
        """A name is never shortened in silence; a rouble order has another room for it."""
        full = self._party_name(partner, account)
        short = self._short_name(full)
        if short == full or payment.bank_kind == "rouble":
            return []
        words = self.env._(
            "“%(name)s” is longer than the bank takes, and is written “%(short)s”. Another "
            "name for it: “Account Holder Name” on the account's card.",
            name=full,
            short=short,
        )
        return [Problem(name, label, words, severity="warning")]

    @api.model
    def _problems_of_payer(self, payment, name):
        account = payment.journal_id.bank_account_id
        currency = _currency(payment.journal_id)
        if not account:
            return [
                Problem(name, self.env._("Journal"), self.env._("the journal has no bank account."))
            ]
        channel = account.bank_id._kind()
        converts = currency.name in (channel.converts_from if channel else ())
        if payment.currency_id != currency and not converts:
            return [
                Problem(
                    name,
                    self.env._("Currency"),
                    self.env._(
                        "%(payment)s, and the account is in %(account)s.",
                        payment=payment.currency_id.name,
                        account=currency.name,
                    ),
                )
            ]
        sent = payment.bank_sent_currency_id
        if sent and not converts:
            words = self.env._("%s changes no money by its web service.", account.bank_id.name)
            return [Problem(name, self.env._("Sent in"), words)]
        if payment.bank_route == "instant" and not (channel and channel.has_instant):
            words = self.env._("%s takes no SEPA Instant by its web service.", account.bank_id.name)
            return [Problem(name, self.env._("Way"), words)]
        own = payment.company_id.partner_id
        return self._problems_of_name(payment, name, self.env._("Payer"), own, account)

    # -------------------------------------------------------------------------
    # OF THE FORM
    # -------------------------------------------------------------------------

    @api.model
    def _problems_of_form(self, orders):
        """Of all orders of a journal together, so that they are seen beside each other."""
        by_journal = defaultdict(list)
        for order in orders:
            by_journal[order.journal_id].append(order)
        problems, own_accounts = [], self._own_account_numbers()
        for group in by_journal.values():
            records = [order._to_protocol() for order in group]
            problems += checks.run(records, group[0]._check_context(own_accounts))
            problems += self._problems_of_bills(group)
            problems += self._problems_of_later_day(group)
        return problems

    @api.model
    def _problems_of_later_day(self, orders):
        """Meant for a day before the law's, and executed after it: by the bank's hours and
        holidays, or because somebody sends it later than it was prepared for."""
        journal = orders[0].journal_id
        near = journal._bank_today() + LONGEST_HOLIDAYS
        early = [
            order
            for order in orders
            if order.payment_id
            and order.kind in INVOICE_KINDS
            and order.execute_on < KSEF_FROM <= max(near, order.execute_on + LONGEST_HOLIDAYS)
        ]
        if not early:
            return []
        payments = self.env["account.payment"].union(*(order.payment_id for order in early))
        active = payments._active_vat_payers()
        context = early[0]._check_context(self._own_account_numbers())
        found = []
        for order in early:
            day = checks.day.executed_on(order._to_protocol(), context)
            if day >= KSEF_FROM and order.payment_id._lacks_ksef(order.title or "", active):
                words = self.env._(
                    "the bank executes it on %(day)s only, and from %(since)s on a transfer "
                    "between active VAT payers names the KSeF number of what it pays: this one "
                    "does not. Prepare it for that day; if it is in a package, cancel the package "
                    "first.",
                    day=format_date(self.env, day),
                    since=format_date(self.env, KSEF_FROM),
                )
                found.append(Problem(order.name, self.env._("Title"), words))
        return found

    @api.model
    def _problems_of_bills(self, orders):
        """Bills that somebody blocked, and payments whose day is over: said, never silent."""
        problems = []
        payments = self.env["account.payment"].union(*(order.payment_id for order in orders))
        blocked = payments._blocked_bills()
        others = payments._pays_somebody_else()
        today = orders[0].journal_id._bank_today()
        for order in orders:
            payment = order.payment_id
            if payment in others:
                words = other_payee_words(order)
                problems.append(
                    Problem(order.name, self.env._("Payee's account"), words, severity="warning")
                )
            problems += [
                Problem(
                    order.name,
                    self.env._("Bill"),
                    self.env._("%s is blocked for payment.", bill.name),
                )
                for bill in blocked.get(payment.id, ())
            ]
            if payment.date and payment.date < min(order.execute_on, today):
                problems.append(
                    Problem(
                        order.name,
                        self.env._("Date"),
                        self.env._(
                            "%(day)s is over: the bank is asked for %(proposal)s.",
                            day=format_date(self.env, payment.date),
                            proposal=format_date(self.env, order.execute_on),
                        ),
                        severity="warning",
                    )
                )
        return problems

    # -------------------------------------------------------------------------
    # BEFORE IT IS SIGNED AND SENT
    # -------------------------------------------------------------------------

    def _frozen_payee_changed(self):
        """Orders whose payee's card says something else now than when they were frozen."""
        return self.filtered(
            lambda order: (
                order.partner_bank_id
                and order.payee_account != order.partner_bank_id.sanitized_acc_number
            )
        )

    def _problems_before_sending(self):
        """At signing and at sending, again: the books, the payee and the trust in its account.

        What left the books meanwhile, or was paid another way, is not paid by this order.
        """
        problems = problems_of_restore(self) + problems_of_books(self)
        changed = self._frozen_payee_changed()
        problems += [
            Problem(
                order.name,
                self.env._("Payee's account"),
                self.env._("it was changed since it was prepared."),
            )
            for order in changed
        ]
        problems += [
            Problem(
                order.name,
                self.env._("Payee's account"),
                self.env._("it is not trusted (any more)."),
            )
            for order in self - changed
            if not order.partner_bank_id.allow_out_payment or not order.partner_bank_id.active
        ]
        for orders in self.grouped("journal_id").values():
            problems += self._problems_of_later_day(orders)
        return problems


def _currency(journal):
    """Of its account."""
    return journal.currency_id or journal.company_id.currency_id


def _exact(amount, currency):
    """The ORM holds floats: the text with the currency's decimals is exact."""
    return Decimal(f"{amount:.{currency.decimal_places}f}")
