"""From a payment to a frozen order: what is copied, and everything that can be wrong with it."""

import dataclasses

from odoo import api, models

from ...protocol import checks
from ...protocol.errors import Problem


class BankOrder(models.Model):
    _inherit = "bank.order"

    @api.model
    def _problems_of_payments(self, payments):
        """Every problem of the payments, each with record and field, before anything is made."""
        orders = self._with_own_accounts()
        problems, vals_list = orders._order_vals(payments)
        names = {payment.id: payment.name for payment in payments}
        drafts = [orders.new({**vals, "name": names[vals["payment_id"]]}) for vals in vals_list]
        return problems + orders._problems_of_form(drafts)

    @api.model
    def _order_payments(self, payments):
        """The orders of the payments, checked as they were made: what is checked is what is sent.

        UserError with every problem: the transaction ends with it, and there is none of them.
        """
        orders = self._with_own_accounts()
        problems, vals_list = orders._order_vals(payments)
        # No message “created” and no follower a payment: the package tells what happens.
        made = orders.sudo().with_context(tracking_disable=True).create(vals_list)
        problems += orders._problems_of_made(made)
        errors = [problem for problem in problems if problem.is_error]
        self.env["bank.package"]._refuse_problems(errors)
        return made.with_env(self.sudo().env)

    @api.model
    def _problems_of_made(self, made):
        """Said of the payments: of an order that is refused here nobody ever sees the number."""
        names = {order.name: order.payment_id.name for order in made}
        return [
            dataclasses.replace(problem, record=names.get(problem.record, problem.record))
            for problem in self._problems_of_form(made)
        ]

    @api.model
    def _order_vals(self, payments):
        """(Odoo's own problems, values for the orders of the payments that have none)."""
        problems, vals_list = [], []
        for payment in payments:
            found = self._problems_of_payment(payment)
            problems += found
            if not found:
                vals_list.append(self._prepare_from_payment_vals(payment))
        return problems, vals_list

    @api.model
    def _problems_of_payment(self, payment):
        """[Problem] of one payment: Odoo's side. The form's side is checked on the order."""
        name = payment.name or payment.display_name
        found = []

        def problem(field, message):
            found.append(Problem(name, field, message))

        if payment.state != "in_process" or payment.payment_type != "outbound":
            problem(self.env._("State"), self.env._("only posted outgoing payments can be sent."))
        if not payment.move_id or payment.move_id.state != "posted":
            problem(self.env._("Journal entry"), self.env._("the payment has no posted entry."))
        if payment.bank_order_id:
            problem(
                self.env._("Payment order"),
                self.env._("it is in order %s already.", payment.bank_order_id.name),
            )
        if payment.payment_method_code != "bank_webservice":
            problem(self.env._("Payment method"), self.env._("choose “Bank web service”."))
        if not payment.amount:
            problem(self.env._("Amount"), self.env._("it is zero."))
        found += self._problems_of_payee(payment, name)
        found += self._problems_of_payer(payment, name)
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
        if not account.allow_out_payment:
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
        return []

    @api.model
    def _problems_of_payer(self, payment, name):
        account = payment.journal_id.bank_account_id
        currency = payment.journal_id.currency_id or payment.company_id.currency_id
        if not account:
            return [
                Problem(name, self.env._("Journal"), self.env._("the journal has no bank account."))
            ]
        if payment.currency_id != currency:
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
        return []

    @api.model
    def _prepare_from_payment_vals(self, payment):
        """The frozen copy of everything that the bank will get."""
        own, payee = payment.journal_id.bank_account_id, payment.partner_bank_id
        return {
            "company_id": payment.company_id.id,
            "journal_id": payment.journal_id.id,
            "payment_id": payment.id,
            "partner_id": payment.partner_id.id,
            "partner_bank_id": payee.id,
            "kind": payment.bank_kind or self._derived_kind(payment),
            "amount": payment.amount,
            "currency_id": payment.currency_id.id,
            "execute_on": self._execution_day(payment),
            "title": payment._bank_order_title(),
            **self._end_to_end_vals(payment),
            **self._party_vals("payer", payment.company_id.partner_id, own),
            **self._party_vals("payee", payment.partner_id, payee),
        }

    @api.model
    def _execution_day(self, payment):
        """The payment's own day. When it is over: what a person chose instead (see `bank.send`);
        without a choice it stays, and the checks refuse it with a proposal."""
        chosen = self.env.context.get("bank_execute_on")
        past = chosen and payment.date < payment.journal_id._bank_today()
        return chosen if past else payment.date

    @api.model
    def _proposed_day(self, payments):
        """The first day on which the bank still executes all of these payments."""
        drafts = [
            self.new(self._prepare_from_payment_vals(group[:1]))
            for group in payments.grouped(lambda item: (item.journal_id, item.bank_kind)).values()
        ]
        return max(
            checks.day.proposed_day(draft._to_protocol(), draft._check_context())
            for draft in drafts
        )

    @api.model
    def _party_vals(self, side, partner, account):
        vals = {
            "name": account.acc_holder_name or partner.commercial_partner_id.name or partner.name,
            "account": account.sanitized_acc_number,
            "bic": account.bank_id.bic,
            "bank_code": account.clearing_number,
            "tax_id": partner.commercial_partner_id.vat,
            "street": " ".join(filter(None, (partner.street, partner.street2))),
            "postcode": partner.zip,
            "town": partner.city,
            "country": partner.country_id.code,
        }
        if side == "payee":
            vals["bank_name"] = account.bank_id.name
        return {f"{side}_{name}": value or False for name, value in vals.items()}

    def _frozen_payee_changed(self):
        """Orders whose payee's card says something else now than when they were frozen."""
        return self.filtered(
            lambda order: (
                order.partner_bank_id
                and order.payee_account != order.partner_bank_id.sanitized_acc_number
            )
        )

    def _problems_before_sending(self):
        """Trust and payee again, at signing and at sending."""
        changed = self._frozen_payee_changed()
        problems = [
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
        return problems
