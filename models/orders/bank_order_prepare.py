# SPDX-License-Identifier: LGPL-3.0-only
"""From a payment to a frozen order: its kind, its ids, and what is copied."""

import dataclasses
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import checks, ids, kinds, titles
from ...protocol.formats import texts
from ...protocol.states import USED_UP
from ..connection.operation import database_uuid
from ..connection.rights import require_right
from . import bank_order_books as books
from .account_journal import COUNTED, OLD_NEWS


@dataclasses.dataclass(frozen=True)
class Batch:
    """What holds for all payments that are prepared together."""

    own_accounts: list[str]  # numbers of the companies' own accounts
    execute_on: date | None = None  # chosen by a person for payments whose own day is over
    for_all: bool = False  # ... and for all others, too


class BankOrder(models.Model):
    _inherit = "bank.order"

    @api.model
    def _problems_of_payments(self, payments, execute_on=None, for_all=False):
        """Every problem of the payments, each with record and field, before anything is made.

        execute_on: what a person chose for those whose own day is over; for_all: for all of them.
        """
        problems, vals_list = self._order_vals(payments, execute_on, for_all)
        names = {payment.id: payment.name for payment in payments}
        drafts = [self.new({**vals, "name": names[vals["payment_id"]]}) for vals in vals_list]
        return problems + self._problems_of_form(drafts)

    @api.model
    def _order_payments(self, payments, execute_on=None, for_all=False):
        """The orders of the payments, checked as they were made: what is checked is what is sent.

        UserError with every problem: the transaction ends with it, and there is none of them.
        """
        problems, vals_list = self._order_vals(payments, execute_on, for_all)
        # No message “created” and no follower a payment: the package tells what happens.
        made = self.sudo().with_context(tracking_disable=True).create(vals_list)
        problems += self._problems_of_made(made)
        errors = [problem for problem in problems if problem.is_error]
        self.env["bank.package"]._refuse_problems(errors)
        return made.with_env(self.sudo().env)

    @api.model
    def _problems_of_made(self, made):
        return made._of_payments(self._problems_of_form(made))

    def _of_payments(self, problems):
        """Said of the payments: of an order that is refused here nobody ever sees the number."""
        names = {order.name: order.payment_id.name for order in self}
        return [
            dataclasses.replace(problem, record=names.get(problem.record, problem.record))
            for problem in problems
        ]

    @api.model
    def _order_vals(self, payments, execute_on, for_all):
        """(Odoo's own problems, values for the orders of the payments that have none)."""
        problems, vals_list = [], []
        batch = Batch(self._own_account_numbers(), execute_on, for_all)
        active = payments._active_vat_payers()
        for payment in payments:
            found = self._problems_of_payment(payment)
            name, day = payment.name or payment.display_name, payment._bank_execution_day(batch)
            found += payment._problems_of_ksef(name, day, active)
            problems += found
            if not any(problem.is_error for problem in found):
                vals_list.append(self._prepare_from_payment_vals(payment, batch))
        paid = books.paid_bills(payments)
        problems += books.paid_otherwise(payments, paid)
        for vals in vals_list:
            vals["bills"] = paid.get(vals["payment_id"], {})
        return problems, vals_list

    @api.model
    def _prepare_from_payment_vals(self, payment, batch):
        """The frozen copy of everything that the bank will get."""
        own, payee = payment.journal_id.bank_account_id, payment.partner_bank_id
        vals = {
            "company_id": payment.company_id.id,
            "journal_id": payment.journal_id.id,
            "payment_id": payment.id,
            "partner_id": payment.partner_id.id,
            "partner_bank_id": payee.id,
            "kind": payment.bank_kind or self._derived_kind(payment, batch.own_accounts),
            "amount": payment.amount,
            "currency_id": payment.currency_id.id,
            "execute_on": payment._bank_execution_day(batch),
            "title": payment._bank_order_title(),
            **self._end_to_end_vals(payment),
            **self._party_vals("payer", payment.company_id.partner_id, own),
            **self._party_vals("payee", payment.partner_id, payee),
            "corrects_id": self._refused_before(payment).id,
        }
        journal = payment.journal_id
        if vals["kind"] == "sepa":
            vals["charges"] = payment.bank_charges
        elif vals["kind"] == "foreign":
            vals["charges"] = payment.bank_charges or journal.bank_charges or "SHA"
        # A way that a person chose is never dropped: where it is not possible, a check says so.
        vals["route"] = payment.bank_route
        if vals["kind"] in ("domestic", "mpp"):
            vals["route"] = payment.bank_route or journal.bank_route
        vals["urgent"] = vals["route"] == "sorbnet"
        details, title = payment._bank_form(vals["execute_on"])
        details = {**details, **payment._bank_choices()}
        if details:
            vals.update({"details": details, "title": title or vals["title"]})
        return vals

    @api.model
    def _derived_kind(self, payment, own_accounts):
        own, payee = payment.journal_id.bank_account_id, payment.partner_bank_id
        draft = self.new(
            {
                "amount": payment.amount,
                "currency_id": payment.currency_id.id,
                "execute_on": payment.date,
                "kind": "domestic",
                "payer_account": own.sanitized_acc_number,
                "payee_account": payee.sanitized_acc_number,
            }
        )._to_protocol()
        return kinds.derive(
            draft.payer,
            draft.payee,
            draft.amount,
            draft.currency,
            own_accounts=own_accounts,
            split_payment=payment._wants_split_payment(),
            office=payee.office_kind or "",
            from_vat_account=own.is_vat_account,
        )

    @api.model
    def _proposed_day(self, payments):
        """The first day on which the bank still executes all of these payments."""
        batch = Batch(self._own_account_numbers())
        drafts = [
            self.new(self._prepare_from_payment_vals(group[:1], batch))
            for group in payments.grouped(lambda item: (item.journal_id, item.bank_kind)).values()
        ]
        return max(
            checks.day.proposed_day(draft._to_protocol(), draft._check_context(batch.own_accounts))
            for draft in drafts
        )

    @api.model
    def _party_name(self, partner, account):
        """As it is on the cards, however long."""
        own = (account.acc_holder_name or "").strip()
        name = own or partner.commercial_partner_id.name or partner.name
        return name or ""

    @api.model
    def _short_name(self, name):
        """As it fits into every message; counted as SWIFT's letters, which are the fewest."""
        return titles.short_name(name, size=lambda text: len(texts.fit(text, texts.SWIFT)))

    @api.model
    def _party_vals(self, side, partner, account):
        vals = {
            "name": self._short_name(self._party_name(partner, account)),
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

    # -------------------------------------------------------------------------
    # END-TO-END IDS
    # -------------------------------------------------------------------------

    def _give_end_to_end_ids(self):
        """Derived from what is older than the order, so that a restored backup repeats them, and
        the bank refuses: from the payment, and from how often the bank has used up its id."""
        orders = self.filtered(lambda item: not item.end_to_end_id).sudo()
        for order in orders.with_context(tracking_disable=True):
            vals = self._end_to_end_vals(order.payment_id)
            if not vals:
                uuid = database_uuid(self.env)
                own = ids.end_to_end_id(uuid, order.id, order.correction, ids.OF_ORDER)
                vals = {"end_to_end_id": own}
            order.write(vals)

    @api.model
    def _end_to_end_vals(self, payment):
        """The id of the next order of `payment`, known before there is an order; {} without one."""
        if not payment:
            return {}
        used = payment.sudo().bank_order_ids.filtered(lambda order: order.bank_state in USED_UP)
        own = ids.end_to_end_id(database_uuid(self.env), payment.id, len(used), ids.OF_PAYMENT)
        return {"correction": len(used), "end_to_end_id": own}

    # -------------------------------------------------------------------------
    # PAYING ANEW WHAT THE BANK REFUSED
    # -------------------------------------------------------------------------

    @api.model
    def _refused_before(self, payment):
        """The last order that the bank refused of what `payment` pays now."""
        refused = payment.bank_corrects_id.bank_order_ids
        refused |= payment.sudo().invoice_ids.matched_payment_ids.bank_order_ids
        return refused.filtered(lambda order: order.bank_state in USED_UP).sorted("id")[-1:]

    @api.model
    def _refused_domain(self):
        """Refused lately, and not paid anew."""
        return [
            ("bank_state", "in", COUNTED["rejected"]),
            ("corrected_by_ids", "=", False),
            ("execute_on", ">=", fields.Date.context_today(self) - OLD_NEWS),
        ]

    def action_send_again(self):
        """Button: pay anew what the bank refused, looked over first; kind, split payment, account
        and title stay as they were."""
        require_right(self.env, "operator")
        orders = self.filtered(lambda order: order.bank_state in USED_UP and order.payment_id)
        # Of several, those that were paid anew meanwhile are not in the way of the others.
        orders = orders.filtered(lambda order: not order.corrected_by_ids) or orders
        if not orders:
            raise UserError(self.env._("None of these payment orders was refused by the bank."))
        alone = orders.filtered(lambda order: not books.open_bills_again(order))
        items = self.env["account.move.line"].union(
            *(books.items_to_pay_again(order) for order in orders)
        )
        if items and alone:
            raise UserError(self.env._("%s pays no bill: send it again by itself.", alone[0].name))
        wizard = self.env["bank.send"].create(
            {
                "item_ids": [(6, 0, items.ids)],
                "payment_ids": [(6, 0, alone._pay_anew().ids)],
                "again_ids": [(6, 0, orders.ids)],
                "journal_id": orders[0].journal_id.id if items else False,
            }
        )
        return wizard._open()

    def _pay_anew(self):
        """Posted copies of the payments of these orders; the copy of before where there is one."""
        payments, today = self.env["account.payment"], fields.Date.context_today(self)
        for order in self:
            again = order.payment_id.bank_corrected_by_ids[:1] or order.payment_id.copy(
                {"date": today, "bank_corrects_id": order.payment_id.id}
            )
            if again.state == "draft":
                again.action_post()
            payments |= again
        return payments

    def _give_choices(self, payment):
        """What was chosen for the payment of this order, to the one that pays its bills anew."""
        before = self.payment_id
        names = [
            name
            for name, field in payment._fields.items()
            if field.copy
            and name.startswith(("bank_", "rouble_"))
            and before[name] != payment[name]
        ]
        values = before._convert_to_write({name: before[name] for name in names})
        account = before.partner_bank_id.active and before.partner_bank_id.id
        payment.write({**values, "memo": before.memo, "partner_bank_id": account})
        payment.bank_kind = before.bank_kind

    def action_correct_copy(self):
        """Button: pay anew what the bank refused, while its bills are open by that sum."""
        self.ensure_one()
        require_right(self.env, "operator")
        if self.bank_state not in USED_UP or not self.payment_id:
            raise UserError(
                self.env._(
                    "Payment order %s was not refused: there is nothing to correct.", self.name
                )
            )
        if books.open_bills_again(self):
            return books.items_to_pay_again(self).action_register_payment()
        if self.payment_id.bank_corrected_by_ids:
            return self.payment_id.bank_corrected_by_ids[:1]._get_records_action()
        today = fields.Date.context_today(self)
        copy = self.payment_id.copy({"date": today, "bank_corrects_id": self.payment_id.id})
        return copy._get_records_action(name=self.env._("Correct the payment"))
