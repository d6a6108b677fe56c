# SPDX-License-Identifier: LGPL-3.0-only
"""The look-over of what is sent: rows, and payments of bills that are made only to be looked at."""

from collections import Counter
from datetime import date

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.connection.account_journal import METHOD
from ..models.connection.words import GUIDE, problem_text, way_out_by_action
from ..models.orders import bank_order_books as books
from ..models.orders.white_list_answer import pair_of
from ..protocol.checks.duplicate import SEEN
from .bank_send import renamed
from .bank_send_row import paid_items


class _Looked(Exception):
    """Ends a savepoint: what was made in it was made to be looked at only."""


class BankSend(models.TransientModel):
    _inherit = "bank.send"

    # -------------------------------------------------------------------------
    # THE LOOK-OVER
    # -------------------------------------------------------------------------

    def _open(self):
        self.ensure_one()
        self._look()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay and send") if self.item_ids else self.env._("Send to bank"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _look(self):
        """Fills the rows. Of bills the payments are made as they will be, looked at, and unmade."""
        self.ensure_one()
        if not self.item_ids:
            return self._keep(*self._looked_over(self.payment_ids))
        self.journal_id = self.journal_id or self._journal_of(self.item_ids.currency_id[:1])
        self.pay_on = self.pay_on or self.journal_id._bank_today()
        # Nothing is locked yet. A service that is down is not asked at each look.
        if not self.looked:
            self._ask_white_list()
        try:
            with self.env.cr.savepoint():
                payments, again = self._register_payments(self.row_ids)
                looked = self._looked_over(payments, again)
                raise _Looked
        except _Looked:
            return self._keep(*looked)

    def _ask_white_list(self):
        """For all payees, those too whose bills are not registered yet, and for ourselves: what
        the checks say depends on it."""
        self.payment_ids._ask_white_list()
        own = self.journal_id
        if not self.item_ids or own.company_id.country_id.code != "PL":
            return
        chosen = [
            (row.partner_id, row.partner_bank_id) for row in self.row_ids.filtered("item_ids")
        ]
        pairs = {
            pair_of(item.partner_id, item.move_id.partner_bank_id or item.partner_id.bank_ids[:1])
            for item in self.item_ids
        }
        pairs |= {pair_of(*payee) for payee in chosen}
        pairs.add(pair_of(own.company_id.partner_id, own.bank_account_id))
        self.env["bank.white.list"]._ask(pairs)

    def _looked_over(self, payments, again=None):
        """(values of the rows, their summary, the day that the checks propose).

        again: {payment: the refused order that it pays anew}
        """
        orders, chosen = self.env["bank.order"], self._chosen()
        found = orders._problems_of_payments(payments, self.execute_on, self.for_all)
        said = Counter(problem_text(self.env, problem, False) for problem in found)
        rows, labels = [], {}
        for payment in payments:
            own = [
                problem
                for problem in found
                if problem.record == payment.name
                # A warning of many is said once, above them.
                and (
                    problem.is_error
                    or problem.template == SEEN
                    or said[problem_text(self.env, problem, False)] == 1
                )
            ]
            vals = self.env["bank.send.row"]._row_vals(payment, own, stays=not self.item_ids)
            bills = payment.bank_bill_ids if self.item_ids else ()
            labels[payment.name] = (
                ", ".join(bill.ref or bill.name for bill in bills) or payment.name
            )
            order = (again or {}).get(payment, orders)
            vals.update(label=labels[payment.name], again_id=order.id)
            key = _key(paid_items(payment), order) if self.item_ids else payment.id
            rows.append({**vals, **chosen.get(key, {})})
        for vals in rows:
            vals["problem"] = renamed(vals["problem"], labels)
        days = [problem.values.get("proposal") for problem in found]
        days = [day for day in days if isinstance(day, date)]
        return rows, self._grouped(found, labels), max(days, default=False)

    def _chosen(self):
        """{key of a row: what a person ticked in it}, which outlives another look."""
        return {
            _key(row.item_ids, row.again_id) if self.item_ids else row.payment_id.id: {
                # A double that is meant, or what is left out; what it was proposed as is not kept.
                **({"included": row.included} if row.included == row.double else {}),
                # What a person chose is told from what was proposed, at the next look too.
                **({} if row.kind == row.kind_proposed else {"kind_proposed": row.kind_proposed}),
            }
            for row in self.row_ids
        }

    def _keep(self, rows, summary, day):
        self.write(
            {
                "row_ids": [(5,), *((0, 0, vals) for vals in rows)],
                "summary": summary,
                "proposed_on": day,
            }
        )
        self.looked = self._choices()

    def _choices(self):
        """What the checks depend on, and a person may change."""
        rows = [[row.id, row.partner_bank_id.id, row.kind] for row in self.row_ids]
        days = [fields.Date.to_string(day) for day in (self.pay_on, self.execute_on)]
        return [self.journal_id.id, *days, self.for_all, self.one_a_payee, rows]

    def action_look(self):
        """Button: look at them again, as they are now."""
        self.ensure_one()
        for row in self.row_ids.filtered("payment_id"):
            row._give_to(row.payment_id)
        return self._open()

    def action_take_day(self):
        """Button: the day that the bank proposes, for all payments."""
        self.ensure_one()
        if self.item_ids:
            self.pay_on = self.proposed_on
        else:
            self.write({"execute_on": self.proposed_on, "for_all": True})
        return self.action_look()

    def _looked_again(self):
        """The dialog once more, where something was changed since, and now is not in order."""
        if not self.row_ids:
            return None
        if self.looked != self._choices():
            action = self.action_look()
            if self.staying_count:
                return action
        if not self.going_count:
            raise UserError(self.env._("None of these payments can be sent as they are."))
        return None

    # -------------------------------------------------------------------------
    # PAYMENTS OF BILLS
    # -------------------------------------------------------------------------

    def _journal_of(self, currency):
        """The connected journal that pays in this currency: the chosen one where it does."""
        company = self.item_ids.company_id[:1]
        own = self.env["account.journal"].search(
            [*self._journal_domain(), ("company_id", "=", company.id)]
        )
        fits = (self.journal_id | own).filtered(
            lambda one: (one.currency_id or company.currency_id) == currency
        )
        return fits[:1] or self.journal_id or own[:1]

    def _refuse_changed(self, rows, payments):
        """What is sent is what was shown: somebody may have paid a part of it meanwhile."""
        shown = {(frozenset(row.item_ids.ids), row.currency_id.round(row.amount)) for row in rows}
        paid = {
            (frozenset(paid_items(payment).ids), payment.currency_id.round(payment.amount))
            for payment in payments
        }
        if shown != paid:
            raise UserError(
                self.env._(
                    "What is open of these bills has changed since you looked at them: nothing "
                    "was registered. Look at them again."
                )
            )

    def _register_payments(self, rows):
        """(payments of `rows`, of everything where there are none yet, posted; {payment: the
        refused order that it pays anew})."""
        payments, again = self.env["account.payment"], {}
        for journal, items, order in self._to_register(rows):
            made = self._pay_items(journal, items, order)
            for payment in made if order else ():
                order._give_choices(payment)
                again[payment] = order
            payments |= made
        chosen = {_key(row.item_ids, row.again_id): row for row in rows}
        for payment in payments:
            row = chosen.get(_key(paid_items(payment), again.get(payment, self.again_ids[:0])))
            if row:
                row._give_to(payment)
        return payments, again

    def _to_register(self, rows):
        """[(journal, items, refused order)]. What was refused is paid anew each by itself, from
        where it was meant to be paid; the others in one go a currency."""
        if not self.again_ids:
            # In one order at each look: of two alike, the later one is the double.
            # What somebody paid or cancelled meanwhile is none of them.
            items = (rows or self).item_ids.filtered(
                lambda item: item.parent_state == "posted" and not item.reconciled
            )
            groups = items.sorted("id").grouped("currency_id").items()
            return [(self._journal_of(currency), group, None) for currency, group in groups]
        found = []
        for order in (rows.again_id if rows else self.again_ids).sorted("id"):
            items = books.items_to_pay_again(order)
            own = self.many_journals and order.journal_id
            found.append((own or self._journal_of(items.currency_id[:1]), items, order))
        return [one for one in found if one[1]]

    def _pay_items(self, journal, items, order):
        if not journal:
            words = self.env._("No journal of this company is connected to a bank's web service.")
            raise way_out_by_action(self.env, words, GUIDE)
        lines = journal.outbound_payment_method_line_ids
        values = {
            "journal_id": journal.id,
            "payment_method_line_id": lines.filtered(lambda one: one.code == METHOD)[:1].id,
            "payment_date": self.pay_on,
            "group_payment": bool(order) or self.one_a_payee,
        }
        # Of a bill that was to be paid in part, no more than that part.
        if order and items.currency_id == order.currency_id:
            open_of_them = abs(sum(items.mapped("amount_residual_currency")))
            if order.currency_id.compare_amounts(order.amount, open_of_them) < 0:
                values["amount"] = order.amount
        register = self.env["account.payment.register"].with_context(
            active_model="account.move.line", active_ids=items.ids
        )
        return register.create(values)._create_payments()


def _key(items, order):
    """Of a row, and of the payment that is made of it: what it pays, and what it pays anew."""
    return order.id, *sorted(items.ids)
