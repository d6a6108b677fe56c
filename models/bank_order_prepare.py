"""From a payment to a frozen order: what is copied, and everything that can be wrong with it."""

from odoo import api, fields, models

from ..protocol import checks
from ..protocol.errors import Problem

# Days and cut-off times are the bank's.
BANK_TIME_ZONE = "Europe/Warsaw"


class BankOrder(models.Model):
    _inherit = "bank.order"

    @api.model
    def _problems_of_payments(self, payments):
        """Every problem of the payments, each with record and field, before anything is made."""
        return self._check_payments(payments)[0]

    @api.model
    def _check_payments(self, payments):
        """(problems, values of the orders to make); the values lack what has no order yet."""
        problems, drafts, vals_list = [], [], []
        # Read here for all of them: each draft knows only its own payment.
        payments.mapped("reconciled_bill_ids")
        for payment in payments:
            found = self._problems_of_payment(payment)
            problems += found
            if not found:
                vals = self._prepare_from_payment_vals(payment)
                vals_list.append(vals)
                drafts.append(self.new({**vals, "name": payment.name}))
        return problems + self._problems_of_form(drafts), vals_list

    @api.model
    def _problems_of_form(self, orders):
        """What the payment's kind and the format of the message ask for: `protocol.checks`."""
        problems = []
        for order in orders:
            problems += checks.run([order._to_protocol()], order._check_context())
        return problems

    def _check_context(self):
        """What the checks may know of the world around this order."""
        journal = self.journal_id
        own = self.env["res.partner.bank"]._own_accounts()
        return checks.Context(
            now=fields.Datetime.context_timestamp(
                self.with_context(tz=BANK_TIME_ZONE), fields.Datetime.now()
            ),
            format=journal._package_format(),
            own_accounts=own.mapped("sanitized_acc_number"),
        )

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
            **self._party_vals("payer", payment.company_id.partner_id, own),
            **self._party_vals("payee", payment.partner_id, payee),
        }

    @api.model
    def _bank_today(self):
        warsaw = self.with_context(tz=BANK_TIME_ZONE)
        return fields.Datetime.context_timestamp(warsaw, fields.Datetime.now()).date()

    @api.model
    def _execution_day(self, payment):
        """The payment's own day. When it is over: what a person chose instead (see `bank.send`);
        without a choice it stays, and the checks refuse it with a proposal."""
        chosen = self.env.context.get("bank_execute_on")
        return chosen if chosen and payment.date < self._bank_today() else payment.date

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
