# SPDX-License-Identifier: LGPL-3.0-only
"""Accepting imported orders: each gets its payment in the books, and goes on as any order.

Its payee is found by INN and account number, and made where it is missing. A card that is made here
is not trusted: sending waits for a person with the right to trust it.
"""

from odoo import models
from odoo.exceptions import UserError

from ...protocol.errors import InvalidOrder, Problem
from ..connection.account_journal import METHOD
from ..connection.words import problem_lines


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


class Payee:
    """What the books know of an order's payee."""

    def __init__(self, order):
        self.order, self.env = order, order.env

    def card(self):
        """The payee's account card (res.partner.bank); made where it is missing."""
        partner = self._partner()
        accounts = self.env["res.partner.bank"].sudo().with_context(active_test=True)
        account = accounts.search(
            [
                ("sanitized_acc_number", "=", self.order.payee_account),
                ("partner_id", "in", partner._moedelo_family().ids),
            ],
            limit=1,
        )
        return account or accounts.create(
            {
                "acc_number": self.order.payee_account,
                "partner_id": partner.id,
                "bank_id": self._bank().id,
                "clearing_number": self.order.payee_bank_code,
                "allow_out_payment": False,
            }
        )

    def _partner(self):
        """The payee's contact: by INN, with the same KPP first; made where it is missing."""
        inn, name = self.order.payee_tax_id, self.order.payee_name
        partners = self.env["res.partner"].sudo().with_company(self.order.company_id)
        domain = [
            ("company_id", "in", (False, self.order.company_id.id)),
            ("parent_id", "=", False),
        ]
        if inn and inn != "0":
            found = partners.search([*domain, ("vat", "in", (inn, f"RU{inn}"))], order="id")
        else:  # persons and foreigners: the account and the very name
            found = partners.search(
                [
                    *domain,
                    ("name", "=", name),
                    ("bank_ids.sanitized_acc_number", "=", self.order.payee_account),
                ]
            )
        same = found.filtered(lambda one: one.bank_kpp == self.order.payee_kpp)
        return (same or found)[:1] or partners.with_context(no_vat_validation=True).create(
            {
                "name": name,
                "is_company": len(inn or "") == 10,
                "vat": inn if inn and inn != "0" else False,
                "bank_kpp": self.order.payee_kpp,
                "country_id": self.env.ref("base.ru").id,
                "company_id": self.order.company_id.id,
            }
        )

    def _bank(self):
        banks = self.env["res.bank"].sudo()
        return banks.search(
            [("bank_bik", "=", self.order.payee_bank_code)], limit=1
        ) or banks.create(
            {
                "name": self.order.payee_bank_name or self.order.payee_bank_code,
                "city": self.order.payee_bank_town,
                "country": self.env.ref("base.ru").id,
                "bank_bik": self.order.payee_bank_code,
                "corr_account": self.order.payee_corr_account,
            }
        )

    def problems(self, card):
        """A known account at another bank is another account: nobody guesses which one is right."""
        known = card._bank_bik()
        if known == (self.order.payee_bank_code or ""):
            return []
        message = self.env._(
            "the card of the account %(account)s says BIK %(known)s, the order %(ordered)s. "
            "Correct one of them.",
            account=card.acc_number,
            known=known or "–",
            ordered=self.order.payee_bank_code,
        )
        return [Problem(self.order.name, self.env._("BIK of the payee's bank (14)"), message)]


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _moedelo_family(self):
        """The contact and those that share its tax number."""
        return self | self.search([("commercial_partner_id", "=", self.commercial_partner_id.id)])
