"""Accepting imported orders: each gets its payment in the books, and goes on as any order."""

from odoo import models
from odoo.exceptions import UserError

from ...protocol.errors import InvalidOrder, Problem
from ..connection.account_journal import METHOD
from ..connection.words import problem_lines
from .moedelo_payee import Payee


class Acceptance:
    """Imported orders that a person accepts together, with that person's own rights."""

    def __init__(self, orders):
        self.orders, self.env = orders, orders.env

    def packages(self):
        """The packages of the orders; UserError with everything that is wrong, and none of them."""
        refuse = self.env["bank.package"]._refuse_problems
        refuse(self._problems())
        refuse(self._link_payees())
        self._make_payments()
        return self._prepare()

    def _problems(self):
        """Everything that the form or the journal says against paying these orders now."""
        orders = self.orders.sudo()
        found = [item for item in orders._problems_of_form(orders) if item.is_error]
        for order in orders:
            if not order.journal_id._moedelo_method_line().payment_account_id:
                message = self.env._(
                    "journal %(journal)s has no payment method “Bank web service” with an account.",
                    journal=order.journal_id.display_name,
                )
                found.append(Problem(order.name, self.env._("Journal"), message))
        return found

    def _link_payees(self):
        """[Problem]: cards that say something else than the documents."""
        problems = []
        for order in self.orders.sudo():
            payee = Payee(order)
            card = payee.card()
            order.write({"partner_bank_id": card.id, "partner_id": card.partner_id.id})
            problems += payee.problems(card)
        return problems

    def _make_payments(self):
        """One posted payment an order, made with the rights of the person who accepts."""
        vals_list = [self._payment_vals(order) for order in self.orders.sudo()]
        payments = (
            self.env["account.payment"].with_company(self.orders.company_id[:1]).create(vals_list)
        )
        payments.action_post()
        for order, payment in zip(self.orders.sudo(), payments, strict=True):
            order.payment_id = payment
            if payment.move_id.state != "posted":
                raise UserError(
                    self.env._("Payment order %s: its payment has no posted entry.", order.name)
                )

    def _payment_vals(self, order):
        return {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.id,
            "partner_bank_id": order.partner_bank_id.id,
            "journal_id": order.journal_id.id,
            "payment_method_line_id": order.journal_id._moedelo_method_line().id,
            "amount": order.amount,
            "currency_id": order.currency_id.id,
            "date": order.execute_on,
            "memo": order.title,
            # A corrected copy starts from the same boxes and the very words of the purpose.
            "rouble_details": {**(order.details or {}), "purpose": order.title},
        }

    def _prepare(self):
        """Packages: an order whose payee is not trusted yet waits alone, not with all others."""
        packages = self.env["bank.package"]
        waiting = self.orders.filtered(
            lambda order: not order.sudo().partner_bank_id.allow_out_payment
        )
        groups = [*waiting, self.orders - waiting]
        try:
            for group in filter(None, groups):
                packages |= packages._prepare(group.sudo()).sudo(False)
        except InvalidOrder as error:
            raise UserError(problem_lines(self.env, error.problems)) from None
        return packages


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _moedelo_method_line(self):
        """The journal's way of paying through the bank's web service."""
        return self.outbound_payment_method_line_ids.filtered(lambda line: line.code == METHOD)[:1]
