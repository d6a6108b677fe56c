# SPDX-License-Identifier: LGPL-3.0-only
"""The statement entries that answer an order: they prove that the money moved, and came back.

The state follows from all of them by their days and signs, never from the one that was read last:
statements are fetched out of order, some list the newest entry first, and lines are deleted and
fetched again.
"""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import banks
from ...protocol.states import OPEN, OVER, STATES
from ..connection.operation import bank_operation
from ..connection.rights import require_right
from .statement_orders import Revival, stop_order


class BankOrder(models.Model):
    _inherit = "bank.order"

    statement_line_ids = fields.One2many(
        "account.bank.statement.line", "bank_order_id", "Statement entries", readonly=True
    )
    batch_line_id = fields.Many2one(
        "account.bank.statement.line",
        "Entry for several orders",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    # What the entry says of the money that the bank changed for the order.
    bank_original_amount = fields.Char(related="statement_line_id.bank_original_amount")
    bank_exchange_rate = fields.Char(related="statement_line_id.bank_exchange_rate")
    bank_fee = fields.Char(related="statement_line_id.bank_fee")
    confirmation_ids = fields.One2many("bank.document", "order_id", "Confirmations")
    has_confirmation = fields.Boolean(compute="_compute_has_confirmation")
    # What the bank had said before a statement spoke: it holds again when the entries are deleted.
    state_before_entries = fields.Selection(STATES, readonly=True, copy=False)

    def _take_entries(self, lines, pairs=None):
        """New statement entries under this order, in whatever state it is.

        pairs: a list that takes what is to be reconciled, for a caller with many entries.
        """
        self.ensure_one()
        ours = lines.filtered(self._is_its_amount)
        if self._payment_taken():
            ours = ours.browse()
        for line in lines - ours:
            self._tell_of_entry(line)
            if line.amount < 0 and self.bank_state in (*OPEN, "to_send"):
                # One that was given up before it, under the same id, was executed after all.
                words = self.env._(
                    "Stopped: the statement has an entry under the id of the payment order %s, "
                    "which was not sent yet.",
                    self.name,
                )
                stop_order(self, words)
        if ours:
            ours.sudo().write({"bank_order_id": self.id})
            if self._is_converted():
                self._keep_amount_before(ours.sudo())
            self._settle_by_entries(pairs)

    def _is_converted(self):
        """The bank changes money for it: the account is in another currency than the order."""
        journal = self.journal_id
        return self.currency_id != (journal.currency_id or journal.company_id.currency_id)

    def _is_its_amount(self, line):
        """Whether an entry is of this order's amount; of one that the bank converted, what it says
        of the amount before, if anything: its id is ours."""
        if not self._is_converted():
            return not self.currency_id.compare_amounts(abs(line.amount), self.amount)
        said = (line.transaction_details or {}).get("original_amount") or ""
        number = re.sub(r"[^0-9.,]", "", said).replace(",", ".")
        try:
            return not number or not self.currency_id.compare_amounts(float(number), self.amount)
        except ValueError:
            return True

    def _keep_amount_before(self, lines):
        """What the order is of, beside what it took: so the payment is settled in its currency, and
        the difference of rates is booked by Odoo."""
        for line in lines.filtered(lambda one: not one.foreign_currency_id):
            sign = 1 if line.amount > 0 else -1
            values = {"foreign_currency_id": self.currency_id.id}
            line.write({**values, "amount_currency": sign * self.amount})
            if self.payment_id:
                self._give_partner(line)
            line._book_fee_inside(self.amount)

    # -------------------------------------------------------------------------
    # THE STATE
    # -------------------------------------------------------------------------

    def _debits_and_credits(self):
        """The linked entries, each side in the order of the bank's days."""
        lines = (self.sudo().statement_line_ids | self.sudo().batch_line_id).sorted(
            lambda line: (line.bank_booked_on or line.date, line.bank_operation_key or "", line.id)
        )
        return lines.filtered(lambda one: one.amount < 0), lines.filtered(
            lambda one: one.amount > 0
        )

    def _settle_by_entries(self, pairs=None):
        """State, payment, entry and bill as all linked entries say."""
        self.ensure_one()
        debits, credits = self._debits_and_credits()
        before = self.bank_state
        values = {"statement_line_id": debits[:1].id, "executed_on": debits[:1].bank_booked_on}
        if not self.state_before_entries:
            values["state_before_entries"] = before
        if len(debits) > len(credits):
            state = "executed"
        elif credits:
            state = "returned"
            values["bank_reason"] = credits[-1:].payment_ref
        else:
            state = self.state_before_entries or "accepted"
            values["state_before_entries"] = False
        if state == "executed" and before in OVER:
            values["bank_reason"] = False
        stands = not self.payment_id or self.payment_id.sudo().state in ("in_process", "paid")
        if state == "executed" and before not in OVER and stands and len(debits | credits) == 1:
            # A thousand of these in one statement are reconciled together, at its end.
            self._set_state(state, **values)
            self._reconcile_entry(debits, self._open_items(debits), pairs)
        else:
            self._settle(state, lambda order: order._follow_in_books(), **values)
        if debits and self.state_before_entries in OVER:
            self._tell_of_execution(self.state_before_entries)
        if len(debits) > 1 or len(credits) > max(len(debits), 1):
            self._tell_of_many(debits, credits)
        self.package_id._follow_orders()

    # -------------------------------------------------------------------------
    # THE BOOKS
    # -------------------------------------------------------------------------

    def _follow_in_books(self):
        """Safe to repeat; the same whatever was read, and undone, before."""
        debits, credits = self._debits_and_credits()
        payment = self.payment_id.sudo()
        if not (debits or credits):
            if self.bank_state not in OVER:
                Revival(self).payment()
            return super()._follow_in_books()
        if not payment:
            return None
        executed = self.bank_state == "executed"
        given_up = payment.state not in ("in_process", "paid")
        Revival(self).stand_entry()
        outstanding, item = self._own_items()
        answers = ((outstanding, debits[:1]), (item, credits[:1] if not executed else credits[:0]))
        for mine, line in answers:
            (self._entries_of(mine) & (debits | credits) - line).action_undo_reconciliation()
        if not executed and item and self._entries_of(item) != credits[:1]:
            # The money that came back settles what the payment had settled: the bill is open.
            item.remove_move_reconcile()
        for mine, line in answers:
            if line and mine and not mine.reconciled and mine.account_id.reconcile:
                self._give_partner(line)
                line._reconcile_with(line._batch_items() if line.bank_batch_order_ids else mine)
        if not executed:
            payment.action_reject()
        elif given_up:
            Revival(self).pay_bills()
            payment._compute_state()
        return None

    def _own_items(self):
        """(outstanding item, payable item) of the payment's entry."""
        outstanding, items, _writeoff = self.payment_id.sudo()._seek_for_lines()
        items = items.filtered(
            lambda item: item.account_type in ("liability_payable", "asset_receivable")
        )
        return outstanding[:1], items if len(items) == 1 else items.browse()

    def _entries_of(self, item):
        """The statement entries that an item is reconciled with."""
        partials = item.matched_debit_ids | item.matched_credit_ids
        moves = (partials.debit_move_id | partials.credit_move_id).move_id
        return moves.statement_line_id

    def _reconcile_entry(self, line, items, pairs):
        if pairs is None:
            line._reconcile_with(items)
        else:
            pairs.append((line, items))

    def _open_items(self, line):
        """The payment's outstanding item that the entry answers; none where it is not open."""
        payment = self.payment_id
        none = self.env["account.move.line"]
        if payment.move_id.state != "posted":
            return none
        outstanding, _counterpart, _writeoff = payment._seek_for_lines()
        outstanding = outstanding.filtered(lambda item: not item.reconciled)
        if not outstanding or not outstanding.account_id.reconcile:
            return none
        self._give_partner(line)
        return outstanding

    def _give_partner(self, line):
        """Writing it makes Odoo rebuild the entry's lines: before all else, and only if needed."""
        if line.partner_id != self.payment_id.partner_id and not line.bank_batch_order_ids:
            line.partner_id = self.payment_id.partner_id

    # -------------------------------------------------------------------------
    # TELLING A PERSON
    # -------------------------------------------------------------------------

    def _tell_of_entry(self, line):
        """An entry with our id that does not fit: never linked by itself, never hidden."""
        note = self.env._(
            "The statement has an entry of %(amount)s on %(day)s under the id of the payment order "
            "%(order)s, which is over %(ordered)s and %(state)s. Look at both: nothing was linked.",
            amount=self.currency_id.format(line.amount),
            day=line.bank_booked_on,
            order=self.name,
            ordered=self.currency_id.format(self.amount),
            state=self._state_label().lower(),
        )
        if -self.amount < line.amount < 0:
            # A fee: banks book it under the id of its transfer.
            self.message_post(body=note)
        elif line.amount > 0:
            self._ask_person(self.env._("Did a part of the money come back?"), note)
        else:
            self._ask_person(self.env._("Was more paid than was ordered?"), note)

    def _tell_of_many(self, debits, credits):
        """The bank paid twice, or gave back more than it took: a person has to look."""
        note = self.env._(
            "The statements have these entries under the id of the payment order %(order)s: "
            "%(entries)s. Only the first one settles the payment. Look at the others.",
            order=self.name,
            entries=", ".join(
                f"{self.currency_id.format(line.amount)} ({line.bank_booked_on})"
                for line in debits | credits
            ),
        )
        self._ask_person(self.env._("Paid twice?"), note)

    def _tell_of_execution(self, before):
        note = self.env._(
            "Payment order %(order)s was %(before)s, and the statement shows that the bank "
            "executed it. Now it is %(state)s, and payment and bill follow as far as they can. "
            "Look at both.",
            order=self.name,
            before=dict(self._fields["bank_state"]._description_selection(self.env))[
                before
            ].lower(),
            state=self._state_label().lower(),
        )
        self._ask_person(self.env._("Executed all the same"), note)

    # -------------------------------------------------------------------------
    # THE BANK'S PAPER: KEPT WITH THE ORDER, FOR TAX AND FOR SUPPLIERS
    # -------------------------------------------------------------------------

    @api.depends("bank_state", "journal_id.bank_account_id.bank_id.bank_channel")
    def _compute_has_confirmation(self):
        """Whether the bank gives a paper for this order."""
        for order in self:
            bank = banks.BANKS.get(order.journal_id.bank_account_id.bank_id.sudo().bank_channel)
            order.has_confirmation = (
                order.bank_state == "executed" and bool(bank) and bank.has_confirmation
            )

    @bank_operation
    def action_fetch_confirmation(self):
        """Button: the confirmation as PDF; it is fetched once and then kept."""
        self.ensure_one()
        require_right(self.env, "operator")
        if not self.confirmation_ids:
            if not self.has_confirmation:
                raise UserError(self.env._("The bank gives no confirmation for this order."))
            self._keep_confirmation(self.journal_id._bank_session())
        return self.confirmation_ids._get_records_action(name=self.env._("Confirmation"))

    def _keep_confirmation(self, session, person=True):
        paper = session._read(
            "confirmation", lambda bank, s: bank.confirmation(s, self.end_to_end_id), person
        )
        document = self.env["bank.document"]._keep(self.journal_id, [paper])
        document._process()
        document.write({"order_id": self.id})


class BankDocument(models.Model):
    _inherit = "bank.document"

    order_id = fields.Many2one(
        "bank.order", readonly=True, ondelete="restrict", index="btree_not_null"
    )
